"""Where runs execute: one seam, submit(task) → Future, with an adapter for each engine that exists."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Protocol

from gdbench.descent.table import PackedTable
from gdbench.execution.profiles import Profile
from gdbench.execution.worker import Finished, Task, failure, receive, set_up, work
from gdbench.experiment.plugins.loading import Plugin


class Engine(Protocol):
    """submit() a task; its future gives a `Finished`. `slots` is how many can be worth having in flight."""

    slots: int

    def submit(self, task: Task) -> Future[Finished]: ...

    def close(self) -> None:
        """Wait for what was submitted, then end."""

    def abort(self) -> None:
        """End now; leave no process behind."""


def open_engine(
    profile: Profile, tables: Mapping[str, PackedTable], tasks: int, plugins: Sequence[Plugin] = ()
) -> Engine:
    """The engine of a profile, with the plan's data and plug-ins on their way to the workers."""
    if profile.kind == "serial":
        return SerialEngine(tables)
    return ProcessEngine(tables, max(1, min(profile.worker_count, tasks)), plugins)


class SerialEngine:
    """Every run in this process, one after the other: what a debugger wants."""

    slots = 1

    def __init__(self, tables: Mapping[str, PackedTable]) -> None:
        receive(tables)

    def submit(self, task: Task) -> Future[Finished]:
        future: Future[Finished] = Future()
        future.set_result(work(task))
        return future

    def close(self) -> None:
        """Nothing is open."""

    def abort(self) -> None:
        """Nothing is open."""


class ProcessEngine:
    """Processes of this machine, through pebble: a worker that dies takes only its own run with it."""

    def __init__(self, tables: Mapping[str, PackedTable], workers: int, plugins: Sequence[Plugin] = ()) -> None:
        from pebble import ProcessPool  # noqa: PLC0415  the serial engine does without

        # two in flight for each worker, so that none waits for the parent between runs
        self.slots = 2 * workers
        # spawn: a fork would copy the parent's threads' locks (tracking has one) into the workers
        self._pool = ProcessPool(
            max_workers=workers,
            context=multiprocessing.get_context("spawn"),
            initializer=set_up,
            initargs=(dict(tables), tuple(plugins)),
        )

    def submit(self, task: Task) -> Future[Finished]:
        submitted = time.time()
        outer: Future[Finished] = Future()

        def settle(inner: Future[Finished]) -> None:
            try:
                outer.set_result(inner.result())
            except Exception as error:  # noqa: BLE001  pebble raises what ended the worker
                crash = failure("crashed", f"the worker process ended in the middle of this run ({error})")
                outer.set_result(Finished(crash, submitted, time.time()))

        self._pool.schedule(work, args=(task,)).add_done_callback(settle)
        return outer

    def close(self) -> None:
        self._pool.close()  # type: ignore[no-untyped-call] # pebble types its arguments, not its results
        self._pool.join()

    def abort(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call] # as above
        self._pool.join()
