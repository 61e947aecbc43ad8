"""The best setting of each problem (model × cost × data), and how far ahead of the next it is."""

from __future__ import annotations

from gdbench.judgement.numerals import MISSING, figure
from gdbench.judgement.ranking import tightest_reached
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.effects import paired_ratio
from gdbench.report.analysis.ratios import ratio_in_words
from gdbench.report.tables.table import NOTHING_YET, Cell, Row, Table, counted, words

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
    rows = tuple(_row(study, problem) for problem in study.problems.values())
    return Table("winners", "Best of each problem", _COLUMNS, rows, _NOTE)


_NOTE = (
    "The margin compares the two best settings at the tightest target that the best one reached, run by run "
    "where both began at the same points. A margin under 1 % is no reason to choose."
)


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
