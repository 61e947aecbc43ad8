"""How wide the range of good rates is: a method's sensitivity in one number, in decades."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gdbench.judgement.methods.board import Board, Candidate
from gdbench.judgement.methods.roles import name_of, parameters_of
from gdbench.judgement.numerals import figure

#: A rate is good where it needs at most so many times the effort of the best.
FACTOR = 2.0


class Breadth(NamedTuple):
    """decades: log₁₀ of the largest good rate by the least.  open: whether the grid ends before it does."""

    decades: float
    open: bool = False

    @property
    def text(self) -> str:
        """'1.3', or '≥ 2' where the grid ends."""
        return f"{'≥ ' if self.open else ''}{figure(self.decades, 2)}"


def breadth_of(points: Mapping[float, float]) -> Breadth | None:
    """The range of rates about the best within `FACTOR` of it. points: rate → effort, ∞ for a miss.

    Between two rates the logarithm of the effort is interpolated on the logarithm of the rate; next to a miss
    the range ends at the last rate that is good. None with fewer than two rates, or where none hits.
    """
    rates = sorted(points)
    efforts = [max(points[rate], 0.5) for rate in rates]
    if len(rates) < 2 or not math.isfinite(min(efforts)):
        return None
    best = efforts.index(min(efforts))
    limit = FACTOR * efforts[best]
    left, low = _edge(rates[best::-1], efforts[best::-1], limit)
    right, high = _edge(rates[best:], efforts[best:], limit)
    return Breadth(abs(high - low), left or right)


def _edge(rates: Sequence[float], efforts: Sequence[float], limit: float) -> tuple[bool, float]:
    """From the best rate in one direction: whether the grid ends first, and log₁₀ of the last good rate."""
    for i in range(1, len(rates)):
        if efforts[i] > limit:
            here = math.log10(rates[i - 1])
            if math.isinf(efforts[i]):
                return False, here
            part = math.log(limit / efforts[i - 1]) / math.log(efforts[i] / efforts[i - 1])
            return False, here + part * (math.log10(rates[i]) - here)
    return True, math.log10(rates[-1])


def breadth(board: Board, some: Sequence[Candidate], target: str) -> Breadth | None:
    """The median over problems of a method's range; of an even number the narrower of the two in the middle.

    Of candidates with the same rate the best counts. None where rates are not tuned.
    """
    found = [known for family in board.problems if (known := breadth_of(_points(board, some, family, target)))]
    return sorted(found)[(len(found) - 1) // 2] if found else None


def _points(board: Board, some: Iterable[Candidate], family: str, target: str) -> Mapping[float, float]:
    """Rate → effort, of the kind of learning rate that most candidates have; of over_L its factor."""
    kinds: dict[str, dict[float, float]] = {}
    for one in some:
        known = board.effort(one, family, target) if family in one.runs else None
        place = _rate(one) if known else None
        if known and place:
            kind, rate = place
            efforts = kinds.setdefault(kind, {})
            efforts[rate] = min(efforts.get(rate, math.inf), known.spread.median)
    return max(kinds.values(), key=len, default={})


def _rate(one: Candidate) -> tuple[str, float] | None:
    choice = next(iter(one.runs.values()))[0].spec.get("learning_rate")
    given = parameters_of(choice)
    number = given.get("rate", given.get("factor"))
    return (name_of(choice), float(number)) if isinstance(number, (int, float)) and number > 0 else None
