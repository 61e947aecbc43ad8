"""Rank tests over many problems: Friedman, Nemenyi's critical difference, Wilcoxon with Holm (Demšar 2006).

The unit is the problem: repeats on one problem are one number, their median.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.study import Study
from gdbench.report.analysis.methods import Matrix, matrix

#: With 5 problems not even a clean sweep gives Wilcoxon's test a p below 0.05 (2 / 2⁵ = 0.0625).
FEWEST_PROBLEMS = 6
FEWEST_METHODS = 3
ALPHA = 0.05
#: Fewer problems than these make the χ² of Friedman's test rough (Demšar 2006).
ROUGH_BELOW = 10


@dataclass(frozen=True)
class Pairwise:
    """Two methods, the better-ranked first: Wilcoxon's signed-rank p, Holm's correction of it, Nemenyi's p.

    wilcoxon: None where the two were equal on all problems but fewer than `FEWEST_PROBLEMS`.
    """

    better: str
    worse: str
    wilcoxon: float | None
    holm: float | None
    nemenyi: float


@dataclass(frozen=True)
class CriticalDifference:
    """Methods with their mean ranks over the problems, best (1) first.

    cd: two methods whose mean ranks differ by less are not told apart at `alpha` (Nemenyi).
    groups: maximal runs of methods that are not told apart, each with two or more (the thick bars).
    p: of Friedman's test; where it is above alpha the diagram shows no difference at all.
    """

    target: str | None
    problems: int
    methods: tuple[str, ...] = ()
    ranks: tuple[float, ...] = ()
    statistic: float = math.nan
    p: float = math.nan
    cd: float = math.nan
    alpha: float = ALPHA
    groups: tuple[tuple[str, ...], ...] = ()
    pairwise: tuple[Pairwise, ...] = ()
    note: str = ""
    absent: str = ""


def critical_difference(study: Study) -> CriticalDifference:
    """The rank tests of a study's methods, where their conditions hold."""
    table = matrix(study)
    absent = unfit(table)
    if absent:
        return CriticalDifference(table.target, len(table.problems), absent=absent)
    return rank_tests(table)


def unfit(table: Matrix) -> str:
    """Why the tests do not apply; "" where they do."""
    problems, methods = len(table.problems), len(table.complete)
    if table.target is None:
        return "There are no targets, so there are no efforts to rank."
    if problems < FEWEST_PROBLEMS:
        return (
            f"Rank tests need {FEWEST_PROBLEMS} or more problems with a known optimum (repeats on one problem "
            f"are no independent evidence); here {'is 1' if problems == 1 else f'are {problems}'}."
        )
    if methods < FEWEST_METHODS:
        return (
            f"Friedman's test needs {FEWEST_METHODS} or more methods that were tried on every problem; "
            f"here {'is 1' if methods == 1 else f'are {methods}'}."
        )
    if all(len({table.effort[m][p.id] for m in table.complete}) == 1 for p in table.problems):
        return "All methods are tied on every problem, so there is nothing to rank."
    return ""


def rank_tests(table: Matrix, alpha: float = ALPHA) -> CriticalDifference:
    """The tests themselves, on methods that were tried on every problem.

    Ranks are 1 for the least effort, ties share their mean, and those that never got there are tied last.
    """
    import numpy as np  # noqa: PLC0415  the terminal needs none of these
    import pandas as pd  # noqa: PLC0415
    from scikit_posthocs import posthoc_nemenyi_friedman  # noqa: PLC0415
    from scipy.stats import friedmanchisquare, rankdata, studentized_range  # noqa: PLC0415

    efforts = pd.DataFrame({m: [table.effort[m][p.id] for p in table.problems] for m in table.complete})
    ranks = pd.DataFrame(rankdata(efforts, axis=1), columns=efforts.columns)
    means = ranks.mean().sort_values(kind="stable")
    n, k = ranks.shape
    statistic, p = friedmanchisquare(*(ranks[m] for m in ranks))
    cd = float(studentized_range.ppf(1 - alpha, k, np.inf)) / math.sqrt(2) * math.sqrt(k * (k + 1) / (6 * n))
    nemenyi = posthoc_nemenyi_friedman(ranks)
    methods = tuple(str(name) for name in means.index)
    return CriticalDifference(
        table.target,
        n,
        methods,
        tuple(float(mean) for mean in means),
        float(statistic),
        float(p),
        cd,
        alpha,
        groups(methods, list(means), cd),
        _pairwise(efforts, methods, nemenyi),
        _note(table, float(p), alpha),
    )


def groups(methods: tuple[str, ...], ranks: list[float], cd: float) -> tuple[tuple[str, ...], ...]:
    """Maximal runs of two or more neighbours in rank whose ends differ by less than the critical difference."""
    found: list[tuple[int, int]] = []
    for first in range(len(methods)):
        last = max(j for j in range(first, len(methods)) if ranks[j] - ranks[first] < cd)
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return tuple(methods[first : last + 1] for first, last in found)


def _pairwise(efforts: Any, methods: tuple[str, ...], nemenyi: Any) -> tuple[Pairwise, ...]:
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415

    couples = list(combinations(methods, 2))
    single = [signed_rank(list(efforts[a]), list(efforts[b])) for a, b in couples]
    known = [p for p in single if p is not None]
    corrected = iter(multipletests(known, method="holm")[1]) if known else iter(())
    return tuple(
        Pairwise(a, b, p, None if p is None else float(next(corrected)), float(nemenyi.loc[a, b]))
        for (a, b), p in zip(couples, single, strict=True)
    )


def signed_rank(a: list[float], b: list[float]) -> float | None:
    """Wilcoxon's two-sided p for paired efforts; None where fewer than `FEWEST_PROBLEMS` pairs differ.

    The differences are of logarithms: twice as long is as bad on an easy problem as on a hard one. Where only
    one side reached the target the difference is ±∞, the largest rank; where neither did, they are equal.
    """
    from scipy.stats import wilcoxon  # noqa: PLC0415

    differences = [_log_ratio(x, y) for x, y in zip(a, b, strict=True) if x != y]
    if len(differences) < FEWEST_PROBLEMS:
        return None
    return float(wilcoxon(differences).pvalue)


def _log_ratio(a: float, b: float) -> float:
    if math.isinf(a) or math.isinf(b):
        return math.inf if math.isinf(a) else -math.inf
    return math.log(max(a, 0.5) / max(b, 0.5))


def _note(table: Matrix, p: float, alpha: float) -> str:
    parts = [
        f"Ranks by iterations to a relative gap of {table.target} over {count(len(table.problems))} problems."
    ]
    if p >= alpha:
        parts.append(f"Friedman's test finds no difference (p = {figure(p, 2)}): read no order into the ranks.")
    if len(table.problems) < ROUGH_BELOW:
        parts.append(f"With fewer than {ROUGH_BELOW} problems its χ² is rough.")
    return " ".join([*parts, *filter(None, [table.left_out])])
