"""Searches along the ray that a step takes: backtracking, and the strong Wolfe conditions."""

from __future__ import annotations

import math
from typing import Callable, NamedTuple, Optional

from gdbench.descent.domains import inner_fraction, positive
from gdbench.descent.errors import BadParameter
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates.protocol import (
    Chooser,
    LearningRate,
    Search,
    in_order,
    learning_rate,
    needed,
)
from gdbench.descent.numerics.vectors import Vector, dot

# --- The cost along the ray that a step takes, φ(α) = f(w + α d), for line searches

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


# --- Backtracking: begin with a long step and shorten it until the cost has decreased enough


def _check_backtracking(initial: float, shrink: float, c1: float, smallest: float) -> None:
    in_order("backtracking", "smallest", smallest, "initial", initial)


@learning_rate(
    "backtracking",
    facts={"check": _check_backtracking, "needs": ("along",), "search": True, "along": True},
    initial=positive,
    shrink=inner_fraction,
    c1=inner_fraction,
    smallest=positive,
)
def backtracking(
    initial: float = 1.0, shrink: float = 0.5, c1: float = 1e-4, smallest: float = 1e-20
) -> LearningRate:
    """The first η of initial · shrinkⁱ with f(w − η g) ≤ f(w) − c₁ η ‖g‖²  (Armijo 1966).

    Of an optimizer with a direction d of its own: f(w + η d) ≤ f(w) + c₁ η g·d.
    initial: > 0.  shrink: in (0, 1).  c1: in (0, 1).  smallest: > 0; trials end there, and the last one
    is taken if none was good enough.
    """

    def begin(landscape: Landscape) -> Chooser:
        needed(landscape.along, "backtracking", "the cost along a line", "a schedule, such as constant")

        def choose(now: Iterate, direction: Vector) -> float:
            ray, rate = search_line(landscape, now, direction), initial
            while not ray.decreases(ray.at(rate), c1) and rate * shrink >= smallest:
                rate *= shrink
            return rate

        return Search(choose)

    return begin


# --- The strong Wolfe conditions: a step that is neither too long nor too short


#: The part of the bracket at either end that interpolation may not choose, so that the bracket shrinks.
MARGIN = 0.1
#: Doublings, and then sections of the bracket. 60 doublings go from 1 to 10¹⁸; 60 halvings exhaust a float.
TRIALS = 60


def _check_wolfe(initial: float, c1: float, c2: float) -> None:
    if c1 >= c2:
        raise BadParameter(
            "c1", f"'c1' of learning rate 'wolfe' must be below 'c2', but {c1:g} ≥ {c2:g}. Try 0.0001 and 0.9."
        )


@learning_rate(
    "wolfe",
    facts={"check": _check_wolfe, "needs": ("along",), "search": True, "along": True},
    initial=positive,
    c1=inner_fraction,
    c2=inner_fraction,
)
def wolfe(initial: float = 1.0, c1: float = 1e-4, c2: float = 0.9) -> LearningRate:
    """An η with φ(η) ≤ φ(0) + c₁ η φ′(0) and |φ′(η)| ≤ c₂ |φ′(0)|  (Nocedal & Wright 2006, alg. 3.5, 3.6).

    φ(η) = f(w + η d), with d = −g or the direction of the optimizer.  initial: the first trial, > 0.
    c1, c2: 0 < c1 < c2 < 1; below ½ with conjugate gradients, such as c2: 0.1.
    Where rounding or a cost without a minimum leaves none to be found: the best trial that decreases the
    cost enough for c1, or else the smallest of all.
    """

    def begin(landscape: Landscape) -> Chooser:
        needed(landscape.along, "wolfe", "the cost along a line", "a schedule, such as constant")
        return Search(lambda now, d: _search(search_line(landscape, now, d), initial, c1, c2))

    return begin


def _search(ray: SearchLine, initial: float, c1: float, c2: float) -> float:
    """Alg. 3.5: double the rate until a bracket holds an acceptable one."""
    before, rate, flat = ray.origin, initial, -c2 * ray.origin.slope
    for _ in range(TRIALS):
        trial = ray.at(rate)
        if not ray.decreases(trial, c1) or (before.rate > 0.0 and trial.cost >= before.cost):
            return _zoom(ray, before, trial, c1, flat)
        if abs(trial.slope) <= flat:
            return rate
        if trial.slope >= 0.0:
            return _zoom(ray, trial, before, c1, flat)
        before, rate = trial, 2.0 * rate
    return before.rate


def _zoom(ray: SearchLine, low: Trial, high: Trial, c1: float, flat: float) -> float:
    """Alg. 3.6: shrink the bracket; `low` is the best trial so far that decreases the cost enough."""
    smallest: Optional[float] = None
    for _ in range(TRIALS):
        rate = minimum_between(low, high)
        trial = ray.at(rate)
        smallest = rate if smallest is None else min(smallest, rate)
        if not ray.decreases(trial, c1) or trial.cost >= low.cost:
            high = trial
            continue
        if abs(trial.slope) <= flat:
            return rate
        if trial.slope * (high.rate - low.rate) >= 0.0:
            high = low
        low = trial
    return low.rate or smallest or high.rate


def minimum_between(low: Trial, high: Trial) -> float:
    """The minimiser of the cubic through both costs and slopes (Nocedal & Wright 2006, eq. 3.59).

    Kept MARGIN away from the ends; the middle where a trial is not finite or the cubic has no minimum.
    """
    width = high.rate - low.rate
    middle = low.rate + 0.5 * width
    if not (low.finite and high.finite) or width == 0.0:
        return middle
    d1 = low.slope + high.slope - 3.0 * (high.cost - low.cost) / width
    square = d1 * d1 - low.slope * high.slope
    if not 0.0 <= square < math.inf:
        return middle
    d2 = math.copysign(math.sqrt(square), width)
    below = high.slope - low.slope + 2.0 * d2
    if below == 0.0:
        return middle
    t = 1.0 - (high.slope + d2 - d1) / below
    return low.rate + min(max(t, MARGIN), 1.0 - MARGIN) * width if math.isfinite(t) else middle
