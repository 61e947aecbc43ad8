"""The settings from best to worst: what was chosen, how it ended, how soon it got there.

And the table of endings: how near the optimum the runs of each setting came, at best and at last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from gdbench.descent.recording.result import RunResult
from gdbench.judgement.numerals import span
from gdbench.judgement.remarks import remarks
from gdbench.judgement.settings import Setting, measurable, spread
from gdbench.judgement.study import Study
from gdbench.record.columns import RELATIVE_GAP, Column
from gdbench.report.tables.setting_rows import table_of_settings
from gdbench.report.tables.table import (
    NOTHING_YET,
    Cell,
    Table,
    censored,
    counted,
    measured,
    middle_of,
    unknown,
    words,
)

_NAMES = ("settings", "Settings, best first")
_ENDINGS = (
    Column("outcome", "string", "How many of the runs ended how; only converged is success."),
    Column("iterations", "float64", "Updates done: the median of the runs, their range beneath."),
    Column("final_cost", "float64", "Mean cost per row at the end: the median of the runs."),
    Column("relative_gap", "float64", f"{RELATIVE_GAP} At the end, the median of the runs."),
)
_NOTE = (
    "Numbers are medians over a setting's runs, with the range beneath. The relative gap is 1 at all-zero "
    "parameters (of a surface at its published start) and 0 at the optimum; “kept T” is the iteration from "
    "which it stays at T or less, “> N” means not in N, “met K, left” that it was T or less at K and more at "
    "the end."
)


def _target(target: str) -> Column:
    return Column(
        f"iterations_to_{target}",
        "float64",
        f"The iteration from which the relative gap stays at {target} or less: the median run; ∞, where none.",
        f"kept {target}",
    )


def settings_table(study: Study) -> Table:
    """For people: the varying axes of each setting, how it ended, and how soon it got there."""
    if not study.settings:
        return Table(*_NAMES, (*_ENDINGS, *map(_target, study.plan.targets)), absent=NOTHING_YET)
    columns = (*_ENDINGS, *map(_target, study.plan.targets))
    rows = ((setting, _cells(setting, study)) for setting in study.ranked)
    return table_of_settings(study, _NAMES, columns, rows, _NOTE, badged=True)


def _cells(setting: Setting, study: Study) -> Iterator[Cell]:
    middle, least, most = setting.iterations
    text = setting.outcome_text
    yield Cell(text, text, "outcome", str(remarks(setting, study.plan.targets)))
    yield counted(middle, "" if least == most else span(least, most))
    yield measured(setting.final_cost)
    yield measured(setting.relative_gap)
    yield from (_reach(setting, target) for target in study.plan.targets)


def _reach(setting: Setting, target: str) -> Cell:
    """Censored values sort after all that were reached."""
    reach = setting.reach(target)
    if reach is None:
        return censored("never") if measurable(setting.problem) else unknown("not measured")
    return censored(reach.text) if math.isinf(reach.median) else Cell(reach.text, reach.median, "number")


_NAMES_OF_ENDINGS = ("endings", "Final cost")
_COLUMNS_OF_ENDINGS = (
    Column("outcome", "string", "How many of the runs ended how; only converged is success."),
    Column("objective_gap", "float64", "Cost above the optimum at the end: f − f*; the median run."),
    Column("best_objective_gap", "float64", "The least gap that the run met: the median run.", "best gap"),
    Column("relative_gap", "float64", f"{RELATIVE_GAP} At the end, the median run."),
    Column("gradient_norm", "float64", "‖∇f‖₂ at the end: the median run."),
    Column("final_cost", "float64", "Mean cost per row at the end: the median run."),
    Column("best_cost", "float64", "The lowest cost that the run met: the median run."),
)


_NOTE_ON_ENDINGS = (
    "The median of a setting's runs, with quartiles beneath where they differ. A gap needs an optimum that is "
    "known. A gap below zero, of the size of rounding, is the optimum."
)


def endings_table(study: Study) -> Table:
    """One row per setting, best first: gaps, gradient norm and cost, with quartiles where runs differ."""
    if not study.settings:
        return Table(*_NAMES_OF_ENDINGS, absent=NOTHING_YET)
    rows = ((setting, _ending_cells(setting)) for setting in study.ranked)
    return table_of_settings(study, _NAMES_OF_ENDINGS, _COLUMNS_OF_ENDINGS, rows, _NOTE_ON_ENDINGS, badged=True)


def _ending_cells(setting: Setting) -> Iterator[Cell]:
    results = [run.result for run in setting.runs]
    best = setting.problem.optimum.cost
    yield words(setting.outcome_text, "outcome")
    yield _middle(r.gap(best) for r in results)
    yield _middle(_best_gap(r, best) for r in results)
    yield _middle(setting.gaps())
    yield _middle(r.final_gradient_norm for r in results)
    yield _middle(r.final_cost for r in results)
    yield _middle(r.best_cost for r in results)


def _best_gap(result: RunResult, optimum: float | None) -> float | None:
    """As recorded, or by subtraction in records without it."""
    if result.best_gap is not None or result.best_cost is None or optimum is None:
        return result.best_gap
    return result.best_cost - optimum


def _middle(values: Iterable[float | None]) -> Cell:
    return middle_of(spread(value for value in values if value is not None and not math.isnan(value)))
