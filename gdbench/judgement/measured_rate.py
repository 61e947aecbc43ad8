"""How fast a run went in the end: a robust fit to the tail of its curve, above the rounding floor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

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


def measured_rate(curve: Curve, problem: ProblemRecord) -> Rate | None:
    """The rate at which the gap fell in the end, or where no optimum is known, the cost's decrement.

    None where too little of the curve lies above the rounding floor, or does not fall.
    """
    best = problem.optimum.cost
    points = _gaps(curve, best) if best is not None else _decrements(curve)
    if not points:
        return None
    last = points[-1][0]
    tail = [(k, value) for k, value in points if k >= BEGIN * last]
    middle = 0.5 * (tail[0][0] + last)
    halves = [p for p in tail if p[0] <= middle], [p for p in tail if p[0] > middle]
    if min(map(len, halves)) < LEAST:
        return None
    first, second = (_slope([float(k) for k, _ in half], [v for _, v in half]) for half in halves)
    if not (first < 0.0 and second < 0.0):
        return None
    order = _order(second / first)
    power = -_slope([math.log(k) for k, _ in tail if k], [v for k, v in tail if k])
    if best is None:
        power -= 1.0  # decrements of k⁻ᵃ fall as k⁻ᵃ⁻¹
    return Rate(
        order,
        math.exp(second) if order == "linear" else None,
        power if order == "sublinear" and power > 0.0 else None,
        second / first,
        "gap" if best is not None else "decrement",
        tail[0][0],
        last,
    )


def _order(ratio: float) -> str:
    if LINEAR[0] <= ratio <= LINEAR[1]:
        return "linear"
    if ratio < SUBLINEAR:
        return "sublinear"
    return "superlinear" if ratio > SUPERLINEAR else "undecided"


def _gaps(curve: Curve, best: float) -> list[tuple[int, float]]:
    """(k, log gap) as long as the gap is above the floor."""
    points = []
    for k, cost in zip(curve.iteration, curve.cost, strict=True):
        gap = cost - best
        if gap <= FLOOR * max(abs(best), abs(cost)):
            break
        points.append((k, math.log(gap)))
    return points


def _decrements(curve: Curve) -> list[tuple[int, float]]:
    """(k, log of the fall of the cost in one iteration); rises are left out."""
    points = []
    steps = zip(curve.iteration, curve.cost, curve.iteration[1:], curve.cost[1:], strict=False)
    for k, cost, following, lower in steps:
        fall = (cost - lower) / (following - k)
        if fall > FLOOR * abs(cost) / (following - k):
            points.append((following, math.log(fall)))
    return points


def _slope(x: Sequence[float], y: Sequence[float]) -> float:
    """The median of the slopes between all pairs of points (Theil 1950; Sen 1968)."""
    from scipy.stats import theilslopes  # noqa: PLC0415  SciPy is slow to import

    stride = math.ceil(len(x) / MOST)
    return float(theilslopes(y[::stride], x[::stride]).slope)
