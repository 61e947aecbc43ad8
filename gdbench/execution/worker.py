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
from gdbench.descent.result import RunResult
from gdbench.descent.table import Table
from gdbench.execution.blackbox import BlackBox
from gdbench.execution.identity import check_identity, check_plugin
from gdbench.execution.orphans import end_with_parent
from gdbench.execution.task import Cargo, Delivery, Finished, Limits, Task
from gdbench.experiment.plugins.loading import install

#: Seconds after which a worker brings back what it has done of a chunk, however much of it is left.
BUDGET = 0.3

#: Exit status of a worker whose run asked for 0.
_DISGUISED = 70


class Worker:
    """One place that executes tasks, with the plan's cargo taken in. box: where its last words go."""

    def __init__(self, cargo: Cargo, box: BlackBox | None = None) -> None:
        self._limits, self._box = cargo.limits, box
        self._table = lru_cache(maxsize=None)(lambda digest: _unpacked(cargo, digest))
        self.refusal = _refusal(cargo)

    def work_through(self, tasks: Sequence[Task], number: int) -> Delivery:
        """Execute tasks in their order until they or the time budget are used up. number: the chunk's."""
        if self.refusal:
            return Delivery([], refusal=self.refusal)
        if self._box:
            self._box.begin_chunk(number, time.time())
        finished, began = [], time.monotonic()
        for task in tasks:
            finished.append(self.work(task))
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
        except (Exception, SystemExit) as error:  # noqa: BLE001  a run's failure is a result, with its traceback
            result = failure("failed", f"{type(error).__name__}: {error}", traceback.format_exc())
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

        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
