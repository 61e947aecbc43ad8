"""Runs on a Dask cluster: one that is given, or one of our own that ends with us."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from gdbench.descent.errors import GdbenchError, one_line

try:
    import dask
    from distributed import Client, KilledWorker
except ImportError:
    raise GdbenchError("this runner needs Dask: pip install 'gdbench[dask]'") from None

from gdbench.execution.engines.dask_clusters import Cluster, open_cluster
from gdbench.execution.engines.dask_worker_plugin import (
    DaskTask,
    DaskWorkerPlugin,
    PluginRemover,
    WorkerDescription,
    work_here,
)
from gdbench.execution.engines.heartbeat import Heartbeat, within
from gdbench.execution.engines.worker_pool import WorkerPool
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.task import Cargo, Death, Delivery, Task
from gdbench.execution.workers.identity import another, in_words

#: Chunks under way for each thread of the cluster: one at work, one on its way.
_LINES = 2

#: Of a future that was finished until its worker died with the result: Dask has it done again.
_TO_COME_AGAIN = ("lost", "pending")

#: Seconds that a scheduler may leave a question without an answer.
_SILENCE = 30.0

#: Evaluated in each worker by Python itself, so that a worker without gdbench can still answer.
_HOME = "gdbench.execution.engines.dask_worker_plugin"
_QUESTION = f"__import__({_HOME!r}, fromlist=['describe_worker']).describe_worker()"

_CONFIG = {
    # a worker may then have processes of its own
    "distributed.worker.daemon": False,
    "distributed.scheduler.allowed-failures": 3,
    "distributed.comm.retry.count": 2,
}


def open_engine(profile: Profile, cargo: Cargo, tasks: int, scratch: Path) -> DaskPool:
    """Connect, look at the workers, and send them the cargo; raises GdbenchError in one sentence."""
    # what of Dask's log matters reaches the user as a result or a sentence
    logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)
    dask.config.set(_CONFIG)
    cluster = open_cluster(profile, cargo.identity, tasks, scratch)
    try:
        return DaskPool(cluster, cargo, profile)
    except BaseException:
        cluster.close()
        raise


class DaskPool(WorkerPool):
    """A pool whose lines all lead to one Dask scheduler, which chooses the worker."""

    def __init__(self, cluster: Cluster, cargo: Cargo, profile: Profile) -> None:
        self._cluster, self._plugin = cluster, f"gdbench-{uuid.uuid4().hex}"
        client = cluster.client
        try:
            within(_SILENCE, lambda: _prepare(cluster, cargo, self._plugin))
        except TimeoutError:
            raise _lost(cluster.address, f"has not answered for {_SILENCE:g} s") from None
        self._places = [
            DaskLine(client, self._plugin, cluster.address) for _ in range(_LINES * cluster.threads())
        ]
        super().__init__(self._places, profile.retries)
        self._heartbeat = Heartbeat(cluster.look, _SILENCE, cluster.patience, self._give_up)

    def close(self) -> None:
        self._heartbeat.stop()
        if self._cluster.client.status == "running":
            with suppress(Exception):  # every result is here; a scheduler that is gone has nothing to take down
                within(_SILENCE, lambda: self._cluster.client.unregister_worker_plugin(self._plugin))
        self._cluster.close()

    def abort(self) -> None:
        self._heartbeat.stop()
        self.halt()
        self._cluster.abort()

    def _give_up(self, trouble: str) -> None:
        self.halt()
        for place in self._places:
            place.give_up(trouble)


class _DaskFuture(Protocol):
    """What `Client.submit` gives."""

    status: str

    def result(self) -> Delivery: ...

    def exception(self) -> BaseException: ...

    def add_done_callback(self, fn: Callable[[_DaskFuture], None]) -> None: ...


class DaskLine:
    """A place for one chunk under way to the scheduler."""

    def __init__(self, client: Client, plugin: str, address: str) -> None:
        self._client, self._plugin, self._address = client, plugin, address
        self._outer: Future[Delivery] = Future()

    def send(self, chunk: list[Task]) -> Future[Delivery]:
        self._outer = outer = Future[Delivery]()
        self._submit(chunk, lambda sent: self._settle(chunk, sent, outer), outer)
        return outer

    def give_up(self, trouble: str) -> None:
        """Wait for no answer any more."""
        _fail(self._outer, _lost(self._address, trouble))

    def close(self) -> None:
        """The client is the pool's."""

    abort = close

    def _submit(
        self, chunk: list[Task], settle: Callable[[_DaskFuture], None], outer: Future[Delivery]
    ) -> None:
        try:
            # not pure: else two chunks that look alike are one to Dask
            sent = self._client.submit(work_here, DaskTask(self._plugin, chunk), pure=False)
        except Exception as error:  # noqa: BLE001  a client that has lost its scheduler raises what it likes
            _fail(outer, _lost(self._address, _gone(error)))
        else:
            sent.add_done_callback(settle)

    def _settle(self, chunk: list[Task], sent: _DaskFuture, outer: Future[Delivery]) -> None:
        if sent.status == "finished":
            _pass_on(sent, outer, self._address)
            return
        if sent.status in _TO_COME_AGAIN:
            sent.add_done_callback(lambda again: self._settle(chunk, again, outer))
            return
        error = sent.exception() if sent.status == "error" else None
        if not isinstance(error, KilledWorker):
            _fail(outer, _lost(self._address, _gone(error)))
        elif len(chunk) > 1:
            # Dask cannot tell which run it was: the first goes alone, and the rest is not begun
            self._submit(chunk[:1], lambda again: self._settle(chunk[:1], again, outer), outer)
        else:
            with suppress(InvalidStateError):
                outer.set_result(Delivery([], Death.unseen("its Dask workers ended, one after the other")))


def _pass_on(sent: _DaskFuture, outer: Future[Delivery], address: str) -> None:
    try:
        delivery = sent.result()
    except Exception as error:  # noqa: BLE001  the worker that kept it is lost, and the client with it
        _fail(outer, _lost(address, _gone(error)))
        return
    with suppress(InvalidStateError):  # it was given up
        outer.set_result(delivery)


def _fail(outer: Future[Delivery], error: GdbenchError) -> None:
    with suppress(InvalidStateError):  # it has an end already
        outer.set_exception(error)


def _gone(error: BaseException | None) -> str:
    return f"is gone ({one_line(error)})" if error else "is gone"


def _lost(address: str, trouble: str) -> GdbenchError:
    return GdbenchError(
        f"the Dask scheduler at {address} {trouble}. What finished is recorded; run the same command to go on."
    )


def _prepare(cluster: Cluster, cargo: Cargo, plugin: str) -> None:
    """Look at the workers, and send them the cargo, which goes when we do."""
    client = cluster.client
    _look_at_workers(client, cargo.identity, cluster.address)
    client.register_plugin(PluginRemover(client.id, plugin, last=cluster.ours))
    client.register_plugin(DaskWorkerPlugin(cargo, plugin))


def _look_at_workers(client: Client, identity: Mapping[str, str], address: str) -> None:
    """Raise GdbenchError unless the scheduler and every worker are such as can do our runs."""
    for worker, answer in client.run(eval, _QUESTION, on_error="return").items():
        _compare(f"the Dask worker at {worker}", answer, identity)
        if answer["daemon"]:
            raise GdbenchError(
                f"the Dask worker at {worker} may not start processes, which runs need for their limits. Start "
                f"the workers of {address} with DASK_DISTRIBUTED__WORKER__DAEMON=False in their environment."
            )
    try:
        _compare(f"the Dask scheduler at {address}", client.run_on_scheduler(eval, _QUESTION), identity)
    except GdbenchError:
        raise
    except Exception as error:  # noqa: BLE001  whatever it raised there
        _compare(f"the Dask scheduler at {address}", error, identity)


def _compare(where: str, answer: WorkerDescription | BaseException, identity: Mapping[str, str]) -> None:
    """Raise GdbenchError unless it is our gdbench that answered."""
    if isinstance(answer, BaseException):
        raise GdbenchError(
            f"{where} cannot load gdbench ({one_line(answer)}). Install {in_words(identity)} there."
        )
    if answer["identity"] != dict(identity):
        raise GdbenchError(another(where, answer["identity"], identity))
