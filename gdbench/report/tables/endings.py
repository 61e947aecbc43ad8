"""The table of endings: how near the optimum the runs of each setting came, at best and at last."""

from __future__ import annotations

import math
from collections.abc import Iterable

from gdbench.judgement.numerals import MISSING, figure
from gdbench.judgement.settings import Setting
from gdbench.judgement.spread import spread
from gdbench.judgement.study import Study
from gdbench.record.columns import RELATIVE_GAP, Column
from gdbench.report.tables.settings_table import axis_cell, axis_column, badge, shown_axes
from gdbench.report.tables.table import Cell, Row, Table, words

_COLUMNS = (
    Column("outcome", "string", "How many of the runs ended how; only converged is success."),
    Column("objective_gap", "float64", "Cost above the optimum at the end: f − f*; the median run."),
    Column("best_objective_gap", "float64", "The least gap that the run met: the median run.", "best gap"),
    Column("relative_gap", "float64", f"{RELATIVE_GAP} At the end, the median run."),
    Column("gradient_norm", "float64", "‖∇f‖₂ at the end: the median run."),
    Column("final_cost", "float64", "Mean cost per row at the end: the median run."),
    Column("best_cost", "float64", "The lowest cost that the run met: the median run."),
)


def endings_table(study: Study) -> Table:
    """One row per setting, best first: gaps, gradient norm and cost, with quartiles where runs differ."""
    if not study.settings:
        return Table("endings", "Final cost", absent="No run has finished yet.")
    axes = shown_axes(study)
    columns = (*map(axis_column, axes), *_COLUMNS)
    rows = tuple(
        Row(_cells(setting, axes), setting in study.best, badge(setting), study.numbers[setting])
        for setting in study.ranked
    )
    return Table("endings", "Final cost", columns, rows, _NOTE)


_NOTE = (
    "The median of a setting's runs, with quartiles beneath where they differ. A gap needs an optimum that is "
    "known. A gap below zero, of the size of rounding, is the optimum."
)


def _cells(setting: Setting, axes: list[str]) -> tuple[Cell, ...]:
    results = [run.result for run in setting.runs]
    best = setting.problem.optimum.cost
    return (
        *(axis_cell(setting, axis) for axis in axes),
        words(setting.outcome_text, "outcome"),
        _spread(_minus(r.final_cost, best) for r in results),
        _spread(_minus(r.best_cost, best) for r in results),
        _spread(setting.gaps()),
        _spread(r.final_gradient_norm for r in results),
        _spread(r.final_cost for r in results),
        _spread(r.best_cost for r in results),
    )


def _minus(cost: float | None, best: float | None) -> float | None:
    return None if cost is None or best is None else cost - best


def _spread(values: Iterable[float | None]) -> Cell:
    known = spread(value for value in values if value is not None and not math.isnan(value))
    if known is None:
        return Cell(MISSING, None, "number")
    low, high = figure(known.low, 3), figure(known.high, 3)
    return Cell(figure(known.median), known.median, "number", "" if low == high else f"{low} to {high}")
