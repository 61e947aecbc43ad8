"""Curves by the million: Arrow tables, run after run, few in memory at once; or thinned to be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from gdbench.config.outside import FORMULA, sheet
from gdbench.descent.recording.result import Curve
from gdbench.record.columns import Column, curves_columns
from gdbench.record.recorded_plan import RecordedPlan, thinned
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

_TYPES = {"string": pa.string(), "Int64": pa.int64(), "float64": pa.float64()}

_USUAL = frozenset(column.name for column in curves_columns())

#: Rows of a report's curves.csv in all; it is thinned to them, and `gdbench export` has every point.
CURVE_ROWS = 100_000
#: Points of one curve in it, at most and at least.
MOST, LEAST = 300, 20

#: Rows that are put together before they are handed on, and curves that are on the way there: a batch of a
#: few points is some kilobytes of Arrow's own.
_BATCH, _TOGETHER = 200_000, 500


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
    joined: list[pa.RecordBatch] = []
    waiting: list[pa.RecordBatch] = []
    rows = 0
    runs = {run.key: run for run in about.runs}
    for key, curve in store.curves(runs):
        if not curve.iteration:
            continue
        thin = limit is not None and len(curve.iteration) > limit
        places = thinned(curve.iteration, limit or 0, keep_of(runs[key], curve)) if thin else slice(None)
        waiting.append(_batch(key, curve, places, about.problems[runs[key].problem], schema))
        rows += waiting[-1].num_rows
        if rows >= _BATCH:
            yield pa.concat_batches([*joined, *waiting])
            joined, waiting, rows = [], [], 0
        elif len(waiting) == _TOGETHER:
            joined, waiting = [*joined, pa.concat_batches(waiting)], []
    if joined or waiting:
        yield pa.concat_batches([*joined, *waiting])


def _batch(
    key: str, curve: Curve, places: slice | list[int], problem: ProblemRecord, schema: pa.Schema
) -> pa.RecordBatch:
    best = problem.optimum.cost
    iteration = np.asarray(curve.iteration)[places]
    nothing = np.full(len(iteration), np.nan)
    series = {name: np.asarray(values)[places] for name, values in curve.series.items() if values}
    gap = series.get("gap", nothing if best is None else series.get("cost", nothing) - best)
    measure = problem.yardstick
    values = {
        "iteration": iteration,
        "objective_gap": gap,
        "relative_gap": gap / measure.length if measure else nothing,  # as `Yardstick.gap`, a column at a time
        **series,
    }
    # a series that was looked at here and there has no value elsewhere
    columns = [
        _texts(key, len(iteration)) if name == "key" else _numbers(values.get(name, nothing), name)
        for name in schema.names
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


# By their buffers: `pyarrow.array` would import pandas, which takes longer than a small report.


def _texts(text: str, times: int) -> pa.Array:
    """The same text again and again."""
    packed = text.encode()
    ends = np.arange(times + 1, dtype=np.int32) * len(packed)
    return pa.Array.from_buffers(pa.string(), times, [None, pa.py_buffer(ends), pa.py_buffer(packed * times)])


def _numbers(values: np.ndarray, name: str) -> pa.Array:
    """Doubles, or whole numbers; of what is not in every curve, NaN is a gap."""
    kind = pa.int64() if name == "iteration" else pa.float64()
    packed = np.ascontiguousarray(values, dtype=np.int64 if name == "iteration" else np.float64)
    there = None
    if name not in _USUAL and np.isnan(packed).any():
        there = pa.py_buffer(np.packbits(~np.isnan(packed), bitorder="little"))
    return pa.Array.from_buffers(kind, len(packed), [there, pa.py_buffer(packed)])


def keep_of(run: RunRecord, curve: Curve) -> list[int]:
    """The iterations that a thinned curve of a run must not lose."""
    kept = (run.result.best_iteration, *run.result.iterations_to.values())
    tested = zip(curve.iteration, curve.series.get("test_cost", ()), strict=False)
    looked_at = (iteration for iteration, cost in tested if cost == cost)
    return [*(iteration for iteration in kept if iteration is not None), *looked_at]


def report_curves(about: RecordedPlan, store: Store, path: Path) -> Path:
    """The curves of a report, thinned, as CSV."""
    limit = max(LEAST, min(MOST, CURVE_ROWS // max(1, len(about.runs))))
    columns = columns_of_curves(about, store)
    return stream(path, curve_batches(about, store, columns, limit), schema_of(columns))


def stream(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Path:
    """Batch after batch into a file beside it first, so that nobody reads half of one."""
    beside = path.with_name(f".{path.name}")
    parquet = path.suffix == ".parquet"
    try:
        if parquet:
            with pyarrow.parquet.ParquetWriter(str(beside), schema) as writer:
                for batch in batches:
                    writer.write(batch)
        else:
            named = pa.schema([field.with_name(sheet(field.name)) for field in schema])
            with pyarrow.csv.CSVWriter(str(beside), named) as writer:
                for batch in batches:
                    writer.write(_marked(batch, named))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _marked(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Texts as a spreadsheet may have them: `sheet`, a column at a time."""
    columns = [_marked_text(column) if _is_text(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _is_text(kind: pa.DataType) -> bool:
    """pandas' own texts are large ones to Arrow."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _marked_text(column: pa.Array) -> pa.Array:
    formula = pc.match_substring_regex(column, FORMULA)
    if not pc.any(formula).as_py():
        return column
    return pa.array([None if text is None else sheet(text) for text in column.to_pylist()], column.type)
