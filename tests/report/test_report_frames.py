"""The frames and the table of settings, every number recomputed from the records in plain Python."""

import csv
import math
import statistics
from dataclasses import replace

import pandas as pd
import pytest

from gdbench.descent.recording.result import RunResult
from gdbench.judgement.study import study
from gdbench.record.columns import curves_columns, settings_columns
from gdbench.record.fields import runs_columns
from gdbench.record.frames import curves_frame, runs_frame
from gdbench.record.store import Store
from gdbench.report.page.export import settings_frame
from tests.report.records import BASELINE, LOWEST, NORMAL, PROBLEM, TARGETS, Case, descend, write_store

AXES = ["model", "cost", "gradient", "optimizer", "learning_rate", "initialization", "convergence", "kernel"]


def gap(cost):
    return (cost - LOWEST) / (BASELINE - LOWEST)


@pytest.fixture
def store(folder):
    with Store.read(folder) as opened:
        yield opened


def test_the_frame_of_runs_has_exactly_the_documented_columns_and_types(store):
    frame = runs_frame(store)
    columns = runs_columns({axis: axis == "learning_rate" for axis in AXES}, TARGETS)
    assert list(frame.columns) == [column.name for column in columns]
    assert {c.name: str(frame[c.name].dtype) for c in columns} == {c.name: c.dtype for c in columns}


def test_the_frame_of_runs_repeats_the_records(store, cases):
    frame = runs_frame(store).set_index("key")
    assert list(frame.index) == [case.key for case in cases]
    for case in cases:
        row, result = frame.loc[case.key], case.result
        assert row["learning_rate"] == case.rate
        assert row["final_cost"] == result.final_cost
        assert row["objective_gap"] == result.final_cost - LOWEST
        assert row["relative_gap"] == gap(result.final_cost)
        assert row["evaluations"] == result.cost_evaluations + result.gradient_evaluations
        for target in TARGETS:
            reached = row[f"iterations_to_{target}"]
            assert (None if pd.isna(reached) else reached) == result.iterations_to[target]


def test_the_frame_of_curves_holds_every_recorded_iteration(store, cases):
    frame = curves_frame(store)
    assert [str(dtype) for dtype in frame.dtypes] == [column.dtype for column in curves_columns()]
    assert len(frame) == sum(len(case.result.curve.iteration) for case in cases)
    chosen = frame[frame.key == cases[0].key]
    assert chosen.cost.tolist() == cases[0].result.curve.cost
    assert chosen.relative_gap.tolist() == [gap(cost) for cost in cases[0].result.curve.cost]


def test_every_number_of_the_settings_table_comes_from_the_records(store, cases):
    table = settings_frame(study(store))
    columns = settings_columns(AXES, TARGETS)
    assert {c.name: str(table[c.name].dtype) for c in columns} == {c.name: c.dtype for c in columns}
    assert len(table) == 12
    for _, row in table.iterrows():
        normal = row["initialization"] != "zeros"
        members = [
            c for c in cases if f"{c.rate:g}" == row["learning_rate"] and (c.initialization is NORMAL) == normal
        ]
        results = [case.result for case in members]
        done = [result.iterations for result in results]
        assert row["runs"] == len(results) == (3 if normal else 1)
        assert (row["iterations"], row["iterations_min"], row["iterations_max"]) == (
            statistics.median(done),
            min(done),
            max(done),
        )
        assert row["final_cost"] == statistics.median(result.final_cost for result in results)
        assert row["relative_gap"] == statistics.median(gap(result.final_cost) for result in results)
        for target in TARGETS:
            check_target(row, target, results)


def check_target(row, target, results):
    times = [result.iterations_to[target] for result in results]
    reached = sorted(time for time in times if time is not None)
    text = row[f"iterations_to_{target}"]
    assert row[f"iterations_to_{target}_reached"] == len(reached)
    if 2 * len(reached) > len(times):
        middle = statistics.median(reached + [math.inf] * (len(times) - len(reached)))
        assert row[f"iterations_to_{target}_median"] == middle
        assert text.split(" (")[0] == f"{middle:g}"
    else:
        assert math.isinf(row[f"iterations_to_{target}_median"])
        short = sorted(r.iterations for r, time in zip(results, times, strict=True) if time is None)
        assert text.split(" (")[0] == f"> {short[(len(short) - 1) // 2]}"


def test_the_table_is_in_order_of_rank_and_marks_one_best(store):
    table = settings_frame(study(store))
    assert table["rank"].tolist() == list(range(1, 13))
    assert table["best"].tolist() == [True] + [False] * 11
    assert table["outcome"].tolist()[-4:] == ["3 of 3 diverged", "diverged"] * 2


def test_a_failed_run_and_a_missing_gradient_norm_leave_typed_gaps(tmp_path):
    bare = RunResult("stopped", "Enough.", "max_iterations", 3, final_cost=LOWEST + 1)
    cases = [Case(0.1, RunResult("failed", "Boom.", traceback="Traceback")), Case(0.2, bare)]
    with Store.read(write_store(tmp_path, cases)) as store:
        frame = runs_frame(store)
        assert frame["final_gradient_norm"].isna().all()
        assert math.isnan(frame["final_cost"][0])
        assert frame["iterations_to_0.01"].isna().all()
        assert curves_frame(store).empty


def test_an_empty_plan_gives_frames_with_all_columns(tmp_path):
    case = Case(0.1, descend(0.1, (0, 0, 0), limit=5))
    with Store.read(write_store(tmp_path, [case], finished=[], problems=[PROBLEM])) as store:
        assert "relative_gap" in runs_frame(store).columns
        assert len(runs_frame(store)) == len(curves_frame(store)) == len(settings_frame(study(store))) == 0


def test_floats_in_the_csv_read_back_bit_for_bit(store, tmp_path):
    path = tmp_path / "runs.csv"
    runs_frame(store).to_csv(path, index=False)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["final_cost"]) for row in rows] == runs_frame(store)["final_cost"].tolist()


def test_watched_rules_and_audits_have_columns_where_there_are_any(tmp_path):
    result = descend(0.2, [0.0, 0.0, 0.0], limit=50)
    fired = {"iteration": 7, "outcome": "converged", "cost": 1.0, "reason": "small"}
    audit = {"against": "central", "relative_error": 1e-9, "worst_parameter": 0, "taylor_order": 2.0}
    watching = replace(result, shadows={"ftol ≤ 1e-09": fired, "20 s": None}, audit=audit)
    with Store.read(write_store(tmp_path, [Case(0.2, watching), Case(0.1, result)])) as store:
        frame = runs_frame(store)
    assert frame["would_stop: ftol ≤ 1e-09"][0] == 7
    assert frame["would_stop: ftol ≤ 1e-09"].isna().tolist() == [False, True]
    assert frame["would_stop: 20 s"].isna().all()
    assert frame["audit_relative_error"][0] == 1e-9
    assert frame["audit_against"].isna().tolist() == [False, True]
