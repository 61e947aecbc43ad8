"""Ratios of efforts, which may be 0 or ∞: the typical one, and what it is in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median_high, median_low

from gdbench.judgement.numerals import count, figure


def quotient(a: float, b: float) -> float | None:
    """a / b for counts that may be 0 or ∞; None where both are ∞: neither side got there."""
    if math.isinf(a) and math.isinf(b):
        return None
    # Reached before the first step: a count of 0 is less than a whole step.
    return max(a, 0.5) / max(b, 0.5)


def typical_ratio(ratios: Sequence[float]) -> float | None:
    """The median on a log scale: of an even number the geometric mean of the two in the middle.

    None of nothing, and where the two are 0 and ∞: as many get there alone as never do.
    """
    if not ratios:
        return None
    low, high = median_low(ratios), median_high(ratios)
    if low == high:
        return low
    return None if (low, high) == (0.0, math.inf) else math.sqrt(low * high)


def summed_up(ratios: Sequence[float]) -> str:
    """The ratios of several pairs in words; where one side never got there in most of them, in how many."""
    alone, never = sum(ratio == 0.0 for ratio in ratios), sum(math.isinf(ratio) for ratio in ratios)
    middle = typical_ratio(ratios)
    if middle is not None and 0.0 < middle < math.inf:
        return ratio_in_words(middle)
    if len(set(ratios)) <= 1:
        return ratio_in_words(middle)
    parts = [f"never reached in {count(never)}"] if never else []
    parts += [f"only it reached in {count(alone)}"] if alone else []
    return f"{', '.join(parts)} of {count(len(ratios))} pairs"


def ratio_in_words(ratio: float | None) -> str:
    """A ratio in words: '1.31× more iterations', '2× fewer iterations', 'no difference', 'never reached'."""
    if ratio is None:
        return "neither reached"
    if math.isinf(ratio) or ratio == 0.0:
        return "never reached" if ratio else "only it reached"
    if ratio == 1.0:
        return "no difference"
    which = "more" if ratio > 1 else "fewer"
    factor = figure(max(ratio, 1 / ratio), 3)
    return f"{factor}× {which} iterations" if factor != "1" else f"under 1 % {which} iterations"
