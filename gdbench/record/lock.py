"""One process at a time: a lock that the operating system lets go of when its holder is killed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gdbench.descent.errors import GdbenchError

#: The lock files beside a store: who holds the first writes, who holds the other sends runs to MLflow.
LOCK_NAME, TRACKING_LOCK_NAME = "store.lock", "tracking.lock"


class Busy(GdbenchError):
    """Somebody else holds the lock."""


@contextmanager
def exclusive(path: Path, wait: float, busy: str) -> Iterator[None]:
    """Hold the lock file `path`; wait at most so many seconds, then raise Busy(`busy`).

    SQLite's own file lock is used because it is the same on every platform and a kill -9 frees it.
    Raises GdbenchError where the file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=wait, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise GdbenchError(f"{path}: the lock file cannot be made: {_why(error)}.") from error
    try:
        _begin(connection, path, busy)
        yield
    finally:
        connection.close()


def is_held(path: Path) -> bool:
    """Whether a process holds the lock file. Asking disturbs nobody and makes no file."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return False


def _begin(connection: sqlite3.Connection, path: Path, busy: str) -> None:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_BUSY:
            raise Busy(busy) from error
        remedy = " Delete it." if code == sqlite3.SQLITE_NOTADB else ""
        raise GdbenchError(f"{path}: the lock file cannot be used: {error}.{remedy}") from error
    # of a file that may only be read, SQLite takes a shared lock without a word
    if not os.access(path, os.W_OK):
        raise GdbenchError(f"{path}: the lock file cannot be used: it may not be written. Make it writable.")


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
