"""Median and quartiles of a few numbers, some of which may be ∞: a target that was never reached."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median
from typing import NamedTuple


class Spread(NamedTuple):
    """median, low and high (the quartiles) of `runs` numbers; ∞ where that many runs never got there."""

    median: float
    low: float
    high: float
    runs: int

    @property
    def finite(self) -> bool:
        return math.isfinite(self.median)


def spread(values: Iterable[float]) -> Spread | None:
    """Median and quartiles (linear between order statistics, as NumPy's); None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    return Spread(float(median(ordered)), quantile(ordered, 0.25), quantile(ordered, 0.75), len(ordered))


def quantile(ordered: list[float], share: float) -> float:
    """The quantile of increasing numbers, linear between neighbours (Hyndman & Fan 1996, type 7)."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    part, low = place - below, ordered[below]
    if part == 0.0:
        return float(low)
    high = ordered[below + 1]
    return float(low) if low == high else low + part * (high - low)
