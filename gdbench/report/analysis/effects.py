"""Main effects: what changing one choice alone does, everything else being equal.

The pairing is exact: data, starting point and batches never depend on the other choices.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gdbench.judgement.methods.effort import effort
from gdbench.judgement.methods.ratios import quotient, summed_up, typical_ratio
from gdbench.judgement.numerals import are, count
from gdbench.judgement.settings import Setting, Spread, spread
from gdbench.judgement.study import Study
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.heat_map import labels
from gdbench.report.analysis.sensitivity import shared_target

#: Fewer problems than these give an interval that is only its extremes: with 5, the median of a resample
#: is the smallest value once in 17 times.
FEWEST = 6
SEED, RESAMPLES = 20_260_101, 9_999


class Interval(NamedTuple):
    """low ≤ the value ≤ high with the confidence of 0.95."""

    low: float
    high: float


@dataclass(frozen=True)
class Contrast:
    """One level of an axis against the reference level, over the pairs of settings equal in all else.

    faster, slower, same, neither: how many pairs; neither: the target was reached on no side.
    ratio: iterations at this level / at the reference, median and quartiles over the pairs with one;
    0 or ∞ where only one side reached the target.  interval: of the median over problems, None with its reason
    in the effect's note.  text: as in '1.31× more iterations'.
    """

    level: str
    pairs: int
    faster: int
    slower: int
    same: int
    neither: int
    ratio: Spread | None
    interval: Interval | None
    text: str


@dataclass(frozen=True)
class Effect:
    """An axis: its levels against `reference`, the best setting's. target: whose iterations are compared."""

    axis: str
    reference: str = ""
    target: str | None = None
    contrasts: tuple[Contrast, ...] = ()
    note: str = ""
    absent: str = ""


def effects(study: Study, problem: ProblemRecord | None = None) -> list[Effect]:
    """The effect of each method's axis on one problem, or over all of them."""
    settings = study.of_problem(problem) if problem else study.settings
    varying = study.varying_in(settings)
    return [_effect(study, settings, axis) for axis in study.method_axes if axis in varying]


def _effect(study: Study, settings: list[Setting], axis: str) -> Effect:
    target = shared_target(study, settings)
    if target is None:
        return Effect(axis, absent="No target could be measured, so there are no iterations to compare.")
    reference = _usual(study, settings, axis)
    rows = list(_blocks(settings, axis))
    found = [
        _contrast(
            level, [(row[level], row[reference]) for row in rows if level in row and reference in row], target
        )
        for level in labels(axis, settings)
        if level != reference
    ]
    contrasts = tuple(contrast for contrast in found if contrast.pairs)
    if not contrasts:
        return Effect(axis, reference, target, absent="No two settings differ in this axis alone.")
    return Effect(axis, reference, target, contrasts, _note(settings, contrasts))


def _usual(study: Study, settings: list[Setting], axis: str) -> str:
    """The level that the best settings of most problems have."""
    winners = [s for s in study.best if s in settings] or [min(settings, key=study.places.__getitem__)]
    return Counter(winner.axes[axis] for winner in winners).most_common(1)[0][0]


def _blocks(settings: list[Setting], axis: str) -> Iterator[Mapping[str, Setting]]:
    """Level → setting, for each combination of everything else."""
    blocks: dict[str, dict[str, Setting]] = {}
    for setting in settings:
        if axis in setting.axes:
            rest = {other: label for other, label in setting.axes.items() if other != axis}
            block = blocks.setdefault(json.dumps([setting.problem.id, rest], sort_keys=True), {})
            block[setting.axes[axis]] = setting
    yield from blocks.values()


def _contrast(level: str, pairs: list[tuple[Setting, Setting]], target: str) -> Contrast:
    all_ratios = [paired_ratio(one, other, target) for one, other in pairs]
    ratios = [ratio for ratio in all_ratios if ratio is not None]
    faster, slower = sum(ratio < 1 for ratio in ratios), sum(ratio > 1 for ratio in ratios)
    same, neither = len(ratios) - faster - slower, len(pairs) - len(ratios)
    middle, around = typical_ratio(ratios), spread(ratios)
    typical = around._replace(median=middle) if around and middle is not None else None
    interval = _interval(
        [(one.problem.family, ratio) for (one, _), ratio in zip(pairs, all_ratios, strict=True)]
    )
    return Contrast(level, len(pairs), faster, slower, same, neither, typical, interval, summed_up(ratios))


def _interval(ratios: list[tuple[str, float | None]]) -> Interval | None:
    """Over the typical ratios of the problems; None where one of them has none."""
    by_problem: dict[str, list[float]] = {}
    for problem, ratio in ratios:
        if ratio is not None:
            by_problem.setdefault(problem, []).append(ratio)
    each = [typical_ratio(values) for values in by_problem.values()]
    known = [ratio for ratio in each if ratio is not None]
    return ratio_over_problems(known) if len(known) == len(each) else None


def paired_ratio(one: Setting, other: Setting, target: str, *, paired: bool = True) -> float | None:
    """Iterations of one setting / of the other: the median over shared starts, else of the two medians.

    0 or ∞ where only one side reached the target; None where neither did, or it could not be measured.
    paired: whether runs of one replicate began at the same point.
    """
    left, right = effort(one, target), effort(other, target)
    if left is None or right is None:
        return None
    replicates = [[run.spec.get("replicate") for run in setting.runs] for setting in (one, other)]
    couples = [(left.spread.median, right.spread.median)]
    if paired and replicates[0] == replicates[1]:
        couples = list(zip(left.times, right.times, strict=True))
    return typical_ratio([ratio for a, b in couples if (ratio := quotient(a, b)) is not None])


def _note(settings: list[Setting], contrasts: tuple[Contrast, ...]) -> str:
    problems = len({setting.problem.family for setting in settings})
    if any(contrast.interval for contrast in contrasts):
        return f"Intervals: 95 % percentile bootstrap of the median over {count(problems)} problems."
    return f"No interval or p-value: the unit is the problem, and there {are(problems)}."


def ratio_over_problems(ratios: Sequence[float]) -> Interval | None:
    """The interval of the median ratio, by percentile bootstrap of its logarithm; None where it says nothing.

    None for fewer than `FEWEST` problems, for ratios of 0 or ∞, and where all are equal: nothing varies.
    """
    if len(ratios) < FEWEST or len(set(ratios)) < 2 or not all(0 < r < math.inf for r in ratios):
        return None
    from scipy.stats import bootstrap  # noqa: PLC0415  slow to import, and most experiments have one problem

    logs = np.log(np.asarray(ratios, dtype=float))
    found = bootstrap(
        (logs,),
        np.median,
        vectorized=True,
        method="percentile",
        n_resamples=RESAMPLES,
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Interval(math.exp(found.low), math.exp(found.high))
