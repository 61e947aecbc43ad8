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

#: What tells a run and its sweep in MLflow; all plans that a run is part of; an experiment, by our name for it.
KEY_TAG, PLAN_TAG = "gdbench.key", "gdbench.plan"
PLANS_TAG, EXPERIMENT_TAG = "gdbench.plans", "gdbench.experiment"

_TAGGED = """
SELECT tags.value FROM tags JOIN runs ON runs.run_uuid = tags.run_uuid
WHERE runs.experiment_id = ? AND runs.lifecycle_stage = 'active' AND tags.key = ?
"""


#: The experiment of a name, or else the one that had it before somebody renamed it, if it is not in the trash.
_CALLED = """
SELECT experiment_id, lifecycle_stage FROM experiments WHERE name = :name
UNION ALL
SELECT experiments.experiment_id, lifecycle_stage FROM experiments JOIN experiment_tags USING (experiment_id)
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
        row = connection.execute(_CALLED, {"name": experiment, "tag": EXPERIMENT_TAG}).fetchone()
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
