"""What came of tracking, for the last lines of a sweep."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrackingReport:
    """What came of tracking.

    address: where to, without credentials.  sent: runs tracked now.  left: stored runs that are not
    tracked yet and wait for `gdbench sync`.  error: the first thing that went wrong, a sentence.
    page: where a browser sees them, if a server answers there; of a database `gdbench ui` tells it.
    """

    address: str
    sent: int = 0
    left: int = 0
    error: str | None = None
    page: str | None = None
