"""Runs on a Dask cluster: one that is given, or one of our own that ends with us."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from gdbench.descent.errors import GdbenchError

try:
    import dask
    from distributed import Client, KilledWorker
except ImportError:
    raise GdbenchError("this runner needs Dask: pip install 'gdbench[dask]'") from None

from gdbench.execution.engines.crew import Crew
from gdbench.execution.engines.dask_clusters import Cluster, open_cluster
from gdbench.execution.engines.dask_outpost import Outpost, Parcel, work_here
from gdbench.execution.identity import told
from gdbench.execution.profiles import Profile
from gdbench.execution.task import Cargo, Death, Delivery, Task

#: Chunks under way for each thread of the cluster: one at work, one on its way.
_LINES = 2

#: Evaluated in each worker by Python itself, so that a worker without gdbench can still answer.
_QUESTION = "__import__('gdbench.execution.engines.dask_outpost', fromlist=['introduce']).introduce()"

_CONFIG = {
    # a worker may then have processes of its own
    "distributed.worker.daemon": False,
    "distributed.scheduler.allowed-failures": 3,
    "distributed.comm.retry.count": 2,
}


def open_engine(profile: Profile, cargo: Cargo, tasks: int, scratch: Path) -> DaskCrew:
    """Connect, look at the workers, and send them the cargo; raises GdbenchError in one sentence."""
    # what of Dask's log matters reaches the user as a result or a sentence
    logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)
    dask.config.set(_CONFIG)
    cluster = open_cluster(profile, tasks, scratch)
    try:
        return DaskCrew(cluster, cargo, profile)
    except BaseException:
        cluster.close()
        raise


class DaskCrew(Crew):
    """A crew whose lines all lead to one Dask scheduler, which chooses the worker."""

    def __init__(self, cluster: Cluster, cargo: Cargo, profile: Profile) -> None:
        self._cluster, self._outpost = cluster, f"gdbench-{uuid.uuid4().hex}"
        client = cluster.client
        _look_at_workers(client, cargo.identity, cluster.address)
        client.register_plugin(Outpost(cargo, self._outpost))
        lines = [DaskLine(client, self._outpost, cluster.address) for _ in range(_LINES * cluster.threads())]
        super().__init__(lines, profile.retries)

    def close(self) -> None:
        if self._cluster.client.status == "running":
            self._cluster.client.unregister_worker_plugin(self._outpost)
        self._cluster.close()

    def abort(self) -> None:
        self.halt()
        self._cluster.abort()


class DaskLine:
    """A place for one chunk under way to the scheduler."""

    def __init__(self, client: Client, outpost: str, address: str) -> None:
        self._client, self._outpost, self._address = client, outpost, address

    def send(self, chunk: list[Task]) -> Future[Delivery]:
        outer: Future[Delivery] = Future()
        self._submit(chunk, lambda sent: self._settle(chunk, sent, outer), outer)
        return outer

    def close(self) -> None:
        """The client is the crew's."""

    abort = close

    def _submit(self, chunk: list[Task], back: Callable[[Any], None], outer: Future[Delivery]) -> None:
        try:
            # not pure: else two chunks that look alike are one to Dask
            sent = self._client.submit(work_here, Parcel(self._outpost, chunk), pure=False)
        except Exception as error:  # noqa: BLE001  a client that has lost its scheduler raises what it likes
            outer.set_exception(self._lost(error))
        else:
            sent.add_done_callback(back)

    def _settle(self, chunk: list[Task], sent: Any, outer: Future[Delivery]) -> None:
        if sent.status == "finished":
            outer.set_result(sent.result())
            return
        error = sent.exception() if sent.status == "error" else None
        if not isinstance(error, KilledWorker):
            outer.set_exception(self._lost(error))
        elif len(chunk) > 1:
            # Dask cannot tell which run it was: the first goes alone, and the rest is not begun
            self._submit(chunk[:1], lambda again: self._settle(chunk[:1], again, outer), outer)
        else:
            outer.set_result(Delivery([], Death.unseen("its Dask workers ended, one after the other")))

    def _lost(self, error: BaseException | None) -> GdbenchError:
        said = f" ({' '.join(f'{type(error).__name__}: {error}'.split())})" if error else ""
        return GdbenchError(
            f"the Dask scheduler at {self._address} is gone{said}. What finished is recorded; "
            "run the same command to go on."
        )


def _look_at_workers(client: Client, identity: Mapping[str, str], address: str) -> None:
    """Raise GdbenchError unless every worker is one that can do our runs."""
    for worker, answer in client.run(eval, _QUESTION, on_error="return").items():
        where = f"the Dask worker at {worker}"
        if isinstance(answer, BaseException):
            said = " ".join(f"{type(answer).__name__}: {answer}".split())
            raise GdbenchError(f"{where} cannot load gdbench ({said}). Install {told(identity)} there.")
        if answer["identity"] != dict(identity):
            raise GdbenchError(
                f"{where} has another gdbench than this one: {told(answer['identity'])} there, "
                f"{told(identity)} here. Install the same version in both places."
            )
        if answer["daemon"]:
            raise GdbenchError(
                f"{where} may not start processes, which runs need for their time limits. Start the workers "
                f"of {address} with DASK_DISTRIBUTED__WORKER__DAEMON=False in their environment."
            )
