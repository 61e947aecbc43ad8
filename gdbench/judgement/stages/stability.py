"""Whether a run at a constant rate is stable, judged by how it ended and by the tail of its curve."""

from __future__ import annotations

import math

from gdbench.descent.diagnosis.case import FLOOR
from gdbench.descent.recording.result import OUTCOMES, RunResult
from gdbench.descent.stopping.rule import OVERSHOOTS
from gdbench.descent.theory.rates import Update
from gdbench.descent.theory.updates import fixed_update
from gdbench.judgement.outcome import judged
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord

#: Rises of the cost that in the last quarter are this share of those in the third do not die away.
LASTING = 0.9
#: A cost whose height over the optimum is this share of what it was has come no nearer.
STILL = 0.99
#: Steps whose rate times curvature is this share of what the limit allows go from side to side.
EDGE = 0.95
#: The same of a mean over the directions in which an iterate lies.
LEAST = 0.5


def is_stable(run: RunRecord, problem: ProblemRecord) -> bool | None:
    """Whether the rate of a run is one that it can keep; None where it did not do its work.

    It is not where the run diverged or ended above its start; nor, where each step is one that theorems speak
    of, where the steps go from side to side while the cost goes on rising or the slope gets no less. Others hop
    about the minimum by nature: of them only the first is asked.
    """
    result = run.result
    if OUTCOMES[result.outcome].undone:
        return None
    if result.outcome == "diverged" or result.cause == OVERSHOOTS or _ended_above(result):
        return False
    if judged(run, problem).name in ("converged", "stalled"):
        return True
    update = fixed_update(run.spec, problem.smoothness, problem.convexity)
    return update is None or not (_bends(result, update, problem.optimum.cost) and (_rises_on(result) or _stands(result)))


def _ended_above(result: RunResult) -> bool:
    first, last = result.initial_cost, result.final_cost
    return first is not None and last is not None and last > first + _noise(result)


def _noise(result: RunResult) -> float:
    """What rounding may make of the cost."""
    return FLOOR * max(abs(result.initial_cost or 0.0), abs(result.final_cost or 0.0))


def _rises_on(result: RunResult) -> bool:
    """Whether the cost rises in the last quarter about as much as in the third, or more."""
    before, late = (_rises(result, quarter) for quarter in (2, 3))
    return late > _noise(result) and late >= LASTING * before


def _rises(result: RunResult, quarter: int) -> float:
    """The highest rise of the cost between recorded iterates of one quarter, counted from 0."""
    curve, done = result.curve, result.iterations
    points = [
        cost
        for k, cost in zip(curve.iteration, curve.cost, strict=True)
        if quarter * done <= 4 * k <= (quarter + 1) * done
    ]
    lowest, highest = float("inf"), 0.0
    for cost in points:
        lowest = min(lowest, cost)
        highest = max(highest, cost - lowest)
    return highest


def _stands(result: RunResult) -> bool:
    """Whether the slope is no less at the end than it was on the way there, and not spent."""
    norms = result.curve.gradient_norm
    half = next((i for i, k in enumerate(result.curve.iteration) if 2 * k >= result.iterations), 0)
    return bool(norms) and norms[-1] >= max(STILL * max(norms[half:]), math.sqrt(FLOOR) * norms[0])


def _bends(result: RunResult, update: Update, best: float | None) -> bool:
    """Whether the last iterates lay along as much curvature as the limit allows: they go from side to side.

    Long waves of momentum along what bends little look like growth to who sees a part of one.
    """
    limit = update.limit(1.0)
    if limit is None:
        return True
    steps = result.evidence.get("steps", [])
    if steps:
        return any(rate * bend >= EDGE * limit for _, rate, bend in steps)
    curve, noise = result.curve, _noise(result)
    lowest = result.best_cost if best is None else best
    late = [
        (cost - (lowest or 0.0), size)
        for k, cost, size in zip(curve.iteration, curve.cost, curve.gradient_norm, strict=True)
        if 4 * k >= 3 * result.iterations
    ]
    # of a quadratic ‖g‖²/2(f − f*) lies between its curvatures, and at that along which the iterates lie
    return any(gap > noise and update.rate * size * size >= LEAST * limit * 2.0 * gap for gap, size in late)
