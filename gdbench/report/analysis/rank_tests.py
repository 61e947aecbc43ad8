"""The rank tests themselves, by SciPy's distributions, which take a second to import."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.stats import friedmanchisquare, rankdata, studentized_range, wilcoxon

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
    efforts = {m: [table.effort[m][p.id] for p in table.problems] for m in table.complete}
    ranks = rankdata(list(zip(*efforts.values(), strict=True)), axis=1)
    n, k = ranks.shape
    mean_of = dict(zip(efforts, map(float, ranks.mean(axis=0)), strict=True))
    methods = tuple(sorted(efforts, key=mean_of.__getitem__))
    statistic, p = friedmanchisquare(*ranks.T)
    spread = math.sqrt(k * (k + 1) / (6 * n))
    cd = float(studentized_range.ppf(1 - alpha, k, np.inf)) / math.sqrt(2) * spread

    def nemenyi(a: str, b: str) -> float:
        """P(q ≥ √2 |R_a − R_b| / spread) of the studentized range of k groups (Nemenyi 1963, Demšar 2006)."""
        return float(studentized_range.sf(math.sqrt(2) * abs(mean_of[a] - mean_of[b]) / spread, k, np.inf))

    return CriticalDifference(
        table.target,
        n,
        methods,
        tuple(mean_of[method] for method in methods),
        float(statistic),
        float(p),
        cd,
        alpha,
        groups(methods, [mean_of[method] for method in methods], cd),
        _pairwise(efforts, methods, nemenyi),
        _note(table, float(p), alpha),
    )


def holm(ps: Sequence[float]) -> list[float]:
    """Each p corrected for all m of them, increasing: max_{j ≤ i} (m − j) p_j with j from 0 (Holm 1979)."""
    corrected, highest = [0.0] * len(ps), 0.0
    for passed, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - passed) * ps[place]))
        corrected[place] = highest
    return corrected


def _pairwise(
    efforts: Mapping[str, list[float]], methods: tuple[str, ...], nemenyi: Callable[[str, str], float]
) -> tuple[Pairwise, ...]:
    couples = list(combinations(methods, 2))
    single = [signed_rank(efforts[a], efforts[b]) for a, b in couples]
    corrected = iter(holm([p for p in single if p is not None]))
    return tuple(
        Pairwise(a, b, p, None if p is None else next(corrected), nemenyi(a, b))
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
