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

#: A cost that in the last quarter is as high over the lowest as this share of what it was in the third has not
#: come nearer; below the edge by half a percent it falls to less within some fifty iterations.
LASTING = 0.7
#: Iterates go from side to side where they lie along so large a share of the curvature that the limit allows.
SHARE = 0.5


def is_stable(run: RunRecord, problem: ProblemRecord) -> bool | None:
    """Whether the rate of a run is one that it can keep; None where it did not do its work.

    It is not where the run diverged or ended above its start; nor, where each step is one that theorems speak
    of, where the iterates go from side to side and come no nearer. Others hop about the minimum by nature: of
    them only the first is asked.
    """
    result = run.result
    if OUTCOMES[result.outcome].undone:
        return None
    if result.outcome == "diverged" or result.cause == OVERSHOOTS or _ended_above(result):
        return False
    if judged(run, problem).name in ("converged", "stalled"):
        return True
    update = fixed_update(run.spec, problem.smoothness, problem.convexity)
    return update is None or not _goes_on(result, update, problem.optimum.cost)


def _ended_above(result: RunResult) -> bool:
    first, last = result.initial_cost, result.final_cost
    return first is not None and last is not None and last > first + _noise(result)


def _noise(result: RunResult) -> float:
    """What rounding may make of the cost."""
    return FLOOR * max(abs(result.initial_cost or 0.0), abs(result.final_cost or 0.0))


def _goes_on(result: RunResult, update: Update, best: float | None) -> bool:
    """Whether it goes from side to side to the end, with no less height over the lowest cost than before.

    Of a quadratic ‖g‖²/2(f − f*) lies between its curvatures, and at those along which the iterate lies. Long
    waves of momentum along what bends little, or a slow descent there, are thus told apart from steps that the
    largest curvature throws back.
    """
    lowest, noise, limit = result.best_cost if best is None else best, _noise(result), update.limit(1.0)
    highest, aside = [0.0, 0.0], limit is None
    curve, done = result.curve, result.iterations
    for k, cost, size in zip(curve.iteration, curve.cost, curve.gradient_norm, strict=True):
        if lowest is None or 2 * k < done:
            continue
        late, height = 4 * k >= 3 * done, cost - lowest
        highest[late] = max(highest[late], height)
        if late and limit is not None and height > noise:
            aside = aside or update.rate * size * size >= SHARE * limit * 2.0 * height
    before, after = highest
    return aside and after > noise and math.isfinite(after) and after >= LASTING * before
