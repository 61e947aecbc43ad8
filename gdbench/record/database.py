"""SQLite as the store uses it: connections, transactions, and its refusals as sentences.

A damaged store is moved aside with everything that belongs to it, so that a new one can begin.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
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


#: Bytes of a store that is looked through even where nothing speaks for damage: a second on a slow disk.
_SMALL = 100_000_000

#: The files of one SQLite database. The main one is moved last: a new one beside an old log would eat it.
_PARTS = ("-wal", "-shm", "-journal", "")


def move_aside_if_damaged(path: Path) -> str:
    """Look the file through; say in a sentence what was wrong and where it is now, "" if nothing was.

    Whoever calls holds the store's lock. Nothing is ever overwritten.
    """
    damage = _damage(path)
    if not damage:
        return ""
    aside = _free(path)
    for part in _PARTS:
        present = _part(path, part)
        if present.exists():
            present.rename(_part(aside, part))
    return f"{path} is damaged ({damage}): it was moved to {aside.name} beside it, and a new store begins."


def _damage(path: Path) -> str:
    """What is wrong with the file; "" where it is sound or not there."""
    if _is_empty(path):
        return log_without_store(path)
    # read-only, so that it is moved as it was found; only a torn first write needs more to be read at all
    mode = "rw" if _part(path, "-journal").exists() else "ro"
    try:
        with closing(connect(path, mode)) as connection:
            if path.stat().st_size > _SMALL and _ended_well(connection):
                return ""
            found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return str(error)
    return "" if found == "ok" else " ".join(found.removeprefix("*** in database main ***").split())


def log_without_store(path: Path) -> str:
    """What is wrong where the file is gone or empty, and its log is not: SQLite would delete that unread."""
    log = _part(path, "-wal")
    return "it is empty, but its log is not" if _is_empty(path) and not _is_empty(log) else ""


def _is_empty(path: Path) -> bool:
    return not path.exists() or (path.is_file() and not path.stat().st_size)


def _ended_well(connection: sqlite3.Connection) -> bool:
    """Whether the last session had the time to say so."""
    if not connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'sessions'").fetchone()[0]:
        return False
    last = connection.execute("SELECT state FROM sessions ORDER BY number DESC LIMIT 1").fetchone()
    return last is not None and last[0] in ("finished", "interrupted")


def _free(path: Path) -> Path:
    """The first name that no earlier one has taken."""
    numbered = (path.with_name(f"{path.name}.corrupt-{n}") for n in itertools.count(1))
    return next(name for name in numbered if not any(_part(name, part).exists() for part in _PARTS))


def _part(path: Path, part: str) -> Path:
    return path.with_name(path.name + part)
