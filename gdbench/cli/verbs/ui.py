"""gdbench ui: MLflow's own UI on our results."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from gdbench.descent.errors import GdbenchError
from gdbench.record.locate import STORE_NAME, recorded
from gdbench.record.store import Store
from gdbench.tracking.parent import options
from gdbench.tracking.server.address import resolve_uri, sqlite_path
from gdbench.tracking.server.embedded import names_now
from gdbench.tracking.server.ui import serve


def browse(experiment: str | None, host: str, port: int | None, results: Path, tracking_uri: str | None) -> int:
    """Serve it until Ctrl-C ends it. experiment: the one whose address is printed, or None for the latest."""
    uri = resolve_uri(tracking_uri, results)
    names, path = _mlflow_names(results), sqlite_path(uri)
    if path is not None:  # a server is asked as it is served
        now = names_now(path, names.values())
        names = {name: now[called] for name, called in names.items()}
    wanted = names.get(experiment, experiment) if experiment else None
    return serve(uri, results, host=host, port=port, experiment=wanted, latest=tuple(names.values()))


def _mlflow_names(results: Path) -> dict[str, str]:
    """What MLflow calls the recorded experiments, the one that was written to last first."""
    folders = [results / name for name in recorded(results)]
    folders.sort(key=lambda folder: (folder / STORE_NAME).stat().st_mtime, reverse=True)
    names: dict[str, str] = {}
    for folder in folders:
        # a store that cannot be read is no reason not to look at the others
        with suppress(GdbenchError), Store.read(folder) as store:
            plan = store.last_plan()
            names[folder.name] = options(plan).experiment if plan else folder.name
    return names
