"""What stands for each method: its best for each problem, one setting for all, or its authors' defaults."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median

from gdbench.descent.recording.result import LOST
from gdbench.judgement.contradictions import wrong_gradient
from gdbench.judgement.methods.board import Board, Candidate
from gdbench.judgement.methods.effort import Effort, effort_of
from gdbench.judgement.racing.outpaced import is_outpaced
from gdbench.judgement.ranking import TEST_COST
from gdbench.record.records import RunRecord

TUNED, ONE, DEFAULTS = VIEWS = ("tuned for each problem", "one setting for all problems", "authors' defaults")

#: Method → problem's family → the candidate that stands for it there.
Chosen = Mapping[str, Mapping[str, Candidate]]

#: Smaller is better.
Merit = tuple[float, ...]


def chosen(board: Board, view: str, target: str | None, by: str = "targets") -> Chosen:
    """Of every method on every problem where it was tried; a method without a default is not in that view.

    by: "targets", or TEST_COST, as `Study.ranked_by`.
    """
    if view == TUNED:
        return {
            method: {
                family: ordered(board, some, family, target, by)[0]
                for family in board.problems
                if any(family in one.runs for one in some)
            }
            for method, some in board.candidates.items()
        }
    picked = _one_for_all(board, target, by) if view == ONE else _defaults(board)
    return {method: dict.fromkeys(one.runs, one) for method, one in picked.items()}


def ordered(
    board: Board, some: Sequence[Candidate], family: str, target: str | None, by: str = "targets"
) -> list[Candidate]:
    """Those that were tried on a problem, best first by the runs that tune; of equals the first in the plan."""
    tried = [one for one in some if board.tuning(one, family)]
    # a sweep that has only begun may have none but reported runs
    left = [one for one in some if one not in tried and family in one.runs]
    merits = {one.tuning: merit(board, board.tuning(one, family), target, by) for one in tried}
    return [*sorted(tried, key=lambda one: merits[one.tuning]), *left]


def merit(board: Board, runs: Sequence[RunRecord], target: str | None, by: str = "targets") -> Merit:
    """By how much a candidate is worse than perfect on some runs of a problem, the gravest first.

    A wrong gradient; a race that outpaced it; the share of runs that miss the target; the expected evaluations
    until one keeps it; lost runs; the median gap at the end, and cost. by TEST_COST: after the second, the cost
    on rows held out.
    """
    misled = float(any(wrong_gradient(run.result) for run in runs))
    paused = float(is_outpaced(runs))
    if by == TEST_COST:
        return misled, paused, _middle((run.result.held_out or {}).get("cost") for run in runs)
    known = _effort(board, runs, target)
    share, expected = (1.0 - known.reached / len(known.times), known.expected) if known else (1.0, math.inf)
    lost = float(sum(run.result.outcome in LOST for run in runs))
    gap = _middle(board.each[run.problem].relative_gap_of(run.result) for run in runs)
    return misled, paused, share, expected, lost, gap, _middle(run.result.final_cost for run in runs)


def _effort(board: Board, runs: Sequence[RunRecord], target: str | None) -> Effort | None:
    if target is None:
        return None
    return effort_of(runs, board.each, target, "evaluations") or effort_of(runs, board.each, target)


def _middle(values: Iterable[float | None]) -> float:
    """The median, what is not known or no number being ∞, and ∞ of none."""
    known = [math.inf if value is None or math.isnan(value) else value for value in values]
    return float(median(known)) if known else math.inf


def _one_for_all(board: Board, target: str | None, by: str) -> Mapping[str, Candidate]:
    """Of each method the candidate that meets the target from most starts, by the runs that tune.

    Of those with as many the one whose expected evaluations are the least multiple of the study's least, in the
    geometric mean over the problems that it meets; of equals the first in the plan.
    """
    merits = {
        (method, one.tuning): {
            family: merit(board, runs, target, by) for family in one.runs if (runs := board.tuning(one, family))
        }
        for method, some in board.candidates.items()
        for one in some
    }
    least = {
        family: min(
            (of[family][-1 if by == TEST_COST else 2] for of in merits.values() if family in of),
            default=math.inf,
        )
        for family in board.problems
    }

    def standing(one: Candidate) -> Merit:
        of = merits[one.method, one.tuning]
        if by == TEST_COST:
            ratios = [_log_ratio(found[-1], least[family]) for family, found in of.items()]
            return (-float(len(of)), _mean(ratios))
        starts = sum(len(board.tuning(one, family)) * (1.0 - found[1]) for family, found in of.items())
        ratios = [
            _log_ratio(found[2], least[family]) for family, found in of.items() if math.isfinite(found[2])
        ]
        gaps = [found[4] for found in of.values()]
        return (-starts, _mean(ratios), _middle(gaps) if gaps else math.inf)

    return {method: min(some, key=standing) for method, some in board.candidates.items()}


def _log_ratio(value: float, least: float) -> float:
    if value == least:
        return 0.0
    return math.log(value / least) if least > 0.0 and math.isfinite(value) else math.inf


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else math.inf


def _defaults(board: Board) -> Mapping[str, Candidate]:
    found = {method: [one for one in some if one.default] for method, some in board.candidates.items()}
    # where a grid has both what theory recommends and 1/L, the former
    return {
        method: min(some, key=lambda one: "theoretical" not in one.tuning)
        for method, some in found.items()
        if some
    }
