"""What a diagnosis says: causes as plain values, each with its grade, its evidence, a remedy, what that gains.

No sentence is made here, and nothing reads one: words are put to a cause at the very end.
"""

from __future__ import annotations

import math
from typing import Any, Dict, Iterable, Mapping, NamedTuple, Optional, Tuple

PROVED, ESTIMATED, UNKNOWN = "proved", "estimated", "unknown"
GRADES = (PROVED, ESTIMATED, UNKNOWN)


class Remedy(NamedTuple):
    """What to do, as a config would say it.

    code: one word for it.  changes: entries of a config: an axis → its choice in config form (`learning_rate`:
    0.1), or a dotted key outside the grid (`data.standardize`: True).
    """

    code: str
    changes: Mapping[str, Any]


class Gain(NamedTuple):
    """Iterations to the tightest target (a relative gap of 1e-6 where none is declared).

    now: None where this run's way never meets it.  with_remedy: None where it is not known how many.
    exact: whether both follow from the spectrum and the start; else they are estimates.
    """

    now: Optional[float]
    with_remedy: Optional[float]
    exact: bool = False

    @property
    def ratio(self) -> float:
        """now ÷ with the remedy; ∞ where now is never, 1 where it is not known."""
        if self.now is None:
            return math.inf
        return self.now / max(self.with_remedy, 1.0) if self.with_remedy is not None else 1.0


class Cause(NamedTuple):
    """Why a run ended as it did, or would gain by doing otherwise. code: one with a page in docs/verdicts.

    proved: a theorem applies to this very run, or the statement is about numbers that are recorded.
    estimated: measured on this run, and what usually is the cause.  unknown: the cause is not known.
    evidence: the plain numbers that it rests on, and codes that tell one sentence from another.
    """

    code: str
    grade: str
    evidence: Dict[str, Any]
    remedy: Optional[Remedy] = None
    gain: Optional[Gain] = None

    def to_plain(self) -> Dict[str, Any]:
        """JSON-plain."""
        return {
            "code": self.code,
            "grade": self.grade,
            "evidence": dict(self.evidence),
            "remedy": self.remedy and {"code": self.remedy.code, "changes": dict(self.remedy.changes)},
            "gain": self.gain and self.gain._asdict(),
        }


#: Codes that void what any other cause rests on, or that say that all was done: they are told first.
FIRST = ("difference_step", "wrong_gradient", "nothing_wrong")
#: Codes that say something of the problem, but not why a run ended as it did.
NOTES = ("not_unique",)


def in_order(causes: Iterable[Cause]) -> Tuple[Cause, ...]:
    """The largest gain first, then the surest; what nobody knows is told only where nothing else is."""
    found = sorted(causes, key=_place)
    known = [cause for cause in found if cause.grade != UNKNOWN]
    explained = any(cause.code not in NOTES for cause in known)
    return tuple(known if explained else found)


def _place(cause: Cause) -> Tuple[float, ...]:
    gain = cause.gain or Gain(1.0, None)
    least = math.inf if gain.with_remedy is None else gain.with_remedy
    last = len(FIRST) + (cause.code in NOTES)
    first = FIRST.index(cause.code) if cause.code in FIRST else last
    return (float(first), -gain.ratio, least, float(GRADES.index(cause.grade)))
