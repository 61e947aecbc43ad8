"""SQLite as the store uses it: connections, transactions, and its refusals as sentences."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gdbench.descent.errors import GdbenchError

#: Seconds to wait for somebody else's transaction.
_PATIENCE = 30.0

_WRITABLE = "Make the file and its folder writable, or choose another folder with --results"
MOVED_ASIDE = "The next gdbench run moves the file aside and begins a new one"
_AGAIN = "What was recorded is safe; run the same command again to go on"

#: Primary error code → what to say instead of SQLite's own words, which are put in front.
_REMEDIES = {
    sqlite3.SQLITE_FULL: f"Make room on the disk. {_AGAIN}",
    sqlite3.SQLITE_IOERR: f"Look at the disk, its quota and limits on the size of files. {_AGAIN}",
    sqlite3.SQLITE_READONLY: _WRITABLE,
    sqlite3.SQLITE_PERM: _WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _WRITABLE,
    sqlite3.SQLITE_BUSY: "Another program holds the file; end it, then run the same command again",
    sqlite3.SQLITE_CORRUPT: MOVED_ASIDE,
    sqlite3.SQLITE_NOTADB: MOVED_ASIDE,
}


def make_folder(folder: Path) -> None:
    """The folder of an experiment; raises GdbenchError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        blocked = error.filename or folder
        why = (
            "a file is in its place"
            if isinstance(error, FileExistsError | NotADirectoryError)
            else error.strerror
        )
        raise GdbenchError(
            f"{blocked}: the folder for results cannot be made: {why}. Choose another with --results."
        ) from error


def connect(path: Path, mode: str = "rwc", *, immutable: bool = False) -> sqlite3.Connection:
    """mode: ro, rw, or rwc, which makes a file that is missing.  immutable: nobody can be writing."""
    # isolation_level=None: transactions begin and end where we write them, nowhere else.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}{'&immutable=1' if immutable else ''}",
        uri=True,
        timeout=_PATIENCE,
        isolation_level=None,
    )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # after a full disk, for one, SQLite has rolled back by itself
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's refusals (no such file, full disk, read-only, damaged, locked) into a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise GdbenchError(f"{path}: the results store cannot be used: {_in_words(path, error)}.") from error


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is the matter."""
    return code_of(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _in_words(path: Path, error: sqlite3.Error) -> str:
    if path.is_dir():
        return "it is a folder. Move it aside, or choose another folder with --results"
    if code_of(error) == sqlite3.SQLITE_CANTOPEN and not path.exists():
        return "there is no such file. gdbench run makes one"
    remedy = _REMEDIES.get(code_of(error))
    return f"{error}. {remedy}" if remedy else str(error)


def code_of(error: sqlite3.Error) -> int:
    """The primary code: SQLITE_READONLY_DIRECTORY, for one, is a SQLITE_READONLY."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
