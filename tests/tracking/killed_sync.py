"""Syncs in a child process that is killed by signal 9 at a random instant, then syncs again; many times.

Forking spares each attempt the seconds of importing MLflow. The first attempt of each way is undisturbed,
counts the commits and takes the time; each other one dies at a random commit of the first pass, or after a
random share of its time. Prints one JSON line per attempt: how it was to end, how it ended, and all that the
database and the artifacts hold after the second sync.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

import gdbench.tracking.sync as syncing
from gdbench.record.store import Store
from gdbench.tracking import by_mlflow
from gdbench.tracking.server.address import resolve_uri
from gdbench.tracking.server.embedded import Writable
from gdbench.tracking.sync import sync

BULK, BY_SQLITE, TRANSACTION = by_mlflow.bulk_writer, syncing.opened_by_sqlite, Writable.transaction

#: What MLflow was about to put into its place; its listing leaves it out.
UNDER_WAY = ".artifact.uploading."

#: What is not about a run: who makes a parent, a dataset or an edge draws its id.
TABLES = {
    "runs": "run_uuid, name, status, start_time, end_time, lifecycle_stage, user_id, source_type",
    "tags": "run_uuid, key, value",
    "params": "run_uuid, key, value",
    "metrics": "run_uuid, key, value, timestamp, step, is_nan",
    "latest_metrics": "run_uuid, key, value, timestamp, step, is_nan",
}
DATA = """
SELECT destination_id, name, digest, dataset_source, dataset_schema, dataset_profile,
    (SELECT group_concat(t.name || '=' || t.value) FROM input_tags t WHERE t.input_uuid = inputs.input_uuid)
FROM inputs JOIN datasets ON dataset_uuid = source_id
"""


#: Ways of writing: by SQLite alone, by MLflow's table definitions, by its public API.
WAYS = ("sqlite", "bulk", "api")


def main(store: Path, template: Path, scratch: Path, attempts: int) -> None:
    dice = random.Random(20)
    commits, seconds = {}, {}
    for way in WAYS:
        began = time.monotonic()
        commits[way] = _attempt(store, template, scratch / f"whole {way}", way, {"undisturbed": True})
        seconds[way] = time.monotonic() - began
    for i in range(attempts):
        way = WAYS[i % len(WAYS)]
        at_commit = {"at_commit": dice.randint(1, commits[way])}
        after = {"after": dice.uniform(0, 0.5 * seconds[way])}  # the other half is the second sync
        _attempt(store, template, scratch / str(i), way, after if i % 4 > 1 else at_commit)


def _attempt(store: Path, template: Path, results: Path, way: str, how: dict[str, float]) -> int:
    """Sync twice, the first time with a death; returns how many commits the first pass made."""
    shutil.copytree(store, results / "lr_sweep")
    shutil.copy(template, results / "mlflow.db")
    syncing.opened_by_sqlite = BY_SQLITE if way == "sqlite" else lambda *_: nullcontext()
    by_mlflow.bulk_writer = (lambda *_: None) if way == "api" else BULK
    pid = os.fork()
    if pid == 0:
        _count_commits(results / "commits", how.get("at_commit", 0))
        _sync(results)
        os._exit(0)
    if "after" in how:
        time.sleep(how["after"])
        os.kill(pid, signal.SIGKILL)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    _sync(results)
    sys.stdout.write(json.dumps({"how": how, "ended": ended, "held": held(results)}) + "\n")
    return (results / "commits").stat().st_size if (results / "commits").exists() else 0


def _count_commits(counter: Path, die_at: int) -> None:
    """One byte in a file for each commit begun; the one that is not to succeed ends the process."""

    def count(*_: object) -> None:
        with counter.open("ab") as file:
            file.write(b".")
        if counter.stat().st_size == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def counted(self: Writable) -> Iterator[None]:
        with TRANSACTION(self):
            yield
            count()

    event.listen(Engine, "commit", count)
    Writable.transaction = counted


def _sync(results: Path) -> None:
    with Store.read(results / "lr_sweep") as store:
        sync(store, resolve_uri(None, results), results)


def held(results: Path) -> dict[str, list[str]]:
    """Every row about a run that is not in the trash, and every file of it, under its key or plan."""
    with closing(sqlite3.connect(results / "mlflow.db")) as database:
        named = dict(
            database.execute(
                "SELECT run_uuid, tags.key || ' ' || value FROM tags JOIN runs USING (run_uuid) "
                "WHERE tags.key IN ('gdbench.key', 'gdbench.plan') AND lifecycle_stage = 'active'"
            )
        )
        assert len(set(named.values())) == len(named), f"a run is there twice: {sorted(named.values())}"
        found = {name: database.execute(f"SELECT {columns} FROM {name}") for name, columns in TABLES.items()}
        found["data"] = database.execute(DATA)
        rows = {
            name: sorted(
                json.dumps([named.get(value, value) for value in row]) for row in some if row[0] in named
            )
            for name, some in found.items()
        }
        rows["experiment"] = sorted(map(json.dumps, database.execute("SELECT key, value FROM experiment_tags")))
        total = database.execute("SELECT count(*) FROM runs WHERE lifecycle_stage = 'active'").fetchone()[0]
        assert total == len(named), "a run is there that nobody can tell"
    artifacts = results / "artifacts" / "lr_sweep"
    rows["files"] = sorted(
        json.dumps([named.get(path.relative_to(artifacts).parts[0]), path.name, path.read_text("utf-8")])
        for path in artifacts.rglob("*")
        if path.is_file()
        and path.relative_to(artifacts).parts[0] in named
        and not path.name.startswith(UNDER_WAY)
    )
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
