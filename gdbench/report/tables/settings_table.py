"""The table of settings for people: what was chosen, how it ended, and how soon it got there."""

from __future__ import annotations

import math

from gdbench.judgement.numerals import span
from gdbench.judgement.remarks import remarks
from gdbench.judgement.settings import Setting, measurable, words
from gdbench.judgement.study import Study
from gdbench.record.columns import RELATIVE_GAP, Column
from gdbench.report.tables.table import Cell, Row, Table, censored, counted, measured
from gdbench.report.tables.table import words as said


def sheet(about: Study) -> Table:
    """Settings from best to worst: their varying axes, how they ended, and how soon they got there."""
    axes = shown_axes(about)
    columns = (*map(axis_column, axes), *_ENDINGS, *map(_target, about.plan.targets))
    rows = tuple(
        Row(_cells(setting, about, axes), setting in about.best, badge(setting), about.numbers[setting])
        for setting in about.ranked
    )
    absent = "" if rows else "No run has finished yet."
    return Table("settings", "Settings, best first", columns, rows, _NOTE if rows else "", absent)


def shown_axes(about: Study, settings: list[Setting] | None = None) -> list[str]:
    """The axes that tell settings apart; where nothing does, the learning rate."""
    varying = about.varying_in(settings) if settings else list(about.plan.varying)
    return varying or [axis for axis in ("learning_rate",) if axis in about.plan.axes]


def axis_column(axis: str) -> Column:
    """The column of a choice."""
    title = "learning rate η" if axis == "learning_rate" else words(axis)
    return Column(axis, "string", f"The {words(axis)} chosen.", title)


def axis_cell(setting: Setting, axis: str) -> Cell:
    """A choice as a cell; a plain rate sorts as the number that it is."""
    text = setting.axes.get(axis, "–")
    if axis != "learning_rate":
        return said(text)
    return Cell(text, text, "number", rank=setting.rate)


def badge(setting: Setting) -> str:
    """The outcome of a setting's runs, where they share one."""
    return next(iter(setting.outcomes)) if len(setting.outcomes) == 1 else "mixed"


_ENDINGS = (
    Column("outcome", "string", "How many of the runs ended how; only converged is success."),
    Column("iterations", "float64", "Updates done: the median of the runs, their range beneath."),
    Column("final_cost", "float64", "Mean cost per row at the end: the median of the runs."),
    Column("relative_gap", "float64", f"{RELATIVE_GAP} At the end, the median of the runs."),
)
_NOTE = (
    "Numbers are medians over a setting's runs, with the range beneath. The relative gap is 1 at all-zero "
    "parameters and 0 at the optimum; “to T” counts iterations until it is T or less, “> N” means never, in N."
)


def _target(target: str) -> Column:
    return Column(
        f"iterations_to_{target}",
        "float64",
        f"Iterations to a relative gap of {target}: the median run; ∞, shown as > N, where never.",
        f"to {target}",
    )


def _cells(setting: Setting, about: Study, axes: list[str]) -> tuple[Cell, ...]:
    middle, least, most = setting.iterations
    text = setting.outcome_text
    return (
        *(axis_cell(setting, axis) for axis in axes),
        Cell(text, text, "outcome", str(remarks(setting, about.plan.targets))),
        counted(middle, "" if least == most else span(least, most)),
        measured(setting.final_cost),
        measured(setting.relative_gap),
        *(_reach(setting, target) for target in about.plan.targets),
    )


def _reach(setting: Setting, target: str) -> Cell:
    """Censored values sort after all that were reached."""
    reach = setting.reach(target)
    if reach is None:
        known = measurable(setting.problem)
        return censored("never") if known else Cell("not measured", None, "number censored")
    return censored(reach.text) if math.isinf(reach.median) else Cell(reach.text, reach.median, "number")
