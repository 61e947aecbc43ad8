"""The table of settings for people: formatted cells that both the page and the Markdown print."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gdbench.report.encoding import title
from gdbench.report.numerals import MISSING, count, exact, figure, span
from gdbench.report.settings import Setting
from gdbench.report.study import Study
from gdbench.report.verdict import remarks


@dataclass(frozen=True)
class Cell:
    """What a cell shows, what it sorts by, its full precision, its CSS class, and its small print."""

    text: str
    order: str
    full: str = ""
    kind: str = ""
    note: str = ""


@dataclass(frozen=True)
class Row:
    """One setting; `outcome` names its badge."""

    best: bool
    outcome: str
    cells: list[Cell]


@dataclass(frozen=True)
class Sheet:
    headers: list[str]
    rows: list[Row]


def sheet(about: Study) -> Sheet:
    """Settings from best to worst: their varying axes, how they ended, and how soon they got there."""
    axes = list(about.plan.varying) or [axis for axis in ("learning_rate",) if axis in about.plan.axes]
    headers = [*map(title, axes), "outcome", "iterations", "final cost", "relative gap"]
    headers += [f"to {target}" for target in about.plan.targets]
    return Sheet(headers, [_row(setting, about, axes) for setting in about.ranked])


def _row(setting: Setting, about: Study, axes: list[str]) -> Row:
    return Row(setting in about.best, _badge(setting), _cells(setting, about, axes))


def _cells(setting: Setting, about: Study, axes: list[str]) -> list[Cell]:
    middle, least, most = setting.iterations
    ends = "" if least == most else span(least, most)
    text = setting.outcome_text
    return [
        *(_choice(setting, axis) for axis in axes),
        Cell(text, text, kind="outcome", note=remarks(setting, about.plan.targets)),
        Cell(count(middle), exact(middle), kind="number", note=ends),
        _measured(setting.final_cost),
        _measured(setting.relative_gap),
        *(_reach(setting, target) for target in about.plan.targets),
    ]


def _choice(setting: Setting, axis: str) -> Cell:
    text = setting.axes.get(axis, MISSING)
    order = exact(setting.rate) if axis == "learning_rate" and setting.rate is not None else text
    return Cell(text, order, kind="number" if axis == "learning_rate" else "")


def _measured(value: float | None) -> Cell:
    return Cell(figure(value), exact(value), exact(value), "number")


def _reach(setting: Setting, target: str) -> Cell:
    """Censored values sort after all that were reached."""
    reach = setting.reach(target)
    if reach is None:
        return Cell("not measured", "", kind="number censored")
    if math.isinf(reach.median):
        return Cell(reach.text, "1e308", kind="number censored")
    return Cell(reach.text, exact(reach.median), kind="number")


def _badge(setting: Setting) -> str:
    return next(iter(setting.outcomes)) if len(setting.outcomes) == 1 else "mixed"
