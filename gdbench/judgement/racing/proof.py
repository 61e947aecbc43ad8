"""What an exact forecast proves of a race before it is run: on a quadratic, who is slower than the fastest.

Nothing rests on the forecast of the fastest, which is run to its end: what it really took is compared with the
least that others can take. The forecast is exact but for rounding, which the margin more than covers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TypeVar

from gdbench.descent.kernels.kernel import measures_gaps
from gdbench.descent.problems.problem_constants import finest_gap
from gdbench.descent.recording.result import LOST
from gdbench.descent.registry import Spec
from gdbench.descent.theory.forecast import forecast
from gdbench.descent.theory.updates import fixed_update
from gdbench.judgement.contradictions import wrong_gradient
from gdbench.judgement.diagnoses import known_of
from gdbench.judgement.ranking import by_tightness
from gdbench.judgement.reach import reach_of
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord

#: The part of a forecast, and the iterations, by which a run may be sooner than foreseen.
_MARGIN, _FEW = 0.01, 2
#: So far above what rounding leaves of a gap a target must be.
_FAR = 1e4
#: Evaluations at each iterate: of the cost and of its gradient.
_EVALUATIONS = 2

Of = TypeVar("Of")


def may_be_foreseen(spec: Spec, problem: ProblemRecord) -> bool:
    """Whether a forecast may be exact: a quadratic, an update with a fixed rate, a target that can be told."""
    target = next(iter(by_tightness(spec["targets"])), None)
    if target is None or problem.yardstick is None or not problem.theory.quadratic:
        return False
    finest = 0.0 if measures_gaps(spec) else finest_gap(problem.optimum.cost)
    if not problem.yardstick.absolute(float(target)) > _FAR * finest:
        return False
    return fixed_update(spec, problem.smoothness, problem.convexity) is not None


def incumbent_of(candidates: Mapping[Of, Sequence[RunRecord]], problem: ProblemRecord, most: int) -> Of | None:
    """Who is foreseen to meet the tightest target first, of those that do within so many iterations."""
    sooner = {one: _least(runs, problem, most) for one, runs in candidates.items()}
    able = {one: found for one, found in sooner.items() if found is not None and found <= most}
    return min(able, key=lambda one: able[one], default=None)


def is_slower(runs: Sequence[RunRecord], best: Sequence[RunRecord], problem: ProblemRecord, most: int) -> bool:
    """Whether it is proved that a setting will rank below one that is done.

    The one that is done keeps the tightest target in every run. No run of the other meets it sooner than
    foreseen, which would take more evaluations in the mean.
    """
    target = by_tightness(best[0].spec["targets"])[0]
    done = reach_of(best, problem, target, known=True)
    sound = not any(run.result.outcome in LOST or wrong_gradient(run.result) for run in best)
    least = _least(runs, problem, most)
    if done is None or done.reached < done.runs or not sound or least is None:
        return False
    return _EVALUATIONS * ((1.0 - _MARGIN) * least - _FEW) > done.expected


def _least(runs: Sequence[RunRecord], problem: ProblemRecord, most: int) -> float | None:
    """The mean iteration at which runs meet the tightest target, as foreseen; None where that is not known.

    Infinite where one never does, or after the last iteration: its setting keeps it in fewer runs.
    """
    found = []
    for run in runs:
        known = known_of(run, problem)
        ahead = forecast(run.spec, known, most=2 * most)
        target = by_tightness(run.spec["targets"])[0]
        if ahead is None or ahead.kind != "exact":
            return None
        if target not in ahead.iterations:  # momentum was followed for long enough, unless that is much work
            return None
        soonest = ahead.iterations[target]
        found.append(math.inf if soonest is None else float(soonest))
    return fmean(found)
