"""Rank tests over many problems: Friedman, Nemenyi's critical difference, Wilcoxon with Holm (Demšar 2006).

The unit is the problem: repeats on one problem are one number, their median.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gdbench.judgement.methods.matrix import Matrix, matrix
from gdbench.judgement.methods.views import TUNED
from gdbench.judgement.numerals import are
from gdbench.judgement.study import Study

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


def critical_difference(study: Study, view: str = TUNED) -> CriticalDifference:
    """The rank tests of a study's methods, where their conditions hold."""
    return study.methods.once(("ranks", view), lambda: _critical_difference(study, view))


def _critical_difference(study: Study, view: str) -> CriticalDifference:
    table = matrix(study, view)
    absent = why_not(table)
    if absent:
        return CriticalDifference(table.target, len(table.problems), absent=absent)
    from gdbench.report.analysis.rank_tests import rank_tests  # noqa: PLC0415  slow; most need none

    return rank_tests(table)


def why_not(table: Matrix) -> str:
    """Why the tests do not apply; "" where they do."""
    problems, methods = len(table.problems), len(table.complete)
    if table.target is None:
        return "There are no targets, so there are no efforts to rank."
    if problems < FEWEST_PROBLEMS:
        return (
            f"Rank tests need {FEWEST_PROBLEMS} or more problems with a known optimum (repeats on one problem "
            f"are no independent evidence); here {are(problems)}."
        )
    if methods < FEWEST_METHODS:
        return (
            f"Friedman's test needs {FEWEST_METHODS} or more methods that were tried on every problem; "
            f"here {are(methods)}."
        )
    if all(len({table.effort[m][p.id] for m in table.complete}) == 1 for p in table.problems):
        return "All methods are tied on every problem, so there is nothing to rank."
    return ""


def groups(methods: tuple[str, ...], ranks: list[float], cd: float) -> tuple[tuple[str, ...], ...]:
    """Maximal runs of two or more neighbours in rank whose ends differ by less than the critical difference."""
    found: list[tuple[int, int]] = []
    for first in range(len(methods)):
        last = max(j for j in range(first, len(methods)) if ranks[j] - ranks[first] < cd)
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return tuple(methods[first : last + 1] for first, last in found)
