"""One process at a time: a lock that the operating system lets go of when its holder is killed."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gdbench.descent.errors import GdbenchError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def exclusive(path: Path, wait: float, busy: str) -> Iterator[None]:
    """Hold the lock file `path`; wait at most so many seconds, then raise GdbenchError(`busy`).

    SQLite's own file lock is used because it is the same on every platform and a kill -9 frees it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=wait, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise GdbenchError(f"{path}: the lock file cannot be made: {error}.") from error
    try:
        _begin(connection, path, busy)
        yield
    finally:
        connection.close()


def _begin(connection: sqlite3.Connection, path: Path, busy: str) -> None:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            raise GdbenchError(busy) from error
        raise GdbenchError(f"{path}: the lock file cannot be used: {error}.") from error
