"""Two processes that track into one file at the same moment wait for one another."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient

from gdbench.record.store import Store
from gdbench.tracking.live_tracking import LiveTracking
from tests.tracking.studies import RECORDS, Place, converged, everything, plan, record, write_store

ALL = [r.key for r in RECORDS]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the two processes are forked")


def test_two_processes_that_track_into_one_new_file_both_finish(tmp_path: Path, monkeypatch) -> None:
    here, names = Place(tmp_path / "results"), ["one", "two"]
    for name in names:
        keys = [f"{name}-{i}" for i in range(40)]
        records = tuple(record(key, converged(factor=0.9, updates=100)) for key in keys)
        write_store(here.results / name, [plan(*keys, id=name, experiment=name)], records)
    cache = tmp_path / "cache"
    done = subprocess.run(
        [sys.executable, "-m", "tests.tracking.two_syncs", here.results, *names],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
    )
    assert json.loads(done.stdout) == [0, 0], done.stderr
    client = MlflowClient(here.uri)
    for name in names:
        runs = client.search_runs([client.get_experiment_by_name(name).experiment_id])
        assert len(runs) == 41
        assert {run.info.status for run in runs} == {"FINISHED"}
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    _the_next_is_made_without_mlflow_and_is_the_same(tmp_path, monkeypatch)


def _the_next_is_made_without_mlflow_and_is_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("theirs", "ours"):
        write_store(folder / name / "lr_sweep", [plan("fast")])
    with monkeypatch.context() as patch:
        patch.setattr("gdbench.tracking.server.schema._template", lambda: None)
        Place(folder / "theirs").sync()
    monkeypatch.setattr("gdbench.tracking.by_mlflow.opened_by_mlflow", None)  # whoever called it would fail
    Place(folder / "ours").sync()
    theirs, ours = (_made(folder / name / "mlflow.db", folder / name) for name in ("theirs", "ours"))
    assert ours == theirs
    assert everything(Place(folder / "ours").uri) == everything(Place(folder / "theirs").uri)
    [kept] = (folder / "cache" / "gdbench").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])  # what is not what was kept is not used
    write_store(folder / "later" / "lr_sweep", [plan("fast")])
    with pytest.raises(TypeError, match="not callable"):
        Place(folder / "later").sync()


def _made(path: Path, results: Path) -> list[object]:
    """The schema, the version, and what is in it from the beginning."""
    with closing(sqlite3.connect(path)) as connection:
        schema = connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
        ).fetchall()
        mode = connection.execute("PRAGMA journal_mode").fetchall()
        version = connection.execute("SELECT * FROM alembic_version").fetchall()
        default = connection.execute(
            "SELECT experiment_id, name, lifecycle_stage, replace(artifact_location, ?, ''), workspace, "
            "creation_time = last_update_time, typeof(creation_time) FROM experiments WHERE experiment_id = 0",
            (results.as_uri(),),
        ).fetchall()
        return [schema, mode, version, default]


def test_runs_that_another_store_has_sent_do_not_wait_to_be_sent(place: Place, tmp_path, monkeypatch) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    (tmp_path / "other").mkdir()
    other, ready, group = Place(tmp_path / "other"), threading.Event(), LiveTracking._group
    monkeypatch.setattr(LiveTracking, "_group", lambda follower: ready.set() or group(follower))
    write_store(other.folder, [plan(*ALL)], ())
    follower = LiveTracking(other.folder, place.uri, other.results, "plan-1")
    assert ready.wait(60)
    with Store.open(other.folder) as store:
        for one in RECORDS:
            store.add(one)
    report = follower.close(interrupted=False)
    assert (report.sent, report.left, report.error) == (0, 0, None)
