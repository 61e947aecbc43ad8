"""Rows held out of a descent: their cost is a curve beside the others', and nothing else is changed by them."""

import math
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.errors import BadPairing
from gdbench.descent.execute import execute
from gdbench.descent.kernels.definition import define, prepare
from gdbench.descent.kernels.kernel import on_numbers
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
from gdbench.planning.specs import key_of, training_key_of
from tests.descent.problems import spec, table
from tests.sampling import most

NOTHING = ProblemConstants()
KNOWN = ProblemConstants(0.05, 1.0, 4.0, (), 0.5)
KINDS = {
    "linear": {},
    "merged": {"kernel": {"qr": {}}},
    "centred": {"kernel": {"centred": {}}},
    "penalised": {"penalty": {"l2": {"strength": 0.1, "bias": False}}},
    "classes": {"model": {"softmax": {}}, "cost": {"softmax": {}}},
    "network": {"model": {"mlp": {"hidden": [2]}}, "initialization": {"normal": {"mean": 0.0, "std": 1.0}}},
    "batches": {"batch_size": {"rows": {"size": 6}}},
    "searching": {"learning_rate": {"backtracking": {}}},
}


def at_most(limit):
    return {"max_iterations": {"limit": limit}}


def same(ours, theirs):
    """Equal to the bit, but for the rows held out, times, and a curve of theirs."""
    bare = {"seconds": 0.0, "held_out": None}
    curves = [{k: v for k, v in one.curve.series.items() if k != "test_cost"} for one in (ours, theirs)]
    plain = [asdict(replace(one, **bare, curve=None)) for one in (ours, theirs)]
    return plain[0] == plain[1] and curves[0] == curves[1] and ours.curve.iteration == theirs.curve.iteration


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("constants", [NOTHING, KNOWN], ids=["no optimum", "an optimum"])
def test_a_run_has_the_same_bits_with_and_without_rows_held_out(kind, constants):
    if kind == "centred":
        constants = NOTHING
    job = spec(convergence=at_most(200), targets=["0.5", "0.001"], **KINDS[kind])
    alone = execute(job, table(), constants)
    assert same(execute(job, table(), constants, None, table(rows=12, seed=1)), alone)
    assert alone.held_out is None
    assert "test_cost" not in alone.curve.series


values = st.floats(-3, 3, allow_nan=False)


@pytest.mark.exhaustive
@given(
    st.sampled_from(sorted(KINDS)),
    st.lists(st.tuples(values, values, values), min_size=1, max_size=9),
    st.data(),
)
@settings(max_examples=most(25, 400), deadline=None)
def test_nothing_flows_from_the_rows_held_out_into_the_training(kind, features, data):
    labels = data.draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=len(features), max_size=len(features)))
    test = Table([(*x, y) for x, y in zip(features, labels, strict=True)], 3)
    job = spec(convergence=at_most(60), targets=["0.5"], **KINDS[kind])
    tested, changed = ({**job, "test_digest": one.digest} for one in (test, table(rows=5, seed=9)))
    ours, theirs = (
        execute(tested, table(), NOTHING, None, test),
        execute(job, table(), NOTHING, None, table(rows=5)),
    )
    assert same(ours, theirs)
    assert training_key_of(tested) == training_key_of(changed) == key_of(job)
    assert len({key_of(tested), key_of(changed), key_of(job)}) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_curve_is_the_cost_of_the_rows_held_out_without_penalty(kind):
    job, test = spec(convergence=at_most(3), **KINDS[kind]), table(rows=11, seed=4)
    done = execute(job, table(), NOTHING, None, test)
    outputs = prepare(job["cost"], table())[1]
    definition = define(job["model"], job["cost"], 3, outputs=outputs)
    by_hand = on_numbers(definition, prepare(job["cost"], test, outputs)[0].rows)(done.parameters)
    assert done.curve.series["test_cost"][-1] == pytest.approx(by_hand, rel=1e-13)
    assert done.held_out["cost"] == done.curve.series["test_cost"][-1]
    assert done.held_out["best_cost"] == min(done.curve.series["test_cost"])


def test_it_is_looked_at_in_some_iterations_the_first_the_last_and_the_best_among_them():
    done = execute(spec(convergence=at_most(1003)), table(), NOTHING, None, table(seed=1))
    curve = done.curve
    looked = [k for k, cost in zip(curve.iteration, curve.series["test_cost"], strict=True) if cost == cost]
    assert looked[:18] == [*range(17), 18]
    assert looked[-4:] == [832, 896, 960, 1003]
    assert done.best_iteration in looked
    assert len(looked) < 70


def test_it_is_not_counted_as_work():
    alone = execute(spec(), table(), NOTHING)
    tested = execute(spec(), table(), NOTHING, None, table(seed=1))
    assert (tested.cost_evaluations, tested.row_passes) == (alone.cost_evaluations, alone.row_passes)


def test_a_cost_that_has_no_value_is_none_and_ends_nothing():
    job = spec(model={"linear": {}}, cost={"poisson": {}}, learning_rate={"constant": {"rate": 0.01}})
    far = Table([(1e3, 1e3, 1e6, 1.0)], 3)
    done = execute(job, table(), NOTHING, None, far)
    assert done.outcome == "stopped"
    assert done.curve.series["test_cost"][0] == 1.0
    assert math.isnan(done.curve.series["test_cost"][-1])
    assert done.held_out["cost"] is None


def overfitting():
    """More parameters than rows tell: the cost of other rows soon rises."""
    return {"model": {"polynomial": {"degree": 6}}, "learning_rate": {"constant": {"rate": 1e-5}}}


@pytest.mark.parametrize("batches", [{}, {"batch_size": {"rows": {"size": 5}}}])
def test_early_stopping_stops_where_the_test_cost_has_not_fallen_for_a_while(batches):
    rule = {"any": [{"test_cost": {"patience": 20, "min_delta": 0.0}}, at_most(5000)]}
    job = spec(convergence=rule, **overfitting(), **batches)
    done = execute(job, table(rows=12), NOTHING, None, table(rows=30, seed=5))
    assert (done.outcome, done.rule, done.cause) == ("stopped", "test_cost", "test_cost")
    assert done.iterations == done.held_out["best_iteration"] + 20
    assert done.reason.startswith("no test cost lower than ")
    if batches:
        return  # a rule that is only watched is asked once an epoch
    watching = {**job, "convergence": at_most(done.iterations + 7), "watch": {"early": rule["any"][0]}}
    watched = execute(watching, table(rows=12), NOTHING, None, table(rows=30, seed=5))
    assert watched.shadows["early"]["iteration"] == done.iterations


def test_early_stopping_needs_rows_held_out():
    job = spec(convergence={"any": [{"test_cost": {"patience": 20, "min_delta": 0.0}}, at_most(50)]})
    with pytest.raises(BadPairing, match="this data holds none out"):
        execute(job, table(), NOTHING)


@pytest.mark.parametrize("optimizer", ["gradient_descent", "adam", "lion"])
def test_both_loops_give_the_same_curve(optimizer, monkeypatch):
    assert optimizer in OPTIMIZERS
    job = spec(optimizer={optimizer: {}}, convergence=at_most(1500), targets=["0.5", "0.1"])
    printed = execute(job, table(), KNOWN, None, table(seed=1))
    monkeypatch.setattr("gdbench.descent.execute.printable", lambda *_: None)
    readable = execute(job, table(), KNOWN, None, table(seed=1))
    assert [repr(one) for one in printed.curve.series["test_cost"]] == [
        repr(one) for one in readable.curve.series["test_cost"]
    ]
    assert printed.held_out == readable.held_out
