"""A number that a run records is told in one place, and is then a column, a metric and in the reference."""

from dataclasses import fields, replace

from gdbench.descent.recording.result import RunResult
from gdbench.record import fields as table
from gdbench.record.columns import Field, Row, measures_of
from gdbench.record.fields import run_fields, runs_columns
from gdbench.record.frames import runs_frame
from gdbench.record.store import Store
from gdbench.tracking import child
from tests.execution.recorded import plan, record

#: Of a result what is no single number: what has its own table, or what a diagnosis reads.
_NO_SCALARS = {"cause", "path", "shadows", "audit", "evidence", "curve", "parameters", "traceback", "extra"}
_NO_SCALARS |= {"held_out", "paused", "answer"}
_BY_TARGET = {"kept_from", "kept_work", "iterations_to", "work_to"}
#: Told as `objective_gap`, which records without it have as well.
_UNDER_ANOTHER_NAME = {"final_gap"}


def test_every_number_of_a_result_has_its_field():
    told = {field.name for field in run_fields({}, [])}
    assert {
        field.name for field in fields(RunResult)
    } - _NO_SCALARS - _BY_TARGET - _UNDER_ANOTHER_NAME - told == set()


def test_names_metrics_and_tags_are_each_given_once():
    given = run_fields(
        {"cost": False}, ["0.1", "0.01"], ["x"], audited=True, measured=["cost", "train/r2", "test/r2"]
    )
    for of in ("name", "metric", "tag"):
        names = [getattr(field, of) for field in given if getattr(field, of)]
        assert len(names) == len(set(names))


def test_a_new_number_is_one_line_here_and_a_column_and_a_metric_by_itself(tmp_path, monkeypatch):
    moved = Field[Row](
        "distance", "float64", "‖w − w₀‖.", lambda row: row.run.result.extra["distance"], "", "final/distance"
    )
    monkeypatch.setattr(table, "_ENDING", [*table._ENDING, moved])
    table.sent_to_mlflow.cache_clear()
    given = record()
    given = replace(given, result=replace(given.result, extra={"distance": 1 / 3}))
    with Store.open(tmp_path) as store:
        store.add_plan(plan())
        store.add(given)
        assert runs_frame(store)["distance"].tolist() == [1 / 3]
    assert [p.value for p in child.content(given, None).points if p.key == "final/distance"] == [1 / 3]
    assert "distance" in [column.name for column in runs_columns({}, [])]
    monkeypatch.undo()
    table.sent_to_mlflow.cache_clear()


def test_what_is_known_of_an_answer_has_its_fields_where_a_run_has_one():
    results = [RunResult("stopped", ""), RunResult("stopped", "", answer={"cost": 1.0})]
    told = {field.name for field in run_fields({}, [], measured=measures_of(results))}
    answers = {"answer_cost", "answer_gap", "best_answer_cost", "best_answer_iteration"}
    assert told - {field.name for field in run_fields({}, [])} == answers
    assert not measures_of(results[:1])
