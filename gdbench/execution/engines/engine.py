"""The seam between a plan and the places where it runs: submit(task) → Future."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol

from gdbench.execution.task import Delivery, Finished, Task


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
