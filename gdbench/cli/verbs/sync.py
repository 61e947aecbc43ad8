"""gdbench sync: bring MLflow up to date with what is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from gdbench.cli.consoles import say_unreported
from gdbench.cli.streams import put
from gdbench.descent.errors import GdbenchError
from gdbench.record.locate import nothing_recorded
from gdbench.record.store import Store
from gdbench.session.beside import attached
from gdbench.tracking.experiment import InTrash
from gdbench.tracking.server.address import masked, resolve_uri, sqlite_path
from gdbench.tracking.server.schema import Age
from gdbench.tracking.sync import sync


def send(
    folders: Sequence[Path],
    results: Path,
    tracking_uri: str | None,
    *,
    upgrade: bool = False,
    restore: bool = False,
) -> None:
    """Send whatever MLflow does not have yet of these experiments, and say what was sent and put right.

    upgrade: an older MLflow's database is brought to the schema of the installed one before.
    restore: experiments that somebody has put into MLflow's trash are taken out; else they are left there.
    """
    uri = resolve_uri(tracking_uri, results)
    if upgrade:
        _upgrade(uri, results)
    if not folders:
        raise GdbenchError(nothing_recorded(results, "nothing has been run yet, so there is nothing to send"))
    trashed: list[InTrash] = []
    for folder in folders:
        try:
            _send(folder, uri, results, restore=restore)
        except InTrash as error:
            trashed.append(error)
    if trashed:
        raise GdbenchError("\n".join(map(str, trashed)))


def _send(folder: Path, uri: str, results: Path, *, restore: bool) -> None:
    files = partial(attached, refused=say_unreported)
    with Store.read(folder) as store:
        report = sync(store, uri, results, files=files, restore=restore)
    missing = report.recorded - report.held
    there = f"{report.held} of {report.recorded}" if missing else f"all {report.recorded}"
    put(f"{folder.name}: {report.sent} runs sent to {report.address}, which has {there}")
    for remark in report.remarks:
        put(f"{folder.name}: {remark}")
    if report.page:
        put(f"see them at {report.page}")


def _upgrade(uri: str, results: Path) -> None:
    from gdbench.tracking.server.connection import upgraded_database  # noqa: PLC0415  imports MLflow: where asked

    where, upgraded = sqlite_path(uri) or masked(uri, uri), upgraded_database(uri, results)
    if upgraded.age is not Age.OLDER:
        put(f"{where}: needs no upgrade")
    elif upgraded.backup:
        put(f"{where}: upgraded; as it was it is kept in {upgraded.backup}")
    else:
        put(f"{where}: upgraded")
