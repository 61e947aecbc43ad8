"""A worker that ended in the middle of a chunk: what it brought back, and how the run in hand ended it."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from gdbench.execution.task import Death, Finished
from gdbench.execution.workers.crash_log import open_wreck


def read_death(
    box: Path, chunk: int, code: int | None, limit: float | None, *, late: bool = False, said: str = ""
) -> tuple[list[Finished], Death] | None:
    """The runs that the black box kept and how the next one ended; None if the worker had not begun the chunk.

    code: the worker's exit status, negative for a signal.  limit: seconds that a run may take.
    late: the worker was killed because its run had outlived its own alarm.  said: the worker's last words.
    """
    wreck = open_wreck(box, chunk)
    if wreck is None:
        return None
    timed_out = limit is not None and (late or code == -_ALARM)
    reason = f"the run took longer than its limit of {limit:g} s" if timed_out else how_it_ended(code, said)
    return wreck.finished, Death(reason, timed_out, wreck.curve, wreck.begun, time.time())


def how_it_ended(code: int | None, said: str = "") -> str:
    """A sentence on an exit status: negative ones are signals."""
    last = f"; its last words: {said}" if said else ""
    if code is None:
        return f"the worker process was lost in the middle of this run{last}"
    if code >= 0:
        return f"the worker process ended itself in the middle of this run, with status {code}{last}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"the worker process was ended by {name} in the middle of this run{last}"


#: Windows has none, nor exit statuses that say so.
_ALARM = int(getattr(signal, "SIGALRM", 0))
