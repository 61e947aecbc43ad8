"""What happens to a run wherever it runs: it is executed, and whatever goes wrong becomes its result.

Standard library and Python 3.9 only, and nothing heavy: every worker process imports this module.
"""

from __future__ import annotations

import os
import platform
import signal
import time
import traceback
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from gdbench.descent.errors import GdbenchError
from gdbench.descent.execute import execute
from gdbench.descent.problems.table import Table
from gdbench.descent.recording.result import RunResult
from gdbench.execution.task import Cargo, Delivery, Finished, Limits, Task
from gdbench.execution.workers.crash_log import BlackBox
from gdbench.execution.workers.identity import check_identity, check_plugin
from gdbench.execution.workers.orphans import end_with_parent
from gdbench.plugins.loading import install

#: Seconds after which a worker brings back what it has done of a chunk, however much of it is left.
BUDGET = 0.3

#: Exit status of a worker whose run asked for 0.
_DISGUISED = 70
#: Exit status of a worker that can do no more.
_WORN = 71


class Worker:
    """One place that executes tasks, with the plan's cargo taken in. box: where its last words go."""

    def __init__(self, cargo: Cargo, box: BlackBox | None = None) -> None:
        self._limits, self._box = cargo.limits, box
        self._worn = False
        self._table = lru_cache(maxsize=None)(lambda digest: _unpacked(cargo, digest))
        self.refusal = _refusal(cargo)

    def work_through(self, tasks: Sequence[Task], number: int) -> Delivery:
        """Execute tasks in their order until they or the time budget are used up. number: the chunk's."""
        if self.refusal:
            return Delivery([], refusal=self.refusal)
        if self._worn:
            os._exit(_WORN)  # before the chunk begins, so that it is sent again and nobody is blamed
        if self._box:
            self._box.begin_chunk(number, time.time())
        finished, began = [], time.monotonic()
        for task in tasks:
            finished.append(self.work(task))
            if wears_out(finished[-1]):
                self._worn = True
                break
            if time.monotonic() - began > BUDGET:
                break
            if self._box and len(tasks) > 1:
                self._box.end_run(finished[-1])
        return Delivery(finished)

    def work(self, task: Task) -> Finished:
        """Execute a task. It never raises: an exception that cannot be unpickled would take a pool down."""
        started = time.time()
        if self._box:
            self._box.begin_run(started)
        try:
            if self._limits.timeout is not None:
                _alarm(self._limits.timeout)
            table = self._table(task.spec["digest"])
            result = execute(task.spec, table, task.facts, self._box.see if self._box else None)
        except BaseException as error:  # a run's failure is a result, with its traceback
            if isinstance(error, KeyboardInterrupt) and not self._box:
                raise  # in the parent's own process it is the user's; workers are deaf to Ctrl-C
            if isinstance(error, MemoryError) and self._box:
                _lift_memory(self._limits)  # or else there is none left to tell of it
            result = failure("failed", _said(error), traceback.format_exc())
        finally:
            if self._limits.timeout is not None:
                _alarm(0.0)
        return Finished(result, started, time.time())


#: The worker of this process, once `set_up` has made it.
_here: Worker | None = None


def set_up(cargo: Cargo, box: str) -> None:
    """Make this process the worker that `work_through` asks."""
    global _here  # noqa: PLW0603  one process, one worker
    _here = settle(cargo, BlackBox(Path(box)))


def settle(cargo: Cargo, box: BlackBox) -> Worker:
    """Make this process a worker: bound to its parent and its limits, deaf to Ctrl-C, which is the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # the default action needs no Python to run, so that it also ends a run that hangs in C
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    end_with_parent()
    _exit_loudly()
    _limit_memory(cargo.limits)
    return Worker(cargo, box)


def work_through(tasks: Sequence[Task], number: int) -> Delivery:
    """`Worker.work_through` of this process."""
    assert _here is not None
    return _here.work_through(tasks, number)


def failure(outcome: str, reason: str, trace: str | None = None) -> RunResult:
    """The result of a run that left nothing but a reason."""
    return RunResult(
        outcome=outcome,
        reason=" ".join(reason.split()),
        traceback=trace,
        interpreter=f"{platform.python_implementation()} {platform.python_version()}",
        host=platform.node(),
    )


def wears_out(done: Finished) -> bool:
    """Whether its process can do no more: memory that a run keeps is missing to the next one.

    PyPy raises MemoryError once in a process's life and aborts the second time (PYPY_GC_MAX).
    """
    return done.result.outcome == "failed" and done.result.reason.startswith("MemoryError")


def _said(error: BaseException) -> str:
    name = type(error).__name__
    try:
        return f"{name}: {error}"
    except Exception:  # noqa: BLE001  a plug-in's exception may fail to say what it is
        return f"{name}, which cannot be shown"


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


def _exit_loudly() -> None:
    """Let no run end this process with status 0: pebble would take it for the worker's own, and wait on."""
    quietly = os._exit
    os._exit = lambda status: quietly(status or _DISGUISED)


def _alarm(seconds: float) -> None:
    """Let the kernel end this process in so many seconds: no loop, in Python or in C, can put it off."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_memory(limits: Limits) -> None:
    if limits.memory is not None:
        import resource  # noqa: PLC0415  Unix only; profiles refuse a memory limit elsewhere

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, hard))


def _lift_memory(limits: Limits) -> None:
    """For a worker that will begin nothing more."""
    if limits.memory is not None:
        import resource  # noqa: PLC0415  as above

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
