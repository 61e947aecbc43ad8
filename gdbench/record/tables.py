"""The tables of a store, and the way from those of earlier versions of gdbench to these."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gdbench.descent.errors import GdbenchError
from gdbench.record.database import MOVED_ASIDE, code_of, connect, log_without_store, transaction

#: Raised when the tables change. Older ones are brought up to date, newer ones refused with one sentence.
TABLES_VERSION = 4

# What is asked for often comes first and the curves last: SQLite walks through all that stands before
# a column. The index alone answers what is done and how it ended. series: what a curve has besides the two
# that have been there since version 1, as JSON of name → packed doubles.
_RUNS = """
CREATE TABLE runs (
    position INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, outcome TEXT NOT NULL, session INTEGER,
    started REAL NOT NULL, finished REAL NOT NULL, runner TEXT NOT NULL,
    problem TEXT NOT NULL, spec TEXT NOT NULL, result TEXT NOT NULL,
    iteration BLOB NOT NULL, cost BLOB NOT NULL, gradient_norm BLOB NOT NULL, parameters BLOB NOT NULL,
    series TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX endings ON runs (key, outcome, session, finished);
"""

#: Which curves have further series, without a walk through all of them.
_FURTHER = ";CREATE INDEX further ON runs (key) WHERE series <> '{}'"

_REST = """
CREATE TABLE problems (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE plans (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created REAL NOT NULL, record TEXT NOT NULL
);
"""

# A session's state and end change, its record does not. holder: who opened the store for writing last.
_SESSIONS = """
CREATE TABLE sessions (
    number INTEGER PRIMARY KEY, state TEXT NOT NULL, ended REAL, record TEXT NOT NULL
);
CREATE TABLE holder (pid INTEGER NOT NULL, host TEXT NOT NULL, since REAL NOT NULL);
"""

# What was tried for a few steps, apart from the runs. of: the key of the run that it goes on from.
_TRIALS = """;
CREATE TABLE trials (
    key TEXT PRIMARY KEY, of TEXT NOT NULL, cause TEXT NOT NULL, remedy TEXT NOT NULL, result TEXT NOT NULL
) WITHOUT ROWID
"""

_COPY_1 = """
INSERT INTO runs (
    key, outcome, started, finished, runner, problem, spec, result, iteration, cost, gradient_norm, parameters
) SELECT
    key, json_extract(result, '$.outcome'), started, finished, runner, problem, spec, result,
    iteration, cost, gradient_norm, parameters
FROM runs_1 ORDER BY finished, key;
DROP TABLE runs_1;
"""

_ADD_SERIES = "ALTER TABLE runs ADD COLUMN series TEXT NOT NULL DEFAULT '{}'" + _FURTHER

#: From this version of the tables → the statements that lead to the present one.
_WAYS = {
    0: _RUNS + _REST + _SESSIONS + _FURTHER + _TRIALS,
    1: "ALTER TABLE runs RENAME TO runs_1;" + _RUNS + _COPY_1 + _SESSIONS + _FURTHER + _TRIALS,
    2: _ADD_SERIES + _TRIALS,
    3: _TRIALS,
}


class Unmade(GdbenchError):
    """The file is there, the tables are not: a process was stopped in its first moments, or is in them."""


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables, or bring them up to date, in one transaction."""
    if check_version(connection, path, (*_WAYS, TABLES_VERSION)) == TABLES_VERSION:
        return
    with transaction(connection):
        for statement in _WAYS[_version(connection)].split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {TABLES_VERSION}")


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that has read the file once, which is when SQLite finds what is wrong."""
    damage = log_without_store(path)
    if damage:
        raise GdbenchError(f"{path}: the results store cannot be used: {damage}. {MOVED_ASIDE}.")
    connection = connect(path, "ro")
    try:
        check_version(connection, path, tuple(range(1, TABLES_VERSION + 1)))
    except sqlite3.OperationalError as error:
        log = path.with_name(f"{path.name}-wal")
        barred = code_of(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        if not barred or (log.exists() and log.stat().st_size):
            raise
        # a folder where the shared index cannot be made, and nothing in the log: nobody is writing
        connection.close()
        connection = connect(path, "ro", immutable=True)
        check_version(connection, path, tuple(range(1, TABLES_VERSION + 1)))
    return connection


def check_version(connection: sqlite3.Connection, path: Path, known: tuple[int, ...]) -> int:
    """The version of the tables; raises GdbenchError unless it is one of those."""
    version = _version(connection)
    if version == 0 and version not in known:
        raise Unmade(f"{path}: nothing is recorded yet. gdbench run makes the store.")
    if version not in known:
        raise GdbenchError(
            f"{path}: written by another version of gdbench (tables {version}, this one knows "
            f"{TABLES_VERSION}). Move it aside, or use the gdbench that wrote it."
        )
    return version


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version
