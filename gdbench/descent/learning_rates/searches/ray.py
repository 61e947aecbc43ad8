"""The cost along the ray that a step takes, φ(α) = f(w + α d), for line searches."""

from __future__ import annotations

import math
from typing import Callable, NamedTuple

from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.numerics.vectors import Vector, dot

_NAN = float("nan")


class Trial(NamedTuple):
    """A rate α that was tried, φ(α) and φ′(α)."""

    rate: float
    cost: float
    slope: float

    @property
    def finite(self) -> bool:
        return math.isfinite(self.cost) and math.isfinite(self.slope)


class SearchLine(NamedTuple):
    """φ from one iterate on: the point α = 0, known already, and `at`, which costs an evaluation."""

    origin: Trial
    at: Callable[[float], Trial]

    def decreases(self, trial: Trial, c1: float) -> bool:
        """φ(α) ≤ φ(0) + c₁ α φ′(0)  (Armijo 1966); never for a trial that is not finite."""
        return trial.finite and trial.cost <= self.origin.cost + c1 * trial.rate * self.origin.slope


def search_line(landscape: Landscape, now: Iterate, direction: Vector) -> SearchLine:
    """The ray from w_k along d, which leads down; what cannot be computed on it is NaN.

    Costs on it are less f(w_k) where the landscape knows the difference better: only differences are asked for.
    """
    along = landscape.rise or landscape.along
    assert along is not None
    phi = along(now.w, direction)
    origin = 0.0 if landscape.rise else now.cost

    def at(rate: float) -> Trial:
        try:
            return Trial(rate, *phi(rate))
        except (ArithmeticError, ValueError):
            return Trial(rate, _NAN, _NAN)

    return SearchLine(Trial(0.0, origin, dot(now.gradient, direction)), at)
