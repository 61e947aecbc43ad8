"""What gdbench keeps in each Dask worker: the plan's cargo, and one process for every thread of it.

Dask has no time limit for a task and gives up a worker whose task crashes. So a run is executed in a
process of its own beside the Dask worker, by the same `ProcessLine` that serves local workers: a crash, a
hang or memory without end does there exactly what it does here.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from distributed import SchedulerPlugin, WorkerPlugin, get_worker

from gdbench.execution.engines.processes import ProcessLine
from gdbench.execution.task import Cargo, Delivery, Task
from gdbench.execution.workers.identity import identity


class Parcel(NamedTuple):
    """The one argument of a Dask task. plugin: name of the `Outpost` that has its cargo."""

    plugin: str
    chunk: list[Task]


class Outpost(WorkerPlugin):  # type: ignore[misc] # distributed ships no types
    """Sent to every worker that is there, and by the scheduler to every one that joins later."""

    def __init__(self, cargo: Cargo, name: str) -> None:
        self.cargo, self.name = cargo, name

    def setup(self, worker: Any) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="gdbench-"))
        self.free: SimpleQueue[ProcessLine] = SimpleQueue()
        self.lines = [ProcessLine(self.cargo, self.scratch / f"{i}.box") for i in range(worker.state.nthreads)]
        for line in self.lines:
            self.free.put(line)

    def teardown(self, worker: Any) -> None:  # noqa: ARG002  Dask's signature
        for line in self.lines:
            line.abort()
        shutil.rmtree(self.scratch, ignore_errors=True)


class Farewell(SchedulerPlugin):  # type: ignore[misc] # as above
    """On the scheduler: takes the outposts of a client down once that is gone, however it ended."""

    def __init__(self, client: str, outpost: str) -> None:
        self.name, self._client, self._outpost = f"{outpost}-farewell", client, outpost

    def remove_client(self, scheduler: Any, client: str) -> None:
        """Called by Dask."""
        if client == self._client:
            scheduler.loop.add_callback(self._leave, scheduler)

    async def _leave(self, scheduler: Any) -> None:
        with suppress(ValueError):  # it ended in order, and has taken them down itself
            await scheduler.unregister_worker_plugin(None, self._outpost)
        with suppress(ValueError):
            scheduler.remove_plugin(self.name)


def work_here(parcel: Parcel) -> Delivery:
    """In a Dask worker: have a chunk done by a process beside it."""
    outpost: Outpost = get_worker().plugins[parcel.plugin]
    line = outpost.free.get()  # as many as threads, so one is free
    try:
        return line.send(parcel.chunk).result()
    finally:
        outpost.free.put(line)


def introduce() -> dict[str, Any]:
    """In a Dask worker: who it is, asked before anything is sent there."""
    return {
        "identity": identity(),
        "daemon": multiprocessing.current_process().daemon,
        "python": platform.python_version(),
        "pid": os.getpid(),
    }
