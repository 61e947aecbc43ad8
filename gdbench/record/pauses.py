"""The states of runs that a race has paused: from there they go on, and until then they are kept."""

from __future__ import annotations

from gdbench.descent.recording.result import OUTCOMES
from gdbench.record.checksums import CheckedRows, Row, checksum
from gdbench.record.records import RunRecord


def keep_pause(checked: CheckedRows, run: RunRecord) -> None:
    """Write the state that a run brings; forget that of before, unless its process died with it."""
    if run.result.paused:
        checked.put("pauses", run.key, run.result.paused, verb="INSERT OR REPLACE")
    elif not OUTCOMES[run.result.outcome].tried_again:
        checked.connection.execute("DELETE FROM pauses WHERE key = ?", (run.key,))


def pause_of_run(checked: CheckedRows, key: str) -> str:
    """The state in which a run was paused; "" where it has none, and in stores of before."""
    if checked.version < 6:
        return ""
    rows = checked.select("SELECT key, state, checksum FROM pauses WHERE key = ?", key)
    return next(checked.read(f"the pause of run {key}", _state, rows), "")


def _state(row: Row) -> str:
    key, state, sum_ = row
    if sum_ != checksum(key, state):
        raise ValueError("its state")
    return str(state)
