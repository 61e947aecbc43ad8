"""The table of seconds: apart from the counts, and never across kernels, interpreters or machines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from gdbench.config.wording import label
from gdbench.descent.optimizers import optimizer_facts
from gdbench.judgement.methods.effort import effort
from gdbench.judgement.numerals import count
from gdbench.judgement.ranking import by_tightness
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.record.records import RunRecord
from gdbench.report.tables.setting_rows import axis_cells, axis_column
from gdbench.report.tables.speed import effort_cell, targets_met
from gdbench.report.tables.table import NOTHING_YET, Cell, Row, Table, counted, measured, words


class Place(NamedTuple):
    """What seconds depend on besides the work: only runs that share all three are compared."""

    kernel: str
    interpreter: str
    machine: str


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
    timed = [run for run in study.runs if _is_timed(study, run)]
    if not timed:
        return Table("seconds", "Seconds", absent=_why_not(study))
    axes, targets = study.shown_axes, targets_met(study, "seconds")
    columns = (_COLUMNS[0], *map(axis_column, axes), *_COLUMNS[1:], *map(_target_column, targets))
    rows, order = [], {problem: number for number, problem in enumerate(study.problems)}
    for place in dict.fromkeys(map(place_of, timed)):
        parts = [part for setting in study.settings if (part := _part(study, setting, place))]
        parts.sort(key=lambda p: (order[p[1].problem.id], _times(p[1], targets), study.places[p[0]]))
        rows += [
            Row(tuple(_cells(part, place, axes, targets)), setting=study.numbers[whole])
            for whole, part in parts
        ]
    return Table("seconds", "Seconds", columns, tuple(rows), _note(len(study.runs) - len(timed)))


def _is_timed(study: Study, run: RunRecord) -> bool:
    """Whether it had a core to itself, and moved, and its seconds are known: a killed worker's are not."""
    return run.key not in study.untimed and bool(run.result.iterations and run.result.seconds)


def place_of(run: RunRecord) -> Place:
    kernel, steps = run.spec.get("kernel"), optimizer_facts(run.spec["optimizer"]).foreign
    named = [*([] if kernel is None else [label(kernel)]), *([f"steps by {steps}"] if steps else [])]
    return Place(", ".join(named), run.result.interpreter, run.result.host)


def _part(study: Study, setting: Setting, place: Place) -> tuple[Setting, Setting] | None:
    """The setting, and what of it ran in one place."""
    runs = tuple(run for run in setting.runs if _is_timed(study, run) and place_of(run) == place)
    return (setting, Setting(setting.axes, setting.rate, setting.problem, runs)) if runs else None


def _times(part: Setting, targets: Sequence[str]) -> list[float]:
    """Median seconds to each target, the tightest first; ∞ where never."""
    found = (effort(part, target, "seconds") for target in by_tightness(targets))
    return [known.spread.median if known else math.inf for known in found]


def _target_column(target: str) -> Column:
    meaning = f"Seconds in the loop to a relative gap of {target}, by the share of evaluations: the median run."
    return Column(f"seconds_to_{target}", "float64", meaning, f"to {target}")


def _cells(part: Setting, place: Place, axes: Sequence[str], targets: Sequence[str]) -> Iterator[Cell]:
    results = [run.result for run in part.runs]
    yield words(" · ".join(filter(None, place)))
    yield from axis_cells(part, axes)
    yield counted(len(results))
    yield measured(median(1e6 * result.seconds / result.iterations for result in results), 3)
    yield measured(median(result.seconds for result in results), 3)
    yield from (effort_cell(effort(part, target, "seconds")) for target in targets)


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
        return NOTHING_YET
    return "No run's seconds can be compared: each did not move, or shared its core with another."
