"""What tables with a row for each setting share: the choices that tell them apart, and how rows are marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import TypeVar, cast

from gdbench.judgement.numerals import MISSING
from gdbench.judgement.remarks import remarks
from gdbench.judgement.settings import Setting, words
from gdbench.judgement.study import Study
from gdbench.record.columns import Column, settings_columns
from gdbench.report.tables.table import Cell, Row, Table

Made = TypeVar("Made")


def made_once(make: Callable[[Study], Made]) -> Callable[[Study], Made]:
    """Tables that a page shows and files hold: made once of a study, which has thousands of settings."""

    @wraps(make)
    def made(study: Study) -> Made:
        name = f"{make.__module__}.{make.__qualname__}"
        if name not in study.told:
            study.told[name] = make(study)
        return cast("Made", study.told[name])

    return made


def table_of_settings(
    study: Study,
    names: tuple[str, str],
    columns: Iterable[Column],
    rows: Iterable[tuple[Setting, Iterable[Cell]]],
    note: str,
    *,
    starred: bool = True,
    badged: bool = False,
) -> Table:
    """A table whose rows begin with the choices of a setting.

    names: its id and title.  starred: whether the best are set off.  badged: whether rows show the outcome.
    """
    axes = study.shown_axes
    made = (
        Row(
            (*axis_cells(setting, axes), *cells),
            best=starred and setting in study.best,
            outcome=badge(setting) if badged else "",
            setting=study.numbers[setting],
        )
        for setting, cells in rows
    )
    return Table(*names, (*map(axis_column, axes), *columns), tuple(made), note)


def axis_column(axis: str) -> Column:
    """The column of a choice."""
    title = "learning rate η" if axis == "learning_rate" else words(axis)
    return Column(axis, "string", f"The {words(axis)} chosen.", title)


def axis_cells(setting: Setting, axes: Sequence[str]) -> list[Cell]:
    """The choices of a setting; a plain rate sorts as the number that it is."""
    cells = []
    for axis in axes:
        text = setting.axes.get(axis, MISSING)
        value, number = setting.written(axis) or text, axis == "learning_rate"
        cells.append(Cell(text, value, "number", rank=setting.rate) if number else Cell(text, value))
    return cells


def badge(setting: Setting) -> str:
    """The outcome of a setting's runs, where they share one."""
    return next(iter(setting.outcomes)) if len(setting.outcomes) == 1 else "mixed"


def values_of_settings(study: Study) -> tuple[list[dict[str, object]], list[Column]]:
    """Every setting with its place, outcomes, speed and ending, as a frame has it; and its columns."""
    places: Counter[str] = Counter()
    rows = []
    for setting in study.ranked:
        places[setting.problem.id] += 1
        place = {"rank": places[setting.problem.id], "best": setting in study.best}
        rows.append({**place, **_values(setting), **_reaches(setting, study.plan.targets)})
    return rows, settings_columns(list(study.plan.axes), study.plan.targets)


def _values(setting: Setting) -> Mapping[str, object]:
    middle, least, most = setting.iterations
    return {
        "problem": setting.problem.label,
        **{axis: setting.written(axis) for axis in setting.axes},
        "runs": len(setting.runs),
        "outcome": setting.outcome_text,
        "iterations": middle,
        "iterations_min": least,
        "iterations_max": most,
        "final_cost": setting.final_cost,
        "relative_gap": setting.relative_gap,
    }


def _reaches(setting: Setting, targets: Sequence[str]) -> Mapping[str, object]:
    values: dict[str, object] = {"remarks": str(remarks(setting, targets))}
    for target in targets:
        reach, name = setting.reach(target), f"iterations_to_{target}"
        values[name] = setting.reach_text(target)
        values[f"{name}_median"] = reach.median if reach else None
        values[f"{name}_reached"] = reach.reached if reach else None
    return values
