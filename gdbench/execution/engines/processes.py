"""A worker process of this machine, through pebble, which notices its death and starts another."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, InvalidStateError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

from pebble import ProcessPool

from gdbench.descent.errors import GdbenchError
from gdbench.execution.engines.worker_deaths import read_death
from gdbench.execution.engines.worker_pool import Crew
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.task import Cargo, Delivery, Task
from gdbench.execution.workers.worker import BUDGET, set_up, work_through

#: Seconds after a run's own alarm, had it begun last in its chunk, at which pebble steps in, should the run
#: have silenced it. With the chunk's budget, and pebble's 0.1 s between two looks, it is half a second late.
_SPARE = 0.1
#: Workers that may end before they took their first task, one after the other.
_STILLBORN = 3


def open_engine(profile: Profile, cargo: Cargo, tasks: int, scratch: Path) -> Crew:
    """Local workers, never more than there are tasks."""
    workers = max(1, min(profile.worker_count, tasks))
    return Crew([ProcessLine(cargo, scratch / f"{i}.box") for i in range(workers)], profile.retries)


class ProcessLine:
    """A pool of one process: workers of one pool share locks, and one killed with a lock held stops all.

    box: path of the worker's black box.
    """

    def __init__(self, cargo: Cargo, box: Path) -> None:
        self._cargo, self._box = cargo, box
        self._chunks = 0
        self._stillborn = 0
        self._outer: Future[Delivery] = Future()
        self._pool = self._open()

    def _open(self) -> ProcessPool:
        # spawn: a fork would copy the parent's threads' locks (tracking has one) into the worker
        return ProcessPool(
            max_workers=1,
            context=multiprocessing.get_context("spawn"),
            initializer=set_up,
            initargs=(self._cargo, str(self._box)),
        )

    def send(self, chunk: list[Task]) -> Future[Delivery]:
        self._chunks += 1
        limit, self._outer = self._cargo.limits.timeout, Future[Delivery]()
        outer = self._outer
        inner = self._pool.schedule(
            work_through,
            args=(chunk, self._chunks),
            timeout=None if limit is None else limit + BUDGET + _SPARE,
        )

        inner.add_done_callback(lambda inner: self._back(inner, outer))
        return outer

    def close(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call] # pebble types its arguments, not its results
        self._pool.join()
        # pebble says nothing of a task that it stopped, and somebody may be waiting for it
        _settle(self._outer, Delivery([]))

    abort = close

    def _back(self, inner: Future[Delivery], outer: Future[Delivery]) -> None:
        """Pass on what pebble brings back of a chunk, or what its worker left behind."""
        if inner.cancelled():
            _settle(outer, Delivery([]))  # the pool was stopped
            return
        error = inner.exception()
        if error is None:
            self._stillborn = 0
            _settle(outer, inner.result())
        elif isinstance(error, BrokenProcessPool):
            # the worker ended between two tasks, for which pebble gives up its pool
            self._pool = self._open()
            self._again(outer, "")
        else:
            self._after_death(error, outer)

    def _after_death(self, error: BaseException, outer: Future[Delivery]) -> None:
        late, code = isinstance(error, TimeoutError), getattr(error, "exitcode", None)
        said = "" if late or code is not None else f"{type(error).__name__}: {error}"
        found = read_death(self._box, self._chunks, code, self._cargo.limits.timeout, late=late, said=said)
        if found is None:
            self._again(outer, said)
        else:
            self._stillborn = 0
            _settle(outer, Delivery(*found))

    def _again(self, outer: Future[Delivery], said: str) -> None:
        """Count a worker that ended before it began a run; its chunk is sent again unless that is hopeless."""
        self._stillborn += 1
        if self._stillborn < _STILLBORN:
            _settle(outer, Delivery([]))
            return
        last = f": {said}" if said else ""
        with suppress(InvalidStateError):
            outer.set_exception(GdbenchError(f"worker processes end before they can begin a run{last}."))


def _settle(outer: Future[Delivery], delivery: Delivery) -> None:
    with suppress(InvalidStateError):  # the line was closed meanwhile
        outer.set_result(delivery)
