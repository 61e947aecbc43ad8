"""How fast a run went in the end: a robust fit to the tail of its curve, above the rounding floor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from gdbench.descent.diagnosis import Case, Measured
from gdbench.descent.recording.result import Curve
from gdbench.reference.problem import ProblemRecord

#: The tail begins where a quarter of the iterations are done; each half of it gets a slope of its own.
BEGIN = 0.25
#: Fewer points in a half say nothing; more are thinned, evenly.
LEAST, MOST = 8, 120
#: Gaps below so many roundings of the cost are not fitted.
FLOOR = 1000 * 2.220446049250313e-16
#: The slope of the second half over that of the first. linear: within LINEAR; sublinear and superlinear:
#: beyond the other two; in between the order is undecided.
LINEAR, SUBLINEAR, SUPERLINEAR = (0.8, 1.25), 0.65, 1.6
#: A tail is not extrapolated over more than so many times the iterations done.
FARTHEST = 5

#: Pairs of an iteration and a logarithm, in increasing iteration.
Points = list[tuple[int, float]]


class Rate(NamedTuple):
    """order: "linear", "sublinear", "superlinear" or "undecided".

    contraction: of the gap in an iteration, over the later half; None unless linear.  power: a of a gap
    that falls as k⁻ᵃ; None unless sublinear.  margin: the ratio of slopes that decided.
    of: "gap", or "decrement" where no optimum is known.  begin, end: the iterations fitted.
    """

    order: str
    contraction: float | None
    power: float | None
    margin: float
    of: str
    begin: int
    end: int

    def more(self, value: float, wanted: float) -> int | None:
        """Iterations from `end`, where the gap is `value`, to where it is `wanted`; None where undecided."""
        if not 0.0 < wanted < value:
            return 0 if value <= wanted else None
        if self.contraction is not None and 0.0 < self.contraction < 1.0:
            return math.ceil(math.log(wanted / value) / math.log(self.contraction))
        if self.power is not None and self.power > 0.0:
            exponent = math.log(value / wanted) / self.power
            return math.ceil(self.end * math.expm1(exponent)) if exponent < 40.0 else None
        return None


def measured_rate(curve: Curve, problem: ProblemRecord, *, exact_gaps: bool = False) -> Rate | None:
    """The rate at which the gap fell in the end, or where no optimum is known, the cost's decrement.

    exact_gaps: whether the curve carries gaps that no rounding of the cost hides.
    None where too little of the curve lies above the rounding floor, or does not fall.
    """
    best = problem.optimum.cost
    tail = _tail(_decrements(curve) if best is None else _gaps(curve, best, 0.0 if exact_gaps else FLOOR))
    slopes = _half_slopes(tail)
    if slopes is None:
        return None
    first, second = slopes
    order, power = _order(second / first), None
    if order == "sublinear":
        # decrements of k⁻ᵃ fall as k⁻ᵃ⁻¹
        power = -_slope([(math.log(k), value) for k, value in tail if k]) - (1.0 if best is None else 0.0)
    return Rate(
        order,
        math.exp(second) if order == "linear" else None,
        power if power and power > 0.0 else None,
        second / first,
        "decrement" if best is None else "gap",
        tail[0][0],
        tail[-1][0],
    )


def _tail(points: Points) -> Points:
    """Those of the last three quarters of the iterations."""
    return [(k, value) for k, value in points if k >= BEGIN * points[-1][0]]


def _half_slopes(tail: Points) -> tuple[float, float] | None:
    """The slopes of the tail's first and second half; None where either has too few points or does not fall."""
    if len(tail) < 2 * LEAST:
        return None
    middle = 0.5 * (tail[0][0] + tail[-1][0])
    first, second = [p for p in tail if p[0] <= middle], [p for p in tail if p[0] > middle]
    if min(len(first), len(second)) < LEAST:
        return None
    slopes = _slope(first), _slope(second)
    return slopes if slopes[0] < 0.0 and slopes[1] < 0.0 else None


def _order(ratio: float) -> str:
    if LINEAR[0] <= ratio <= LINEAR[1]:
        return "linear"
    if ratio < SUBLINEAR:
        return "sublinear"
    return "superlinear" if ratio > SUPERLINEAR else "undecided"


def _gaps(curve: Curve, best: float, floor: float) -> Points:
    """(k, log gap) as long as the gap is above the floor, a share of the cost."""
    points = []
    for k, cost, gap in zip(curve.iteration, curve.cost, curve.gaps(best), strict=True):
        if gap <= floor * max(abs(best), abs(cost)):
            break
        points.append((k, math.log(gap)))
    return points


def _decrements(curve: Curve) -> Points:
    """(k, log of the fall of the cost in one iteration); rises are left out."""
    points = []
    steps = zip(curve.iteration, curve.cost, curve.iteration[1:], curve.cost[1:], strict=False)
    for k, cost, following, lower in steps:
        fall = (cost - lower) / (following - k)
        if fall > FLOOR * abs(cost) / (following - k):
            points.append((following, math.log(fall)))
    return points


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """The median of the slopes between all pairs of points (Theil 1950; Sen 1968)."""
    kept = points[:: math.ceil(len(points) / MOST)]
    return median((v - y) / (u - x) for i, (x, y) in enumerate(kept) for u, v in kept[i + 1 :] if u > x)


def measured_of(case: Case, problem: ProblemRecord) -> Measured | None:
    """The fitted rate, and how many more iterations it promises; SciPy is only asked where that matters."""
    if case.result.outcome != "stopped" or case.kinked or not case.way.goes_on_alike:
        return None
    if case.needed_exactly and case.forecast and case.forecast.iterations.get(case.target):
        return None
    rate = measured_rate(case.result.curve, problem, exact_gaps=case.way.measures_gaps)
    if rate is None:
        return None
    remaining = None
    if rate.of == "gap" and case.gap and case.wanted and rate.end == case.result.iterations:
        remaining = rate.more(case.gap, case.wanted)
    if remaining is not None and remaining > FARTHEST * case.result.iterations:
        remaining = None
    return Measured(rate.order, remaining, rate.contraction)
