"""Writes the frames of an experiment for other programs: Parquet or CSV, whole, every column explained."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from gdbench.descent.errors import GdbenchError, UnknownName
from gdbench.judgement.study import study
from gdbench.record.columns import Column
from gdbench.record.curves import columns_of_curves, curve_batches, schema_of
from gdbench.record.fields import PROBLEMS
from gdbench.record.frames import fields_of, problems_frame, runs_of
from gdbench.record.store import Store

FORMATS = ("parquet", "csv")


def export(store_folder: Path, to: str = "parquet", output: Path | None = None) -> list[Path]:
    """Write runs, curves, problems and the dictionary of their columns; returns the files.

    to: "parquet" or "csv".  output: a folder, by default `<store_folder>/export`. Curves are streamed, so that
    neither their number nor their length is bounded by memory.
    """
    if to not in FORMATS:
        raise UnknownName("export format", to, FORMATS)
    folder = output or store_folder / "export"
    with Store.read(store_folder) as store:
        about = study(store)
        runs = [field.column for field in fields_of(about)]
        curves = columns_of_curves(about, store)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return [
                _frame(folder / f"runs.{to}", runs_of(about), runs),
                stream(folder / f"curves.{to}", curve_batches(about, store, curves), schema_of(curves)),
                _frame(folder / f"problems.{to}", problems_frame(about), PROBLEMS),
                _dictionary(folder / "columns.csv", {"runs": runs, "curves": curves, "problems": PROBLEMS}),
            ]
        except OSError as error:
            raise GdbenchError(f"{folder}: cannot be written: {error.strerror or error}.") from error


def _frame(path: Path, table: pd.DataFrame, columns: Sequence[Column]) -> Path:
    plain = pa.Table.from_pandas(table, preserve_index=False)
    described = [
        plain.schema.field(column.name).with_metadata({"description": column.meaning}) for column in columns
    ]
    schema = pa.schema(described, plain.schema.metadata)
    return stream(path, plain.cast(schema).to_batches(), schema)


def stream(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Path:
    """Batch after batch into a file beside it first, so that nobody reads half of one."""
    beside = path.with_name(f".{path.name}")
    writes = pyarrow.parquet.ParquetWriter if path.suffix == ".parquet" else pyarrow.csv.CSVWriter
    try:
        with writes(str(beside), schema) as writer:
            for batch in batches:
                writer.write(batch)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _dictionary(path: Path, tables: dict[str, Sequence[Column]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "column", "type", "meaning"])
        for name, columns in tables.items():
            writer.writerows([name, column.name, column.dtype, column.meaning] for column in columns)
    return path
