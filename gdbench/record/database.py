"""SQLite as the store uses it: connections, transactions, and its refusals as sentences.

And what belongs to one database: its log, which may hold more than SQLite says, and names for those set aside.
"""

from __future__ import annotations

import itertools
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gdbench.descent.errors import GdbenchError

#: Seconds to wait for somebody else's transaction.
_PATIENCE = 30.0

_WRITABLE = "Make the file and its folder writable, or choose another folder with --results"
MOVED_ASIDE = (
    "The next gdbench run, or gdbench doctor NAME --mend, moves the file aside and keeps what can be read of it"
)
_AGAIN = "What was recorded is safe; run the same command again to go on"

#: Primary error codes of a file that is not as it was written. SQLITE_ERROR: a table or a column is gone;
#: 0: what Python's module itself finds, a text that is none.
_DAMAGE = (
    0,
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_NOMEM,
)

#: What SQLite raises. Where its own message quotes a spoilt name, Python's module fails to decode that.
REFUSALS = (sqlite3.Error, UnicodeDecodeError)

#: Primary error code → what to say instead of SQLite's own words, which are put in front.
_REMEDIES = {
    sqlite3.SQLITE_FULL: f"Make room on the disk. {_AGAIN}",
    sqlite3.SQLITE_IOERR: f"Look at the disk, its quota and limits on the size of files. {_AGAIN}",
    sqlite3.SQLITE_READONLY: _WRITABLE,
    sqlite3.SQLITE_PERM: _WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _WRITABLE,
    sqlite3.SQLITE_BUSY: "Another program holds the file; end it, then run the same command again",
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
    except sqlite3.ProgrammingError:
        raise  # a mistake of ours
    except REFUSALS as error:
        if is_damage(error) and not path.is_dir():
            raise Damaged(path, words_of(error)) from error
        raise GdbenchError(f"{path}: the results store cannot be used: {_in_words(path, error)}.") from error


class Damaged(GdbenchError):
    """Something of a store is not as it was written. what: in a few words."""

    def __init__(self, path: Path, what: str) -> None:
        self.what = what
        super().__init__(f"{path}: the results store cannot be used: it is damaged: {what}. {MOVED_ASIDE}.")


def is_damage(error: Exception) -> bool:
    """Whether the file itself is the matter."""
    return code_of(error) in _DAMAGE and not isinstance(error, sqlite3.ProgrammingError)


def _in_words(path: Path, error: Exception) -> str:
    if path.is_dir():
        return "it is a folder. Move it aside, or choose another folder with --results"
    if code_of(error) == sqlite3.SQLITE_CANTOPEN and not path.exists():
        return "there is no such file. gdbench run makes one"
    remedy = _REMEDIES.get(code_of(error))
    return f"{words_of(error)}. {remedy}" if remedy else words_of(error)


def words_of(error: Exception) -> str:
    """SQLite's own words on one line; a spoilt name in them has no say over the terminal."""
    if isinstance(error, UnicodeDecodeError):
        return "a name in it is no text"
    return "".join(letter if letter.isprintable() else "?" for letter in str(error))


def code_of(error: Exception) -> int:
    """The primary code: SQLITE_READONLY_DIRECTORY, for one, is a SQLITE_READONLY."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


#: The files of one SQLite database. The main one is moved last: a new one beside an old log would eat it.
PARTS = ("-wal", "-shm", "-journal", "")


def log_without_store(path: Path) -> str:
    """What is wrong where the file is gone or empty, and its log is not: SQLite would delete that unread."""
    log = part_of(path, "-wal")
    return "it is empty, but its log is not" if is_empty(path) and not is_empty(log) else ""


def lost_from_log(path: Path) -> str:
    """What is wrong where the log holds a transaction that SQLite passes over: all from a damaged page on.

    Asked while nobody writes. Only the log is opened: to close the store or its index, which SQLite locks,
    would take the locks from every connection of this process.
    """
    try:
        log = part_of(path, "-wal").read_bytes()
    except OSError:
        return ""  # there is none, or nobody may look
    if len(log) <= _LOG_HEADER:
        return ""
    size = struct.unpack_from(">I", log, 8)[0]
    sums = _sums_of_log(log, log[:24], (0, 0))
    if struct.unpack_from(">2I", log, 24) != sums or size not in _PAGE_SIZES:
        return "the head of its log is not as it was written"
    salt, sound = log[16:24], True
    for place in range(_LOG_HEADER, len(log) - size - _FRAME_HEADER + 1, size + _FRAME_HEADER):
        head, page = log[place : place + 24], log[place + 24 : place + 24 + size]
        if sound:
            sums = _sums_of_log(log, head[:8] + page, sums)
            sound = head[8:16] == salt and struct.unpack_from(">2I", head, 16) == sums
        if not sound and head[8:16] == salt and any(head[4:8]):
            return "its log is not as it was written"
    return ""


_LOG_HEADER, _FRAME_HEADER = 32, 24
_PAGE_SIZES = [1 << bits for bits in range(9, 17)]


def _sums_of_log(log: bytes, words: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    """The sums of SQLite's log, carried on: https://www.sqlite.org/fileformat2.html#checksum_algorithm."""
    order, (first, second) = ">" if log[3] & 1 else "<", sums
    for x, y in struct.iter_unpack(f"{order}2I", words):
        first = (first + x + second) & 0xFFFFFFFF
        second = (second + y + first) & 0xFFFFFFFF
    return first, second


def is_empty(path: Path) -> bool:
    return not path.exists() or (path.is_file() and not path.stat().st_size)


def free_name(path: Path) -> Path:
    """The first name for a file moved aside that no earlier one has taken."""
    numbered = (path.with_name(f"{path.name}.corrupt-{n}") for n in itertools.count(1))
    return next(name for name in numbered if not any(part_of(name, part).exists() for part in PARTS))


def part_of(path: Path, part: str) -> Path:
    return path.with_name(path.name + part)
