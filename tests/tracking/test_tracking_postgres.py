"""A real MLflow server on a real PostgreSQL, stopped in the middle of a sweep and started again."""

from __future__ import annotations

import tempfile
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from gdbench.record.store import Store
from gdbench.tracking.live_tracking import LiveTracking
from gdbench.tracking.server.ui import _await, _server
from gdbench.tracking.sync import sync
from tests.tracking.postgres import PASSWORD, cluster, free_port, programs
from tests.tracking.studies import RECORDS, everything, plan, write_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tracking.studies import Place

pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed")
pytestmark = pytest.mark.skipif(
    programs() is None, reason="PostgreSQL's initdb and pg_ctl are not installed (Debian: postgresql)"
)
ALL = [r.key for r in RECORDS]


@contextmanager
def serving(database: str, results: Path, port: int) -> Iterator[str]:
    """MLflow's server, as `gdbench ui` starts it."""
    base = f"http://127.0.0.1:{port}"
    with (
        tempfile.TemporaryFile() as log,
        _server(database, results, "127.0.0.1", port, log, results / "start.json") as server,
    ):
        _await(server, base, log, database)
        yield base


def wait_for(follower: LiveTracking, sent: int) -> None:
    pause = threading.Event()
    for _ in range(1200):
        if follower._sent >= sent:
            return
        pause.wait(0.05)
    pytest.fail("nothing was sent within a minute")


def test_a_server_that_is_stopped_in_mid_sweep_harms_nothing_and_sync_completes_it(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()  # what an undisturbed pass leaves, in SQLite
    theirs, port = tmp_path / "server", free_port()
    folder = write_store(tmp_path / "lr_sweep", [plan(*ALL)], ())
    with cluster() as database, Store.open(folder) as store:
        with serving(database, theirs, port) as base:
            follower = LiveTracking(folder, base, tmp_path, "plan-1")
            for record in RECORDS[:2]:
                store.add(record)
                follower.follow(record.key)
            wait_for(follower, 2)
        for record in RECORDS[2:]:  # the server is gone, the sweep goes on
            store.add(record)
            follower.follow(record.key)
        report = follower.close(interrupted=False)
        assert (report.sent, report.left) == (2, 2)
        assert report.error == (
            f"MLflow at {base}: nothing answers there. Is the server running, and is the address right?"
        )
        assert [record.key for record in store.runs(ALL)] == ALL
        with serving(database, theirs, port):
            assert sync(store, base, tmp_path).sent == 2
            assert everything(base) == everything(place.uri)
        # straight into PostgreSQL, in bulk: the same again under another name
        renamed = write_store(tmp_path / "direct", [plan(*ALL, experiment="direct")])
        monkeypatch.setattr("gdbench.tracking.by_mlflow.ByMlflow._write", None)  # whoever made one would fail
        with Store.read(renamed) as copy:
            assert (sync(copy, database, tmp_path).sent, sync(copy, database, tmp_path).sent) == (4, 0)
        direct, ours = everything(database, "direct"), everything(place.uri)
        for held in (direct, ours):
            held["runs"]["plan plan-1"]["files"].pop("plan.json")  # it names the experiment
            held["tags"].pop("gdbench.experiment")  # as this does
        assert direct == ours
        assert PASSWORD not in repr(direct)
    assert PASSWORD not in "".join(capfd.readouterr())
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert kept == []
