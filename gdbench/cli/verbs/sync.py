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
from gdbench.session.attachments import attachments
from gdbench.tracking.server.address import resolve_uri
from gdbench.tracking.sync import sync


def send(folders: Sequence[Path], results: Path, tracking_uri: str | None) -> None:
    """Send whatever MLflow does not have yet of these experiments, and say how much that was."""
    if not folders:
        raise GdbenchError(nothing_recorded(results, "nothing has been run yet, so there is nothing to send"))
    uri = resolve_uri(tracking_uri, results)
    for folder in folders:
        files = partial(attachments, folder, refused=say_unreported)
        with Store.read(folder) as store:
            report = sync(store, uri, results, files=files)
        put(f"{folder.name}: {report.sent} runs sent to {report.address}")
        if report.page:
            put(f"see them at {report.page}")
