"""What happens to a run wherever it runs: it is executed, and whatever goes wrong becomes its result.

Standard library and Python 3.9 only, and nothing heavy: every worker process imports this module.
"""

from __future__ import annotations

import os
import platform
import time
import traceback
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from gdbench.config.processes import limit_memory
from gdbench.descent.errors import GdbenchError, one_line
from gdbench.descent.execute import execute
from gdbench.descent.problems.table import Table
from gdbench.descent.recording.held_out import TEST_DIGEST
from gdbench.descent.recording.result import RunResult
from gdbench.execution.task import Cargo, Delivery, Finished, Task
from gdbench.execution.workers.crash_log import CrashLog
from gdbench.execution.workers.identity import check_identity, check_plugin
from gdbench.execution.workers.worker_process import become_worker, set_alarm
from gdbench.plugins.guard import is_raised_by, put_right, words_of
from gdbench.plugins.loading import originals, owners
from gdbench.plugins.packages import install
from gdbench.plugins.prints import Streams, open_prints, take_over

#: Seconds after which a worker brings back what it has done of a chunk, however much of it is left.
BUDGET = 0.3

#: Seconds after which it is looked what plug-ins did to a process, even where no run used any.
_SECONDS_UNSEEN = 0.05

#: Exit status of a worker that can do no more.
_EXHAUSTED = 71


class Worker:
    """One place that executes tasks, with the plan's cargo taken in. log: what survives it."""

    def __init__(self, cargo: Cargo, log: CrashLog | None = None, refusal: str = "") -> None:
        self._limits, self._log = cargo.limits, log
        self._exhausted = False
        self._table = lru_cache(maxsize=None)(lambda digest: _unpacked(cargo, digest))
        self.refusal = refusal or _refusal(cargo)
        self._guarded, self._looked = bool(cargo.plugins), 0.0
        self._streams: Streams | None = None
        if self._guarded and not self.refusal:
            originals().changes()  # noted before any run; from now on a look is quick

    def work_through(self, tasks: Sequence[Task], number: int) -> Delivery:
        """Execute tasks in their order until they or the time budget are used up. number: the chunk's."""
        if self.refusal:
            return Delivery([], refusal=self.refusal)
        if self._exhausted:
            os._exit(_EXHAUSTED)  # before the chunk begins, so that it is sent again and nobody is blamed
        if self._log:
            self._log.begin_chunk(number, time.time())
        finished, began = [], time.monotonic()
        for task in tasks:
            finished.append(self.work(task))
            if exhausts_memory(finished[-1]):
                self._exhausted = True
                break
            if time.monotonic() - began > BUDGET:
                break
            if self._log and len(tasks) > 1:
                self._log.end_run(finished[-1])
        return Delivery(finished)

    def work(self, task: Task) -> Finished:
        """Execute a task. It never raises: an exception that cannot be unpickled would take a pool down."""
        started = time.time()
        if self._guarded and self._streams is None:
            self._streams = Streams()
        if self._log:
            self._log.begin_run(started)
        try:
            if self._limits.timeout is not None:
                set_alarm(self._limits.timeout)
            table, test = self._table(task.spec["digest"]), self._table(task.spec.get(TEST_DIGEST, ""))
            see = self._log.see if self._log else None
            result = execute(task.spec, table, task.constants, see, test, task.pause, task.state)
        except BaseException as error:  # a run's failure is a result, with its traceback
            if isinstance(error, KeyboardInterrupt) and not (self._log or is_raised_by(error, owners())):
                raise  # in the parent's own process it is the user's; workers are deaf to Ctrl-C
            if isinstance(error, MemoryError) and self._log and self._limits.memory is not None:
                limit_memory(None)  # or else there is none left to tell of it
            result = failure("failed", _reason(error), traceback.format_exc(), type(error).__name__)
        finally:
            if self._limits.timeout is not None:
                set_alarm(0.0)
        ended = time.time()
        offence = self._offence(task)
        if offence:
            result = failure("failed", offence, cause=GdbenchError.__name__)
        return Finished(result, started, ended)

    def close(self) -> None:
        """Nothing more will be done here."""
        if self._streams:
            self._streams.close()

    def _offence(self, task: Task) -> str:
        """What a plug-in did to this process in the run, in words; it is undone."""
        now = time.monotonic()
        if self._streams is None or not (task.spec.get("plugins") or now - self._looked > _SECONDS_UNSEEN):
            return ""
        self._looked = now
        return put_right(originals(), self._streams, owners())


#: The worker of this process, once `set_up` has made it.
_here: Worker | None = None


def set_up(cargo: Cargo, log: str) -> None:
    """Make this process the worker that `work_through` asks."""
    global _here  # noqa: PLW0603  one process, one worker
    prints = open_prints(cargo.prints)
    if prints:
        take_over(prints)
    _here = worker_of_this_process(cargo, CrashLog(Path(log)))


def worker_of_this_process(cargo: Cargo, log: CrashLog) -> Worker:
    """Make this process a worker, bound to its parent and its limits."""
    refusal = become_worker(cargo.limits)
    return Worker(cargo, log, refusal)


def work_through(tasks: Sequence[Task], number: int) -> Delivery:
    """`Worker.work_through` of this process."""
    assert _here is not None
    return _here.work_through(tasks, number)


def failure(outcome: str, reason: str, trace: str | None = None, cause: str = "") -> RunResult:
    """The result of a run that left nothing but a reason. cause: the type of the exception, of a failed one."""
    return RunResult(
        outcome=outcome,
        reason=" ".join(reason.split()),
        cause=cause,
        traceback=trace,
        interpreter=f"{platform.python_implementation()} {platform.python_version()}",
        host=platform.node(),
    )


def exhausts_memory(done: Finished) -> bool:
    """Whether its process can do no more: memory that a run keeps is missing to the next one.

    PyPy raises MemoryError once in a process's life and aborts the second time (PYPY_GC_MAX).
    """
    return done.result.outcome == "failed" and done.result.cause == MemoryError.__name__


def _reason(error: BaseException) -> str:
    return words_of(error, owners()) or one_line(error)


def _refusal(cargo: Cargo) -> str:
    """Why nothing may run here; "" if it may."""
    try:
        check_identity(cargo.identity)
        for plugin in cargo.plugins:
            check_plugin(plugin, install(plugin))
    except GdbenchError as error:
        return str(error)
    return ""


def _unpacked(cargo: Cargo, digest: str) -> Table | None:
    packed = cargo.tables.get(digest)
    return packed.unpack() if packed else None
