"""The table of seconds: apart from the counts, and never across kernels, interpreters or machines."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median

from gdbench.config.wording import label
from gdbench.judgement.numerals import count
from gdbench.judgement.ranking import by_tightness
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.record.records import RunRecord
from gdbench.report.analysis.effort import effort
from gdbench.report.tables.settings_table import axis_cell, axis_column, shown_axes
from gdbench.report.tables.speed import recorded
from gdbench.report.tables.table import Cell, Row, Table, censored, counted, measured, words

#: What seconds depend on besides the work: only runs that share all three are compared.
Place = tuple[str, str, str]

_COLUMNS = (
    Column(
        "place", "string", "Kernel, interpreter and machine: seconds are compared within one only.", "where"
    ),
    Column("runs", "Int64", "Runs of the setting that were timed there."),
    Column(
        "microseconds_per_iteration",
        "float64",
        "Seconds in the loop by updates done: the median run.",
        "µs/it.",
    ),
    Column("seconds", "float64", "Seconds in the loop, compiling and recording excluded: the median run."),
)


def seconds_table(study: Study) -> Table:
    """One row per setting and place, the quickest to the tightest target first within each place."""
    timed = [run for run in study.runs if run.key not in study.untimed and _is_timed(run)]
    left = len(study.runs) - len(timed)
    if not timed:
        return Table("seconds", "Seconds", absent=_why_not(study))
    axes, targets = shown_axes(study), _targets(study)
    columns = (_COLUMNS[0], *map(axis_column, axes), *_COLUMNS[1:], *map(_target_column, targets))
    rows, order = [], {problem: number for number, problem in enumerate(study.problems)}
    for place in dict.fromkeys(map(place_of, timed)):
        parts = [part for s in study.settings if (part := _part(study, s, place))]
        parts.sort(key=lambda p: (order[p[1].problem.id], _times(p[1], targets), study.places[p[0]]))
        rows += [_row(study, whole, part, place, axes, targets) for whole, part in parts]
    return Table("seconds", "Seconds", columns, tuple(rows), _note(left))


def _is_timed(run: RunRecord) -> bool:
    """Whether it moved, and its seconds outlived it: of a run whose worker was killed they did not."""
    return bool(run.result.iterations and run.result.seconds)


def place_of(run: RunRecord) -> Place:
    """Kernel, interpreter, host: what besides the work decides on the seconds."""
    kernel = run.spec.get("kernel")
    return ("" if kernel is None else label(kernel), run.result.interpreter, run.result.host)


def _part(study: Study, setting: Setting, place: Place) -> tuple[Setting, Setting] | None:
    """The setting, and what of it ran in one place."""
    runs = tuple(
        run
        for run in setting.runs
        if run.key not in study.untimed and _is_timed(run) and place_of(run) == place
    )
    return (setting, Setting(setting.axes, setting.rate, setting.problem, runs)) if runs else None


def _times(part: Setting, targets: list[str]) -> list[float]:
    """Median seconds to each target, the tightest first; ∞ where never."""
    found = (effort(part, target, "seconds") for target in by_tightness(targets))
    return [known.spread.median if known else math.inf for known in found]


def _targets(study: Study) -> list[str]:
    if not recorded(study, "seconds"):
        return []
    return [t for t in study.plan.targets if any(effort(s, t, "seconds") for s in study.settings)]


def _target_column(target: str) -> Column:
    meaning = f"Seconds in the loop to a relative gap of {target}, by the share of evaluations: the median run."
    return Column(f"seconds_to_{target}", "float64", meaning, f"to {target}")


def _row(
    study: Study, setting: Setting, part: Setting, place: Place, axes: list[str], targets: list[str]
) -> Row:
    each = _middle(1e6 * run.result.seconds / run.result.iterations for run in part.runs)
    cells = [words(" · ".join(filter(None, place))), *(axis_cell(part, axis) for axis in axes)]
    cells += [
        counted(len(part.runs)),
        measured(each, 3),
        measured(_middle(r.result.seconds for r in part.runs), 3),
    ]
    for target in targets:
        needed = effort(part, target, "seconds")
        middle = needed.spread.median if needed else math.nan
        if needed is None:
            cells.append(Cell("not measured", None, "number censored"))
        else:
            reached = math.isfinite(middle)
            cells.append(Cell(needed.text, middle, "number") if reached else censored(needed.text))
    return Row(tuple(cells), setting=study.numbers[setting])


def _middle(values: Iterable[float]) -> float:
    return float(median(values))


def _note(left: int) -> str:
    note = (
        "Seconds in the loop, on a machine that may have done other things too: a few per cent say nothing. "
        "The clock is not read at a target: its seconds are the run's by the share of evaluations."
    )
    if left:
        note += f" Left out: {count(left)} runs that did not move, or of sessions with more workers than cores."
    return note


def _why_not(study: Study) -> str:
    if not study.runs:
        return "No run has finished yet."
    return "No run's seconds can be compared: each did not move, or shared its core with another."
