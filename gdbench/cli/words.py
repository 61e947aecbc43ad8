"""Counts, instants and spans of time in a reader's words."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gdbench.cli.streams import Styled, put
from gdbench.descent.recording.result import OUTCOMES
from gdbench.record.records import PlanRecord

if TYPE_CHECKING:
    from gdbench.planning.plan import Plan

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def counted(number: int, noun: str) -> str:
    """1 run · 2 runs"""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def planned(plan: Plan | PlanRecord) -> str:
    """How many runs there are: 12 runs · at least 3 runs"""
    return f"{'at least ' if plan.grows else ''}{counted(len(plan.runs), 'run')}"


def outcome_counts(counts: Counter[str]) -> str:
    """54 converged · 3 diverged · 2 stopped"""
    return " · ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])


def instant(seconds: float) -> str:
    """Unix seconds as local time: 2025-06-15 14:06:40."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def lasting(seconds: float) -> str:
    """45 s · 3 min 20 s · 2 h 5 min · 3 d 4 h: the two largest units."""
    rest = max(0, round(seconds))
    parts: list[str] = []
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if parts or count:
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(filter(None, parts[:2])) or "0 s"


def ago(seconds: float) -> str:
    """3 min 20 s ago."""
    return f"{lasting(seconds)} ago"


def bytes_in_words(count: int) -> str:
    """812 bytes · 1.2 MB: with the unit that leaves one to three digits before the point."""
    if count < 1000:
        return counted(count, "byte")
    size, units = count / 1000, ["kB", "MB", "GB", "TB"]
    while size >= 999.5 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{size:.{1 if size < 10 else 0}f} {units[0]}"


def wrong_and_doubtful(wrong: int, doubtful: int, what_to_do: str) -> str:
    """2 things are wrong; 1 to look at."""
    first = f"{wrong} thing{'s are' if wrong > 1 else ' is'} wrong" if wrong else "Nothing is wrong"
    return f"{first}; {doubtful} {what_to_do}." if doubtful else f"{first}."


def print_columns(rows: Sequence[Sequence[str]], colours: Mapping[str, str] | None = None) -> None:
    """In columns; no line is broken, so that a command can be copied and a pipe gets whole lines.

    colours: of words in the second column.
    """
    known = {} if os.environ.get("NO_COLOR") else colours or {}
    last = max(map(len, rows)) - 1
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(last)]
    for row in rows:
        cells = [*(f"{cell.ljust(width)}  " for cell, width in zip(row[:-1], widths, strict=False)), row[-1]]
        if len(row) > 1 and row[1] in known:
            put(cells[0], Styled(row[1], known[row[1]]), "".join(cells[1:]).removeprefix(row[1]).rstrip())
        else:
            put("".join(cells).rstrip())
