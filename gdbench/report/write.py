"""Writes an experiment's report beside its store: each file appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gdbench.descent.errors import GdbenchError, UnknownName
from gdbench.execution.store import Store
from gdbench.report.charts import figures
from gdbench.report.figure import Figure
from gdbench.report.frames import curves_frame, runs_of
from gdbench.report.markdown import markdown
from gdbench.report.page import page
from gdbench.report.study import Study, study
from gdbench.report.tables import settings_table

FORMATS = ("html", "md", "csv")


def write_report(store_folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write the latest plan's report into `<store_folder>/report` and return the files, first to open first."""
    for name in formats:
        if name not in FORMATS:
            raise UnknownName("report format", name, FORMATS)
    with Store.read(store_folder) as store:
        about = study(store)
        drawn = figures(about, store) if {"html", "md"} & set(formats) else []
        files: dict[str, str] = {}
        for name in FORMATS:
            if name in formats:
                files |= _WRITERS[name](about, store, drawn)
    folder = store_folder / "report"
    return [_write(folder / name, text) for name, text in files.items()]


def _html(about: Study, _: Store, drawn: list[Figure]) -> Mapping[str, str]:
    return {"index.html": page(about, drawn)}


def _md(about: Study, _: Store, drawn: list[Figure]) -> Mapping[str, str]:
    pictures = [figure for figure in drawn if figure.id.startswith("gap")]
    return {"report.md": markdown(about, pictures), **{f"{p.id}.svg": p.svg() for p in pictures}}


def _csv(about: Study, store: Store, _: list[Figure]) -> Mapping[str, str]:
    tables = {
        "settings.csv": settings_table(about),
        "runs.csv": runs_of(about),
        "curves.csv": curves_frame(store, about.plan),
    }
    return {name: table.to_csv(index=False, lineterminator="\n") for name, table in tables.items()}


_WRITERS: Mapping[str, Callable[[Study, Store, list[Figure]], Mapping[str, str]]] = {
    "html": _html,
    "md": _md,
    "csv": _csv,
}


def _write(path: Path, text: str) -> Path:
    """Into a temporary file first, then in place of the old one, so that no reader sees half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            # mkstemp makes files that only their owner may read; a report is for everybody.
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise GdbenchError(f"{path}: the report cannot be written: {error.strerror or error}.") from error
    return path
