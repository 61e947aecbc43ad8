"""Models without a bias: the same bits on all kernels, what NumPy finds, and theory without the 1."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.config.experiment import load_experiment
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.kernels.definition import define, prepare
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.models import MODELS, model_facts
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import powers
from gdbench.descent.theory.curvature import smoothness, strong_convexity
from gdbench.planning.plan import make_plan
from tests.descent.test_tiles import PENALTIES, assert_same_bits, every_bit, rows_for, weights_for
from tests.sweeps import write

NONE = {"none": {}}
AFFINE = [entry.name for entry in MODELS if entry.facts.get("affine")]
PAIRS = [
    ({"linear": {}}, {"mse": {}}, 1),
    ({"linear": {}}, {"mae": {}}, 1),
    ({"linear": {}}, {"log_cosh": {}}, 1),
    ({"polynomial": {"degree": 3, "interactions": True}}, {"half_mse": {}}, 1),
    ({"logistic": {}}, {"logistic": {}}, 1),
    ({"logistic": {}}, {"mse": {}}, 1),
    ({"poisson": {}}, {"poisson": {}}, 1),
    ({"softmax": {}}, {"softmax": {}}, 3),
    ({"linear": {}}, {"softmax": {}}, 4),
]


def without(model):
    [(name, given)] = model.items()
    return {name: {**given, "bias": False}}


def tables(seed, features=2, rows=15):
    numbers = random.Random(seed)
    return Table(
        [(*(numbers.gauss(1.0, 2.0) for _ in range(features)), numbers.gauss(3.0, 1.0)) for _ in range(rows)],
        features,
    )


def test_every_affine_model_may_leave_its_bias_out():
    assert AFFINE == ["linear", "polynomial", "logistic", "softmax", "poisson"]
    for name in AFFINE:
        assert not model_facts({name: {"bias": False}}).bias
        assert model_facts({name: {}}).bias
        features = 4
        sizes = [define({name: given}, {"mse": {}}, features).size for given in ({}, {"bias": False})]
        assert sizes[0] - sizes[1] == 1


@given(
    pair=st.sampled_from(PAIRS),
    features=st.integers(1, 6),
    rows=st.integers(1, 9),
    penalty=st.sampled_from(PENALTIES),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=80, deadline=None)
def test_without_a_bias_loops_and_printed_code_and_tiles_give_the_same_bits(
    pair, features, rows, penalty, seed
):
    model, cost, outputs = pair
    definition = define(without(model), cost, features, penalty, outputs)
    data, w = rows_for(definition, rows, seed=seed), weights_for(definition, seed=seed)
    assert_same_bits(definition, data, w)
    table = Table(data, features, outputs)
    found = [KERNELS[name].function(definition, table) for name in ("reference", "compiled")]
    assert every_bit(found[0].cost_and_gradient, w) == every_bit(found[1].cost_and_gradient, w)
    assert found[0].along(w, w)(0.25) == found[1].along(w, w)(0.25)


@given(
    pair=st.sampled_from(PAIRS),
    penalty=st.sampled_from([NONE, {"l2": {"strength": 0.3}}]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=40, deadline=None)
def test_it_is_the_model_with_a_bias_of_zero(pair, penalty, seed):
    model, cost, outputs = pair
    whole, bare = (define(choice, cost, 3, penalty, outputs) for choice in (model, without(model)))
    data, w = rows_for(bare, 7, seed=seed), weights_for(bare, seed=seed)
    width = bare.size // outputs
    padded = [value for k in range(outputs) for value in (*w[k * width : (k + 1) * width], 0.0)]
    table = Table(data, 3, outputs)
    (cost_of, slopes), (expected, more) = (
        KERNELS["compiled"].function(one, table).cost_and_gradient(at)
        for one, at in ((bare, w), (whole, padded))
    )
    kept = [g for i, g in enumerate(more) if (i + 1) % (width + 1)]
    assert [cost_of, *slopes] == pytest.approx([expected, *kept], rel=1e-13, abs=1e-13)


@given(
    model=st.sampled_from(
        [{"linear": {}}, {"polynomial": {"degree": 3}}, {"polynomial": {"interactions": True}}]
    ),
    penalty=st.sampled_from([NONE, {"l2": {"strength": 0.3}}, {"l2": {"strength": 2.0, "bias": True}}]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=30, deadline=None)
def test_squared_errors_of_all_kernels_are_numpys(model, penalty, seed):
    table = tables(seed)
    definition = define(without(model), {"mse": {}}, 2, penalty)
    given_ = next(iter(model.values()))
    G = np.array(
        [
            powers(row[:2], given_.get("degree", 2), interactions=given_.get("interactions", False))
            for row in table.rows
        ]
        if "polynomial" in model
        else [row[:2] for row in table.rows]
    )
    y, w = np.array([row[2] for row in table.rows]), np.array(weights_for(definition, seed=seed))
    ridge = penalty.get("l2", {}).get("strength", 0.0)
    error = G @ w - y
    expected = np.mean(error**2) + 0.5 * ridge * w @ w, 2 * G.T @ error / len(G) + ridge * w
    for name in ("reference", "compiled", "qr", "centred"):
        cost, gradient = KERNELS[name].function(definition, table).cost_and_gradient(w.tolist())
        assert cost == pytest.approx(expected[0], rel=1e-9)
        assert gradient == pytest.approx(expected[1].tolist(), rel=1e-9, abs=1e-9 * np.abs(expected[1]).max())


@given(seed=st.integers(0, 2**32), ridge=st.sampled_from([0.0, 0.4]), degree=st.integers(1, 2))
@settings(max_examples=20, deadline=None)
def test_L_and_mu_are_the_eigenvalues_without_the_1(seed, ridge, degree):
    table, penalty = tables(seed), {"l2": {"strength": ridge}} if ridge else NONE
    model = {"polynomial": {"degree": degree, "bias": False}}
    G = np.array([powers(row[:2], degree) for row in table.rows])
    values = np.linalg.eigvalsh(2 * G.T @ G / len(G) + ridge * np.eye(G.shape[1]))
    assert smoothness(model, {"mse": {}}, penalty, table).value == pytest.approx(values[-1], rel=1e-12)
    found = strong_convexity(model, {"mse": {}}, penalty, table)
    assert found == pytest.approx(values[0], abs=1e-13 * values[-1])


def test_a_penalty_on_all_weights_is_one_on_every_parameter():
    rows = Table([(1.0, 0.0), (2.0, 1.0)], 1)
    penalty = {"l2": {"strength": 0.3}}
    assert strong_convexity({"logistic": {"bias": False}}, {"logistic": {}}, penalty, rows) == 0.3
    assert strong_convexity({"logistic": {}}, {"logistic": {}}, penalty, rows) is None


@pytest.mark.parametrize("link", ["identity", "logit"])
def test_from_data_fits_the_weights_alone(link):
    numbers = random.Random(4)
    table = Table([(numbers.gauss(1, 1), numbers.gauss(0, 2), float(i % 3 == 0)) for i in range(12)], 2)
    model = {"linear": {"bias": False}} if link == "identity" else {"logistic": {"bias": False}}
    cost = {"mse": {}} if link == "identity" else {"logistic": {}}
    ready, outputs = prepare(cost, table)
    shape = define(model, cost, 2, NONE, outputs).shape._replace(table=ready)
    start = INITIALIZERS["from_data"].function
    assert start(shape, random.Random(0)) == [0.0, 0.0]
    X, y = np.array([row[:2] for row in table.rows]), np.array([row[2] for row in table.rows])
    mean = y.mean()
    slope = 1.0 if link == "identity" else 1.0 / (mean * (1.0 - mean))
    wanted = y if link == "identity" else math.log(mean / (1 - mean)) + slope * (y - mean)
    expected = np.linalg.lstsq(X, wanted, rcond=None)[0]
    assert start(shape, random.Random(0), least_squares=True) == pytest.approx(expected.tolist(), rel=1e-12)


CONFIG = """\
name: keys
data: {dataset: linnerud, target: Weight}
grid:
  model: %s
  cost: mse
  learning_rate: 0.1
  convergence: {max_iterations: 2}
"""


def planned(tmp_path, model, more=""):
    return make_plan(load_experiment(write(tmp_path, CONFIG % model + more)))


def test_a_bias_that_is_asked_for_is_the_run_of_before_and_one_that_is_left_out_another(tmp_path):
    models = ("linear", "{linear: {bias: true}}", "{linear: {bias: false}}")
    plain, asked, bare = ([run.key for run in planned(tmp_path, model).runs] for model in models)
    assert plain == asked
    assert plain != bare
