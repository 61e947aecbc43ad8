"""The rank tests themselves, by SciPy, statsmodels and scikit-posthocs, which take seconds to import."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
from scikit_posthocs import posthoc_nemenyi_friedman
from scipy.stats import friedmanchisquare, rankdata, studentized_range, wilcoxon
from statsmodels.stats.multitest import multipletests

from gdbench.judgement.methods.matrix import Matrix
from gdbench.judgement.methods.ratios import quotient
from gdbench.judgement.numerals import count, figure
from gdbench.report.analysis.ranks import (
    ALPHA,
    FEWEST_PROBLEMS,
    ROUGH_BELOW,
    CriticalDifference,
    Pairwise,
    groups,
)


def rank_tests(table: Matrix, alpha: float = ALPHA) -> CriticalDifference:
    """The tests themselves, on methods that were tried on every problem.

    Ranks are 1 for the least effort, ties share their mean, and those that never got there are tied last.
    """
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


def _pairwise(efforts: pd.DataFrame, methods: tuple[str, ...], nemenyi: pd.DataFrame) -> tuple[Pairwise, ...]:
    couples = list(combinations(methods, 2))
    single = [signed_rank(list(efforts[a]), list(efforts[b])) for a, b in couples]
    known = [p for p in single if p is not None]
    corrected = iter(multipletests(known, method="holm")[1]) if known else iter(())
    return tuple(
        Pairwise(a, b, p, None if p is None else float(next(corrected)), float(nemenyi[b][a]))
        for (a, b), p in zip(couples, single, strict=True)
    )


#: As many differences, where some are equal, are tested over all of their signs; more by the normal curve.
_ENUMERATED = 13


def signed_rank(a: list[float], b: list[float]) -> float | None:
    """Wilcoxon's two-sided p for paired efforts; None where fewer than `FEWEST_PROBLEMS` pairs differ.

    The differences are of logarithms: twice as long is as bad on an easy problem as on a hard one. Where only
    one side reached the target the difference is ±∞, the largest rank; where neither did, they are equal.
    """
    differences = [_log_ratio(x, y) for x, y in zip(a, b, strict=True) if x != y]
    if len(differences) < FEWEST_PROBLEMS:
        return None
    if len({abs(difference) for difference in differences}) < len(differences) <= _ENUMERATED:
        return _exact(differences)
    return float(wilcoxon(differences).pvalue)


def _exact(differences: list[float]) -> float:
    """The same with ties, over all 2ⁿ signs as SciPy has it, by adding up ranks in place of drawing signs."""
    ranks = [round(2 * rank) for rank in rankdata(np.abs(differences))]
    ways = [1]
    for rank in ranks:
        longer = [*ways, *[0] * rank]
        ways = [longer[s] + (ways[s - rank] if s >= rank else 0) for s in range(len(longer))]
    plus = sum(rank for rank, difference in zip(ranks, differences, strict=True) if difference > 0)
    tail = min(sum(ways[: plus + 1]), sum(ways[plus:]))
    return float(min(1.0, tail / 2 ** (len(ranks) - 1)))


def _log_ratio(a: float, b: float) -> float:
    ratio = quotient(a, b)
    return math.log(ratio) if ratio else -math.inf


def _note(table: Matrix, p: float, alpha: float) -> str:
    parts = [
        f"Ranks by iterations to a relative gap of {table.target} over {count(len(table.problems))} problems."
    ]
    if p >= alpha:
        parts.append(f"Friedman's test finds no difference (p = {figure(p, 2)}): read no order into the ranks.")
    if len(table.problems) < ROUGH_BELOW:
        parts.append(f"With fewer than {ROUGH_BELOW} problems its χ² is rough.")
    return " ".join([*parts, *filter(None, [table.how, table.left_out])])
