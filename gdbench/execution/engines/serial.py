"""Every run in gdbench's own process, one after the other: what a debugger wants."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from gdbench.execution.profiles.profile import Profile
from gdbench.execution.task import Cargo, Finished, Task
from gdbench.execution.workers.worker import Worker
from gdbench.plugins.guard import no_exit
from gdbench.plugins.loading import owners
from gdbench.plugins.prints import open_prints, printing_to


class SerialEngine:
    """Does a task while it is submitted."""

    slots = 1

    def __init__(self, cargo: Cargo) -> None:
        self._worker = Worker(cargo)
        self._prints = open_prints(cargo.prints)

    def submit(self, task: Task) -> Future[Finished]:
        future: Future[Finished] = Future()
        if self._prints:
            with printing_to(self._prints), no_exit(owners()):
                future.set_result(self._worker.work(task))
        else:
            future.set_result(self._worker.work(task))
        return future

    def halt(self) -> None:
        """Nothing is waiting."""

    def close(self) -> None:
        self._worker.close()
        if self._prints:
            self._prints.close()

    abort = close


def open_engine(profile: Profile, cargo: Cargo, tasks: int, scratch: Path) -> SerialEngine:  # noqa: ARG001
    return SerialEngine(cargo)
