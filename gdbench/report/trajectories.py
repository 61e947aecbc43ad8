"""Trajectories: per setting the median and the quartiles of its runs, iteration by iteration."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gdbench.execution.records import ProblemRecord, RunRecord
from gdbench.execution.store import Store
from gdbench.report.settings import Setting
from gdbench.report.spread import spread
from gdbench.report.study import Study
from gdbench.report.thinning import thinned


@dataclass(frozen=True)
class Band:
    """Parallel lists: at each iteration the median, and the quartiles low and high, of the setting's runs.

    Heights are relative gaps where the problem has an optimum, else costs. A run that has ended keeps its
    last value, a diverged one counts as ∞ from its end on; the band ends where its last run does.
    runs: how many; with one, low = median = high.
    """

    setting: Setting
    number: int
    iteration: tuple[float, ...]
    median: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    runs: int


def bands(study: Study, store: Store, problem: ProblemRecord, points: int = 300) -> Iterator[Band]:
    """A band for each setting of a problem, thinned to `points`; one setting's curves are read at a time."""
    for setting in study.of_problem(problem):
        runs = [run for run in store.runs(run.key for run in setting.runs) if run.result.curve.iteration]
        if runs:
            yield _band(setting, study.numbers[setting], runs, problem, points)


def _band(setting: Setting, number: int, runs: list[RunRecord], problem: ProblemRecord, points: int) -> Band:
    every = sorted({k for run in runs for k in run.result.curve.iteration})
    keep = {run.result.iterations for run in runs} | {
        k for run in runs for k in run.result.iterations_to.values() if k is not None
    }
    grid = [every[place] for place in thinned(every, points, sorted(keep))]
    columns = zip(*(heights(run, problem, grid) for run in runs), strict=True)
    spreads = [known for column in columns if (known := spread(column))]
    return Band(
        setting,
        number,
        tuple(grid),
        tuple(s.median for s in spreads),
        tuple(s.low for s in spreads),
        tuple(s.high for s in spreads),
        len(runs),
    )


def heights(run: RunRecord, problem: ProblemRecord, grid: Sequence[int]) -> list[float]:
    """The run's value at each iteration of the grid: the last one recorded until then."""
    curve, result = run.result.curve, run.result
    end = curve.iteration[-1]
    found = []
    for k in grid:
        if k > end and result.outcome == "diverged":
            found.append(math.inf)
            continue
        cost = curve.cost[bisect_right(curve.iteration, k) - 1]
        gap = problem.relative_gap(cost)
        found.append(cost if gap is None else gap)
    return found
