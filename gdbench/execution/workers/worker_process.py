"""What makes a process a worker: it ends with its parent, heeds no Ctrl-C, and keeps to its limits.

Standard library and Python 3.9 only: workers under PyPy import this module.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

if sys.platform != "win32":
    import resource

from gdbench.execution.task import Limits

_PR_SET_PDEATHSIG = 1  # Linux, <sys/prctl.h>
_SECONDS_BETWEEN_LOOKS = 1.0

#: Exit status of a worker whose run asked for 0.
_DISGUISED = 70

#: Bytes beyond an idle worker's without which no run can be done: a stack, a table, a compiled kernel.
_ROOM_FOR_A_RUN = 32 << 20


def become_worker(limits: Limits) -> str:
    """Bind this process to its parent and its limits; why it cannot keep to them, "" if it can.

    Ctrl-C is the parent's: it decides what becomes of its workers.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # the default action needs no Python to run, so that it also ends a run that hangs in C
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _end_with_parent()
    _exit_loudly()
    return _limit_memory(limits.memory)


def set_alarm(seconds: float) -> None:
    """Let the kernel end this process in so many seconds (0: never); no loop, not even in C, can put it off."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def lift_memory_limit() -> None:
    """For a worker that will begin nothing more."""
    if sys.platform != "win32":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def address_space() -> int:
    """Bytes of this process's address space, which is what a memory limit bounds; 0 where nobody tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _limit_memory(limit: int | None) -> str:
    if limit is None or sys.platform == "win32":
        return ""
    least = address_space() + _ROOM_FOR_A_RUN
    if limit < least:
        return (
            f"memory_limit: a worker needs {least / 1e6:.0f} MB here before its first run, "
            f"but {limit / 1e6:.0f} MB is the limit. Raise it."
        )
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    return ""


def _end_with_parent() -> None:
    """End this process when its parent ends: by the kernel on Linux, elsewhere by looking each second."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), name="orphan watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)


def _exit_loudly() -> None:
    """Let no run end this process with status 0: pebble would take it for the worker's own, and wait on."""
    quietly = os._exit
    os._exit = lambda status: quietly(status or _DISGUISED)
