"""The embedded default database: made once, by one process, whole or not at all, in WAL mode."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from gdbench.record.lock import exclusive

if TYPE_CHECKING:
    from pathlib import Path

#: Seconds to wait while another process makes the same database (about 70 migrations, 1–3 s).
_WAIT = 60.0


def ensure_database(path: Path, artifacts: str) -> None:
    """Make MLflow's SQLite database at `path` unless it is there.

    The migrations run in a file beside it that is moved into place at the end: a process killed half
    way leaves nothing that the next one would trip over, and nobody ever opens a half-made database.
    WAL mode is kept in the file, so MLflow's own server reads while a sweep writes.
    """
    if path.exists() and path.stat().st_size:
        return
    busy = f"{path}: another process is still making this database. Try again in a minute."
    with exclusive(path.with_name(f"{path.name}.lock"), _WAIT, busy):
        if not (path.exists() and path.stat().st_size):
            _make(path, artifacts)


def _make(path: Path, artifacts: str) -> None:
    beside = path.with_name(f"{path.name}.new")
    for leftover in (
        beside,
        *(beside.with_name(f"{beside.name}{end}") for end in ("-journal", "-wal", "-shm")),
    ):
        leftover.unlink(missing_ok=True)
    store = SqlAlchemyStore(f"sqlite:///{beside.as_posix()}", artifacts)
    store.engine.dispose()
    connection = sqlite3.connect(beside)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()  # the last connection to close folds the log back into the file
    beside.replace(path)
