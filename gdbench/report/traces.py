"""Curves made ready to be drawn: one quantity, few enough points, and ends that suit the eye."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gdbench.execution.records import ProblemRecord, RunRecord
from gdbench.execution.store import Store
from gdbench.report.settings import Setting
from gdbench.report.study import Study
from gdbench.report.thinning import thinned

#: Points of one curve at most, and of all curves of a chart together.
CURVE_POINTS, CHART_POINTS = 300, 60_000
#: A relative gap below this is rounding; it is drawn here.
FLOOR = 1e-16
#: The axis ends at this multiple of the highest start, so that a divergence cannot flatten the rest.
HEADROOM = 10.0


@dataclass(frozen=True)
class Trace:
    """One run's curve as it is drawn: parallel lists, `height` being a relative gap or a cost."""

    setting: Setting
    run: RunRecord
    iteration: list[int]
    height: list[float]

    @property
    def diverged(self) -> bool:
        return self.run.result.outcome == "diverged"

    def below(self, top: float) -> list[tuple[int, float]]:
        """The points up to `top`, and those next to them, which lead the line out of the chart."""
        inside = [value <= top for value in self.height]
        near = [any(inside[max(0, place - 1) : place + 2]) for place in range(len(inside))]
        points = zip(self.iteration, self.height, near, strict=True)
        return [(iteration, height) for iteration, height, shown in points if shown]

    def exit(self, axis: Scale) -> tuple[float, float]:
        """Where the drawn line crosses the top of the axis; the run's end if it never does."""
        points = list(zip(self.iteration, self.height, strict=True))
        for (k, low), (later, high) in pairwise(points):
            if low <= axis.top < high:
                share = axis.share(low, high)
                return math.expm1(math.log1p(k) + share * (math.log1p(later) - math.log1p(k))), axis.top
        return points[-1][0], min(points[-1][1], axis.top)


@dataclass(frozen=True)
class Scale:
    """The vertical axis: which quantity, between which ends, and whether its logarithm."""

    quantity: str
    bottom: float
    top: float
    log: bool

    def share(self, low: float, high: float) -> float:
        """How much of a line from `low` up to `high` is below the top."""
        if self.log:
            return math.log(self.top / low) / math.log(high / low)
        return (self.top - low) / (high - low)


def measurable(problem: ProblemRecord) -> bool:
    """Whether relative gaps exist: an optimum is known, and the baseline is above it."""
    return problem.relative_gap(problem.optimum.cost) is not None


def traces(study: Study, store: Store, problem: ProblemRecord) -> list[Trace]:
    """The curves of one problem's runs, in the plan's order; a run without a curve has none."""
    home = {run.key: setting for setting in study.of_problem(problem) for run in setting.runs}
    limit = max(40, min(CURVE_POINTS, CHART_POINTS // max(1, len(home))))
    runs = study.with_curves(store, problem)
    return [_trace(home[run.key], run, problem, limit) for run in runs if run.result.curve.iteration]


def _trace(setting: Setting, run: RunRecord, problem: ProblemRecord, limit: int) -> Trace:
    curve, result = run.result.curve, run.result
    keep = [k for k in (result.best_iteration, *result.iterations_to.values()) if k is not None]
    places = thinned(curve.iteration, limit, keep)
    costs = [curve.cost[place] for place in places]
    gaps = [problem.relative_gap(cost) for cost in costs]
    heights = [max(gap, FLOOR) for gap in gaps if gap is not None]
    return Trace(setting, run, [curve.iteration[place] for place in places], heights or costs)


def scale(problem: ProblemRecord, drawn: Sequence[Trace]) -> Scale:
    """The vertical axis on which all of the traces can be told apart, diverging ones cut off."""
    start = max(trace.height[0] for trace in drawn)
    lowest = min(min(trace.height) for trace in drawn)
    highest = max(max(trace.height) for trace in drawn)
    if measurable(problem):
        return Scale("relative objective gap", lowest, min(HEADROOM * start, 1.5 * highest), log=True)
    if lowest > 0 and start > 100 * lowest:
        return Scale("cost", lowest, min(HEADROOM * start, 1.5 * highest), log=True)
    room = 0.5 * (start - lowest) or abs(start) or 1.0
    return Scale("cost", lowest, start + room, log=False)
