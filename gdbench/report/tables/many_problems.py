"""The tables that compare methods over many problems: profiles in numbers, mean ranks, tests of pairs."""

from __future__ import annotations

from bisect import bisect_right

from gdbench.judgement.numerals import MISSING, figure
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.report.analysis.profiles import Profile, ProfileLine, performance_profile
from gdbench.report.analysis.ranks import CriticalDifference, critical_difference
from gdbench.report.tables.table import Cell, Row, Table, counted, measured, words

#: The multiples of the best method's effort at which the profile is tabulated.
MULTIPLES = (1.0, 2.0, 4.0, 10.0)


def many_problems_tables(study: Study) -> list[Table]:
    """Profiles, ranks and pairwise tests; each says when it does not apply."""
    tested = critical_difference(study)
    return [profile_table(performance_profile(study)), ranks_table(tested), pairs_table(tested)]


def profile_table(profile: Profile) -> Table:
    """Per method the share of problems solved within a multiple of the best method's iterations."""
    title = "Performance profile"
    if profile.absent:
        return Table("profile", title, absent=profile.absent)
    columns = (
        Column("method", "string", "A combination of the choices that say how to descend."),
        *(_share_column(multiple) for multiple in MULTIPLES),
        Column("solved", "Int64", "Problems on which the target was reached at all."),
    )
    lines = sorted(profile.lines, key=lambda line: [-_at(line, m) for m in MULTIPLES])
    rows = tuple(
        Row((words(line.method), *(_share(_at(line, m)) for m in MULTIPLES), counted(line.solved)))
        for line in lines
    )
    return Table("profile", title, columns, rows, profile.note)


def _share_column(multiple: float) -> Column:
    what = (
        "where it is the fastest"
        if multiple == 1
        else f"solved within {multiple:g} times the fastest's iterations"
    )
    return Column(f"within_{multiple:g}", "float64", f"Share of problems {what}.", f"≤ {multiple:g}×")


def _at(line: ProfileLine, multiple: float) -> float:
    """The height of a step function."""
    return line.y[bisect_right(line.x, multiple) - 1]


def _share(value: float) -> Cell:
    return Cell(f"{100 * value:.0f} %", value, "number")


def ranks_table(found: CriticalDifference) -> Table:
    """Methods by their mean ranks, with what Friedman's test says."""
    title = "Mean ranks over problems"
    if found.absent:
        return Table("ranks", title, absent=found.absent)
    columns = (
        Column("method", "string", "A combination of the choices that say how to descend."),
        Column("mean_rank", "float64", "Mean over problems of its rank by iterations, 1 being the fastest."),
        Column(
            "not_told_apart", "string", "Methods within the critical difference of it.", "not told apart from"
        ),
    )
    rows = tuple(
        Row((words(name), measured(rank), words(_near(found, name))))
        for name, rank in zip(found.methods, found.ranks, strict=True)
    )
    test = (
        f"Friedman: χ² = {figure(found.statistic)}, p = {figure(found.p, 2)}. Critical difference of mean "
        f"ranks (Nemenyi, α = {found.alpha:g}): {figure(found.cd)}."
    )
    return Table("ranks", title, columns, rows, f"{test} {found.note}")


def _near(found: CriticalDifference, name: str) -> str:
    here = found.ranks[found.methods.index(name)]
    pairs = zip(found.methods, found.ranks, strict=True)
    return ", ".join(m for m, rank in pairs if m != name and abs(rank - here) < found.cd) or "none"


def pairs_table(found: CriticalDifference) -> Table:
    """Every pair of methods with the p of Wilcoxon's test, as it is and by Holm, and of Nemenyi's."""
    title = "Methods in pairs"
    if found.absent:
        return Table("pairs", title, absent=found.absent)
    columns = (
        Column("better", "string", "The method with the lower mean rank."),
        Column("worse", "string", "The other."),
        Column(
            "wilcoxon",
            "float64",
            "p of Wilcoxon's signed-rank test on log iterations, two-sided.",
            "Wilcoxon p",
        ),
        Column("holm", "float64", "The same, corrected by Holm for the number of pairs.", "Holm p"),
        Column("nemenyi", "float64", "p of Nemenyi's test after Friedman's.", "Nemenyi p"),
    )
    rows = tuple(
        Row((words(p.better), words(p.worse), _p(p.wilcoxon), _p(p.holm), measured(p.nemenyi, 2)))
        for p in found.pairwise
    )
    return Table("pairs", title, columns, rows, _PAIRS_NOTE)


_PAIRS_NOTE = "“–”: fewer than 6 problems on which the two differ, too few for the test to find anything."


def _p(value: float | None) -> Cell:
    return Cell(MISSING if value is None else figure(value, 2), value, "number")
