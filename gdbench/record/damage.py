"""A damaged store is moved aside with everything that belongs to it, so that a new one can begin."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

from gdbench.record.database import connect, is_damage

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
