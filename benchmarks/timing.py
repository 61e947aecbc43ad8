"""The clock: contestants take turns, and each is known by its fastest round; and what whole commands take."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import NamedTuple


def seconds(run, calls, clock=time.perf_counter):
    """Seconds a call, where run(calls) does that many."""
    began = clock()
    run(calls)
    return (clock() - began) / calls


def enough(run, least):
    """How many calls take `least` seconds; warms up a tracing interpreter on the way."""
    calls = 1
    while (spent := seconds(run, calls) * calls) < least:
        calls = max(2 * calls, int(calls * least / max(spent, 1e-9)) + 1 if spent > least / 10 else 4 * calls)
    return calls


def repeated(function, w):
    """calls → so many calls of function(w)."""

    def run(calls):
        for _ in range(calls):
            function(w)

    return run


class Took(NamedTuple):
    """Of a command and all that it started.

    clock, processor: seconds.  megabytes: of its largest process.  began: by the clock of the system.
    status: its exit status, None where it was ended because it took too long.  last: the last line it wrote.
    """

    clock: float
    processor: float
    megabytes: float
    began: float
    status: object
    last: str


def adopt_orphans():
    """From here on, what a command leaves running counts as ours, so that it is waited for; on Linux alone."""
    if sys.platform == "linux":
        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def process(words, folder, environment=None, limit=None, meanwhile=None):
    """Took, of a command in that folder.  meanwhile(its process): called once it runs, and may end it."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        began, clock = time.time(), time.perf_counter()
        child = subprocess.Popen(
            words, stdout=said, stderr=said, cwd=folder, env=environment, start_new_session=True
        )
        late = threading.Event()

        def end():
            late.set()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)

        timer = threading.Timer(limit or threading.TIMEOUT_MAX, end)
        timer.daemon = True
        timer.start()
        try:
            if meanwhile:
                meanwhile(child)
            processor, megabytes, status = waited(child.pid)
        except BaseException:
            end()
            raise
        finally:
            timer.cancel()
        child.returncode = status
        clock = time.perf_counter() - clock
        said.seek(0)
        last = (said.read().strip().splitlines() or [""])[-1]
        return Took(clock, processor, megabytes, began, None if late.is_set() else status, last)


def waited(pid):
    """Seconds of the processor, megabytes and exit status, once no process of its group is left."""
    processor, megabytes, code = 0.0, 0.0, 0
    while True:
        try:
            ended, status, used = os.wait4(-pid, 0)
        except ChildProcessError:
            return processor, megabytes, code
        processor += used.ru_utime + used.ru_stime
        megabytes = max(megabytes, used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)
