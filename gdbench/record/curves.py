"""Curves by the million: Arrow tables, run after run, few in memory at once; or thinned to be drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from gdbench.record.columns import Column, curves_columns
from gdbench.record.recorded_plan import RecordedPlan, thinned
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

_TYPES = {"string": pa.string(), "Int64": pa.int64(), "float64": pa.float64()}

_USUAL = frozenset(column.name for column in curves_columns())

#: Rows that are put together before they are handed on.
_BATCH = 200_000


def columns_of_curves(about: RecordedPlan, store: Store) -> list[Column]:
    """The columns of a plan's curves: the usual ones, then a series that some runs have besides."""
    return curves_columns(store.further_series(run.key for run in about.runs))


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    """The same as Arrow wants it."""
    return pa.schema([pa.field(c.name, _TYPES[c.dtype], metadata={"description": c.meaning}) for c in columns])


def curves_table(
    about: RecordedPlan, store: Store, limit: int | None = None
) -> tuple[Sequence[Column], pa.Table]:
    """All curves of a plan. limit: points of one run at most, log-spaced, crossings and the best kept."""
    columns = columns_of_curves(about, store)
    batches = curve_batches(about, store, columns, limit)
    return columns, pa.Table.from_batches(batches, schema_of(columns))


def curve_batches(
    about: RecordedPlan, store: Store, columns: Sequence[Column], limit: int | None = None
) -> Iterator[pa.RecordBatch]:
    """The same in batches of about `_BATCH` rows."""
    schema = schema_of(columns)
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for run in about.with_curves(store):
        if not run.result.curve.iteration:
            continue
        waiting.append(_batch(run, about.problems[run.problem], schema, limit))
        rows += waiting[-1].num_rows
        if rows >= _BATCH:
            yield pa.concat_batches(waiting)
            waiting, rows = [], 0
    if waiting:
        yield pa.concat_batches(waiting)


def _batch(run: RunRecord, problem: ProblemRecord, schema: pa.Schema, limit: int | None) -> pa.RecordBatch:
    curve, best = run.result.curve, problem.optimum.cost
    places: slice | list[int] = slice(None)
    if limit is not None:
        places = thinned(curve.iteration, limit, keep_of(run))
    iteration = np.asarray(curve.iteration)[places]
    nothing = np.full(len(iteration), np.nan)
    series = {name: np.asarray(values)[places] for name, values in curve.series.items() if values}
    gap = series.get("gap", nothing if best is None else series.get("cost", nothing) - best)
    measure = problem.yardstick
    values = {
        "key": pa.array([run.key]).take(pa.array(np.zeros(len(iteration), dtype=np.int64))),
        "iteration": iteration,
        "objective_gap": gap,
        "relative_gap": gap / measure.length if measure else nothing,  # as `Yardstick.gap`, a column at a time
        **series,
    }
    # a series that was looked at here and there has no value elsewhere
    return pa.RecordBatch.from_arrays(
        [pa.array(values.get(name, nothing), from_pandas=name not in _USUAL) for name in schema.names],
        schema=schema,
    )


def keep_of(run: RunRecord) -> list[int]:
    """The iterations that a thinned curve must not lose."""
    kept = (run.result.best_iteration, *run.result.iterations_to.values())
    curve = run.result.curve
    tested = zip(curve.iteration, curve.series.get("test_cost", ()), strict=False)
    looked_at = (iteration for iteration, cost in tested if cost == cost)
    return [*(iteration for iteration in kept if iteration is not None), *looked_at]
