"""Tracking beside a running sweep: complete at the end, and never in its way."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mlflow import MlflowClient

from gdbench.cli.verbs.sync import send
from gdbench.record.lock import TRACKING_LOCK_NAME as LOCK_NAME
from gdbench.record.lock import exclusive
from gdbench.record.store import Store
from gdbench.session.listener import Listener
from gdbench.session.run import run
from gdbench.session.sweep import prepare
from gdbench.tracking.by_sqlite import BySqlite
from gdbench.tracking.live_tracking import LiveTracking
from gdbench.tracking.tracker import Tracker
from tests.tracking.studies import RECORDS, Place, converged, everything, plan, record, write_store

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = [r.key for r in RECORDS]

ONE_RUN = """\
name: one
grid: {surface: booth, learning_rate: 0.1, convergence: {max_iterations: 3}}
"""


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken by us and listened on by nobody."""
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who interrupts and then waits however long a busy machine needs."""
    monkeypatch.setattr("gdbench.tracking.live_tracking._AFTER_INTERRUPT", 60.0)


def sweep(place: Place, uri: str | None = None, records: tuple = RECORDS, *, interrupted: bool = False):
    """Runs finish one after the other while the follower listens."""
    write_store(place.folder, [plan(*ALL)], ())
    follower = LiveTracking(place.folder, uri or place.uri, place.results, "plan-1")
    with Store.open(place.folder) as store:
        for one in records:
            store.add(one)
            follower.follow(one.key)
    return follower.close(interrupted=interrupted)


def test_a_followed_sweep_leaves_the_same_as_a_sync(place: Place, tmp_path, template) -> None:
    report = sweep(place)
    assert (report.sent, report.left, report.error) == (4, 0, None)
    followed = everything(place.uri)
    assert place.sync().sent == 0
    assert everything(place.uri) == followed
    (tmp_path / "other").mkdir()
    other = Place(tmp_path / "other")
    (other.results / "mlflow.db").write_bytes(template.read_bytes())
    write_store(other.folder, [plan(*ALL)])
    other.sync()
    assert everything(other.uri) == followed


def sweep_of_one(place: Place) -> dict[str, Any]:
    runs = everything(place.uri, "one")["runs"]
    return next(run for name, run in runs.items() if name.startswith("plan "))


def test_a_user_who_leaves_when_the_answer_is_told_finds_the_page_in_mlflow_the_next_time(
    place: Place, monkeypatch, unhurried: None
) -> None:
    (config := place.results / "one.yaml").write_text(ONE_RUN)

    def leaves(*_: object) -> dict[str, Path]:
        raise KeyboardInterrupt

    monkeypatch.setattr("gdbench.session.attachments.attachments", leaves)
    assert run(prepare(config, place.results, tracking_uri=place.uri)) is None
    assert sweep_of_one(place)["status"] == "KILLED"
    (page := place.results / "report.html").write_text("the page")
    monkeypatch.setattr("gdbench.session.attachments.attachments", lambda *_: {"report.html": page})
    for _ in range(2):  # the second finds nothing to do
        run(prepare(config, place.results, tracking_uri=place.uri))
        monkeypatch.setattr("gdbench.session.attachments.attachments", leaves)
    assert sweep_of_one(place)["status"] == "FINISHED"
    [kept] = (place.results / "artifacts").rglob("report.html")
    assert kept.read_text() == "the page"


def test_of_a_plan_too_large_for_it_run_and_sync_leave_the_page_to_gdbench_report_and_say_so(
    place: Place, new_place, monkeypatch, capsys
) -> None:
    (config := place.results / "one.yaml").write_text(ONE_RUN)
    monkeypatch.setattr("gdbench.session.beside.MOST_RUNS", 0)
    told: list[str] = []
    listener = Listener()
    monkeypatch.setattr(listener, "unreported", told.append)
    run(prepare(config, place.results, tracking_uri=place.uri), listener)
    assert sweep_of_one(place)["status"] == "FINISHED"
    report = f"gdbench report one --results '{place.results}'"
    assert told == [f"of more than 0 runs it is left to: {report}"]
    send([place.results / "one"], place.results, new_place().uri)
    assert capsys.readouterr().err.splitlines()[-1] == f"MLflow gets no report: {told[0]}"
    assert not (place.results / "one" / "report").exists()


def test_runs_that_nobody_told_of_are_found_in_the_store(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    report = LiveTracking(place.folder, place.uri, place.results, "plan-1").close(interrupted=False)
    assert report.sent == 4
    assert everything(place.uri)["runs"]["plan plan-1"]["status"] == "FINISHED"


def test_an_interrupted_sweep_is_killed_and_finished_when_resumed(place: Place, unhurried: None) -> None:
    sweep(place, records=RECORDS[:2], interrupted=True)
    assert everything(place.uri)["runs"]["plan plan-1"]["status"] == "KILLED"
    report = sweep(place, records=RECORDS[2:])
    runs = everything(place.uri)["runs"]
    assert report.sent == 2
    assert runs["plan plan-1"]["status"] == "FINISHED"
    assert len(runs) == 5


def test_a_resumed_sweep_is_shown_as_running_while_it_runs(place: Place, unhurried: None) -> None:
    sweep(place, records=RECORDS[:2], interrupted=True)
    with Store.open(place.folder) as store:
        store.add(RECORDS[2])
    follower = LiveTracking(place.folder, place.uri, place.results, "plan-1")
    _wait_for(lambda: "run wild" in everything(place.uri)["runs"])
    assert everything(place.uri)["runs"]["plan plan-1"]["status"] == "RUNNING"
    follower.close(interrupted=True)
    assert everything(place.uri)["runs"]["plan plan-1"]["status"] == "KILLED"


def test_a_tracker_that_rests_beside_a_sweep_is_woken_by_its_end(place: Place, monkeypatch) -> None:
    monkeypatch.setattr("gdbench.tracking.live_tracking._REST", 1e9)
    write_store(place.folder, [plan(*ALL)], RECORDS[:1])
    follower = LiveTracking(place.folder, place.uri, place.results, "plan-1")
    follower.follow(RECORDS[0].key)
    _wait_for(lambda: "run slow" in everything(place.uri)["runs"])
    with Store.open(place.folder) as store:
        for one in RECORDS[1:]:
            store.add(one)
            follower.follow(one.key)
    follower.hurry()
    _wait_for(lambda: len(everything(place.uri)["runs"]) == len(ALL) + 1)
    assert follower.close(interrupted=False).left == 0


def _wait_for(holds) -> None:
    pause = threading.Event()
    for _ in range(600):
        with suppress(AssertionError):  # the experiment may not be there yet
            if holds():
                return
        pause.wait(0.05)
    pytest.fail("it did not happen within half a minute")


def test_only_the_followed_plan_is_tracked(place: Place) -> None:
    write_store(place.folder, [plan("slow", id="plan-0"), plan("fast", "wild")])
    LiveTracking(place.folder, place.uri, place.results, "plan-1").close(interrupted=False)
    assert set(everything(place.uri)["runs"]) == {"plan plan-1", "run fast", "run wild"}


def test_more_finished_runs_than_the_backlog_holds_are_all_tracked(place: Place, monkeypatch) -> None:
    monkeypatch.setattr("gdbench.tracking.live_tracking._BACKLOG", 2)
    keys = [f"run-{i}" for i in range(12)]
    write_store(
        place.folder, [plan(*keys)], tuple(record(key, converged(factor=0.9, updates=100)) for key in keys)
    )
    follower = LiveTracking(place.folder, place.uri, place.results, "plan-1")
    for key in keys:
        follower.follow(key)
    assert follower.close(interrupted=False).sent == 12


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_down_costs_one_sentence_that_hides_the_password(
    place: Place, closed_port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    report = sweep(place, f"http://ann:s3cret@127.0.0.1:{closed_port}")
    assert report.error == (
        f"MLflow at http://***@127.0.0.1:{closed_port}: nothing answers there. "
        "Is the server running, and is the address right?"
    )
    assert (report.sent, report.left) == (0, 4)
    assert capfd.readouterr() == ("", "")


def test_a_database_server_that_is_down_is_asked_once(place: Place, closed_port: int) -> None:
    pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed")
    report = sweep(place, f"postgresql+psycopg://ann:s3cret@127.0.0.1:{closed_port}/mlflow")
    assert report.error is not None
    assert "nothing answers there" in report.error
    assert "s3cret" not in report.error


def test_a_database_whose_driver_is_missing_is_told_with_the_remedy(place: Place) -> None:
    report = sweep(place, "postgresql+aiopg://ann:s3cret@127.0.0.1/mlflow")
    assert report.error is not None
    assert report.error.startswith("MLflow at postgresql+aiopg://***@127.0.0.1/mlflow: ")
    assert "s3cret" not in report.error
    assert report.left == 4


def test_a_failure_in_the_middle_is_told_and_its_parent_is_not_left_running(
    place: Place, monkeypatch, by_api: None
) -> None:
    terminate = MlflowClient.set_terminated

    def full(client: MlflowClient, run_id: str, status: str | None = None, end_time: int | None = None) -> None:
        if client.get_run(run_id).data.tags.get("gdbench.key") == "wild":
            raise OSError(28, "No space left on device")
        terminate(client, run_id, status, end_time)

    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, "set_terminated", full)
        report = sweep(place)
    assert report.error is not None
    assert report.error.endswith("the disk is full.")
    assert (report.sent, report.left) == (2, 2)
    assert everything(place.uri)["runs"]["plan plan-1"]["status"] == "KILLED"
    assert place.sync().sent == 2
    runs = everything(place.uri)["runs"]
    assert {run["status"] for run in runs.values()} == {"FINISHED", "FAILED"}


def test_a_failure_of_a_whole_group_is_told_and_nothing_of_it_is_there(place: Place, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(BySqlite, "_insert_runs", full)
        report = sweep(place)
    assert report.error is not None
    assert report.error.endswith("the disk is full.")
    assert (report.sent, report.left) == (0, 4)
    runs = everything(place.uri)["runs"]
    assert {name: run["status"] for name, run in runs.items()} == {"plan plan-1": "KILLED"}
    assert place.sync().sent == 4


def test_a_mistake_of_our_own_never_reaches_the_sweep(place: Place, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("gdbench.tracking.child.content", broken)
    report = sweep(place)
    assert report.error is not None
    assert "Please report it" in report.error
    assert report.left == 4


def test_a_server_that_swallows_requests_is_given_up(place: Place, monkeypatch) -> None:
    write_store(place.folder, [plan(*ALL)])
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}"
        report = LiveTracking(place.folder, uri, place.results, "plan-1", stall=0.3).close(interrupted=False)
    assert report.error == f"MLflow at {uri}: no answer for 0.3 seconds."
    assert report.left == 4


def test_a_slow_server_is_left_behind_when_the_sweep_is_over(place: Place, monkeypatch, by_api: None) -> None:
    """Each run takes it a while; what it has by then it has, and the parent is not left running."""
    monkeypatch.setattr("gdbench.tracking.live_tracking._AFTERWARDS", 0.0)
    monkeypatch.setattr("gdbench.tracking.live_tracking._SHARE", 0.0)
    report = sweep(place)
    assert report.error == f"MLflow at {place.uri} is slow: the sweep did not wait for it."
    assert report.sent + report.left == 4
    assert report.left
    assert everything(place.uri)["runs"]["plan plan-1"]["status"] == "KILLED"
    assert place.sync().sent == report.left


def test_an_interrupted_sweep_ends_although_its_server_is_silent(place: Place) -> None:
    """Nothing answers and nothing refuses; the user has left within the second that is granted."""
    write_store(place.folder, [plan(*ALL)])
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}"
        follower = LiveTracking(place.folder, uri, place.results, "plan-1", stall=1e9)
        report = follower.close(interrupted=True)  # with that patience for a stall, else for ever
    assert report.left == 4
    assert report.sent == 0


def test_a_tracker_that_works_is_waited_for_though_nothing_is_sent(place: Place, monkeypatch) -> None:
    """To tell what became of 100,000 runs takes longer than a silent server is waited for."""
    write_store(place.folder, [plan(*ALL)])
    told, asked = threading.Event(), []

    def working(_: int) -> float:
        asked.append(0.1)
        if len(asked) > 8:
            told.set()
        return sum(asked)

    close = Tracker.close
    monkeypatch.setattr(Tracker, "close", lambda *given, **named: told.wait(60) and close(*given, **named))
    monkeypatch.setattr("gdbench.tracking.live_tracking.time.clock_gettime", working)
    report = LiveTracking(place.folder, place.uri, place.results, "plan-1", stall=0.1).close(interrupted=False)
    assert (report.error, report.left) == (None, 0)


def test_files_of_the_sweep_are_given_to_its_parent(place: Place, tmp_path) -> None:
    (tmp_path / "index.html").write_text("<p>use 0.2</p>")
    write_store(place.folder, [plan(*ALL)])
    follower = LiveTracking(place.folder, place.uri, place.results, "plan-1")
    follower.close(interrupted=False, files={"report.html": tmp_path / "index.html"})
    assert everything(place.uri)["runs"]["plan plan-1"]["files"]["report.html"] == "<p>use 0.2</p>"


def test_a_store_that_another_process_tracks_is_left_to_it(place: Place, monkeypatch) -> None:
    monkeypatch.setattr("gdbench.tracking.live_tracking._LOCK_WAIT", 0.05)
    write_store(place.folder, [plan(*ALL)])
    with exclusive(place.folder / LOCK_NAME, 0, ""):
        report = LiveTracking(place.folder, place.uri, place.results, "plan-1").close(interrupted=False)
    assert report.error is not None
    assert "another gdbench is sending these runs" in report.error


def test_a_run_replaced_while_followed_is_sent_once(place: Place) -> None:
    write_store(place.folder, [plan("lost")], RECORDS[3:])
    follower = LiveTracking(place.folder, place.uri, place.results, "plan-1")
    with Store.open(place.folder) as store:
        store.add(replace(RECORDS[3], result=converged()))
    for _ in range(3):
        follower.follow("lost")
    follower.close(interrupted=False)
    assert everything(place.uri)["runs"]["run lost"]["tags"]["outcome"] == "converged"


def test_importing_the_follower_does_not_import_mlflow() -> None:
    light = (
        "import sys, gdbench.tracking.live_tracking, gdbench.tracking.server.ui\n"
        "print({'mlflow', 'pandas', 'sqlalchemy'} & set(sys.modules))\n"
        "import gdbench.cli.verbs.sync\n"
        "print({'mlflow', 'sqlalchemy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", light], capture_output=True, text=True)
    assert done.stdout.split() == ["set()", "set()"], done.stderr
