"""The tables over many problems: the best setting of each, profiles in numbers, mean ranks, tests of pairs."""

from __future__ import annotations

import math
from bisect import bisect_right

from gdbench.judgement.methods.matrix import Matrix, chosen_of, matrix
from gdbench.judgement.methods.ratios import quotient, ratio_in_words
from gdbench.judgement.methods.views import TUNED, Chosen, merit
from gdbench.judgement.numerals import MISSING, count, figure
from gdbench.judgement.ranking import tightest_reached
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.effects import paired_ratio
from gdbench.report.analysis.profiles import Profile, ProfileLine, performance_profile
from gdbench.report.analysis.ranks import CriticalDifference, critical_difference
from gdbench.report.tables.methods_tables import METHOD, share
from gdbench.report.tables.table import NOTHING_YET, Cell, Row, Table, counted, measured, words

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
        METHOD,
        *(_share_column(multiple) for multiple in MULTIPLES),
        Column("solved", "Int64", "Problems on which the target was reached at all."),
    )
    lines = sorted(profile.lines, key=lambda line: [-_at(line, m) for m in MULTIPLES])
    rows = tuple(
        Row((words(line.method), *(share(_at(line, m)) for m in MULTIPLES), counted(line.solved)))
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


def ranks_table(found: CriticalDifference) -> Table:
    """Methods by their mean ranks, with what Friedman's test says."""
    title = "Mean ranks over problems"
    if found.absent:
        return Table("ranks", title, absent=found.absent)
    columns = (
        METHOD,
        Column("mean_rank", "float64", "Mean over problems of its rank by iterations, 1 being the fastest."),
        Column(
            "not_told_apart",
            "string",
            "Methods that share a letter are within the critical difference of one another.",
            "not told apart",
        ),
    )
    rows = tuple(
        Row((words(name), measured(rank), words(_letters(found, name))))
        for name, rank in zip(found.methods, found.ranks, strict=True)
    )
    test = (
        f"Friedman: χ² = {figure(found.statistic)}, p = {figure(found.p, 2)}. Critical difference of mean "
        f"ranks (Nemenyi, α = {found.alpha:g}): {figure(found.cd)}."
    )
    return Table("ranks", title, columns, rows, f"{test} {found.note}")


def _letters(found: CriticalDifference, name: str) -> str:
    """'a', or 'ab' of a method in two groups; '–' where it is told apart from all."""
    letters = [chr(ord("a") + place) for place, group in enumerate(found.groups) if name in group]
    return "".join(letters) or MISSING


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


_COLUMNS = (
    Column("problem", "string", "What was minimised: model, cost and data."),
    Column("settings", "Int64", "How many settings were tried on it."),
    Column("best", "string", "The best setting, by the tightest target, then the next; see the ranks."),
    Column("achieved", "string", "What it achieved: iterations to the tightest target that it reached."),
    Column("next", "string", "The second best setting.", "next best"),
    Column("margin", "string", "Iterations of the best against the next, from the same starting points."),
)


def winners_table(study: Study) -> Table:
    """One row per problem."""
    if not study.settings:
        return Table("winners", "Best of each problem", absent=NOTHING_YET)
    if study.methods.tunes and len(study.methods.methods) > 1:
        return _tuned_winners(study)
    rows = tuple(_row(study, problem) for problem in study.problems.values())
    return Table("winners", "Best of each problem", _COLUMNS, rows, _NOTE)


_NOTE = (
    "The margin compares the two best settings at the tightest target that the best one reached, run by run "
    "where both began at the same points. A margin under 1 % is no reason to choose."
)


def _tuned_winners(study: Study) -> Table:
    """The same where methods are tuned: the best method with what it takes there, and the next method."""
    chosen, table = chosen_of(study, TUNED), matrix(study)
    rows = tuple(_method_row(study, chosen, table, family) for family in study.methods.problems)
    return Table(
        "winners", "Best of each problem", _METHOD_COLUMNS, rows, f"{_METHOD_NOTE} {table.how}".strip()
    )


_METHOD_COLUMNS = (
    Column("problem", "string", "What was minimised: model, cost and data."),
    Column("solved_by", "string", "How many of the methods keep the target.", "solved by"),
    Column("best", "string", "The best method, with what it takes there."),
    Column("achieved", "string", "What it achieved: iterations to the target."),
    Column("next", "string", "The next best method, with what it takes there.", "next best"),
    Column("margin", "string", "Median iterations of the best against those of the next."),
)
_METHOD_NOTE = "Where no method keeps the target the one is shown that came closest."


def _method_row(study: Study, chosen: Chosen, table: Matrix, family: str) -> Row:
    board, target = study.methods, table.target or ""
    efforts = {method: row[family] for method, row in table.effort.items() if family in row}
    solved = sum(map(math.isfinite, efforts.values()))
    here = {method: of[family] for method, of in chosen.items() if family in of}
    order = sorted(
        here,
        key=lambda m: (efforts.get(m, math.inf), merit(board, board.reported(here[m], family), None)),
    )
    head = [words(board.problems[family].label), words(f"{count(solved)} of {count(len(here))}")]
    best, rest = order[0], order[1:2]
    if not solved:
        gap = merit(board, board.reported(here[best], family), None)[4]
        achieved = f"a relative gap of {figure(gap)}" if math.isfinite(gap) else MISSING
        return Row((*head, words(here[best].name), words(achieved), Cell(MISSING), Cell(MISSING)))
    achieved = f"{count(efforts[best])} iterations to {target}"
    second = words(here[rest[0]].name) if rest else Cell(MISSING)
    margin = words(_margin(efforts[best], efforts.get(rest[0], math.inf), target)) if rest else Cell(MISSING)
    return Row((*head, words(here[best].name), words(achieved), second, margin))


def _margin(best: float, other: float, target: str) -> str:
    ratio = 0.0 if math.isinf(other) else quotient(best, other)
    return f"only it reached {target}" if ratio == 0.0 else ratio_in_words(ratio)


def _row(study: Study, problem: ProblemRecord) -> Row:
    ranked = [setting for setting in study.ranked if setting.problem.id == problem.id]
    usable = [setting for setting in ranked if setting.usable]
    head = [words(problem.label), counted(len(ranked))]
    if not usable:
        return Row((*head, words("none that can be used"), *[Cell(MISSING)] * 3))
    best, rest = usable[0], usable[1:2]
    axes = [axis for axis in study.varying_in(ranked) if axis in study.method_axes]
    target = tightest_reached(best, study.plan.targets)
    second = words(rest[0].name(axes)) if rest else Cell(MISSING)
    margin = words(margin_of(best, rest[0], target)) if rest else Cell(MISSING)
    cells = (*head, words(best.name(axes)), words(_achieved(best, target)), second, margin)
    return Row(cells, setting=study.numbers[best])


def _achieved(setting: Setting, target: str | None) -> str:
    if target:
        return f"{setting.reach_text(target)} iterations to {target}"
    if setting.relative_gap is not None:
        return f"a relative gap of {figure(setting.relative_gap)}"
    return f"a cost of {figure(setting.final_cost)}"


def margin_of(best: Setting, other: Setting, target: str | None) -> str:
    """'1.31× fewer iterations', 'only it reached 1e-06', or what stands for them without a target."""
    if target:
        ratio = paired_ratio(best, other, target)
        return f"only it reached {target}" if ratio == 0.0 else ratio_in_words(ratio)
    if best.relative_gap is not None and other.relative_gap is not None and best.relative_gap > 0:
        return f"{figure(other.relative_gap / best.relative_gap, 3)}× the gap is left to the next"
    if best.final_cost is not None and other.final_cost is not None:
        return f"{figure(other.final_cost - best.final_cost, 3)} lower cost"
    return MISSING
