"""Records written by hand, and stores as earlier versions of gdbench left them."""

import json
import sqlite3
from array import array

from gdbench.descent.recording.plain import plain_of
from gdbench.descent.recording.result import Curve, RunResult
from gdbench.record.locate import STORE_NAME
from gdbench.record.records import PlannedRun, PlanRecord, RunRecord, SessionRecord

#: The tables of version 1, as they were.
TABLES_1 = """
CREATE TABLE runs (
    key TEXT PRIMARY KEY, problem TEXT NOT NULL, spec TEXT NOT NULL, result TEXT NOT NULL,
    iteration BLOB NOT NULL, cost BLOB NOT NULL, gradient_norm BLOB NOT NULL, parameters BLOB NOT NULL,
    started REAL NOT NULL, finished REAL NOT NULL, runner TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE problems (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE plans (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created REAL NOT NULL, record TEXT NOT NULL
);
PRAGMA user_version = 1;
"""


def record(key="k", costs=(3.0, 2.0), outcome="converged", **changes):
    series = {"cost": list(costs), "gradient_norm": [1.0] * len(costs)}
    curve = Curve(list(range(len(costs))), series) if costs else Curve()
    result = RunResult(outcome, "small enough", iterations=1, curve=curve, parameters=[0.1], **changes)
    return RunRecord(key, {"learning_rate": {"constant": {"rate": 0.1}}}, "p", result, 1.5, 2.5, "serial")


def plan(id_="a", keys=("k",), created=1.0):
    runs = [PlannedRun(key, f"run {key}") for key in keys]
    axes = {"model": []}
    return PlanRecord(id_, "study", "why", "c.yaml", "name: study\n", created, axes, [], ["0.01"], runs, [], [])


def session(**changes):
    plain = {"plan": "a", "started": 10.0, "runner": "processes", "kind": "processes", "workers": 2, "cores": 2}
    return SessionRecord(**{**plain, "host": "here", "pid": 7, "missing": 3, **changes})


def write_version_1(folder, records, plans=()):
    """A store as version 1 of the tables kept it."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / STORE_NAME)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(TABLES_1)
    for one in records:
        connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _row_1(one))
    for one in plans:
        values = (one.id, one.created, json.dumps(one, default=plain_of))
        connection.execute("INSERT INTO plans (id, created, record) VALUES (?, ?, ?)", values)
    connection.commit()
    connection.close()


def make_version_3(folder):
    """Make today's store one of version 3: without trials, without checksums, without a name in its header."""
    connection = sqlite3.connect(folder / STORE_NAME)
    connection.executescript("DROP TABLE trials; DROP TABLE pauses; DROP INDEX endings")
    checksums = [("runs", "ending"), ("runs", "curves")]
    checksums += [(table, "checksum") for table in ("runs", "problems", "plans", "sessions", "holder")]
    for table, column in checksums:
        connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    connection.execute("CREATE INDEX endings ON runs (key, outcome, session, finished)")
    connection.executescript("PRAGMA application_id = 0; PRAGMA user_version = 3")
    connection.close()


def _row_1(one):
    result = one.result.to_plain()
    curve, parameters = result.pop("curve"), result.pop("parameters")
    blobs = [array("q", curve["iteration"])]
    series = curve["series"]
    blobs += [array("d", values) for values in (series["cost"], series["gradient_norm"], parameters)]
    packed = [blob.tobytes() for blob in blobs]
    texts = (json.dumps(one.spec), json.dumps(result))
    return (one.key, one.problem, *texts, *packed, one.started, one.finished, one.runner)
