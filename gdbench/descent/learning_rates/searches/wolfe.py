"""The strong Wolfe conditions: a step that is neither too long nor too short."""

from __future__ import annotations

import math
from typing import Optional

from gdbench.descent.domains import inner_fraction, positive
from gdbench.descent.errors import BadParameter
from gdbench.descent.iterate import Landscape
from gdbench.descent.learning_rates.protocol import Chooser, LearningRate, Search, learning_rate, needed
from gdbench.descent.learning_rates.searches.ray import SearchLine, Trial, search_line

#: The part of the bracket at either end that interpolation may not choose, so that the bracket shrinks.
MARGIN = 0.1
#: Doublings, and then sections of the bracket. 60 doublings go from 1 to 10¹⁸; 60 halvings exhaust a float.
TRIALS = 60


def _check(initial: float, c1: float, c2: float) -> None:
    if c1 >= c2:
        raise BadParameter(
            "c1", f"'c1' of learning rate 'wolfe' must be below 'c2', but {c1:g} ≥ {c2:g}. Try 0.0001 and 0.9."
        )


@learning_rate(
    "wolfe",
    facts={"check": _check, "needs": ("along",), "search": True, "along": True},
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
