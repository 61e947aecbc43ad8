"""The store gives back what it was given, bit for bit, and refuses with a sentence what it cannot keep."""

import math
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.errors import GdbenchError
from gdbench.descent.recording.result import Curve
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord
from tests.execution.recorded import plan, record

any_float = st.floats(allow_nan=True, allow_infinity=True)


@given(costs=st.lists(any_float, max_size=20), parameters=st.lists(any_float, max_size=5))
def test_a_run_comes_back_bit_for_bit(tmp_path_factory, costs, parameters):
    given_ = record(costs=costs)
    given_ = replace(
        given_, result=replace(given_.result, parameters=parameters, path=[[1.0, *parameters]] * 2)
    )
    with Store.open(tmp_path_factory.mktemp("store")) as store:
        store.add(given_)
        back = store.run("k")
    # repr tells NaN, −0 and every last bit apart, which == does not
    assert repr(back) == repr(given_)


#: Specs that share much of their text, and are not each other.
ALIKE = [
    {"rate": 0.1, "replicate": number, "note": note}
    for number in (0, 1, 10, -1, 2.0, True, "3", [4], {"replicate": 5})
    for note in ("", '"replicate": 7,', ["replicate"], {"replicate": 8})
]
ALIKE += [{"optimizer": {"replicate": n, "beta": 0.5}, "seed": 1} for n in (1, 2)]
ALIKE += [{"optimizer": {"replicate": n}, "replicate": m, "seed": 1} for n in (1, 2) for m in (3, 4)]
ALIKE += [{"seed": n, "replicate": m} for n in (1, 2) for m in (3, 4)]


def test_specs_that_are_read_with_what_they_share_are_those_that_were_written(tmp_path):
    written = [replace(record(f"k{n:03}"), spec=spec) for n, spec in enumerate(ALIKE)]
    with Store.open(tmp_path) as store:
        for run in written:
            store.add(run)
        for keys in ([run.key for run in written], [run.key for run in reversed(written)]):
            assert {run.key: repr(run.spec) for run in store.runs(keys)} == {
                run.key: repr(run.spec) for run in written
            }
            assert [repr(run.spec) for run in store.runs_to_judge(keys)] == [
                repr(run.spec) for run in store.runs(keys)
            ]


def test_what_is_judged_is_the_record_without_curve_and_long_evidence_but_of_what_converged(tmp_path):
    evidence = {"steps": [[0, 0.1, 1.0]], "start": [0.25, -0.0], "gradient": [1.0], "units": [[0, 4, 4, 1]]}
    ended = [record(name, outcome=name, evidence=evidence) for name in ("converged", "stopped")]
    with Store.open(tmp_path) as store:
        for run in ended:
            store.add(run)
        judged = list(store.runs_to_judge(["converged", "stopped"]))
    for run, kept in zip(ended, judged, strict=True):
        bare = replace(run.result, curve=Curve(), parameters=[])
        if run.key == "stopped":
            bare = replace(bare, evidence={name: evidence[name] for name in ("start", "units")})
        assert repr(kept) == repr(replace(run, result=bare))


def test_another_connection_reads_what_is_recorded_while_the_first_is_open(tmp_path):
    with Store.open(tmp_path) as writer:
        writer.add(record())
        with Store.read(tmp_path) as reader:
            assert reader.keys() == {"k"}
            writer.add(record("later"))
            assert reader.keys() == {"k", "later"}


def test_runs_come_in_the_order_asked_for_and_missing_ones_are_passed_over(tmp_path):
    with Store.open(tmp_path) as store:
        for key in "abc":
            store.add(record(key))
        assert [run.key for run in store.runs(["c", "nowhere", "a"])] == ["c", "a"]
        assert [run.key for run in store.runs()] == ["a", "b", "c"]
        assert next(store.runs(curves=False)).result.curve == Curve()


def test_a_run_recorded_again_replaces_the_first(tmp_path):
    with Store.open(tmp_path) as store:
        store.add(record(costs=(1.0,)))
        store.add(record(costs=(7.0,)))
        assert store.run("k").result.curve.cost == [7.0]
        assert len(store.keys()) == 1


def test_a_plan_asked_for_again_becomes_the_latest_and_keeps_its_first_time(tmp_path):
    with Store.open(tmp_path) as store:
        store.add_plan(plan("a", created=1.0))
        store.add_plan(plan("b", created=2.0))
        assert store.add_plan(plan("a", created=3.0)).created == 1.0
        assert [(p.id, p.created) for p in store.plans()] == [("b", 2.0), ("a", 1.0)]
        assert store.plans()[-1] == plan("a", created=1.0)


def test_a_problem_comes_back_with_its_optimum(tmp_path):
    optimum = Optimum("closed form", "how", 1.25, (0.5,), 1e-13)
    problem = ProblemRecord("p", "linear · mse on x", 4, 2, 3, 9.0, optimum, {"name": "x"})
    with Store.open(tmp_path) as store:
        store.add_problem(problem)
        assert store.problems() == {"p": problem}


def test_the_relative_gap_is_measured_from_the_cost_at_zero():
    optimum = Optimum("closed form", "how", 1.0)
    problem = ProblemRecord("p", "x", 4, 2, 3, 9.0, optimum)
    assert problem.relative_gap(9.0) == 1.0
    assert problem.relative_gap(3.0) == 0.25
    assert problem.relative_gap(None) is None
    assert replace(problem, optimum=Optimum("unknown", "why")).relative_gap(3.0) is None
    assert replace(problem, baseline=1.0).relative_gap(3.0) is None


def test_reading_a_store_that_is_not_there_makes_none(tmp_path):
    with pytest.raises(GdbenchError, match="there is no such file"):
        Store.read(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to kill a process in the middle of writing")
def test_a_kill_in_the_middle_of_a_transaction_leaves_what_was_recorded_before(tmp_path):
    Store.open(tmp_path).close()
    child = os.fork()
    if child == 0:
        store = Store.open(tmp_path)
        store.add(record("whole"))
        store._connection.execute("BEGIN IMMEDIATE")
        store._connection.execute("DELETE FROM runs")
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    with Store.open(tmp_path) as store:
        assert store.keys() == {"whole"}


def test_outcomes_are_those_of_the_keys_asked_for_in_their_order(tmp_path):
    with Store.open(tmp_path) as store:
        for key, outcome in (("a", "converged"), ("b", "crashed"), ("c", "diverged")):
            store.add(record(key, outcome=outcome))
        assert list(store.outcomes(["c", "nowhere", "b"]).items()) == [("c", "diverged"), ("b", "crashed")]
        assert store.outcomes() == {"a": "converged", "b": "crashed", "c": "diverged"}
        store.add(record("b", outcome="stopped"))
        assert store.outcomes(["b"]) == {"b": "stopped"}
        assert {key: run.result.outcome for key in "abc" for run in store.runs([key])} == store.outcomes()


def test_the_last_plan_is_the_one_asked_for_last(tmp_path):
    with Store.open(tmp_path) as store:
        assert store.last_plan() is None
        for id_ in "aba":
            store.add_plan(plan(id_))
        assert store.last_plan() == plan("a")


def test_a_curve_without_a_finite_value_is_kept(tmp_path):
    with Store.open(tmp_path) as store:
        store.add(record(costs=(math.nan, math.inf)))
        cost = store.run("k").result.curve.cost
    assert math.isnan(cost[0])
    assert cost[1] == math.inf
