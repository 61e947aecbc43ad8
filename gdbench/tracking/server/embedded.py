"""MLflow's database in a file, asked and written to without MLflow, which takes seconds to import.

Nothing that is written here is lost with it: `gdbench sync` writes it anew from the record.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from gdbench.descent.errors import GdbenchError
from gdbench.tracking.server.address import sqlite_path

#: What tells a run and its sweep in MLflow; all plans that a run is part of; an experiment, by our name for it.
KEY_TAG, PLAN_TAG = "gdbench.key", "gdbench.plan"
PLANS_TAG, EXPERIMENT_TAG = "gdbench.plans", "gdbench.experiment"

_TAGGED = """
SELECT tags.value FROM tags JOIN runs ON runs.run_uuid = tags.run_uuid
WHERE runs.experiment_id = ? AND runs.lifecycle_stage = 'active' AND tags.key = ?
"""


#: The experiment of a name, or else the one that had it before somebody renamed it, if it is not in the trash.
_CALLED = """
SELECT experiment_id, lifecycle_stage, name FROM experiments WHERE name = :name
UNION ALL
SELECT experiment_id, lifecycle_stage, name FROM experiments JOIN experiment_tags USING (experiment_id)
WHERE experiments.name != :name AND experiment_tags.key = :tag AND experiment_tags.value = :name
AND lifecycle_stage = 'active'
"""


class Held(NamedTuple):
    """What the database has of an experiment.  keys, plans: of its runs and of their parents.

    deleted: whether it is in the trash.
    """

    experiment_id: str
    keys: frozenset[str]
    plans: frozenset[str]
    deleted: bool


def damage_sentence(path: Path, what: str) -> str:
    """What is wrong with the database, and what to do about it."""
    parts = f"with {path.name}-wal and {path.name}-shm where they are there"
    remedy = f"Move it aside, {parts}; gdbench sync writes it anew from the record."
    return f"{path}: MLflow's database is damaged: {what}. {remedy}"


def damage_of_database(uri: str) -> str:
    """The sentence where an address is a file that SQLite finds damaged; else ""."""
    path = sqlite_path(uri)
    if path is None or not path.exists() or _is_empty(path):
        return ""
    if path.is_dir():
        return f"{path}: this is a folder, and MLflow's database is a file. Choose another by --tracking-uri."
    try:
        with closing(_connect(path)) as connection:
            found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
            if connection.execute(_OF_ANOTHER).fetchone()[0]:
                return f"{path}: this is another program's database. Choose another file by --tracking-uri."
            connection.execute("SELECT count(*) FROM runs JOIN tags ON runs.run_uuid = tags.run_uuid")
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        gone = code in (0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT)
        return damage_sentence(path, _printable(str(error))) if gone else ""
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return damage_sentence(path, _printable(str(error)))
    return "" if found == "ok" else damage_sentence(path, " ".join(_printable(found).split()))


#: Whether there are tables, and none of those that MLflow makes first.
_OF_ANOTHER = """
SELECT count(*) > 0 AND sum(name IN ('alembic_version', 'experiments', 'runs')) = 0 FROM sqlite_master
"""


def _is_empty(path: Path) -> bool:
    """Whether a file is there in which nothing has been written, so that a database can yet be made in it."""
    log = path.with_name(f"{path.name}-wal")
    return path.is_file() and path.stat().st_size == 0 and not (log.exists() and log.stat().st_size)


#: Bytes of a database that is looked through before it is written to: a tenth of a second.
_SMALL = 50_000_000


def check_small_database(uri: str) -> None:
    """Raise GdbenchError where an address is a file of moderate size that is damaged."""
    path = sqlite_path(uri)
    if path is not None and path.exists() and path.stat().st_size <= _SMALL:
        damage = damage_of_database(uri)
        if damage:
            raise GdbenchError(damage)


def held(path: Path, experiment: str) -> Held | None:
    """What MLflow has of an experiment by this name; None where it has none."""
    with _explained(path), closing(_connect(path)) as connection:
        row = connection.execute(_CALLED, {"name": experiment, "tag": EXPERIMENT_TAG}).fetchone()
        if row is None:
            return None
        keys, plans = (
            frozenset(str(value) for (value,) in connection.execute(_TAGGED, (row[0], tag)))
            for tag in (KEY_TAG, PLAN_TAG)
        )
        return Held(str(row[0]), keys, plans, row[1] != "active")


def names_now(path: Path, ours: Iterable[str]) -> dict[str, str]:
    """What we call experiments → what MLflow calls them, which differs where somebody has renamed one."""
    if not path.exists():
        return {name: name for name in ours}
    with _explained(path), closing(_connect(path)) as connection:
        found = {
            name: connection.execute(_CALLED, {"name": name, "tag": EXPERIMENT_TAG}).fetchone() for name in ours
        }
    return {name: str(row[2]) if row else name for name, row in found.items()}


def rename(path: Path, old: str, new: str, plans: Mapping[str, str]) -> None:
    """Call an experiment otherwise, and its plans by new ids (old → new), in one transaction."""
    with _explained(path), closing(_connect(path, "rw")) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        id_, *_ = connection.execute(_CALLED, {"name": old, "tag": EXPERIMENT_TAG}).fetchone()
        connection.execute(
            "UPDATE experiments SET name = ? WHERE experiment_id = ? AND name = ?", (new, id_, old)
        )
        connection.execute(
            "INSERT OR REPLACE INTO experiment_tags (key, value, experiment_id) VALUES (?, ?, ?)",
            (EXPERIMENT_TAG, new, id_),
        )
        for before, after in plans.items():
            connection.execute(
                "UPDATE tags SET value = replace(value, ?, ?) WHERE key IN (?, ?) "
                "AND run_uuid IN (SELECT run_uuid FROM runs WHERE experiment_id = ?)",
                (before, after, PLAN_TAG, PLANS_TAG, id_),
            )


def _connect(path: Path, mode: str = "ro") -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=30.0, isolation_level=None)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise GdbenchError(
            damage_of_database(f"sqlite:///{path.absolute().as_posix()}")
            or f"{path}: MLflow's database cannot be used: {_printable(str(error))}."
        ) from error


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


#: Seconds to wait for another writer; ours hold it for a tenth of a second at most.
PATIENCE = 60.0

#: SQLite's planner then looks at so many rows of each index: enough to choose one, whatever the size.
ANALYSIS_LIMIT = 1000

#: KiB of pages that are kept in memory, and pages that the log takes before they are copied into the file.
_CACHE, _LOG = 32_000, 8_000

#: Rows of one statement.
_SIZES = (2000, 200, 20)

#: What MLflow leaves out of its lists of artifacts, as it begins so itself.
_UNDER_WAY = ".artifact.uploading."

#: Values in the order of a table's columns.
Row = tuple[object, ...]


class Writable:
    """A database that is open for writing. columns: of each table, in the order of our rows."""

    def __init__(self, path: Path, columns: Mapping[str, Sequence[str]]) -> None:
        self._columns = columns
        uri = f"{path.absolute().as_uri()}?mode=rw"
        self._connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)
        # in WAL mode a kill loses nothing and a power cut the last runs, which `sync` sends again
        self._connection.execute("PRAGMA synchronous = NORMAL")
        # a page that several groups of runs write to is written once
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG}")

    def close(self) -> None:
        self._connection.close()

    def each(self, query: str, *values: object) -> Iterator[Row]:
        """One after the other."""
        return self._connection.execute(query, values)

    def rows(self, query: str, *values: object) -> list[Row]:
        return list(self.each(query, *values))

    def texts(self, query: str, *values: object) -> dict[str, str]:
        """The first column → the second."""
        return {str(key): str(value) for key, value in self.rows(query, *values)}

    def text(self, query: str, *values: object) -> str:
        """The one value that there is."""
        return str(self.rows(query, *values)[0][0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is done in the block is there after it, or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def change(self, words: str, *values: object) -> None:
        self._connection.execute(words, values)

    def insert(self, table: str, rows: Sequence[Row], clash: str = "", then: str = "") -> None:
        """Many rows to a statement: it takes less, and while it goes on other threads of this process may."""
        columns, done = self._columns[table], 0
        into = f"INSERT {clash} INTO {table} ({', '.join(columns)})"
        for size in (*self._at_once(len(columns)), 1):
            whole, first = (len(rows) - done) // size, done
            done += whole * size
            if whole:
                places = ", ".join([f"({', '.join('?' * len(columns))})"] * size)
                words, starts = f"{into} VALUES {places} {then}", range(first, done, size)
                packed = (tuple(chain.from_iterable(rows[start : start + size])) for start in starts)
                self._connection.executemany(words, packed)

    def _at_once(self, columns: int) -> Iterator[int]:
        """Numbers of rows for one statement each, the largest first."""
        most = self._connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // columns
        return (size for size in _SIZES if size <= most)

    def other_table(self) -> str | None:
        """The first table whose columns are not those we know."""
        for table, columns in self._columns.items():
            if {str(row[1]) for row in self.rows(f"PRAGMA table_info({table})")} != set(columns):
                return table
        return None

    def analyze(self) -> None:
        """Bring the planner's statistics up to date; without them MLflow's pages crawl from 1,000 runs on."""
        self._connection.execute(f"PRAGMA analysis_limit = {ANALYSIS_LIMIT}")
        self._connection.execute("ANALYZE")


def now() -> int:
    """Unix milliseconds, as MLflow keeps them."""
    return time.time_ns() // 1_000_000


def folder_at(address: str) -> Path | None:
    """The folder of artifacts at an address; None where they are not in a file system of ours."""
    parts = urlsplit(address)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(url2pathname(parts.path))
    return Path(address) if Path(address).is_absolute() else None


def put_files(folder: Path, files: Mapping[str, str | Path]) -> None:
    """Path within the folder → text, or a file to copy. Each is there whole or not at all."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{_UNDER_WAY}{path.name}")
        if isinstance(content, Path):
            shutil.copyfile(content, beside)
        else:
            beside.write_text(content, encoding="utf-8", newline="")
        beside.replace(path)
