"""The table of endings: how near the optimum the runs of each setting came, at best and at last."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from gdbench.descent.recording.result import RunResult
from gdbench.judgement.settings import Setting, spread
from gdbench.judgement.study import Study
from gdbench.record.columns import RELATIVE_GAP, Column
from gdbench.report.tables.setting_rows import table_of_settings
from gdbench.report.tables.table import NOTHING_YET, Cell, Table, middle_of, words

_NAMES = ("endings", "Final cost")
_COLUMNS = (
    Column("outcome", "string", "How many of the runs ended how; only converged is success."),
    Column("objective_gap", "float64", "Cost above the optimum at the end: f − f*; the median run."),
    Column("best_objective_gap", "float64", "The least gap that the run met: the median run.", "best gap"),
    Column("relative_gap", "float64", f"{RELATIVE_GAP} At the end, the median run."),
    Column("gradient_norm", "float64", "‖∇f‖₂ at the end: the median run."),
    Column("final_cost", "float64", "Mean cost per row at the end: the median run."),
    Column("best_cost", "float64", "The lowest cost that the run met: the median run."),
)


_NOTE = (
    "The median of a setting's runs, with quartiles beneath where they differ. A gap needs an optimum that is "
    "known. A gap below zero, of the size of rounding, is the optimum."
)


def endings_table(study: Study) -> Table:
    """One row per setting, best first: gaps, gradient norm and cost, with quartiles where runs differ."""
    if not study.settings:
        return Table(*_NAMES, absent=NOTHING_YET)
    rows = ((setting, _cells(setting)) for setting in study.ranked)
    return table_of_settings(study, _NAMES, _COLUMNS, rows, _NOTE, badged=True)


def _cells(setting: Setting) -> Iterator[Cell]:
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
