"""How good a setting is at an iteration, by what was known of its runs there and nothing that came later."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from statistics import fmean, median

from gdbench.descent.recording.result import LOST, OUTCOMES, RunResult
from gdbench.judgement.contradictions import wrong_gradient
from gdbench.judgement.ranking import TEST_COST, by_tightness
from gdbench.judgement.reach import kept_from
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord

#: Smaller is better, component by component.
Merit = tuple[bool, bool, float, float, float]

#: The iterations from which a curve keeps fewer points, and how many digits of them.
_EVERY, _DIGITS = 1000, 3


def merit_at(runs: Sequence[RunRecord], problem: ProblemRecord, k: int, rank_by: str) -> Merit:
    """Whose gradient is right, who lost no run, who keeps the tightest target, since when, how low it is."""
    results = [run.result for run in runs]
    misled, lost = any(map(wrong_gradient, results)), any(_is_lost(result, k) for result in results)
    series = ("test_cost",) if rank_by == TEST_COST else ("gap", "cost")
    height = median(_height(result, k, series) for result in results)
    target = next(iter(by_tightness(runs[0].spec["targets"])), None)
    if rank_by == TEST_COST or target is None or problem.yardstick is None:
        return misled, lost, 1.0, math.inf, height
    since = [_kept(result, problem, target, k) for result in results]
    kept = [first for first in since if first is not None]
    share = 1.0 - len(kept) / len(since)
    return misled, lost, share, math.inf if share else fmean(kept), height


def _kept(result: RunResult, problem: ProblemRecord, target: str, k: int) -> int | None:
    """From which iteration on a target was kept, as it seemed at iteration k."""
    if _is_over(result, k):
        return kept_from(result, problem, target)
    assert problem.yardstick is not None
    limit, first = problem.yardstick.absolute(float(target)), None
    curve = result.curve
    for place in reversed(range(bisect_right(curve.iteration, k))):
        if _is_regular(curve.iteration[place]):
            if curve.series["gap"][place] > limit:
                break
            first = curve.iteration[place]
    return first


def _height(result: RunResult, k: int, series: Sequence[str]) -> float:
    """The first of these series that there is, where the run was at iteration k."""
    curve = result.curve
    values = next((curve.series[name] for name in series if name in curve.series), [])
    if _is_lost(result, k) or not values:
        return math.inf
    place = bisect_right(curve.iteration, k) - 1
    # of a run that goes on, only the points that its curve has whenever it is paused
    while place > 0 and not _is_over(result, k) and not _is_regular(curve.iteration[place]):
        place -= 1
    while place > 0 and not math.isfinite(values[place]):
        place -= 1
    return values[place] if math.isfinite(values[place]) else math.inf


def _is_over(result: RunResult, k: int) -> bool:
    """Whether the run had ended by then."""
    return not OUTCOMES[result.outcome].unfinished and result.iterations <= k


def _is_lost(result: RunResult, k: int) -> bool:
    """Whether it was lost by then: what came later, a race cannot have seen."""
    return result.outcome in LOST and result.iterations <= k


def _is_regular(k: int) -> bool:
    return k < _EVERY or k % 10 ** (len(str(k)) - _DIGITS) == 0
