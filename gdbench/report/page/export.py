"""Writes the frames of an experiment for other programs: Parquet or CSV, whole, every column explained."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from gdbench.config.outside import FORMULA, sheet
from gdbench.descent.errors import GdbenchError, UnknownName
from gdbench.judgement.model import learned
from gdbench.judgement.remarks import remarks
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study, study
from gdbench.record.columns import PARAMETER_COLUMNS, PARAMETER_KEY, Column, settings_columns
from gdbench.record.curves import columns_of_curves, curve_batches, schema_of
from gdbench.record.fields import PROBLEMS
from gdbench.record.frames import fields_of, frame, problems_frame, runs_of
from gdbench.record.store import Store
from gdbench.report.tables.contents import parameter_values

FORMATS = ("parquet", "csv")

#: Rows of a report's curves.csv in all; it is thinned to them, and `gdbench export` has every point.
CURVE_ROWS = 100_000
#: Points of one curve in it, at most and at least.
MOST, LEAST = 300, 20


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


def report_frames(about: Study) -> Mapping[str, str]:
    """What a report has of the frames, as text: file name → CSV."""
    whole = {"settings.csv": settings_frame(about), "runs.csv": runs_of(about)}
    return {name: _as_sheet(table).to_csv(index=False, lineterminator="\n") for name, table in whole.items()}


def _as_sheet(table: pd.DataFrame) -> pd.DataFrame:
    """Texts and names of columns as a spreadsheet may have them."""
    texts = table.select_dtypes(["string", "object"]).columns
    return table.assign(**{name: table[name].map(sheet, na_action="ignore") for name in texts}).rename(
        columns=sheet
    )


def report_curves(about: Study, store: Store, path: Path) -> Path:
    """The curves of a report, thinned, as CSV."""
    limit = max(LEAST, min(MOST, CURVE_ROWS // max(1, len(about.runs))))
    columns = columns_of_curves(about, store)
    return stream(path, curve_batches(about, store, columns, limit), schema_of(columns))


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
    places: Counter[str] = Counter()
    rows = []
    for setting in study.ranked:
        places[setting.problem.id] += 1
        place = {"rank": places[setting.problem.id], "best": setting in study.best}
        rows.append({**place, **_values(setting), **_reaches(setting, study.plan.targets)})
    return frame(rows, settings_columns(list(study.plan.axes), study.plan.targets))


def _values(setting: Setting) -> Mapping[str, object]:
    middle, least, most = setting.iterations
    return {
        "problem": setting.problem.label,
        **setting.axes,
        "runs": len(setting.runs),
        "outcome": setting.outcome_text,
        "iterations": middle,
        "iterations_min": least,
        "iterations_max": most,
        "final_cost": setting.final_cost,
        "relative_gap": setting.relative_gap,
    }


def _reaches(setting: Setting, targets: Sequence[str]) -> Mapping[str, object]:
    values: dict[str, object] = {"remarks": str(remarks(setting, targets))}
    for target in targets:
        reach, name = setting.reach(target), f"iterations_to_{target}"
        values[name] = setting.reach_text(target)
        values[f"{name}_median"] = reach.median if reach else None
        values[f"{name}_reached"] = reach.reached if reach else None
    return values
