"""gdbench archive: an experiment frozen, and what there is to stand against."""

from __future__ import annotations

from pathlib import Path

from gdbench.cli.streams import put, say
from gdbench.cli.words import bytes_in_words, counted, print_columns
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.report.comparison.archive import SUFFIX, archive_of, frozen, shipped


def write_archive(folder: Path, output: Path | None) -> None:
    """Write it and say what is in it."""
    path = output or Path(f"{folder.name}{SUFFIX}")
    with Store.read(folder) as store:
        archive = frozen(study(store), store)
    try:
        path.write_bytes(archive.to_bytes())
    except OSError as error:
        raise GdbenchError(f"{path}: cannot be written: {error.strerror or error}.") from error
    put(str(path))
    methods, problems = counted(len(archive.methods), "method"), counted(len(archive.problems), "problem")
    say(f"{methods} on {problems}, {counted(len(archive.runs), 'run')}: {bytes_in_words(path.stat().st_size)}")


def list_archives() -> None:
    """Name, size and purpose of each."""
    found = [archive_of(name) for name in shipped()]
    rows = [
        (one.name, f"{len(one.methods)} methods, {len(one.problems)} problems", one.description)
        for one in found
    ]
    if rows:
        print_columns(rows)
