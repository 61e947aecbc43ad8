"""The tables of a store, and the way from those of earlier versions of gdbench to these."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from gdbench.descent.errors import GdbenchError
from gdbench.record.checksums import BARE, CHECKED, CURVES, ENDING
from gdbench.record.database import Damaged, code_of, connect, log_without_store, lost_from_log, transaction
from gdbench.record.lock import LOCK_NAME, is_held

#: Raised when the tables change. Older ones are brought up to date, newer ones refused with one sentence.
TABLES_VERSION = 6

#: In the header of every store, so that no program takes another's file for its own: "gdbr".
APPLICATION_ID = 0x67646272

#: Bytes of a page, whatever SQLite was built with: a header can then be mended.
PAGE_SIZE = 4096

# What is asked for often comes first and the curves last: SQLite walks through all that stands before
# a column. The first index alone answers what is done and how it ended. series: what a curve has besides the
# two that have been there since version 1, as JSON of name → packed doubles. The checksums of a run are of what
# that index answers, of the record, and of its curves: see `checksums`.
_TABLES = """
CREATE TABLE runs (
    position INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, outcome TEXT NOT NULL, session INTEGER,
    started REAL NOT NULL, finished REAL NOT NULL, runner TEXT NOT NULL,
    ending INTEGER NOT NULL, checksum INTEGER NOT NULL, curves INTEGER NOT NULL,
    problem TEXT NOT NULL, spec TEXT NOT NULL, result TEXT NOT NULL,
    iteration BLOB NOT NULL, cost BLOB NOT NULL, gradient_norm BLOB NOT NULL, parameters BLOB NOT NULL,
    series TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX endings ON runs (key, outcome, session, finished, ending);
CREATE INDEX further ON runs (key) WHERE series <> '{}';
CREATE TABLE problems (id TEXT PRIMARY KEY, record TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE plans (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created REAL NOT NULL, record TEXT NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE TABLE sessions (
    number INTEGER PRIMARY KEY, state TEXT NOT NULL, ended REAL, record TEXT NOT NULL, checksum INTEGER NOT NULL
);
CREATE TABLE holder (pid INTEGER NOT NULL, host TEXT NOT NULL, since REAL NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE trials (
    key TEXT PRIMARY KEY, of TEXT NOT NULL, cause TEXT NOT NULL, remedy TEXT NOT NULL, result TEXT NOT NULL,
    checksum INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE pauses (key TEXT PRIMARY KEY, state TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
"""
STATEMENTS = tuple(statement.strip() for statement in _TABLES.split(";") if statement.strip())

#: Table → the first version that has it, and by what its rows are known.
TABLES = {
    "runs": (1, "position"),
    "problems": (1, "id"),
    "plans": (1, "position"),
    "sessions": (2, "number"),
    "trials": (4, "key"),
    "pauses": (6, "key"),
}
#: From this version on the header names it, and the tables are ours by what made them.
_NAMED_SINCE = 5


def statements_of(version: int) -> set[str]:
    """What made the tables of a version from `_NAMED_SINCE` on."""
    newer = [f"CREATE TABLE {table} " for table, (since, _) in TABLES.items() if since > version]
    return {one for one in STATEMENTS if not one.startswith(tuple(newer))}


def columns_of(table: str, version: int) -> dict[str, str]:
    """Column of today, without checksums → the expression that reads it in tables of this version."""
    if table != "runs":
        return {column: column for column in CHECKED[table]}
    names = dict.fromkeys(("position", *BARE, *ENDING, *CURVES))
    since = {"position": 2, "outcome": 2, "session": 2, "series": 3}
    before = {
        "position": "NULL",
        "outcome": "json_extract(result, '$.outcome')",
        "session": "NULL",
        "series": "'{}'",
    }
    return {name: name if version >= since.get(name, 1) else before[name] for name in names}


def checksums_of(table: str) -> dict[str, str]:
    """Checksum → how SQL works it out from a row of today."""
    if table != "runs":
        return {"checksum": f"checksum({', '.join(CHECKED[table])})"}
    return {
        "ending": f"checksum_of_ending({', '.join(ENDING)})",
        "checksum": f"checksum_of_record({', '.join(BARE)})",
        "curves": f"checksum_of_curves({', '.join(('key', *CURVES))})",
    }


def _way(version: int) -> Iterator[str]:
    """The statements that lead from tables of this version to the present ones; from 0, that make them."""
    old = [table for table, (since, _) in TABLES.items() if version >= since]
    for index in ("endings", "further"):
        yield f"DROP INDEX IF EXISTS {index}"
    yield "DROP TABLE IF EXISTS holder"
    for table in old:
        yield f"ALTER TABLE {table} RENAME TO {table}_{version}"
    yield from STATEMENTS
    for table in old:
        given, made = columns_of(table, version), checksums_of(table)
        order = "finished, key" if version == 1 and table == "runs" else TABLES[table][1]
        chosen = ", ".join(f"{expression} AS {name}" for name, expression in given.items())
        yield (
            f"INSERT INTO {table} ({', '.join([*given, *made])}) SELECT *, {', '.join(made.values())} "  # noqa: S608  the words are ours
            f"FROM (SELECT {chosen} FROM {table}_{version} ORDER BY {order})"
        )
        yield f"DROP TABLE {table}_{version}"


class Unmade(GdbenchError):
    """The file is there, the tables are not: a process was stopped in its first moments, or is in them."""


#: Versions further on than this are no gdbench's that is to come, but a damaged header.
_NEWER = range(TABLES_VERSION + 1, TABLES_VERSION + 21)


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables, or bring them up to date, in one transaction."""
    version = check_tables(connection, path, making=True)
    if version == TABLES_VERSION:
        return
    with transaction(connection):
        for statement in _way(version):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {TABLES_VERSION}")


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that has read the file once, which is when SQLite finds what is wrong."""
    damage = log_without_store(path)
    if damage:
        raise Damaged(path, damage)
    connection = connect(path, "ro")
    try:
        check_to_read(connection, path)
    except sqlite3.OperationalError as error:
        log = path.with_name(f"{path.name}-wal")
        barred = code_of(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        if not barred or (log.exists() and log.stat().st_size):
            raise
        # a folder where the shared index cannot be made, and nothing in the log: nobody is writing
        connection.close()
        connection = connect(path, "ro", immutable=True)
        check_to_read(connection, path)
    return connection


_COUNTS = """
SELECT (SELECT count(*) FROM runs INDEXED BY endings),
(SELECT count(*) FROM runs INDEXED BY sqlite_autoindex_runs_1)
"""


def check_to_read(connection: sqlite3.Connection, path: Path) -> None:
    """Whether it is a store, and holds together where checksums of rows do not tell: no row is lost unseen."""
    if check_tables(connection, path) < TABLES_VERSION:
        return
    wrong = [wrong for table in CHECKED for wrong in _integrity(connection, f"integrity_check({table})")]
    # in one statement, which sees one state: between two a sweep may have added a run
    by_end, by_key = connection.execute(_COUNTS).fetchone()
    if by_end != by_key:
        wrong.append("an index lacks runs")
    if not wrong and not is_held(path.with_name(LOCK_NAME)):
        lost = lost_from_log(path)
        # whoever began to write while we looked has changed what we looked at
        wrong += [lost] if lost and not is_held(path.with_name(LOCK_NAME)) else []
    if wrong:
        raise Damaged(path, wrong[0])


def integrity(connection: sqlite3.Connection) -> list[str]:
    """What SQLite finds wrong with the whole file, the first few."""
    return _integrity(connection, "integrity_check(5)")


def _integrity(connection: sqlite3.Connection, pragma: str) -> list[str]:
    rows = connection.execute(f"PRAGMA {pragma}").fetchall()
    lines = [line for (found,) in rows for line in found.removeprefix("*** in database main ***").splitlines()]
    return [" ".join(line.split()) for line in lines if line.strip() and line != "ok"]


def check_tables(connection: sqlite3.Connection, path: Path, *, making: bool = False) -> int:
    """The version of the tables of a store of ours; making: 0, where there are none yet.

    Raises GdbenchError where another program made the file, or a gdbench that we do not know; Damaged where
    header and tables contradict one another.
    """
    version, application, made = _header_and_tables(connection)
    if not made and version == 0 and application in (0, APPLICATION_ID):
        if making:
            return 0
        raise Unmade(f"{path}: nothing is recorded yet. gdbench run makes the store.")
    if application == APPLICATION_ID and version in _NEWER:
        raise GdbenchError(
            f"{path}: written by another version of gdbench (tables {version}, this one knows "
            f"{TABLES_VERSION}). Move it aside, or use the gdbench that wrote it."
        )
    known = _NAMED_SINCE <= version <= TABLES_VERSION
    wanted = statements_of(version if known else TABLES_VERSION)
    ours, present = application == APPLICATION_ID, set(made.values()) - {None} == wanted
    if ours and present and known:
        return version
    if not (ours or present):
        return _old_version(path, version, application, made)
    raise Damaged(path, "its header and its tables do not belong together")


def _header_and_tables(connection: sqlite3.Connection) -> tuple[int, int, dict[str, str | None]]:
    """(version of the tables, whose file it is, name → the statement that made it), all of one moment."""
    connection.execute("BEGIN")
    try:
        version, application = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("user_version", "application_id")
        )
        return version, application, dict(connection.execute("SELECT name, sql FROM sqlite_master"))
    finally:
        if connection.in_transaction:  # not after every error
            connection.execute("COMMIT")


def _old_version(path: Path, version: int, application: int, made: dict[str, str | None]) -> int:
    """Of a store that was written before stores had a number in their header."""
    if (
        application == 0
        and "gradient_norm" in (made.get("runs") or "")
        and {"problems", "plans"} <= made.keys()
    ):
        if 1 <= version < TABLES_VERSION:
            return version
        raise Damaged(path, f"its header claims tables {version}")
    raise Foreign(
        f"{path}: another program's database; gdbench neither reads it nor writes into it. Move it away, or "
        "choose another folder with --results."
    )


class Foreign(GdbenchError):
    """A database, but not ours."""
