"""How good a setting is at an iteration, by what was known of its runs there and nothing that came later."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from statistics import fmean, median

from gdbench.descent.recording.result import LOST, OUTCOMES, RunResult
from gdbench.judgement.contradictions import wrong_gradient
from gdbench.judgement.ranking import TEST_COST, by_tightness
from gdbench.record.records import RunRecord

#: Smaller is better, component by component.
Merit = tuple[bool, bool, float, float, float]

#: The iterations from which a curve keeps fewer points, and how many digits of them.
_EVERY, _DIGITS = 1000, 3


def merit_at(runs: Sequence[RunRecord], k: int, rank_by: str) -> Merit:
    """Whose gradient is right, who lost no run, who has met the tightest target, how soon, or how low it is."""
    results = [run.result for run in runs]
    misled, lost = any(map(wrong_gradient, results)), any(_is_lost(result, k) for result in results)
    if rank_by == TEST_COST:
        return misled, lost, 1.0, math.inf, median(_height(result, k, ("test_cost",)) for result in results)
    met = [_met(result, k) for result in results]
    hits = [first for first in met if first is not None]
    share, soon = 1.0 - len(hits) / len(met), fmean(hits) if len(hits) == len(met) else math.inf
    return misled, lost, share, soon, median(_height(result, k, ("gap", "cost")) for result in results)


def _met(result: RunResult, k: int) -> int | None:
    """When the tightest target was first met, if it was by then."""
    first = next((result.iterations_to[target] for target in by_tightness(result.iterations_to)), None)
    return first if first is not None and first <= k else None


def _height(result: RunResult, k: int, series: Sequence[str]) -> float:
    """The first of these series that there is, where the run was at iteration k."""
    curve = result.curve
    values = next((curve.series[name] for name in series if name in curve.series), [])
    if _is_lost(result, k) or not values:
        return math.inf
    place = bisect_right(curve.iteration, k) - 1
    over = not OUTCOMES[result.outcome].unfinished and result.iterations <= k
    # of a run that goes on, only the points that its curve has whenever it is paused
    while place > 0 and not over and not _is_regular(curve.iteration[place]):
        place -= 1
    while place > 0 and not math.isfinite(values[place]):
        place -= 1
    return values[place] if math.isfinite(values[place]) else math.inf


def _is_lost(result: RunResult, k: int) -> bool:
    """Whether it was lost by then: what came later, a race cannot have seen."""
    return result.outcome in LOST and result.iterations <= k


def _is_regular(k: int) -> bool:
    return k < _EVERY or k % 10 ** (len(str(k)) - _DIGITS) == 0
