"""Which runs of MLflow's are ours: after a changed config, and whatever others have done to them meanwhile."""

from __future__ import annotations

import re
import threading
from contextlib import nullcontext
from pathlib import Path

import pytest
from mlflow import MlflowClient

import gdbench.tracking.sync as syncing
from gdbench.descent.errors import GdbenchError
from gdbench.record.store import Store
from gdbench.tracking.by_sqlite import BySqlite
from gdbench.tracking.identity import runs_of
from gdbench.tracking.live_tracking import LiveTracking
from gdbench.tracking.server import embedded
from gdbench.tracking.server.connection import experiments_of
from tests.cli.shell import ROOT
from tests.tracking.killed_sync import held
from tests.tracking.studies import NOON, RECORDS, Place, converged, plan, record, write_store

TESTS = re.compile(r"^def (test_\w+)", re.MULTILINE)

ALL = [r.key for r in RECORDS]
BEFORE, AFTER = plan("slow", "fast"), plan("slow", "fast", "wild", id="plan-2", created=NOON)


@pytest.fixture(params=["by SQLite", "in bulk", "by api"])
def each_way(request, monkeypatch):
    if request.param == "by api":
        request.getfixturevalue("by_api")
    if request.param == "in bulk":
        monkeypatch.setattr("gdbench.tracking.sync.opened_by_sqlite", lambda *_: nullcontext())


def client_of(place):
    return MlflowClient(place.uri)


def runs_in(place, search=""):
    """Key → run."""
    client = client_of(place)
    ids = [one.experiment_id for one in client.search_experiments()]
    return {run.data.tags.get("gdbench.key", ""): run for run in client.search_runs(ids, search)}


def mended(place, **how):
    """(how many runs a sync sends, what it puts right)."""
    with Store.read(place.folder) as store:
        report = syncing.sync(store, place.uri, place.results, **how)
        assert report.held == report.recorded > 0
    return report.sent, list(report.remarks)


def parent_of(place, plan_id="plan-1"):
    [run] = client_of(place).search_runs(["1"], f"tags.`gdbench.plan` = '{plan_id}'")
    return run


def test_each_line_of_the_page_on_mlflow_is_held_by_a_test():
    page = (ROOT / "docs" / "howto" / "mlflow.md").read_text("utf-8")
    there = {
        name
        for file in Path(__file__).parent.glob("test_*.py")
        for name in TESTS.findall(file.read_text("utf-8"))
    }
    named = re.findall(r"`(test_\w+)`", page)
    assert len(named) > 10
    assert set(named) <= there


# --- a changed config


@pytest.mark.usefixtures("each_way")
def test_a_changed_config_has_all_of_its_runs_under_its_own_parent_and_the_old_one_finds_its_own(place):
    write_store(place.folder, [BEFORE], RECORDS[:2])
    place.sync()
    write_store(place.folder, [AFTER], RECORDS[:3])
    assert mended(place) == (1, ["2 runs put under the sweep that they belong to"])
    home = parent_of(place, "plan-2").info.run_id
    assert {run.data.tags["mlflow.parentRunId"] for key, run in runs_in(place).items() if key} == {home}
    assert set(runs_in(place, runs_of(BEFORE))) == {"slow", "fast"}
    assert set(runs_in(place, runs_of(AFTER))) == {"slow", "fast", "wild"}
    assert set(runs_in(place, parent_of(place).data.tags["gdbench.runs"])) == {"slow", "fast"}
    assert mended(place) == (0, [])


def test_the_parents_of_a_changed_config_are_told_apart(place):
    changed = plan("slow", "fast", id="another", created=NOON, config_text="name: lr_sweep  # changed\n")
    write_store(place.folder, [BEFORE, changed], RECORDS[:2])
    place.sync()
    before, after = parent_of(place), parent_of(place, "another")
    assert (before.info.run_name, after.info.run_name) == (
        "2 runs plan-1: learning_rate",
        "2 runs another: learning_rate",
    )
    assert before.data.tags["gdbench.asked"] == "2025-06-15 15:06 UTC"
    digests = {run.data.tags["gdbench.config_sha256"] for run in (before, after)}
    assert len(digests) == 2


def test_whether_followed_or_synced_a_changed_config_leaves_the_same(new_place):
    synced, followed = new_place(), new_place()
    for place in (synced, followed):
        write_store(place.folder, [BEFORE], RECORDS[:2])
        place.sync()
        write_store(place.folder, [AFTER], RECORDS[:3])
    synced.sync()
    report = LiveTracking(followed.folder, followed.uri, followed.results, "plan-2").close(interrupted=False)
    assert report.remarks == [], "it is what a user expects of a changed config"
    left, expected = held(followed.results), held(synced.results)
    assert left == expected
    assert mended(followed) == (0, [])


def test_runs_of_before_there_were_such_tags_are_told_their_sweeps(place):
    write_store(place.folder, [BEFORE], RECORDS[:2])
    place.sync()
    whole, client = held(place.results), client_of(place)
    for run in runs_in(place).values():
        if "gdbench.key" in run.data.tags:
            client.delete_tag(run.info.run_id, "gdbench.plans")
    assert mended(place) == (0, ["2 runs told which sweeps they are part of"])
    assert held(place.results) == whole


# --- deleted by somebody


def test_what_was_deleted_comes_back_as_it_was(place):
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    whole, client = held(place.results), client_of(place)
    client.delete_run(parent_of(place).info.run_id)
    client.delete_run(runs_in(place)["fast"].info.run_id)
    assert mended(place) == (
        0,
        ["1 sweep taken out of MLflow's trash", "1 run taken out of MLflow's trash"],
    )
    assert held(place.results) == whole


def test_runs_whose_parent_is_gone_for_good_get_another(place):
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    whole, client = held(place.results), client_of(place)
    gone = parent_of(place).info.run_id
    client.delete_run(gone)
    client._tracking_client.store._hard_delete_run(gone)
    assert mended(place) == (0, ["4 runs put under the sweep that they belong to"])
    assert held(place.results) == whole


def test_a_run_that_is_there_twice_is_there_once_again(place):
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    whole, client = held(place.results), client_of(place)
    tags = {"gdbench.key": "fast"}
    torn, double = (client.create_run("1", start_time=at, tags=tags).info.run_id for at in (1, 2))
    client.set_terminated(double)
    assert mended(place) == (0, ["2 runs put into MLflow's trash, being there twice"])
    assert held(place.results) == whole
    assert {client.get_run(run_id).info.lifecycle_stage for run_id in (torn, double)} == {"deleted"}


def test_runs_of_somebody_else_in_our_experiment_are_told_and_left_alone(place):
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    client = client_of(place)
    client.create_run("1", tags={"gdbench.key": "unheard-of"})
    before = held(place.results)
    assert mended(place) == (0, ["1 run left as it is: nothing of it is recorded here"])
    assert held(place.results) == before


# --- experiments


def test_a_trashed_experiment_is_taken_out_by_either_of_the_printed_commands(place, gdbench, obey):
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    whole, client = held(place.results), client_of(place)
    client.delete_experiment("1")
    with pytest.raises(GdbenchError) as refused:
        place.sync()
    sentence = str(refused.value)
    status, said = gdbench("sync", "--results", place.results)
    assert (status, sentence in said) == (2, True), "nobody has named it"
    both, alone = sentence.split(": ", 1)[1].split(" – or to take it out alone: ")
    status, said = obey(both)
    assert status == 0
    assert "lr_sweep: its experiment is taken out of MLflow's trash\n" in said
    assert held(place.results) == whole
    client.delete_experiment("1")
    obey(alone)
    assert mended(place) == (0, [])
    assert held(place.results) == whole


def test_a_renamed_experiment_is_found_by_its_tag_and_keeps_its_name(place):
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    whole = held(place.results)
    client_of(place).rename_experiment("1", "mine")
    assert mended(place) == (0, ["MLflow calls its experiment 'mine' now, which is kept"])
    assert held(place.results) == whole
    assert client_of(place).get_experiment_by_name("lr_sweep") is None
    assert embedded.names_now(place.results / "mlflow.db", ["lr_sweep", "other"]) == {
        "lr_sweep": "mine",
        "other": "other",
    }
    listed = experiments_of(place.uri)
    assert listed["mine"] == listed["lr_sweep"], "gdbench ui finds it by either"
    has = embedded.held(place.results / "mlflow.db", "lr_sweep")
    assert has is not None
    assert len(has.keys) == 4
    embedded.rename(place.results / "mlflow.db", "lr_sweep", "large", {"plan-1": "plan-9"})
    assert embedded.held(place.results / "mlflow.db", "large").plans == {"plan-9"}
    assert set(runs_in(place, "tags.`gdbench.plans` LIKE '%plan-9%'")) == set(ALL)
    assert client_of(place).get_experiment("1").name == "mine", "as somebody wanted it"


def test_a_renamed_experiment_of_somebody_else_is_not_taken_for_ours(place):
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    client_of(place).rename_experiment("1", "mine")
    other = Place(place.results)
    write_store(other.results / "theirs", [plan("x", id="theirs")], (record("x", converged()),))
    with Store.read(other.results / "theirs") as store:
        assert syncing.sync(store, place.uri, place.results).sent == 1
    assert embedded.held(place.results / "mlflow.db", "lr_sweep").keys == {"x"}
    assert mended(place) == (0, ["MLflow calls its experiment 'mine' now, which is kept"])


def test_variables_of_mlflow_that_choose_an_experiment_are_named_as_not_heeded(place, monkeypatch):
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "elsewhere")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", "0")
    write_store(place.folder, [plan(*ALL)])
    sent, remarks = mended(place)
    assert sent == 4
    assert [remark.split()[0] for remark in remarks] == ["MLFLOW_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_ID"]
    assert {one.name for one in client_of(place).search_experiments()} == {"Default", "lr_sweep"}


# --- a server that is away for a while


class Away:
    """Refuses to be opened, or to write, while `away` is set."""

    def __init__(self, monkeypatch):
        self.away, self.refused = threading.Event(), threading.Semaphore(0)
        self.answered, opened, write = threading.Semaphore(0), syncing.opened, BySqlite.write

        def refuse():
            if self.away.is_set():
                self.refused.release()
                raise GdbenchError("MLflow at HERE: nothing answers there.")

        def opening(*place):
            refuse()
            self.answered.release()
            return opened(*place)

        def writing(*what):
            refuse()
            return write(*what)

        monkeypatch.setattr(syncing, "opened", opening)
        monkeypatch.setattr(BySqlite, "write", writing)


@pytest.mark.parametrize("from_the_start", [True, False])
def test_a_server_that_comes_back_during_the_sweep_gets_all_runs(place, monkeypatch, from_the_start):
    monkeypatch.setattr("gdbench.tracking.live_tracking._PAUSE", 0.001)
    server = Away(monkeypatch)
    write_store(place.folder, [plan(*ALL)], ())
    if from_the_start:
        server.away.set()
    follower = LiveTracking(place.folder, place.uri, place.results, "plan-1")
    with Store.open(place.folder) as store:
        if not from_the_start:
            assert server.answered.acquire(timeout=60)
            server.away.set()
        for one in RECORDS[:2]:
            store.add(one)
            follower.follow(one.key)
        assert server.refused.acquire(timeout=60)
        server.away.clear()
        assert server.answered.acquire(timeout=60)
        for one in RECORDS[2:]:
            store.add(one)
            follower.follow(one.key)
    report = follower.close(interrupted=False)
    assert (report.left, report.error) == (0, None)
    assert report.remarks == [
        "MLflow at HERE: nothing answers there: so it was for a while, and it has all runs since."
    ]
    assert set(runs_in(place)) == {"", *ALL}
    assert parent_of(place).info.status == "FINISHED"


def test_a_server_that_stays_away_is_not_waited_for(place, monkeypatch):
    server = Away(monkeypatch)
    server.away.set()
    write_store(place.folder, [plan(*ALL)])
    follower = LiveTracking(place.folder, place.uri, place.results, "plan-1")
    assert server.refused.acquire(timeout=60)
    report = follower.close(interrupted=False)
    assert (report.left, report.error) == (4, "MLflow at HERE: nothing answers there.")
    assert not server.refused.acquire(blocking=False), "it has just been asked"
