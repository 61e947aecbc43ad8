"""Writes reports beside the stores: each file appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gdbench.descent.errors import GdbenchError, UnknownName
from gdbench.judgement.expectations import checks
from gdbench.judgement.model import best_models
from gdbench.judgement.study import Study, study
from gdbench.record.sheets import csv_of, lines_of_runs
from gdbench.record.store import Store
from gdbench.report import FORMATS, USUAL
from gdbench.report.comparison.against import Against, against
from gdbench.report.comparison.archive import Archive
from gdbench.report.comparison.compare import compare
from gdbench.report.comparison.observation import Comparison
from gdbench.report.page.latex import latex
from gdbench.report.tables.contents import parameters_table, tables, theory_tables
from gdbench.report.tables.efforts_table import efforts_table
from gdbench.report.tables.expectations_table import expectations_table
from gdbench.report.tables.setting_rows import values_of_settings
from gdbench.report.tables.table import Table

#: The formats that are written where charts are drawn.
_DRAWN = {"html", "md", "svg", "pdf"}
#: Told why there are no charts, where vl-convert cannot draw them.
Missing = Callable[[str], None]


def write_report(
    store_folder: Path, formats: Sequence[str] = USUAL, missing: Missing = lambda _: None
) -> list[Path]:
    """Write the latest plan's report into `<store_folder>/report` and return the files, first to open first."""
    return write_reports([store_folder], formats, missing)


def write_reports(
    folders: Sequence[Path], formats: Sequence[str] = USUAL, missing: Missing = lambda _: None
) -> list[Path]:
    """The same of one experiment; of several, side by side, into `<first>/report/with-<other>…`."""
    for name in formats:
        if name not in FORMATS:
            raise UnknownName("report format", name, FORMATS)
    if len(folders) == 1:
        with Store.read(folders[0]) as store:
            return write_study(study(store), store, formats, missing)
    return write_comparison(folders, formats, missing)[1]


def write_study(about: Study, store: Store, formats: Sequence[str], missing: Missing) -> list[Path]:
    """The same of a study that is made already."""
    folder = store.path.parent / "report"
    files: dict[str, str | bytes] = {}
    if _DRAWN & set(formats):
        files |= documents([about], [store], None, formats, missing)
    if {"csv", "latex"} & set(formats):
        files |= _tables(_told(about, store), about.plan.experiment, formats)
    written = [_write(folder / name, text) for name, text in files.items()]
    # the frame of settings takes the place of their table
    return list(dict.fromkeys([*written, *(_data(about, store, folder) if "csv" in formats else ())]))


def _told(about: Study, store: Store) -> Sequence[Table]:
    """The tables that are files of their own."""
    published = checks(about, store)
    return [
        *([expectations_table(published)] if published else []),
        *tables(about),
        efforts_table(about),
        parameters_table(best_models(about, store)),
        *theory_tables(about, store),
    ]


def _data(about: Study, store: Store, folder: Path) -> Iterator[Path]:
    from gdbench.record.curves import report_curves  # noqa: PLC0415  a page needs no Arrow

    yield _write(folder / "settings.csv", csv_of(*values_of_settings(about)))
    yield _write(folder / "runs.csv", lines_of_runs(about))
    with _explained(folder / "curves.csv"):
        yield report_curves(about, store, folder / "curves.csv")


def write_comparison(
    store_folders: Sequence[Path], formats: Sequence[str], missing: Missing = lambda _: None
) -> tuple[Comparison, list[Path]]:
    """What comparing several experiments came to, and the files that say so."""
    names = distinct(store_folders)
    with ExitStack() as stack:
        stores = [stack.enter_context(Store.read(folder)) for folder in store_folders]
        studies = [study(store) for store in stores]
        compared = compare(names, studies, stores)
        files: dict[str, str | bytes] = {}
        if _DRAWN & set(formats):
            files |= documents(studies, stores, compared, formats, missing)
        files |= _tables(compared.tables, "-".join(names), formats)
    folder = store_folders[0] / "report" / f"with-{'-'.join(map(_plain, names[1:]))}"
    return compared, [_write(folder / name, text) for name, text in files.items()]


def write_against(
    store_folder: Path, archive: Archive, formats: Sequence[str] = USUAL, missing: Missing = lambda _: None
) -> tuple[Against, list[Path]]:
    """Where an experiment stands in an archive, and the files that say so, in `report/against-<archive>`."""
    with Store.read(store_folder) as store:
        about = study(store)
        stands = against(about, store, archive)
        files: dict[str, str | bytes] = {}
        if _DRAWN & set(formats):
            files |= documents([about], [store], None, formats, missing, stands)
        files |= _tables([stands.table], about.plan.experiment, formats)
    folder = store_folder / "report" / f"against-{_plain(archive.name)}"
    return stands, [_write(folder / name, content) for name, content in files.items()]


def live_page(store_folder: Path, version: int, missing: Missing = lambda _: None) -> str:
    """The page as it is now, which asks who serves it for newer ones. version: how often it has been made."""
    with Store.read(store_folder) as store:
        pages = documents([study(store)], [store], None, ["html"], missing, live=version)
    return str(pages["index.html"])


def write_stills(store_folder: Path, asked: Sequence[int] | None, formats: Sequence[str]) -> list[Path]:
    """Pictures of the descents at some iterations, None for all that are recorded, into `report/stills`."""
    from gdbench.report.stills import stills  # noqa: PLC0415  charts and pictures, which tables do without

    folder = store_folder / "report" / "stills"
    return [_write(folder / name, content) for name, content in stills(store_folder, asked, formats)]


def distinct(folders: Sequence[Path]) -> list[str]:
    """The folders' names, with as much of what is above them as tells them apart."""
    parts = [folder.resolve().parts for folder in folders]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-depth:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    raise GdbenchError(f"{folders[0]}: an experiment cannot be compared with itself.")


def _plain(name: str) -> str:
    return name.replace("/", "-").strip("-")


def documents(
    studies: Sequence[Study],
    stores: Sequence[Store],
    compared: Comparison | None,
    formats: Sequence[str],
    missing: Missing,
    stands: Against | None = None,
    live: int = 0,
) -> Mapping[str, str | bytes]:
    """File name → content, of the formats that take charts; with Markdown come its pictures."""
    from gdbench.report.page.page import documents as drawn  # noqa: PLC0415  tables need no charts

    return drawn(studies, stores, compared, formats, missing, stands, live)


def _tables(shown: Sequence[Table], name: str, formats: Sequence[str]) -> Mapping[str, str]:
    files = {f"{table.id}.csv": table.csv() for table in shown} if "csv" in formats else {}
    if "latex" in formats:
        files["tables.tex"] = latex(shown, name)
    return files


def _write(path: Path, content: str | bytes | Iterator[str]) -> Path:
    """Into a temporary file first, then in place of the old one, so that no reader sees half a file."""
    parts = [content] if isinstance(content, str | bytes) else content
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(part.encode() if isinstance(part, str) else part for part in parts)
            # mkstemp makes files that only their owner may read; a report is for everybody.
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    return path


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GdbenchError(f"{path}: the report cannot be written: {error.strerror or error}.") from error
