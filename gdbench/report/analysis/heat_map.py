"""A heat map of any two axes: for each pair of values, what the best of the settings there achieved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

from gdbench.judgement.methods.effort import effort
from gdbench.judgement.numerals import MISSING, count, figure
from gdbench.judgement.settings import Setting, measurable, words
from gdbench.judgement.study import Study
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.sensitivity import shared_target


@dataclass(frozen=True)
class HeatCell:
    """x, y: labels of the two axes.  setting: number of the best of the `settings` there, None of none.

    value: what it achieved, finite or None.  state: "reached", "never reached", "measured", "diverged",
    "failed" or "missing", for the cell's colour and sign.  text: the value or the state in words.
    """

    x: str
    y: str
    value: float | None
    state: str
    text: str
    setting: int | None
    settings: int


@dataclass(frozen=True)
class HeatMap:
    """A cell for each pair of labels, rows of equal y after one another.

    quantity: what `value` is; less is better.
    """

    problem: ProblemRecord
    x: str
    y: str
    x_labels: tuple[str, ...] = ()
    y_labels: tuple[str, ...] = ()
    quantity: str = ""
    cells: tuple[HeatCell, ...] = ()
    note: str = ""
    absent: str = ""


def pairs(study: Study, problem: ProblemRecord) -> list[tuple[str, str]]:
    """The pairs of axes worth a map, the learning rate across wherever it varies, larger maps first."""
    settings = study.of_problem(problem)
    axes = study.varying_in(settings)
    sizes = {axis: len(labels(axis, settings)) for axis in axes}
    across = sorted(axes, key=lambda axis: (axis != "learning_rate", -sizes[axis]))
    return sorted(
        combinations(across, 2), key=lambda two: (two[0] != "learning_rate", -sizes[two[0]] * sizes[two[1]])
    )


def heat_map(study: Study, problem: ProblemRecord, x: str, y: str) -> HeatMap:
    """The map of one problem over two axes; absent where either of them does not vary."""
    settings = study.of_problem(problem)
    for axis in (x, y):
        if len(labels(axis, settings)) < 2:
            return HeatMap(problem, x, y, absent=f"The {words(axis)} does not vary.")
    target = shared_target(study, settings)
    across, along = labels(x, settings), labels(y, settings)
    cells = tuple(_cell(study, settings, target, (x, at), (y, here)) for here in along for at in across)
    ending = "relative gap" if measurable(problem) else "final cost"
    quantity = f"iterations to {target}" if target else ending
    return HeatMap(problem, x, y, tuple(across), tuple(along), quantity, cells, _note(cells))


def labels(axis: str, settings: list[Setting]) -> list[str]:
    """The values of an axis: rates in increasing order, others as in the plan."""
    if axis == "learning_rate" and all(setting.rate is not None for setting in settings):
        settings = sorted(settings, key=lambda setting: setting.rate or 0.0)
    return list(dict.fromkeys(setting.axes[axis] for setting in settings if axis in setting.axes))


def _cell(
    study: Study, settings: list[Setting], target: str | None, x: tuple[str, str], y: tuple[str, str]
) -> HeatCell:
    here = [s for s in settings if s.axes.get(x[0]) == x[1] and s.axes.get(y[0]) == y[1]]
    if not here:
        return HeatCell(x[1], y[1], None, "missing", MISSING, None, 0)
    best = min(here, key=study.places.__getitem__)
    value, state, text = _achieved(best, target)
    return HeatCell(x[1], y[1], value, state, text, study.numbers[best], len(here))


def _achieved(setting: Setting, target: str | None) -> tuple[float | None, str, str]:
    needed = effort(setting, target) if target else None
    if needed and needed.spread.finite:
        return needed.spread.median, "reached", needed.text
    if not setting.usable:
        return None, "diverged" if "diverged" in setting.outcomes else "failed", setting.outcome_text
    if needed:
        return None, "never reached", needed.text
    value = setting.relative_gap if setting.relative_gap is not None else setting.final_cost
    if value is None or not math.isfinite(value):
        return None, "measured", MISSING
    return value, "measured", figure(value)


def _note(cells: tuple[HeatCell, ...]) -> str:
    most = max(cell.settings for cell in cells)
    if most == 1:
        return ""
    return f"Each cell shows the best of up to {count(most)} settings that differ in other axes."
