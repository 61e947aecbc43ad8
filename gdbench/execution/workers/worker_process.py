"""What makes a process a worker: it ends with its parent, heeds no Ctrl-C, and keeps to its limits.

Standard library and Python 3.9 only: workers under PyPy import this module.
"""

from __future__ import annotations

import os
import signal

from gdbench.config.processes import address_space, end_with_parent, limit_memory, memory_can_be_limited
from gdbench.execution.task import Limits

#: Exit status of a worker whose run asked for 0.
_DISGUISED = 70

#: Bytes beyond an idle worker's without which no run can be done: a stack, a table, a compiled kernel.
_ROOM_FOR_A_RUN = 32 << 20


def become_worker(limits: Limits) -> str:
    """Bind this process to its parent and its limits; why it cannot keep to them, "" if it can.

    Ctrl-C and the end of a terminal are the parent's: it decides what becomes of its workers.
    """
    for name in ("SIGINT", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    # the default action needs no Python to run, so that it also ends a run that hangs in C
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    end_with_parent()
    _exit_loudly()
    return _limit_memory(limits.memory)


def set_alarm(seconds: float) -> None:
    """Let the kernel end this process in so many seconds (0: never); no loop, not even in C, can put it off."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_memory(limit: int | None) -> str:
    if limit is None or not memory_can_be_limited():
        return ""
    least = address_space() + _ROOM_FOR_A_RUN
    if limit < least:
        return (
            f"memory_limit: a worker needs {least / 1e6:.0f} MB here before its first run, "
            f"but {limit / 1e6:.0f} MB is the limit. Raise it."
        )
    limit_memory(limit)
    return ""


def _exit_loudly() -> None:
    """Let no run end this process with status 0: pebble would take it for the worker's own, and wait on."""
    quietly = os._exit
    os._exit = lambda status: quietly(status or _DISGUISED)
