"""Curves by the million: Arrow tables, run after run, few in memory at once; or thinned to be drawn."""

from __future__ import annotations

import math
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

#: Rows that are put together before they are handed on, and curves of which Arrow gets a batch.
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
    waiting = _Waiting(schema)
    rows = 0
    runs = {run.key: run for run in about.runs}
    for key, curve in store.curves(runs):
        if not curve.iteration:
            continue
        places = None
        if limit is not None and len(curve.iteration) > limit:
            places = thinned(curve.iteration, limit, keep_of(runs[key], curve))
        rows += waiting.add(key, curve, places, about.problems[runs[key].problem])
        if rows >= _BATCH:
            yield pa.concat_batches([*joined, waiting.taken()])
            joined, rows = [], 0
        elif len(waiting.keys) == _TOGETHER:
            joined.append(waiting.taken())
    if waiting.keys:
        joined.append(waiting.taken())
    if joined:
        yield pa.concat_batches(joined)


class _Waiting:
    """Curves on their way into a batch, column by column: a batch has kilobytes of its own."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self.keys: list[tuple[str, int]] = []
        self._columns: dict[str, list[float]] = {name: [] for name in schema.names if name != "key"}

    def add(self, key: str, curve: Curve, places: Sequence[int] | None, problem: ProblemRecord) -> int:
        """How many rows it has. places: the points that are kept, where not all are."""
        best, measure = problem.optimum.cost, problem.yardstick
        series: dict[str, Sequence[float]] = {"iteration": _at(curve.iteration, places)}
        series |= {name: _at(values, places) for name, values in curve.series.items() if values}
        nothing = [math.nan] * len(series["iteration"])
        costs = series.get("cost", nothing)
        gaps = series.get("gap") or (nothing if best is None else [cost - best for cost in costs])
        values = {
            "objective_gap": gaps,
            # as `Yardstick.gap`
            "relative_gap": [gap / measure.length for gap in gaps] if measure else nothing,
            **series,
        }
        for name, column in self._columns.items():
            # a series that was looked at here and there has no value elsewhere
            column.extend(values.get(name, nothing))
        self.keys.append((key, len(nothing)))
        return len(nothing)

    def taken(self) -> pa.RecordBatch:
        """All that waited, as a batch."""
        columns = [
            _texts(self.keys) if name == "key" else _numbers(self._columns[name], name)
            for name in self._schema.names
        ]
        self.keys = []
        self._columns = {name: [] for name in self._columns}
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)


def _at(values: Sequence[float], places: Sequence[int] | None) -> Sequence[float]:
    return values if places is None else [values[place] for place in places]


# By their buffers: `pyarrow.array` would import pandas, which takes longer than a small report.


def _texts(some: Sequence[tuple[str, int]]) -> pa.Array:
    """Each text again and again."""
    packed = [text.encode() for text, _ in some]
    times = [times for _, times in some]
    ends = np.concatenate([[0], np.cumsum(np.repeat(list(map(len, packed)), times))]).astype(np.int32)
    whole = b"".join(text * often for text, often in zip(packed, times, strict=True))
    return pa.Array.from_buffers(pa.string(), len(ends) - 1, [None, pa.py_buffer(ends), pa.py_buffer(whole)])


def _numbers(values: Sequence[float], name: str) -> pa.Array:
    """Doubles, or whole numbers; of what is not in every curve, NaN is a gap."""
    kind = pa.int64() if name == "iteration" else pa.float64()
    packed = np.array(values, dtype=np.int64 if name == "iteration" else np.float64)
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
