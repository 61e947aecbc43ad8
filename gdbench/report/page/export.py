"""Writes the frames of an experiment for other programs: Parquet or CSV, whole, every column explained."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from gdbench.config.outside import sheet
from gdbench.descent.errors import GdbenchError, UnknownName
from gdbench.judgement.model import learned
from gdbench.judgement.study import Study, study
from gdbench.record.columns import PARAMETER_COLUMNS, PARAMETER_KEY, Column
from gdbench.record.curves import columns_of_curves, curve_batches, schema_of, stream
from gdbench.record.fields import PROBLEMS
from gdbench.record.frames import frame, problems_frame, runs_of
from gdbench.record.sheets import fields_of
from gdbench.record.store import Store
from gdbench.report.tables.contents import parameter_values
from gdbench.report.tables.setting_rows import values_of_settings

FORMATS = ("parquet", "csv")


def export(store_folder: Path, to: str = "parquet", output: Path | None = None) -> list[Path]:
    """Write runs, curves, problems, learned parameters and the dictionary of their columns; returns the files.

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
        tables = {"runs": runs, "curves": curves, "problems": PROBLEMS, "parameters": PARAMETERS}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return [
                _frame(folder / f"runs.{to}", runs_of(about), runs),
                stream(folder / f"curves.{to}", curve_batches(about, store, curves), schema_of(curves)),
                _frame(folder / f"problems.{to}", problems_frame(about), PROBLEMS),
                _frame(folder / f"parameters.{to}", parameters_frame(about, store), PARAMETERS),
                _dictionary(folder / "columns.csv", tables),
            ]
        except OSError as error:
            raise GdbenchError(f"{folder}: cannot be written: {error.strerror or error}.") from error


#: Of the frame of learned parameters.
PARAMETERS = (PARAMETER_KEY, *PARAMETER_COLUMNS)


def parameters_frame(about: Study, store: Store) -> pd.DataFrame:
    """What each run has learned, a row for each parameter; `PARAMETERS` says what is what."""
    models = (learned(run, about.problems[run.problem]) for run in about.with_curves(store))
    rows = (
        {"key": model.run.key, **parameter_values(parameter)}
        for model in models
        if model is not None
        for parameter in model.parameters
    )
    return frame(rows, PARAMETERS)


def _frame(path: Path, table: pd.DataFrame, columns: Sequence[Column]) -> Path:
    plain = pa.Table.from_pandas(table, preserve_index=False)
    described = [
        plain.schema.field(column.name).with_metadata({"description": column.meaning}) for column in columns
    ]
    schema = pa.schema(described, plain.schema.metadata)
    return stream(path, plain.cast(schema).to_batches(), schema)


def _dictionary(path: Path, tables: dict[str, Sequence[Column]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "column", "type", "meaning"])
        for name, columns in tables.items():
            writer.writerows(
                [name, sheet(column.name), column.dtype, sheet(column.meaning)] for column in columns
            )
    return path


def settings_frame(study: Study) -> pd.DataFrame:
    """Every setting with its place, outcomes, speed and ending; `settings_columns` says what is what."""
    return frame(*values_of_settings(study))
