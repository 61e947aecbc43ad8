"""The tables of convergence speed: what each setting needed to each shared target, misses counted."""

from __future__ import annotations

import math

from gdbench.judgement.numerals import count, span
from gdbench.judgement.settings import Setting, measurable
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.report.analysis.effort import Effort, effort
from gdbench.report.tables.settings_table import axis_cell, axis_column, shown_axes
from gdbench.report.tables.table import Cell, Row, Table, censored

_MEANINGS = {
    "iterations": "Updates until the relative gap was {target} or less",
    "gradient evaluations": "Gradients computed until the relative gap was {target} or less",
    "evaluations": "Evaluations of the cost and of its gradient, together, until the gap was {target} or less",
}
_NOTE = (
    "The median of a setting's runs, with quartiles beneath where they differ. “> N”: the median run never got "
    "there in N. “ERT” is the expected effort of restarting until a run succeeds: that of all runs, misses "
    "counted in full, by the number of successes; ∞ where none succeeded."
)


def speed_table(study: Study, unit: str = "iterations") -> Table:
    """One row per setting, best first; per target the median with quartiles, and the expected effort (ERT)."""
    id_, title = f"{unit.replace(' ', '-')}-to-target", f"{unit.capitalize()} to each target"
    targets = [t for t in study.plan.targets if any(effort(s, t, unit) for s in study.settings)]
    if not targets or not recorded(study, unit):
        return Table(id_, title, absent=why_not(study, unit))
    axes = shown_axes(study)
    columns = (*map(axis_column, axes), *(c for t in targets for c in _columns(t, unit)))
    rows = tuple(_row(study, setting, axes, targets, unit) for setting in study.ranked)
    return Table(id_, title, columns, rows, _NOTE)


def why_not(study: Study, unit: str) -> str:
    """Why no effort to a target can be told."""
    if not study.settings:
        return "No run has finished yet."
    if not study.plan.targets:
        return "The config names no targets (as in targets: [1e-2, 1e-4])."
    if not any(map(measurable, study.problems.values())):
        which = next(iter(study.problems.values()))
        return f"Gaps cannot be measured: the optimum of {which.label} is {which.optimum.kind}."
    return f"An older gdbench recorded these runs without counting {unit} to targets."


def recorded(study: Study, unit: str) -> bool:
    """Whether a run that reached a target tells its effort until then; older records do not."""
    met = [(run, t) for run in study.runs for t, first in run.result.iterations_to.items() if first is not None]
    return unit == "iterations" or not met or any(run.result.work_to.get(target) for run, target in met)


def _columns(target: str, unit: str) -> tuple[Column, Column]:
    name = f"{unit.replace(' ', '_')}_to_{target}"
    meaning = _MEANINGS[unit].format(target=target)
    expected = f"Expected {unit} to {target}: those of all runs, misses in full, by successes; ∞ without any."
    return (
        Column(name, "float64", f"{meaning}: the median run; ∞, shown as > N, where never.", f"to {target}"),
        Column(f"ert_{name}", "float64", expected, f"ERT to {target}"),
    )


def _row(study: Study, setting: Setting, axes: list[str], targets: list[str], unit: str) -> Row:
    cells = [axis_cell(setting, axis) for axis in axes]
    for target in targets:
        needed = effort(setting, target, unit)
        cells += [_median(needed), _expected(needed)] if needed else [_UNKNOWN, _UNKNOWN]
    return Row(tuple(cells), setting in study.best, setting=study.numbers[setting])


_UNKNOWN = Cell("not measured", None, "number censored")


def _median(needed: Effort) -> Cell:
    middle = needed.spread
    if math.isinf(middle.median):
        return censored(needed.text)
    apart = middle.low != middle.high and math.isfinite(middle.high)
    return Cell(needed.text, middle.median, "number", span(middle.low, middle.high) if apart else "")


def _expected(needed: Effort) -> Cell:
    if not needed.reached:
        return censored("∞")
    return Cell(count(needed.expected), needed.expected, "number")
