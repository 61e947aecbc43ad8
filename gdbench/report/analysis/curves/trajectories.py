"""Trajectories: per setting the median and the quartiles of its runs, iteration by iteration."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from gdbench.judgement.settings import Setting
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord


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
