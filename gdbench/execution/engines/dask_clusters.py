"""Where a Dask scheduler comes from: an address, this machine, SLURM, or machines reached by SSH."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from distributed import Client, LocalCluster

from gdbench.descent.errors import GdbenchError
from gdbench.execution.profiles.profile import Options, Profile

#: Seconds that the network, or the first worker, is waited for; SLURM's queue may take longer.
_PATIENCE = {"dask-slurm": 3600.0}
_USUAL_PATIENCE = 30.0

#: Seconds before the end of a SLURM job at which its worker hands back what it has and leaves.
_EARLY = 300

#: Seconds for a cluster of our own to end in order, and when the user is waiting to leave.
_FAREWELL, _ABRUPT = 10.0, 1.0


class _OwnCluster(Protocol):
    """One of Dask's clusters."""

    scheduler_address: str

    def close(self, timeout: float) -> object: ...


class Cluster:
    """A client, and the cluster behind it where that is ours to end.

    patience: seconds that it may be without a worker.
    """

    def __init__(
        self, client: Client, address: str, patience: float, workers: int, own: _OwnCluster | None = None
    ) -> None:
        self.client, self.address, self.patience = client, address, patience
        self._workers, self._own = workers, own

    def threads(self) -> int:
        """Of the workers that are there, or that are still to come."""
        present: int = sum(self.client.nthreads().values())
        return max(1, self._workers, present)

    def close(self) -> None:
        self._end(_FAREWELL)

    def abort(self) -> None:
        for pid in _local_workers(self._own):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._end(_ABRUPT)

    def _end(self, seconds: float) -> None:
        # whatever Dask says while it ends, there is nothing left to lose
        with suppress(Exception):
            self.client.close(timeout=seconds)
        if self._own is not None:
            with suppress(Exception):
                self._own.close(timeout=seconds)


def open_cluster(profile: Profile, tasks: int, scratch: Path) -> Cluster:
    """Connect to the profile's cluster, started first where it is ours; raises GdbenchError."""
    options = dict(profile.options)
    patience = float(options.pop("patience", _PATIENCE.get(profile.kind, _USUAL_PATIENCE)))
    if profile.kind == "dask" and "address" in options:
        return _connect(options["address"], patience, 0)
    workers = max(1, min(profile.worker_count, tasks))
    try:
        own = _OWN[profile.kind](options, workers, scratch)
    except (TypeError, ValueError) as error:
        words = " ".join(str(error).split())
        raise GdbenchError(f"runner {profile.name}: its options are not what Dask expects: {words}") from error
    try:
        return _connect(own.scheduler_address, patience, workers, own)
    except BaseException:
        own.close(timeout=_ABRUPT)
        raise


def _connect(address: str, patience: float, workers: int, own: _OwnCluster | None = None) -> Cluster:
    try:
        client = Client(own or address, timeout=patience, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        words = " ".join(str(error).split())
        raise GdbenchError(
            f"no Dask scheduler answers at {address} within {patience:g} s ({words}). Is it running, and is "
            "the address right? It looks like tcp://host:8786."
        ) from None
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError:
        client.close(timeout=_ABRUPT)
        raise GdbenchError(
            f"the Dask scheduler at {address} has no worker, and none came within {patience:g} s."
        ) from None
    return Cluster(client, address, patience, workers, own)


def _local(options: Options, workers: int, scratch: Path) -> _OwnCluster:
    ours = {
        "n_workers": workers,
        "threads_per_worker": 1,
        "processes": True,
        "host": "127.0.0.1",
        # no dashboard; the port is asked for all the same, and 0 is one that is free
        "dashboard_address": "127.0.0.1:0",
        "scheduler_kwargs": {"dashboard": False},
        "memory_limit": 0,  # a run's own limit is the profile's memory_limit
        "silence_logs": logging.CRITICAL,
        "local_directory": str(scratch),
    }
    cluster: _OwnCluster = LocalCluster(**{**ours, **options})
    return cluster


def _slurm(options: Options, workers: int, scratch: Path) -> _OwnCluster:  # noqa: ARG001  jobs have their own
    SLURMCluster = _needed("dask_jobqueue", "SLURMCluster", "slurm")
    cluster = SLURMCluster(**slurm_options(options))
    cluster.scale(n=workers)
    own: _OwnCluster = cluster
    return own


def slurm_options(options: Options) -> dict[str, Any]:
    """SLURMCluster's keywords: as given, each job one worker that leaves before its time is up."""
    given = {"cores": 1, "processes": 1, "memory": "2GB", "walltime": "01:00:00", **options}
    lifetime = max(60, _seconds(given["walltime"]) - _EARLY)
    arguments = ["--lifetime", f"{lifetime}s", "--lifetime-stagger", "60s"]
    prologue = ["export DASK_DISTRIBUTED__WORKER__DAEMON=False", *given.pop("job_script_prologue", [])]
    extra = [*arguments, *given.pop("worker_extra_args", [])]
    return {**given, "worker_extra_args": extra, "job_script_prologue": prologue}


def _seconds(walltime: str) -> int:
    """Of SLURM's minutes, minutes:seconds, hours:minutes:seconds or days-hours[:minutes[:seconds]]."""
    days, _, clock = str(walltime).rpartition("-")
    parts = [int(part) for part in clock.split(":")]
    if days or len(parts) == 3:
        hours, minutes, seconds = [*parts, 0, 0][:3]
    else:
        hours, (minutes, seconds) = 0, [*parts, 0][:2]
    return ((int(days or 0) * 24 + hours) * 60 + minutes) * 60 + seconds


def _ssh(options: Options, workers: int, scratch: Path) -> _OwnCluster:  # noqa: ARG001  its hosts say all
    SSHCluster = _needed("distributed", "SSHCluster", "ssh")
    _needed("asyncssh", "connect", "ssh")
    worker_options = {"nthreads": 1, **options.get("worker_options", {})}
    cluster: _OwnCluster = SSHCluster(**{**options, "worker_options": worker_options})
    return cluster


def _needed(module: str, name: str, extra: str) -> Any:
    try:
        return getattr(__import__(module), name)
    except ImportError:
        raise GdbenchError(f"this runner needs {module}: pip install 'gdbench[{extra}]'") from None


_OWN: dict[str, Callable[[Options, int, Path], _OwnCluster]] = {
    "dask": _local,
    "dask-slurm": _slurm,
    "dask-ssh": _ssh,
}


def _local_workers(own: _OwnCluster | None) -> list[int]:
    """Process ids of the workers of a local cluster."""
    if not isinstance(own, LocalCluster):
        return []
    return [nanny.pid for nanny in own.workers.values() if getattr(nanny, "pid", None)]
