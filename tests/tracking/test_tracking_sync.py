"""A store copied to a real MLflow database and read back by MLflow's own client."""

from __future__ import annotations

import json
import logging
import math
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import mlflow
import pytest
from mlflow import MlflowClient

from gdbench.descent.errors import GdbenchError
from gdbench.descent.recording.result import OUTCOMES, Curve, RunResult
from gdbench.record.lock import TRACKING_LOCK_NAME as LOCK_NAME
from gdbench.record.lock import exclusive
from gdbench.record.store import Store
from gdbench.tracking.sync import sync
from tests.tracking.studies import NOON, RECORDS, Place, converged, everything, plan, record, spec, write_store

if TYPE_CHECKING:
    from pathlib import Path

ALL = [r.key for r in RECORDS]


def test_every_run_of_the_store_is_a_child_of_its_plan(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    report = place.sync()
    runs = everything(place.uri)["runs"]
    assert set(runs) == {"plan plan-1", *(f"run {key}" for key in ALL)}
    assert {runs[f"run {key}"]["under"] for key in ALL} == {"plan plan-1"}
    assert runs["plan plan-1"]["under"] is None
    assert (report.sent, report.left, report.error) == (4, 0, None)


def test_params_are_what_a_person_would_write(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    assert everything(place.uri)["runs"]["run fast"]["params"] == {
        "data": "diabetes · standardized",
        "model": "linear",
        "cost": "mse",
        "optimizer": "gradient_descent",
        "learning_rate": "0.2",
        "initialization": "zeros",
        "convergence": "cost_change ≤ 1e-09 or 5000 iterations",
        "replicate": "0",
        "kernel": "compiled",
    }


def test_final_values_are_the_record_s_and_the_gap_is_to_the_optimum(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    points = everything(place.uri)["runs"]["run fast"]["points"]
    last = {key: rows[-1][2] for key, rows in points.items()}
    gap = 4 * 0.9**150
    assert last["final/cost"] == 1 + gap
    assert last["final/objective_gap"] == pytest.approx(gap, rel=1e-8)
    assert last["final/relative_gap"] == pytest.approx(gap / (5 - 1), rel=1e-8)
    assert last["final/gradient_norm"] == 2 * 0.9**150
    assert last["final/best_cost"] == 1 + gap
    assert last["iterations"] == 150
    assert last["iterations_to/0.01"] == math.ceil(math.log(0.01) / math.log(0.9))
    assert last["iterations_to/0.0001"] == math.ceil(math.log(0.0001) / math.log(0.9))
    assert last["seconds"] == 1.0
    assert last["hp/learning_rate"] == 0.2
    summaries = [rows for key, rows in points.items() if not key.startswith("curve/")]
    assert all(len(rows) == 1 and rows[0][0] == 0 for rows in summaries), "summaries are bars: step 0 only"


def test_the_parameters_of_a_choice_are_metrics_under_its_axis(place: Place) -> None:
    write_store(place.folder, [plan("a")], (record("a", converged(), initialization="normal"),))
    place.sync()
    points = everything(place.uri)["runs"]["run a"]["points"]
    assert {key: rows[0][2] for key, rows in points.items() if key.startswith("hp/")} == {
        "hp/learning_rate": 0.1,
        "hp/initialization.std": 2.5,  # the mean is the usual one
    }


def test_a_short_curve_is_sent_whole_and_counts_its_steps_from_one(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    points = everything(place.uri)["runs"]["run fast"]["points"]
    assert [(step, value) for step, _, value in points["curve/cost"]] == [
        (k + 1, 1 + 4 * 0.9**k) for k in range(151)
    ]
    assert [(step, value) for step, _, value in points["curve/gradient_norm"]] == [
        (k + 1, 2 * 0.9**k) for k in range(151)
    ]


def test_a_long_curve_keeps_its_ends_its_crossings_and_at_most_300_points(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    steps = [step for step, _, _ in everything(place.uri)["runs"]["run slow"]["points"]["curve/cost"]]
    crossings = RECORDS[0].result.iterations_to.values()
    assert {1, 2001, *(k + 1 for k in crossings if k is not None)} <= set(steps)
    assert 290 <= len(steps) <= 300


def test_times_come_from_the_record(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    runs = everything(place.uri)["runs"]
    start = 1_750_000_000_250
    assert runs["run slow"]["times"] == [start, start + 2000]
    assert runs["plan plan-1"]["times"] == [start - 10_000, start + 8000]
    times = [at for _, at, _ in runs["run slow"]["points"]["curve/cost"]]
    # The loop took 1 of the 2 seconds, and ended with the run.
    assert (times[0], times[-1]) == (start + 1000, start + 2000)
    assert times == sorted(times)


def test_a_divergence_is_finished_and_told_by_tags_never_by_infinities(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    run = everything(place.uri)["runs"]["run wild"]
    assert run["status"] == "FINISHED"
    assert (run["tags"]["outcome"], run["tags"]["diverged_at"]) == ("diverged", "3")
    assert run["tags"]["reason"] == "the cost was not finite"
    assert [(step, value) for step, _, value in run["points"]["curve/cost"]] == [
        (1, 5.0),
        (2, 5e150),
        (3, 5e300),
    ]
    assert "final/cost" not in run["points"]
    assert "iterations_to/0.01" not in run["points"], "never reached is no number"
    learned = json.loads(everything(place.uri)["runs"]["plan plan-1"]["files"]["parameters.json"])
    assert learned["wild"]["parameters"] == ["inf", "nan", -1.0]


def test_points_that_are_not_finite_stay_behind(place: Place) -> None:
    series = {"cost": [1.0, float("nan"), float("inf")], "gradient_norm": [1.0, 2.0, -float("inf")]}
    curve = Curve([0, 1, 2], series)
    result = converged(curve=curve, final_gradient_norm=float("nan"))
    write_store(place.folder, [plan("odd")], (record("odd", result),))
    place.sync()
    points = everything(place.uri)["runs"]["run odd"]["points"]
    assert [step for step, _, _ in points["curve/cost"]] == [1]
    assert [step for step, _, _ in points["curve/gradient_norm"]] == [1, 2]
    assert "final/gradient_norm" not in points


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_only_broken_runs_are_failures(place: Place, outcome: str) -> None:
    result = RunResult(outcome=outcome, reason="for a reason", rule="cost_change")
    write_store(place.folder, [plan("a")], (record("a", result),))
    place.sync()
    expected = "FAILED" if outcome in {"failed", "crashed", "timed_out"} else "FINISHED"
    expected = "KILLED" if outcome == "outpaced" else expected
    assert everything(place.uri)["runs"]["run a"]["status"] == expected


def test_learned_parameters_come_back_bit_for_bit(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    learned = json.loads(everything(place.uri)["runs"]["plan plan-1"]["files"]["parameters.json"])
    assert list(learned) == [*ALL, "problems"]
    told = {"run": "η=fast", "parameters": [0.1, -1 / 3, 5e-324]}
    assert learned["fast"] == {**told, "problem": "problem-1", "original": None}
    assert learned["problems"]["problem-1"]["names"] == ["age", "bmi", "bias"]
    assert learned["lost"]["parameters"] == []


def test_the_parent_holds_what_was_asked_and_how_it_came_out(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    parent = everything(place.uri)["runs"]["plan plan-1"]
    assert parent["params"] == {"data": "diabetes · standardized", "model": "linear"}
    assert parent["files"]["config.yaml"] == "name: lr_sweep  # η\n"
    assert [run["key"] for run in json.loads(parent["files"]["plan.json"])["runs"]] == ALL
    assert json.loads(parent["files"]["environment.json"])["python"] == "CPython 3.11.4"
    assert {key: rows[0][2] for key, rows in parent["points"].items()} == {
        "outcomes/converged": 2,
        "outcomes/diverged": 1,
        "outcomes/crashed": 1,
    }
    assert parent["tags"]["environment.python"] == "CPython 3.11.4"
    assert parent["tags"]["mlflow.source.name"] == "configs/lr_sweep.yaml"
    assert parent["tags"]["mlflow.source.git.commit"] == "0123abc"
    answer, _, counts = parent["tags"]["mlflow.note.content"].split("\n")[:3]
    assert answer == (
        "**Use η = 0.2: it keeps a relative gap of 0.0001, first met at iteration 88; η = 0.5 diverged; "
        "η = 0.3 crashed.**"
    )
    assert parent["tags"]["gdbench.answer"] == answer.strip("*")
    assert counts == "4 runs: 2 converged, 1 diverged, 1 crashed."


def test_the_experiment_has_its_kind_and_description(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    tags = everything(place.uri)["tags"]
    assert tags["mlflow.experimentKind"] == "custom_model_development"
    assert tags["mlflow.note.content"] == "Which learning rates converge?"


def test_artifacts_lie_below_the_results_folder(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    kept = {path.name for path in (place.results / "artifacts" / "lr_sweep").rglob("*") if path.is_file()}
    assert kept == {"config.yaml", "plan.json", "environment.json", "parameters.json"}


def test_runs_are_found_and_sorted_by_mlflow_search_runs(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    mlflow.set_tracking_uri(place.uri)
    try:
        frame = mlflow.search_runs(
            experiment_names=["lr_sweep"],
            filter_string="tags.`gdbench.role` = 'run' and metrics.`hp/learning_rate` < 0.5",
            order_by=["metrics.`final/objective_gap`"],
        )
    finally:
        mlflow.set_tracking_uri(None)  # and out of the environment
    assert list(frame["tags.gdbench.key"]) == ["slow", "fast", "lost"]
    assert list(frame["params.learning_rate"]) == ["0.1", "0.2", "0.3"]


def test_sending_twice_changes_nothing(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    once = everything(place.uri)
    assert place.sync().sent == 0
    assert everything(place.uri) == once


def test_the_store_is_only_read(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    before = (place.folder / "store.sqlite").read_bytes()
    place.sync()
    assert (place.folder / "store.sqlite").read_bytes() == before


def test_a_plan_with_missing_runs_is_killed_and_later_finished(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)], RECORDS[:2])
    place.sync()
    parent = everything(place.uri)["runs"]["plan plan-1"]
    assert parent["status"] == "KILLED"
    assert "2 of 4 runs so far: 2 converged." in parent["tags"]["mlflow.note.content"]
    write_store(place.folder, [plan(*ALL)])
    assert place.sync().sent == 2
    parent = everything(place.uri)["runs"]["plan plan-1"]
    assert parent["status"] == "FINISHED"
    assert "4 runs: 2 converged, 1 diverged, 1 crashed." in parent["tags"]["mlflow.note.content"]


def test_a_torn_child_is_made_again(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    whole = everything(place.uri)
    client = MlflowClient(place.uri)
    [run] = [r for r in client.search_runs(["1"]) if r.data.tags.get("gdbench.key") == "fast"]
    client.update_run(run.info.run_id, status="RUNNING")
    client.set_tag(run.info.run_id, "outcome", "half-written")
    assert place.sync().sent == 1
    assert everything(place.uri) == whole


def test_a_crashed_run_is_replaced_when_a_later_attempt_succeeds(place: Place) -> None:
    write_store(place.folder, [plan("lost")], RECORDS[3:])
    place.sync()
    mended = replace(RECORDS[3], result=converged(), started=NOON + 100, finished=NOON + 102)
    write_store(place.folder, [plan("lost")], (mended,))
    assert place.sync().sent == 1
    run = everything(place.uri)["runs"]["run lost"]
    assert (run["status"], run["tags"]["outcome"]) == ("FINISHED", "converged")


def test_a_failure_that_is_tracked_is_not_sent_again(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    again = replace(RECORDS[3], finished=NOON + 500)
    write_store(place.folder, [plan(*ALL)], (again,))
    assert place.sync().sent == 0


def test_more_params_metrics_and_longer_texts_than_mlflow_takes_at_once(place: Place) -> None:
    many = {f"axis_{i}": {"thing": {"value": float(i)}} for i in range(250)}
    wide = replace(
        record("wide", converged(reason="x" * 20_000)),
        spec={**spec(0.1), **many, "model": {"y" * 9000: {}}, "note": "y" * 9000},
    )
    odd = {"weight: {w} // ü": {"thing": {"value": 7.0}}}
    write_store(place.folder, [plan("wide")], (replace(wide, spec={**wide.spec, **odd}),))
    place.sync()
    run = everything(place.uri)["runs"]["run wide"]
    assert len(run["params"]) == 9 + 250 + 1
    assert len(run["params"]["model"]) == 6000
    assert len(run["tags"]["reason"]) == len(run["tags"]["gdbench.note"]) == 8000
    assert run["points"]["hp/axis_249.value"][0][2] == 249.0
    assert [value for key, value in run["params"].items() if key.startswith("weight")] == ["thing(7)"]


def test_a_store_without_a_plan_makes_nothing(place: Place) -> None:
    write_store(place.folder, [], ())
    assert place.sync().sent == 0
    assert MlflowClient(place.uri).get_experiment_by_name("lr_sweep") is None


def test_two_trackers_of_one_store_never_work_at_once(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    busy = pytest.raises(GdbenchError, match="another gdbench is sending these runs")
    with exclusive(place.folder / LOCK_NAME, 0, ""), Store.read(place.folder) as store, busy:
        sync(store, place.uri, place.results, wait=0.05)
    assert place.sync().sent == 4


def test_progress_is_told_run_by_run(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    told: list[str] = []
    with Store.read(place.folder) as store:
        sync(store, place.uri, place.results, told.append)
    assert told == ALL


def test_a_new_database_is_made_whole_in_wal_mode_and_in_silence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    level = logging.getLogger("mlflow").level
    fresh = Place(tmp_path / "results")
    write_store(fresh.folder, [plan(*ALL)])
    fresh.sync()
    assert capfd.readouterr() == ("", "")  # before the files are read again, which MLflow tells
    connection = sqlite3.connect(fresh.results / "mlflow.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert sorted(p.name for p in fresh.results.glob("mlflow.db.new*")) == []
    assert set(everything(fresh.uri)["runs"]) == {"plan plan-1", *(f"run {key}" for key in ALL)}
    assert logging.getLogger("mlflow").level == level


def test_a_database_half_made_by_a_killed_process_is_made_anew(tmp_path: Path) -> None:
    fresh = Place(tmp_path / "results")
    write_store(fresh.folder, [plan("fast")], RECORDS[1:2])
    (fresh.results / "mlflow.db.new").write_bytes(b"torn" * 1000)
    fresh.sync()
    assert "run fast" in everything(fresh.uri)["runs"]


def test_a_file_that_is_no_database_is_refused_in_one_sentence(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    (place.results / "mlflow.db").write_text("dear diary\n" * 500)
    with pytest.raises(GdbenchError, match=r"not a database. Move it aside.*gdbench sync"):
        place.sync()
