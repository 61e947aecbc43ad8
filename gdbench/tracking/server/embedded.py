"""MLflow's database in a file, asked and renamed in without MLflow, which takes seconds to import.

Nothing that is written here is lost with it: `gdbench sync` writes it anew from the record.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from gdbench.descent.errors import GdbenchError
from gdbench.tracking.server.address import sqlite_path

#: What tells a run and its sweep in MLflow.
KEY_TAG, PLAN_TAG = "gdbench.key", "gdbench.plan"

_TAGGED = """
SELECT tags.value FROM tags JOIN runs ON runs.run_uuid = tags.run_uuid
WHERE runs.experiment_id = ? AND runs.lifecycle_stage = 'active' AND tags.key = ?
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
    if path is None or not path.exists():
        return ""
    try:
        with closing(_connect(path)) as connection:
            found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
            connection.execute("SELECT count(*) FROM runs JOIN tags ON runs.run_uuid = tags.run_uuid")
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        gone = code in (0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT)
        return damage_sentence(path, _printable(str(error))) if gone else ""
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return damage_sentence(path, _printable(str(error)))
    return "" if found == "ok" else damage_sentence(path, " ".join(_printable(found).split()))


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
        query = "SELECT experiment_id, lifecycle_stage FROM experiments WHERE name = ?"
        row = connection.execute(query, (experiment,)).fetchone()
        if row is None:
            return None
        keys, plans = (
            frozenset(str(value) for (value,) in connection.execute(_TAGGED, (row[0], tag)))
            for tag in (KEY_TAG, PLAN_TAG)
        )
        return Held(str(row[0]), keys, plans, row[1] != "active")


def rename(path: Path, old: str, new: str, plans: Mapping[str, str]) -> None:
    """Call an experiment otherwise, and its plans by new ids (old → new), in one transaction."""
    with _explained(path), closing(_connect(path, "rw")) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        (id_,) = connection.execute("SELECT experiment_id FROM experiments WHERE name = ?", (old,)).fetchone()
        connection.execute("UPDATE experiments SET name = ? WHERE experiment_id = ?", (new, id_))
        for before, after in plans.items():
            connection.execute(
                "UPDATE tags SET value = ? WHERE key = ? AND value = ? "
                "AND run_uuid IN (SELECT run_uuid FROM runs WHERE experiment_id = ?)",
                (after, PLAN_TAG, before, id_),
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
