"""A worker process of this machine, through pebble, which notices its death and starts another."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, InvalidStateError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

from pebble import ProcessPool

from gdbench.descent.errors import GdbenchError, one_line
from gdbench.execution.engines.worker_pool import MOST_FAILED_STARTS, WorkerPool, memory_hint
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.task import Cargo, Delivery, Task
from gdbench.execution.workers.crash_results import read_death
from gdbench.execution.workers.worker import BUDGET, set_up, work_through

#: Seconds after a run's own alarm, had it begun last in its chunk, at which pebble steps in, should the run
#: have silenced it. With the chunk's budget, and pebble's 0.1 s between two looks, it is half a second late.
_SPARE = 0.1


def open_engine(profile: Profile, cargo: Cargo, tasks: int, scratch: Path) -> WorkerPool:
    """Local workers, never more than there are tasks."""
    workers = max(1, min(profile.worker_count, tasks))
    return WorkerPool([ProcessLine(cargo, scratch / f"{i}.crash") for i in range(workers)], profile.retries)


class ProcessLine:
    """A pool of one process: workers of one pool share locks, and one killed with a lock held stops all.

    log: path of the worker's crash log.
    """

    def __init__(self, cargo: Cargo, log: Path) -> None:
        self._cargo, self._log = cargo, log
        self._chunks = 0
        self._failed_starts = 0
        self._outer: Future[Delivery] = Future()
        self._pool = self._open()

    def _open(self) -> ProcessPool:
        # spawn: a fork would copy the parent's threads' locks (tracking has one) into the worker
        return ProcessPool(
            max_workers=1,
            context=multiprocessing.get_context("spawn"),
            initializer=set_up,
            initargs=(self._cargo, str(self._log)),
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

        inner.add_done_callback(lambda inner: self._pass_on(inner, outer))
        return outer

    def close(self) -> None:
        self._pool.stop()
        self._pool.join()
        # pebble says nothing of a task that it stopped, and somebody may be waiting for it
        _settle(self._outer, Delivery([]))

    abort = close

    def _pass_on(self, inner: Future[Delivery], outer: Future[Delivery]) -> None:
        """Pass on what pebble brings back of a chunk, or what its worker left behind."""
        if inner.cancelled():
            _settle(outer, Delivery([]))  # the pool was stopped
            return
        error = inner.exception()
        if error is None:
            self._failed_starts = 0
            _settle(outer, inner.result())
        elif isinstance(error, BrokenProcessPool):
            # the worker ended between two tasks, for which pebble gives up its pool
            self._pool = self._open()
            self._count_failed_start(outer, "")
        else:
            self._after_death(error, outer)

    def _after_death(self, error: BaseException, outer: Future[Delivery]) -> None:
        late, code = isinstance(error, TimeoutError), getattr(error, "exitcode", None)
        words, limit = "" if late or code is not None else one_line(error), self._cargo.limits.timeout
        kept = read_death(self._log, self._chunks, code, limit, late=late, last_words=words)
        if kept is None:
            self._count_failed_start(outer, words)
        else:
            self._failed_starts = 0
            _settle(outer, kept)

    def _count_failed_start(self, outer: Future[Delivery], words: str) -> None:
        """Count a worker that ended before it began a run; its chunk is sent again unless that is hopeless."""
        self._failed_starts += 1
        if self._failed_starts < MOST_FAILED_STARTS:
            _settle(outer, Delivery([]))
            return
        last = f": {words}" if words else ""
        hint = memory_hint(self._cargo.limits)
        with suppress(InvalidStateError):
            outer.set_exception(GdbenchError(f"worker processes end before they can begin a run{last}.{hint}"))


def _settle(outer: Future[Delivery], delivery: Delivery) -> None:
    with suppress(InvalidStateError):  # the line was closed meanwhile
        outer.set_result(delivery)
