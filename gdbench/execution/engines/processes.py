"""A worker process of this machine, through pebble, which notices its death and starts another."""

from __future__ import annotations

import multiprocessing
import signal
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from pebble import ProcessPool

from gdbench.descent.errors import GdbenchError
from gdbench.descent.result import Curve
from gdbench.execution.blackbox import Wreck, open_wreck
from gdbench.execution.engines.crew import Crew
from gdbench.execution.profiles import Profile
from gdbench.execution.task import Cargo, Death, Delivery, Task
from gdbench.execution.worker import BUDGET, set_up, work_through

#: Seconds after a run's own alarm at which pebble steps in, should the run have silenced it.
_SPARE = 0.3
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
        limit, sent, outer = self._cargo.limits.timeout, time.time(), Future[Delivery]()
        inner = self._pool.schedule(
            work_through,
            args=(chunk, self._chunks),
            timeout=None if limit is None else limit + BUDGET + _SPARE,
        )

        def settle(inner: Future[Delivery]) -> None:
            if inner.cancelled():
                outer.set_result(Delivery([]))  # the pool was stopped
                return
            error = inner.exception()
            if isinstance(error, BrokenProcessPool):
                self._replace(outer)
            elif error:
                outer.set_result(self._wreck(error, sent))
            else:
                self._stillborn = 0
                outer.set_result(inner.result())

        inner.add_done_callback(settle)
        return outer

    def close(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call] # pebble types its arguments, not its results
        self._pool.join()

    abort = close

    def _wreck(self, error: BaseException, sent: float) -> Delivery:
        wreck = open_wreck(self._box, self._chunks) or Wreck([], Curve(), sent)
        code = getattr(error, "exitcode", None)
        if code == -signal.SIGALRM or isinstance(error, TimeoutError):
            reason, timed_out = f"the run took longer than its limit of {self._cargo.limits.timeout:g} s", True
        else:
            reason, timed_out = how_it_ended(code) if code is not None else f"the worker failed: {error}", False
        return Delivery(wreck.finished, Death(reason, timed_out, wreck.curve, wreck.begun, time.time()))

    def _replace(self, outer: Future[Delivery]) -> None:
        """The worker ended between two tasks, for which pebble gives up its pool: begin again with a new one."""
        self._stillborn += 1
        if self._stillborn >= _STILLBORN:
            outer.set_exception(GdbenchError("worker processes end before they can begin a run."))
            return
        self._pool = self._open()
        outer.set_result(Delivery([]))


def how_it_ended(code: int) -> str:
    """A sentence on an exit status: negative ones are signals."""
    if code >= 0:
        return f"the worker process ended itself in the middle of this run, with status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"the worker process was ended by {name} in the middle of this run"
