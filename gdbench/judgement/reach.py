"""How soon the runs of a setting came within a target and stayed there, and what that cost them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from statistics import median, median_low

from gdbench.descent.recording.result import LOST, RunResult
from gdbench.judgement.numerals import count
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord


@dataclass(frozen=True)
class Reach:
    """How soon the runs of one setting came within a target for good; a run that did not counts as ∞.

    median: the iteration from which it is kept to the end, ∞ where the median run does not keep it.
    reached: how many of `runs` keep it.  expected: evaluations of restarting until a run keeps it (ERT).
    met: how many met it at all.  first: the first iteration that does, of the median run that met it.
    bound: the iterations done (median, the lower one) by the runs that do not keep it.
    recorded: whether keeping was; older records tell the first iteration that meets a target, and the end.
    """

    median: float
    reached: int
    runs: int
    bound: int | None
    expected: float
    met: int
    first: float | None
    recorded: bool = True

    @property
    def passed(self) -> int:
        """How many runs met it and left it again."""
        return self.met - self.reached

    @property
    def text(self) -> str:
        """'34', '34 (2 of 3)'; of a target that is met and left 'met 249, left'; censored, '> 5000'."""
        share = "" if self.reached in {0, self.runs} else f" ({self.reached} of {self.runs})"
        if math.isfinite(self.median):
            return f"{count(self.median)}{share}"
        if self.passed and not self.reached:
            share = "" if self.passed == self.runs else f" ({self.passed} of {self.runs})"
            return f"met {count(self.first)}, left{share}"
        return f"> {count(self.bound)}{share}"


def kept_from(result: RunResult, problem: ProblemRecord, target: str) -> int | None:
    """The first iteration from which a run keeps a target to its end; None where it does not.

    Older records tell only the first that met it: it counts where the run ended within the target.
    """
    if result.outcome in LOST:
        return None
    if target in result.kept_from:
        return result.kept_from[target]
    first, gap = result.iterations_to.get(target), problem.relative_gap_of(result)
    within = first == result.iterations or (gap is not None and gap <= float(target))
    return first if within else None


def reach_of(runs: Sequence[RunRecord], problem: ProblemRecord, target: str, *, known: bool) -> Reach | None:
    """None where nothing was measured. known: whether gaps can be."""
    results = [run.result for run in runs]
    hits = [first for result in results if (first := result.iterations_to.get(target)) is not None]
    if not any(target in result.iterations_to for result in results) or not (known or hits):
        return None
    times = [kept_from(result, problem, target) for result in results]
    kept = [time for time in times if time is not None]
    without = [results[place].iterations for place in range(len(times)) if times[place] is None]
    return Reach(
        median=float(median([*kept, *[math.inf] * len(without)])),
        reached=len(kept),
        runs=len(times),
        bound=median_low(without) if without else None,
        expected=_expected(results, times, target),
        met=len(hits),
        first=median(hits) if hits else None,
        recorded=_recorded(results, target),
    )


def _recorded(results: Sequence[RunResult], target: str) -> bool:
    return any(target in result.kept_from for result in results)


def _expected(results: Sequence[RunResult], times: Sequence[int | None], target: str) -> float:
    """ERT: the evaluations of all runs, those of misses in full, by the runs that keep the target."""
    kept = len(times) - times.count(None)
    done = map(_evaluations, results, times, repeat(target))
    return math.fsum(done) / kept if kept else math.inf


def evaluations(result: RunResult) -> int:
    """Of the cost and of its gradient, together, that a run did; of a record without them its iterations."""
    return result.cost_evaluations + result.gradient_evaluations or result.iterations


def _evaluations(result: RunResult, time: int | None, target: str) -> float:
    """Until a target is kept from iteration `time` on; all of them where it is not."""
    if time is None:
        return evaluations(result)
    work = work_until(result, time, target)
    if work:
        return work["cost_evaluations"] + work["gradient_evaluations"]
    return evaluations(result) * (time + 1) / (result.iterations + 1)


def work_until(result: RunResult, kept: int, target: str) -> Mapping[str, int] | None:
    """The work counters at iteration `kept`, from which a target is kept; None where they were not recorded."""
    work = result.kept_work.get(target)
    return result.work_to.get(target) if work is None and kept == result.iterations_to.get(target) else work
