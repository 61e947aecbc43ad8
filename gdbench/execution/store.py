"""The record: one SQLite file per experiment, one transaction per run, safe to kill at any instant.

The process that launches runs is the only writer; anyone may read meanwhile (WAL mode). Floats are
stored as packed little-endian doubles, so they come back bit for bit, NaN and infinity included.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from gdbench.descent.errors import GdbenchError
from gdbench.descent.result import Curve, RunResult
from gdbench.execution.records import Optimum, PlannedRun, PlanRecord, ProblemRecord, RunRecord

#: Raised when the tables change; a store of another version is refused with one sentence.
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE runs (
    key TEXT PRIMARY KEY, problem TEXT NOT NULL, spec TEXT NOT NULL, result TEXT NOT NULL,
    iteration BLOB NOT NULL, cost BLOB NOT NULL, gradient_norm BLOB NOT NULL, parameters BLOB NOT NULL,
    started REAL NOT NULL, finished REAL NOT NULL, runner TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE problems (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE plans (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created REAL NOT NULL, record TEXT NOT NULL
);
"""

STORE_NAME = "store.sqlite"

_INSERT_RUN = "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_CURVES, _NO_CURVES = "iteration, cost, gradient_norm, parameters", "x'', x'', x'', x''"
_SELECT_RUNS = "SELECT key, problem, spec, result, {}, started, finished, runner FROM runs"


class Store:
    """Runs, problems and plans of one experiment. Use as a context manager, or `close()` it."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open the store in an experiment's folder for writing; make both where missing."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / STORE_NAME
        with _explained(path):
            connection = _connect(path)
            connection.execute("PRAGMA journal_mode = WAL")
            # NORMAL is safe against kill -9 in WAL mode; a power cut may lose the last runs, never tear one.
            connection.execute("PRAGMA synchronous = NORMAL")
            with _transaction(connection):
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version == 0:
                    for statement in _SCHEMA.split(";"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        return cls(connection, path)._checked()

    @classmethod
    def read(cls, folder: Path) -> Store:
        """Open an existing store for reading; the file is not changed."""
        path = folder / STORE_NAME
        with _explained(path):
            connection = _connect(path, mode="ro")
            return cls(connection, path)._checked()

    def _checked(self) -> Store:
        with _explained(self.path):
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA_VERSION:
            raise GdbenchError(
                f"{self.path}: written by another version of gdbench (tables {version}, this one knows "
                f"{SCHEMA_VERSION}). Move it aside, or use the gdbench that wrote it."
            )
        return self

    # --- runs

    def keys(self) -> set[str]:
        """The keys of all finished runs."""
        return {key for (key,) in self._connection.execute("SELECT key FROM runs")}

    def add(self, record: RunRecord) -> None:
        """Record one finished run in one transaction; a key that is there already is replaced."""
        result = record.result.to_plain()
        curve, parameters = result.pop("curve"), result.pop("parameters")
        row = (
            record.key,
            record.problem,
            json.dumps(record.spec),
            json.dumps(result),
            _pack("q", curve["iteration"]),
            _pack("d", curve["cost"]),
            _pack("d", curve["gradient_norm"]),
            _pack("d", parameters),
            record.started,
            record.finished,
            record.runner,
        )
        with _explained(self.path), _transaction(self._connection):
            self._connection.execute(_INSERT_RUN, row)

    def run(self, key: str) -> RunRecord:
        """One run by its key; raises KeyError."""
        for record in self.runs([key]):
            return record
        raise KeyError(key)

    def runs(self, keys: Iterable[str] | None = None, *, curves: bool = True) -> Iterator[RunRecord]:
        """Finished runs: those of `keys` in that order (missing ones are passed over), or all, by key.

        curves=False leaves curve and parameters empty and is much faster for many runs.
        """
        query = _SELECT_RUNS.format(_CURVES if curves else _NO_CURVES)
        if keys is None:
            for row in self._connection.execute(f"{query} ORDER BY key"):
                yield _record(row)
        else:
            for key in keys:
                for row in self._connection.execute(f"{query} WHERE key = ?", (key,)):
                    yield _record(row)

    # --- problems and plans

    def add_problem(self, problem: ProblemRecord) -> None:
        with _explained(self.path), _transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO problems VALUES (?, ?)", (problem.id, json.dumps(asdict(problem)))
            )

    def problems(self) -> dict[str, ProblemRecord]:
        """All problems by id."""
        rows = self._connection.execute("SELECT record FROM problems ORDER BY id")
        records = (json.loads(text) for (text,) in rows)
        return {r["id"]: _problem(r) for r in records}

    def add_plan(self, plan: PlanRecord) -> PlanRecord:
        """Record a plan as the latest. Asked again, it keeps the time of its first asking."""
        with _explained(self.path), _transaction(self._connection):
            known = self._connection.execute("SELECT created FROM plans WHERE id = ?", (plan.id,)).fetchone()
            plan = replace(plan, created=known[0]) if known else plan
            self._connection.execute("DELETE FROM plans WHERE id = ?", (plan.id,))
            self._connection.execute(
                "INSERT INTO plans (id, created, record) VALUES (?, ?, ?)",
                (plan.id, plan.created, json.dumps(asdict(plan))),
            )
        return plan

    def plans(self) -> list[PlanRecord]:
        """All plans, the one asked for last at the end."""
        rows = self._connection.execute("SELECT record FROM plans ORDER BY position")
        records = (json.loads(text) for (text,) in rows)
        return [PlanRecord(**{**r, "runs": [PlannedRun(**run) for run in r["runs"]]}) for r in records]

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _problem(plain: dict[str, Any]) -> ProblemRecord:
    optimum = {**plain["optimum"], "parameters": tuple(plain["optimum"]["parameters"])}
    starts = tuple(tuple(start) for start in plain["starts"])
    return ProblemRecord(**{**plain, "optimum": Optimum(**optimum), "starts": starts})


def _record(row: tuple[Any, ...]) -> RunRecord:
    key, problem, spec, result, iteration, cost, gradient_norm, parameters, started, finished, runner = row
    curve = Curve(_unpack("q", iteration), _unpack("d", cost), _unpack("d", gradient_norm))
    whole = RunResult(**json.loads(result), curve=curve, parameters=_unpack("d", parameters))
    return RunRecord(key, json.loads(spec), problem, whole, started, finished, runner)


def _pack(code: str, values: Iterable[Any]) -> bytes:
    packed = array(code, values)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _unpack(code: str, packed: bytes) -> list[Any]:
    values = array(code)
    values.frombytes(packed)
    if sys.byteorder == "big":
        values.byteswap()
    return values.tolist()


def _connect(path: Path, mode: str = "rwc") -> sqlite3.Connection:
    # isolation_level=None: transactions begin and end where we write them, nowhere else.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=30, isolation_level=None
    )


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn SQLite's refusals (no such file, full disk, read-only, corrupt, locked) into a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise GdbenchError(f"{path}: the results store cannot be used: {error}.") from error
