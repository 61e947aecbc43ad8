"""Records of other versions of gdbench are read, and a new series of a curve goes everywhere by itself."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from gdbench.descent.iterate import Iterate
from gdbench.descent.recording.plain import plain_of, plain_tree, read
from gdbench.descent.recording.recorder import Recorder
from gdbench.descent.recording.result import Curve, RunResult
from gdbench.execution.task import Finished, decode_result, encode_result
from gdbench.execution.workers.crash_log import CrashLog, read_crash_log
from gdbench.record.checksums import teach
from gdbench.record.columns import curves_columns
from gdbench.record.frames import curves_frame
from gdbench.record.locate import STORE_NAME
from gdbench.record.records import PlanRecord, SessionRecord
from gdbench.record.store import Store
from gdbench.record.tables import checksums_of
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord
from gdbench.report.page.export import export
from gdbench.tracking import child
from tests.execution.recorded import plan, record, session

# --- records with more or fewer fields


def rewrite(folder, table, column, change):
    """Change the JSON of every record of a table, as another version would have written it."""
    name = {"runs": "key", "sessions": "number"}.get(table, "id")
    with closing(sqlite3.connect(folder / STORE_NAME)) as connection, connection:
        teach(connection)
        for number, text in connection.execute(f"SELECT {name}, {column} FROM {table}").fetchall():
            plain = json.loads(text)
            change(plain)
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {name} = ?", (json.dumps(plain), number))
        for checksum, of in checksums_of(table).items():
            connection.execute(f"UPDATE {table} SET {checksum} = {of}")


def filled(folder):
    with Store.open(folder) as store:
        store.add_plan(plan())
        store.add_problem(ProblemRecord("p", "x", 4, 2, 3, 9.0, Optimum("closed form", "how", 1.25)))
        store.begin_session(session())
        store.add(record())


RECORDS = {
    "runs": ("result", lambda store: store.run("k").result),
    "problems": ("record", lambda store: store.problems()["p"]),
    "plans": ("record", lambda store: store.last_plan()),
    "sessions": ("record", lambda store: store.sessions()[0]),
}


@pytest.mark.parametrize("table", RECORDS)
def test_a_field_that_a_newer_gdbench_added_is_kept_and_written_again(tmp_path, table):
    filled(tmp_path)
    column, of = RECORDS[table]
    with Store.read(tmp_path) as store:
        before = of(store)
    rewrite(tmp_path, table, column, lambda plain: plain.update(humidity={"of": [0.1, 0.2]}))
    with Store.read(tmp_path) as store:
        after = of(store)
    assert after == replace(before, extra={"humidity": {"of": [0.1, 0.2]}})
    assert plain_of(after) == {**plain_of(before), "humidity": {"of": [0.1, 0.2]}}


def test_a_run_with_an_unknown_field_is_recorded_again_with_it(tmp_path):
    given = record()
    given = replace(given, result=replace(given.result, extra={"held_out_cost": 1 / 3}))
    with Store.open(tmp_path) as store:
        store.add(given)
        assert store.run("k") == given
        store.add(store.run("k"))
        assert store.run("k").result.extra == {"held_out_cost": 1 / 3}


@pytest.mark.parametrize(
    ("table", "field", "default"),
    [
        ("runs", "work_to", {}),
        ("runs", "reason", None),
        ("problems", "starts", ()),
        ("problems", "rows", None),
        ("plans", "tracking", {}),
        ("plans", "targets", None),
        ("sessions", "asked", ()),
        ("sessions", "cores", None),
    ],
)
def test_a_field_that_is_missing_has_its_default_or_is_none(tmp_path, table, field, default):
    filled(tmp_path)
    column, of = RECORDS[table]
    rewrite(tmp_path, table, column, lambda plain: plain.pop(field))
    with Store.read(tmp_path) as store:
        assert getattr(of(store), field) == default


@pytest.mark.parametrize("kind", [RunResult, PlanRecord, ProblemRecord, SessionRecord])
def test_every_kind_of_record_is_read_from_nothing(kind):
    assert plain_of(read(kind, {})).items() >= {}.items()


def test_what_is_written_for_people_and_programs_has_no_place_for_what_is_unknown():
    assert "extra" not in plain_tree(plan())
    assert plain_tree(plan())["runs"] == [{"key": "k", "label": "run k", "stage": ""}]


# --- a third series


def descend(witness=None):
    """f(w) = w² by halves, whose cost on other data is (w − 1)²: the curve with that as a third series."""
    recorder = Recorder({}, witness, further={"held_out": lambda now: (now.w[0] - 1.0) ** 2})
    for k in range(5):
        w = 4.0 / 2**k
        recorder.see(Iterate(k, [w], w * w, [2 * w], 2 * w))
    return recorder.curve()


THREE = ["cost", "gradient_norm", "held_out"]
HELD_OUT = [9.0, 1.0, 0.0, 0.25, 0.5625]


def test_what_else_is_measured_becomes_a_series_of_the_curve():
    curve = descend()
    assert list(curve.series) == THREE
    assert curve.series["held_out"] == HELD_OUT
    assert curve.cost == [16.0, 4.0, 1.0, 0.25, 0.0625]


def test_a_third_series_is_stored_and_read_beside_runs_that_have_two(tmp_path):
    three = record("three")
    three = replace(three, result=replace(three.result, curve=descend()))
    with Store.open(tmp_path) as store:
        store.add(three)
        store.add(record("two"))
        assert store.run("three") == three
        assert list(store.run("two").result.curve.series) == ["cost", "gradient_norm"]
        assert next(store.runs(["three"], curves=False)).result.curve == Curve()


def test_a_third_series_crosses_the_wire():
    done = Finished(RunResult("stopped", "because", curve=descend()), 1.0, 2.0)
    assert decode_result(json.loads(json.dumps(encode_result(done)))) == done


def test_a_third_series_survives_its_worker(tmp_path):
    log = CrashLog(tmp_path / "log")
    log.begin_chunk(1, 10.0)
    curve = descend(log.see)
    log.begin_run(11.0)
    assert read_crash_log(tmp_path / "log", 1).curve == Curve()
    assert descend(log.see) == curve
    assert read_crash_log(tmp_path / "log", 1).curve == curve


def test_a_third_series_goes_to_mlflow_under_its_name():
    three = record(costs=())
    three = replace(three, result=replace(three.result, curve=descend()))
    points = child.content(three, None).points
    assert [p.value for p in points if p.key == "curve/held_out"] == HELD_OUT


def test_a_third_series_is_a_column_of_the_frame_of_curves_and_of_the_export(tmp_path):
    three = record("three")
    three = replace(three, result=replace(three.result, curve=descend()))
    with Store.open(tmp_path) as store:
        store.add_plan(plan(keys=["three", "two"]))
        store.add(three)
        store.add(record("two"))
        frame = curves_frame(store)
    assert list(frame.columns) == [column.name for column in curves_columns(["held_out"])]
    assert frame[frame.key == "three"]["held_out"].tolist() == HELD_OUT
    assert frame[frame.key == "two"]["held_out"].isna().all()
    export(tmp_path, to="csv", output=tmp_path / "export")
    header = (tmp_path / "export" / "curves.csv").read_text().splitlines()[0]
    assert header.endswith('"relative_gap","held_out"')
    assert "curves,held_out,float64,The held out there." in (tmp_path / "export" / "columns.csv").read_text()


def test_a_series_of_another_plan_adds_no_column(tmp_path):
    three = record("three")
    three = replace(three, result=replace(three.result, curve=descend()))
    with Store.open(tmp_path) as store:
        store.add_plan(plan(keys=["two"]))
        store.add(three)
        store.add(record("two"))
        assert list(curves_frame(store).columns) == [column.name for column in curves_columns()]
