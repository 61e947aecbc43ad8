"""Where a Dask scheduler comes from: an address, this machine, SLURM, or machines reached by SSH."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Protocol

from distributed import Client, LocalCluster

from gdbench.config.processes import kill
from gdbench.descent.errors import GdbenchError, one_line
from gdbench.execution.engines.heartbeat import Hopeless
from gdbench.execution.profiles.profile import Options, Profile

#: Seconds that the network, or the first worker, is waited for; SLURM's queue may take longer.
_PATIENCE = {"dask-slurm": 3600.0}
_USUAL_PATIENCE = 30.0

#: Seconds between two looks while the first worker is waited for.
_GLANCE = 1.0

#: Seconds for a cluster of our own to end in order, and when the user is waiting to leave.
_FAREWELL, _ABRUPT = 10.0, 1.0


class _OwnCluster(Protocol):
    """One of Dask's clusters."""

    scheduler_address: str
    shutdown_on_close: bool

    def close(self, timeout: float) -> object: ...


class _Jobs(Protocol):
    """What a cluster's workers are to a queue (see `dask_slurm.SlurmJobs`)."""

    def start(self) -> None: ...

    def check(self) -> None: ...

    def stop(self) -> None: ...

    def waiting(self) -> str: ...

    def cancel(self) -> None: ...


class Cluster:
    """A client, and the cluster behind it where that is ours to end.

    patience: seconds that it may be without a worker.
    """

    def __init__(
        self,
        client: Client,
        address: str,
        patience: float,
        workers: int,
        own: _OwnCluster | None = None,
        jobs: _Jobs | None = None,
    ) -> None:
        self.client, self.address, self.patience = client, address, patience
        self._workers, self._own, self._jobs = workers, own, jobs

    @property
    def ours(self) -> bool:
        """Whether it ends with us."""
        return self._own is not None

    def threads(self) -> int:
        """Of the workers that are there, or that are still to come."""
        present: int = sum(self.client.nthreads().values())
        return max(1, self._workers, present)

    def look(self) -> bool:
        """Whether there are workers; raises Hopeless where none will come."""
        if self._jobs is not None:
            self._jobs.check()
        return bool(self.client.nthreads())

    def close(self) -> None:
        if self._jobs is not None:
            self._jobs.stop()
        self._end(_FAREWELL)

    def abort(self) -> None:
        for pid in _local_workers(self._own):
            kill(pid)
        if self._jobs is not None:
            self._jobs.cancel()
        self._end(_ABRUPT)

    def _end(self, seconds: float) -> None:
        # its cluster first, which the scheduler would else end by itself once its client has gone
        _end_own(self._own, seconds)
        # whatever Dask says while it ends, there is nothing left to lose
        with suppress(Exception):
            self.client.close(timeout=seconds)


def open_cluster(profile: Profile, identity: Mapping[str, str], tasks: int, scratch: Path) -> Cluster:
    """Connect to the profile's cluster, started first where it is ours; raises GdbenchError.

    identity: of the gdbench that workers must have.
    """
    options = dict(profile.options)
    patience = float(options.pop("patience", _PATIENCE.get(profile.kind, _USUAL_PATIENCE)))
    if profile.kind == "dask" and "address" in options:
        return _connect(profile, options["address"], patience)
    workers = max(1, min(profile.worker_count, tasks))
    own, jobs = _started(profile, options, identity, workers, patience, scratch)
    return _connect(profile, own.scheduler_address, patience, workers, own, jobs)


def _started(
    profile: Profile,
    options: Options,
    identity: Mapping[str, str],
    workers: int,
    patience: float,
    scratch: Path,
) -> tuple[_OwnCluster, _Jobs | None]:
    own: _OwnCluster
    try:
        if profile.kind == "dask-slurm":
            slurm = import_module("gdbench.execution.engines.dask_slurm")
            own = slurm.open_slurm(options)
            return own, slurm.SlurmJobs(own, workers, options.get("log_directory", ""))
        if profile.kind == "dask-ssh":
            ssh = import_module("gdbench.execution.engines.dask_ssh")
            own = ssh.open_ssh(options, profile.name, identity, patience)
        else:
            own = _local(options, workers, scratch)
    except (TypeError, ValueError) as error:
        words = " ".join(str(error).split())
        raise GdbenchError(f"runner {profile.name}: its options are not what Dask expects: {words}") from error
    except GdbenchError:
        raise
    except TimeoutError:
        raise GdbenchError(
            f"runner {profile.name}: its cluster has not started within {2 * patience:g} s. "
            "options.patience allows it more time."
        ) from None
    except Exception as error:
        raise GdbenchError(f"runner {profile.name}: its cluster does not start ({one_line(error)}).") from error
    return own, None


def _connect(
    profile: Profile,
    address: str,
    patience: float,
    workers: int = 0,
    own: _OwnCluster | None = None,
    jobs: _Jobs | None = None,
) -> Cluster:
    try:
        client = Client(own or address, timeout=patience, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        _end_own(own, _ABRUPT)
        words = " ".join(str(error).split())
        raise GdbenchError(
            f"no Dask scheduler answers at {address} within {patience:g} s ({words}). Is it running, and is "
            "the address right? It looks like tcp://host:8786."
        ) from None
    cluster = Cluster(client, address, patience, workers, own, jobs)
    try:
        if jobs is not None:
            jobs.start()
        _await_worker(cluster)
    except Hopeless as error:
        cluster.abort()
        raise GdbenchError(f"runner {profile.name}: it {error}.") from None
    except TimeoutError:
        waiting = jobs.waiting() if jobs is not None else ""
        cluster.abort()
        raise GdbenchError(
            f"the Dask scheduler at {address} has no worker, and none came within {patience:g} s.{waiting} "
            "options.patience allows it more time."
        ) from None
    except BaseException:
        cluster.abort()
        raise
    return cluster


def _await_worker(cluster: Cluster) -> None:
    deadline = time.monotonic() + cluster.patience
    while not cluster.look():
        left = deadline - time.monotonic()
        try:
            cluster.client.wait_for_workers(1, timeout=max(0.01, min(_GLANCE, left)))
        except TimeoutError:
            if left <= _GLANCE:
                raise


def _end_own(own: _OwnCluster | None, seconds: float) -> None:
    if own is None:
        return
    with suppress(Exception):
        own.close(timeout=seconds)
    # nor when Python ends
    own.shutdown_on_close = False


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


def _local_workers(own: _OwnCluster | None) -> list[int]:
    """Process ids of the workers of a local cluster."""
    if not isinstance(own, LocalCluster):
        return []
    return [nanny.pid for nanny in own.workers.values() if getattr(nanny, "pid", None)]
