"""Frames as Parquet files, as pandas would write them; importing it takes longer than a short sweep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from gdbench.record.columns import Column
from gdbench.record.curves import curves_table
from gdbench.record.recorded_plan import RecordedPlan
from gdbench.record.sheets import fields_of, microseconds, rows_of_runs
from gdbench.record.store import Store

_TIME = "datetime64[us, UTC]"

#: dtype → Arrow's type, and what the file tells pandas of such a column.
_KINDS = {
    "string": (pa.large_string(), "object", "string", None),
    "Int64": (pa.int64(), "int64", "Int64", None),
    "float64": (pa.float64(), "float64", "float64", None),
    "boolean": (pa.bool_(), "bool", "boolean", None),
    _TIME: (pa.timestamp("us", tz="UTC"), "datetimetz", "datetime64[us]", {"timezone": "UTC"}),
}


def write_runs(about: RecordedPlan, path: Path) -> Path:
    """The finished runs of a plan: what `runs_of(about).to_parquet` writes."""
    columns, rows = [field.column for field in fields_of(about)], list(rows_of_runs(about))
    arrays = [_array([row[column.name] for row in rows], column.dtype) for column in columns]
    return _write(pa.Table.from_arrays(arrays, schema=_schema(columns)), path)


def write_curves(about: RecordedPlan, store: Store, path: Path) -> Path:
    """Every recorded iteration of them: what `curves_of(about, store).to_parquet` writes."""
    columns, table = curves_table(about, store)
    arrays = [_without_nan(column) for column in table.combine_chunks().columns]
    plain = pa.Table.from_arrays(arrays, names=table.column_names)
    return _write(plain.cast(_schema(columns)), path)


def _write(table: pa.Table, path: Path) -> Path:
    pyarrow.parquet.write_table(table, str(path))
    return path


def _schema(columns: Sequence[Column]) -> pa.Schema:
    """With what pandas looks for to make the same frame of it."""
    told = []
    for column in columns:
        _, pandas_type, numpy_type, metadata = _KINDS[column.dtype]
        named = {"name": column.name, "field_name": column.name}
        told.append({**named, "pandas_type": pandas_type, "numpy_type": numpy_type, "metadata": metadata})
    whole = {
        "index_columns": [],
        "column_indexes": [],
        "columns": told,
        "attributes": {},
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": version("pandas"),
    }
    fields = [pa.field(column.name, _KINDS[column.dtype][0]) for column in columns]
    return pa.schema(fields, {"pandas": json.dumps(whole)})


def _without_nan(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """NaN is nothing, as it is to pandas."""
    if column.type != pa.float64():
        return column
    return pc.if_else(pc.is_nan(column), pa.nulls(len(column), pa.float64()), column)


# By their buffers: `pyarrow.array` would import pandas.


def _array(values: Sequence[object], dtype: str) -> pa.Array:
    """None and NaN are gaps."""
    there = [value is not None and value == value for value in values]
    gaps = None if all(there) else _bits(there)
    known = [value if it_is else None for value, it_is in zip(values, there, strict=True)]
    packed = _texts(known) if dtype == "string" else [_numbers(known, dtype)]
    return pa.Array.from_buffers(_KINDS[dtype][0], len(known), [gaps, *packed])


def _texts(values: Sequence[object]) -> list[pa.Buffer]:
    texts = [b"" if value is None else str(value).encode() for value in values]
    ends = np.array([0, *accumulate(map(len, texts))], dtype=np.int64)
    return [pa.py_buffer(ends), pa.py_buffer(b"".join(texts))]


def _numbers(values: Sequence[object], dtype: str) -> pa.Buffer:
    numbers = [value if isinstance(value, int | float) else 0 for value in values]
    if dtype == "boolean":
        return _bits(numbers)
    if dtype == "float64":
        return pa.py_buffer(np.array(numbers, dtype=np.float64))
    whole = [microseconds(number) if dtype == _TIME else int(number) for number in numbers]
    return pa.py_buffer(np.array(whole, dtype=np.int64))


def _bits(values: Sequence[object]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(np.array(values, dtype=bool), bitorder="little"))
