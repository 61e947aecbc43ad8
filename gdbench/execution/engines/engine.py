"""The seam between a plan and the places where it runs, submit(task) → Future; from a profile to its engine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Protocol

from gdbench.descent.errors import GdbenchError
from gdbench.execution.profiles.profile import OURS, Profile, load_kind
from gdbench.execution.task import Cargo, Delivery, Finished, Task


class Engine(Protocol):
    """submit() a task; its future gives a `Finished`, or raises GdbenchError where no run can be done.

    slots: how many tasks can be worth having in flight.
    """

    slots: int

    def submit(self, task: Task) -> Future[Finished]: ...

    def halt(self) -> None:
        """Begin nothing more; what runs goes on."""

    def close(self) -> None:
        """Wait for what was submitted, then end."""

    def abort(self) -> None:
        """End now; leave no process behind."""


class Line(Protocol):
    """The connection to one worker, which takes one chunk of tasks at a time; kinds of engine differ here.

    What ends the worker in the middle of a chunk is a `Delivery` with a death. The future raises
    GdbenchError where no worker can be had at all.
    """

    def send(self, chunk: list[Task]) -> Future[Delivery]: ...

    def close(self) -> None:
        """End the worker, which has nothing to do."""

    def abort(self) -> None:
        """End the worker now, whatever it is doing."""


@contextmanager
def open_engine(profile: Profile, cargo: Cargo, tasks: int) -> Iterator[Engine]:
    """The engine of a profile for so many tasks; closed at the end of the block, aborted by an exception."""
    with tempfile.TemporaryDirectory(prefix="gdbench-", ignore_cleanup_errors=True) as scratch:
        engine: Engine = _module(profile.kind).open_engine(profile, cargo, tasks, Path(scratch))
        try:
            yield engine
        except BaseException:
            engine.abort()
            raise
        engine.close()


def _module(kind: str) -> ModuleType:
    """It has open_engine(profile, cargo, tasks, scratch) → Engine."""
    if kind not in OURS:
        return load_kind(kind)
    if kind == "dask-slurm" and not shutil.which("sbatch"):
        # Dask would submit into the void and wait for a worker
        raise GdbenchError("this machine has no sbatch on its PATH: start gdbench where SLURM's commands are.")
    home = "dask" if kind.startswith("dask") else kind
    return import_module(f"gdbench.execution.engines.{home}")
