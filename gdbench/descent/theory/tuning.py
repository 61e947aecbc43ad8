"""The best fixed rate of plain descent on a quadratic, for one start and one target: found, not quoted.

For each k the gap ½ Σ λ e² (1 − ηλ)²ᵏ is a sum of even powers of lines, so convex in η; and below 2/L it only
falls in k. So the least k at which some rate below 2/L meets a gap is found by bisection over k, with a search
along η for each, and no other rate below 2/L is faster.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Optional, Tuple

from gdbench.descent.theory.prediction import first_below, gap_at
from gdbench.descent.theory.quadratic import Quadratic
from gdbench.descent.theory.rates import Update, best_rate

#: Halvings of the interval of rates; each costs two gaps.
_SEARCH = 60
_GOLDEN = 0.6180339887498949


class Tuned(NamedTuple):
    """rate: η.  iterations: the first k at which it meets the gap; no rate below 2/L meets it sooner."""

    rate: float
    iterations: int


def tuned(quadratic: Quadratic, wanted: float) -> Optional[Tuned]:
    """The rate below 2/L that meets a gap soonest; None where the least curvature is not above 0."""
    return _tuned(tuple(quadratic.eigenvalues), tuple(quadratic.components), wanted)


@lru_cache(maxsize=256)
def _tuned(eigenvalues: Tuple[float, ...], components: Tuple[float, ...], wanted: float) -> Optional[Tuned]:
    quadratic = Quadratic(eigenvalues, components)
    if not eigenvalues or not eigenvalues[-1] > 0.0 or not wanted > 0.0:
        return None
    rate = best_rate(eigenvalues[-1], eigenvalues[0])
    if quadratic.gap <= wanted:
        return Tuned(rate, 0)
    high = first_below(Update("plain", rate), quadratic, wanted)
    if high is None:
        return None
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        found = _rate_that_meets(quadratic, wanted, middle)
        if found is None:
            low = middle
        else:
            rate, high = found, middle
    return Tuned(rate, high)


def _rate_that_meets(quadratic: Quadratic, wanted: float, k: int) -> Optional[float]:
    """A rate below 2/L whose gap at k is at or below what is wanted, by golden section."""

    def gap(rate: float) -> float:
        return gap_at(Update("plain", rate), quadratic, k)

    low, high = 0.0, 2.0 / quadratic.eigenvalues[0]
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_a, at_b = gap(a), gap(b)
    for _ in range(_SEARCH):
        if min(at_a, at_b) <= wanted:
            return a if at_a <= at_b else b
        if at_a <= at_b:
            high, b, at_b = b, a, at_a
            a = high - _GOLDEN * (high - low)
            at_a = gap(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + _GOLDEN * (high - low)
            at_b = gap(b)
    return None
