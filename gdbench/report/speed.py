"""The tables of convergence speed: what each setting needed to each shared target, misses counted."""

from __future__ import annotations

import math

from gdbench.execution.records import ProblemRecord
from gdbench.report.columns import Column
from gdbench.report.effort import Effort, effort
from gdbench.report.numerals import count, figure, span
from gdbench.report.settings import Setting
from gdbench.report.settings import words as spaced
from gdbench.report.study import Study
from gdbench.report.table import Cell, Row, Table, censored, words

_MEANINGS = {
    "iterations": "Updates until the relative gap was {target} or less",
    "gradient evaluations": "Evaluations of the gradient until then, the one at the start included",
    "evaluations": "Evaluations of the cost and of its gradient, together, until the gap was {target} or less",
    "seconds": "Seconds in the loop until then: the run's, by the share of its evaluations",
}


def speed_table(study: Study, problem: ProblemRecord, unit: str = "iterations") -> Table:
    """One row per setting, best first; per target the median with quartiles, and the expected effort."""
    settings = [setting for setting in study.ranked if setting.problem.id == problem.id]
    targets = [t for t in study.plan.targets if any(effort(s, t, unit) for s in settings)]
    id_, title = f"{unit.replace(' ', '-')}-to-target", f"{unit.capitalize()} to each target"
    if not targets:
        return Table(id_, title, absent=_why_not(study, problem, settings, unit))
    axes = study.varying_in(settings) or [a for a in ("learning_rate",) if a in study.plan.axes]
    columns = (*(axis_column(axis) for axis in axes), *(c for t in targets for c in _columns(t, unit)))
    rows = tuple(_row(study, setting, axes, targets, unit) for setting in settings)
    return Table(id_, title, columns, rows, _NOTE)


_NOTE = (
    "The median of a setting's runs, with quartiles beneath where they differ. “> N”: the median run never got "
    "there in N. “ERT” is the expected effort of restarting until a run succeeds: that of all runs, misses "
    "counted in full, by the number of successes."
)


def axis_column(axis: str) -> Column:
    """The column of a choice."""
    title = "learning rate η" if axis == "learning_rate" else spaced(axis)
    return Column(axis, "string", f"The {spaced(axis)} chosen.", title)


def axis_cell(setting: Setting, axis: str) -> Cell:
    """A choice as a cell; a plain rate sorts as a number."""
    if axis == "learning_rate" and setting.rate is not None:
        return Cell(setting.axes[axis], setting.axes[axis], "number")
    return words(setting.axes.get(axis, "–"))


def _columns(target: str, unit: str) -> tuple[Column, Column]:
    name = f"{unit.replace(' ', '_')}_to_{target}"
    meaning = _MEANINGS[unit].format(target=target)
    return (
        Column(
            name, "float64", f"{meaning}: the median run; ∞ where that one never got there.", f"to {target}"
        ),
        Column(
            f"ert_{name}",
            "float64",
            f"Expected {unit} to {target}: of all runs, misses in full, by successes; ∞ without any.",
            f"ERT to {target}",
        ),
    )


def _row(study: Study, setting: Setting, axes: list[str], targets: list[str], unit: str) -> Row:
    cells = [axis_cell(setting, axis) for axis in axes]
    for target in targets:
        needed = effort(setting, target, unit)
        cells += [_median(needed), _expected(needed)] if needed else [words("not measured")] * 2
    return Row(tuple(cells), setting in study.best, setting=study.numbers[setting])


def _median(needed: Effort) -> Cell:
    middle = needed.spread
    if math.isinf(middle.median):
        return censored(needed.text)
    apart = middle.low != middle.high and math.isfinite(middle.high)
    return Cell(needed.text, middle.median, "number", span(middle.low, middle.high) if apart else "")


def _expected(needed: Effort) -> Cell:
    if not needed.reached:
        return censored("∞", "no run succeeded")
    show = figure if needed.unit == "seconds" else count
    return Cell(show(needed.expected), needed.expected, "number")


def _why_not(study: Study, problem: ProblemRecord, settings: list[Setting], unit: str) -> str:
    if not settings:
        return "No run has finished yet."
    if not study.plan.targets:
        return "The config names no targets (targets: [1e-2, 1e-4])."
    if problem.relative_gap(problem.optimum.cost) is None:
        return (
            f"No optimum of {problem.label} is known, so no gap can be measured: {problem.optimum.explanation}"
        )
    return (
        f"These runs were recorded by a gdbench that did not count {unit} to targets; run them again to see it."
    )
