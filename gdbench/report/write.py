"""Writes the report of one experiment, or of several side by side: each file appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gdbench.descent.errors import GdbenchError, UnknownName
from gdbench.execution.store import Store
from gdbench.report.comparison import Comparison, compare
from gdbench.report.figure import Figure
from gdbench.report.frames import curves_frame, runs_of
from gdbench.report.markdown import markdown
from gdbench.report.page import page
from gdbench.report.sections import Report, report
from gdbench.report.study import Study, study
from gdbench.report.tables import settings_table

FORMATS = ("html", "md", "csv")

#: With more charts than these, only those of convergence become files of their own.
PICTURES = 12


def write_report(store_folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write the latest plan's report into `<store_folder>/report` and return the files, first to open first."""
    return write_reports([store_folder], formats)


def write_reports(folders: Sequence[Path], formats: Sequence[str] = FORMATS) -> list[Path]:
    """The same of several experiments side by side, the first being what the others are compared with.

    Into `<first>/report/with-<other>…`. Their tables and data are files of their own for each.
    """
    for name in formats:
        if name not in FORMATS:
            raise UnknownName("report format", name, FORMATS)
    names = _names(folders)
    with ExitStack() as stack:
        stores = [stack.enter_context(Store.read(folder)) for folder in folders]
        told = Told(names, tuple(stores), tuple(study(store) for store in stores))
        files: dict[str, str] = {}
        for name in FORMATS:
            if name in formats:
                files |= _WRITERS[name](told)
    folder = folders[0] / "report"
    if len(folders) > 1:
        folder /= f"with-{'-'.join(folder.name for folder in folders[1:])}"
    return [_write(folder / name, text) for name, text in files.items()]


@dataclass(frozen=True)
class Told:
    """What is written of: experiments by name, their stores and studies, and, once asked for, what is drawn."""

    names: Sequence[str]
    stores: Sequence[Store]
    studies: Sequence[Study]

    @cached_property
    def reports(self) -> list[Report]:
        return [report(about, store) for about, store in zip(self.studies, self.stores, strict=True)]

    @cached_property
    def comparison(self) -> Comparison | None:
        if len(self.studies) == 1:
            return None
        return compare(self.names, self.studies, self.stores)

    def file(self, number: int, name: str) -> str:
        """The name of a file about one of the experiments."""
        return name if len(self.names) == 1 else f"{number}-{name}"


def _names(folders: Sequence[Path]) -> list[str]:
    """Folders' names, with as much of their paths as tells them apart."""
    short = [folder.name for folder in folders]
    return short if len(set(short)) == len(short) else [str(folder) for folder in folders]


def _html(told: Told) -> Mapping[str, str]:
    return {"index.html": page(told.reports, told.comparison)}


def _md(told: Told) -> Mapping[str, str]:
    files: dict[str, str] = {}
    for number, made in enumerate(told.reports, start=1):
        pictures = _pictures(made.charts.all)
        files[told.file(number, "report.md")] = markdown(made.study, pictures)
        files |= {told.file(number, f"{picture.id}.svg"): picture.svg() for picture in pictures}
    return files


def _pictures(figures: Sequence[Figure]) -> list[Figure]:
    """The charts that become files: all while they are few, else those of convergence and of all problems."""
    if len(figures) <= PICTURES:
        return list(figures)
    return [figure for figure in figures if figure.id.startswith("gap") or not figure.problem]


def _csv(told: Told) -> Mapping[str, str]:
    files: dict[str, str] = {}
    for number, (about, store) in enumerate(zip(told.studies, told.stores, strict=True), start=1):
        tables = {
            "settings.csv": settings_table(about),
            "runs.csv": runs_of(about),
            "curves.csv": curves_frame(store, about.plan),
        }
        for name, table in tables.items():
            files[told.file(number, name)] = table.to_csv(index=False, lineterminator="\n")
    return files


_WRITERS: Mapping[str, Callable[[Told], Mapping[str, str]]] = {"html": _html, "md": _md, "csv": _csv}


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
