"""What gdbench keeps in each Dask worker: the plan's cargo, and one process for every thread of it.

Dask has no time limit for a task and gives up a worker whose task crashes. So a run is executed in a
process of its own beside the Dask worker, by the same `ProcessLine` that serves local workers: a crash, a
hang or memory without end does there exactly what it does here.
"""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple, Protocol, TypedDict

from distributed import SchedulerPlugin, WorkerPlugin, get_worker

from gdbench.execution.engines.processes import ProcessLine
from gdbench.execution.task import Cargo, Delivery, Task
from gdbench.execution.workers.identity import identity


class DaskTask(NamedTuple):
    """The one argument of a Dask task, which Dask does not look into.

    plugin: name of the `DaskWorkerPlugin` that has its cargo.
    """

    plugin: str
    chunk: list[Task]


class WorkerDescription(TypedDict):
    """Who a Dask worker is. daemon: whether it may start no processes."""

    identity: dict[str, str]
    daemon: bool


class _State(Protocol):
    nthreads: int


class _DaskWorker(Protocol):
    state: _State


class _Loop(Protocol):
    def add_callback(self, callback: Callable[..., object], *args: object) -> None: ...


class _Scheduler(Protocol):
    loop: _Loop

    async def close(self) -> object: ...

    async def unregister_worker_plugin(self, comm: object, name: str) -> object: ...

    def remove_plugin(self, name: str) -> None: ...


class DaskWorkerPlugin(WorkerPlugin):  # type: ignore[misc] # distributed ships no types
    """Sent to every worker that is there, and by the scheduler to every one that joins later."""

    def __init__(self, cargo: Cargo, name: str) -> None:
        self.cargo, self.name = cargo, name

    def setup(self, worker: _DaskWorker) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="gdbench-"))
        self.free: SimpleQueue[ProcessLine] = SimpleQueue()
        threads = range(worker.state.nthreads)
        self.lines = [ProcessLine(self.cargo, self.scratch / f"{i}.crash") for i in threads]
        for line in self.lines:
            self.free.put(line)

    def teardown(self, worker: _DaskWorker) -> None:  # noqa: ARG002  Dask's signature
        for line in self.lines:
            line.abort()
        shutil.rmtree(self.scratch, ignore_errors=True)


class PluginRemover(SchedulerPlugin):  # type: ignore[misc] # as above
    """On the scheduler: removes the worker plug-ins of a client once that is gone, however it ended.

    last: nobody comes after this client, so that the scheduler ends, and with it its workers.
    """

    def __init__(self, client: str, plugin: str, *, last: bool) -> None:
        self.name, self._client, self._plugin, self._last = f"{plugin}-remover", client, plugin, last

    def remove_client(self, scheduler: _Scheduler, client: str) -> None:
        """Called by Dask."""
        if client == self._client:
            scheduler.loop.add_callback(scheduler.close if self._last else partial(self._remove, scheduler))

    async def _remove(self, scheduler: _Scheduler) -> None:
        with suppress(ValueError):  # it ended in order, and has removed them itself
            await scheduler.unregister_worker_plugin(None, self._plugin)
        with suppress(ValueError):
            scheduler.remove_plugin(self.name)


def work_here(task: DaskTask) -> Delivery:
    """In a Dask worker: have a chunk done by a process beside it."""
    plugin: DaskWorkerPlugin = get_worker().plugins[task.plugin]
    line = plugin.free.get()  # as many as threads, so one is free
    try:
        return line.send(task.chunk).result()
    finally:
        plugin.free.put(line)


def describe_worker() -> WorkerDescription:
    """In a Dask worker: who it is, asked before anything is sent there."""
    return {"identity": identity(), "daemon": multiprocessing.current_process().daemon}
