"""Instants and spans of time in a reader's words."""

from __future__ import annotations

import time

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def instant(seconds: float) -> str:
    """Unix seconds as local time: 2025-06-15 14:06:40."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def lasting(seconds: float) -> str:
    """45 s · 3 min 20 s · 2 h 5 min · 3 d 4 h: the two largest units."""
    rest = max(0, round(seconds))
    said: list[str] = []
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if said or count:
            said.append(f"{count} {unit}" if count else "")
    return " ".join(filter(None, said[:2])) or "0 s"


def ago(seconds: float) -> str:
    """3 min 20 s ago."""
    return f"{lasting(seconds)} ago"
