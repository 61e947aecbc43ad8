"""The smoothness constant is the certified one, holds along every segment, and is refused where none exists."""

import json
import random
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.kernels.definition import define, prepare
from gdbench.descent.kernels.kernel import compiled
from gdbench.descent.numerics.eigenvalues import largest_eigenvalue, smallest_eigenvalue
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.problems.table import Table
from gdbench.descent.theory import curvature
from gdbench.descent.theory.curvature import smoothness, strong_convexity
from tests.interpreters import NAMES, find
from tests.oracle_data import CERTIFIED, LINEAR, LOGISTIC, NONE, PROBLEMS, SOFTMAX, l2, oracle_problem

ROOT = Path(__file__).parents[2]
WITH_L = [name for name in PROBLEMS if CERTIFIED[name].get("L_global")]

SMOOTH = [
    (LINEAR, {"mse": {}}, NONE),
    (LINEAR, {"half_mse": {}}, l2(0.3)),
    (LINEAR, {"huber": {"delta": 0.5}}, NONE),
    (LINEAR, {"log_cosh": {}}, {"l2": {"strength": 0.3, "bias": True}}),
    ({"polynomial": {"degree": 3}}, {"mse": {}}, NONE),
    (LOGISTIC, {"logistic": {}}, NONE),
    (LOGISTIC, {"squared_hinge": {}}, {"elastic_net": {"strength": 0.5, "ratio": 0.0}}),
    (SOFTMAX, {"softmax": {}}, l2(0.1)),
]
ROUGH = [
    (LINEAR, {"mae": {}}, NONE),
    (LINEAR, {"pinball": {"tau": 0.3}}, NONE),
    (LOGISTIC, {"hinge": {}}, NONE),
    ({"poisson": {}}, {"poisson": {}}, NONE),
    (LINEAR, {"mse": {}}, {"l1": {"strength": 0.1}}),
    (LINEAR, {"mse": {}}, {"elastic_net": {"strength": 0.1, "ratio": 0.5}}),
    (LOGISTIC, {"mse": {}}, NONE),
    ({"mlp": {"hidden": [3]}}, {"mse": {}}, NONE),
]


def small_table(seed=1, rows=12):
    rng = random.Random(seed)
    return Table([(rng.gauss(0, 1), rng.gauss(0, 2), float(i % 2)) for i in range(rows)], 2)


@pytest.mark.parametrize("name", WITH_L)
def test_the_smoothness_constant_is_the_certified_one(name):
    table, model, cost, penalty = oracle_problem(name)
    found = smoothness(model, cost, penalty, table)
    assert found.exact
    assert found.value == pytest.approx(CERTIFIED[name]["L_global"], rel=1e-12)


@pytest.mark.parametrize(("model", "cost", "penalty"), SMOOTH)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_no_two_gradients_differ_by_more_than_L_times_the_distance(model, cost, penalty, seed):
    table, outputs = prepare(cost, small_table())
    objective = compiled(define(model, cost, table.features, penalty, outputs), table)
    rng = random.Random(seed)
    v, w = ([rng.gauss(0, 2) for _ in range(objective.size)] for _ in range(2))
    _, at_v = objective.cost_and_gradient(v)
    _, at_w = objective.cost_and_gradient(w)
    change = norm([a - b for a, b in zip(at_v, at_w, strict=True)])
    L = smoothness(model, cost, penalty, small_table()).value
    assert change <= L * norm([a - b for a, b in zip(v, w, strict=True)]) * (1 + 1e-12)


@pytest.mark.parametrize(("model", "cost", "penalty"), ROUGH)
def test_where_no_constant_holds_everywhere_none_is_given(model, cost, penalty):
    assert smoothness(model, cost, penalty, small_table()) is None


def test_a_one_norm_of_strength_zero_adds_no_kink():
    assert smoothness(LINEAR, {"mse": {}}, {"l1": {"strength": 0.0}}, small_table()) is not None


def test_features_whose_squares_overflow_have_no_constant():
    assert smoothness(LINEAR, {"mse": {}}, NONE, Table([(1e200, 1.0), (-1e200, 0.0)], 1)) is None


@pytest.mark.parametrize("penalty", [NONE, l2(0.7)])
def test_beyond_the_limit_of_columns_the_constant_is_bounded_from_above(penalty, monkeypatch):
    exact = smoothness(LINEAR, {"mse": {}}, penalty, small_table())
    monkeypatch.setattr(curvature, "MOST_COLUMNS", 2)
    bound = smoothness(LINEAR, {"mse": {}}, penalty, small_table())
    assert exact.exact
    assert not bound.exact
    assert exact.value <= bound.value <= 3 * exact.value


@given(size=st.integers(2, 12), rank=st.integers(1, 12), seed=st.integers(0, 2**32))
@settings(deadline=None)
def test_the_largest_eigenvalue_is_lapacks(size, rank, seed):
    factor = np.random.default_rng(seed).normal(size=(rank, size))
    matrix = factor.T @ factor
    matrix = (matrix + matrix.T) / 2
    assert largest_eigenvalue(matrix.tolist()) == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-13)


@settings(max_examples=30, deadline=None)
@given(size=st.integers(1, 7), seed=st.integers(0, 10**6))
def test_the_smallest_eigenvalue_is_lapacks(size, seed):
    factor = np.random.default_rng(seed).normal(size=(size + 2, size))
    matrix = factor.T @ factor
    matrix = (matrix + matrix.T) / 2
    values = np.linalg.eigvalsh(matrix)
    assert smallest_eigenvalue(matrix.tolist()) == pytest.approx(values[0], abs=1e-13 * values[-1])


@pytest.mark.parametrize(
    ("model", "cost", "penalty", "mu"),
    [
        (LINEAR, {"huber": {}}, NONE, None),
        (LOGISTIC, {"logistic": {}}, l2(0.3), None),  # the bias is free
        (LOGISTIC, {"logistic": {}}, {"l2": {"strength": 0.3, "bias": True}}, 0.3),
        ({"poisson": {}}, {"poisson": {}}, {"elastic_net": {"strength": 0.3, "ratio": 0.0, "bias": True}}, 0.3),
        (LINEAR, {"mse": {}}, {"l1": {"strength": 0.3}}, None),
        ({"mlp": {"hidden": [3]}}, {"mse": {}}, {"l2": {"strength": 0.3, "bias": True}}, None),
    ],
)
def test_mu_is_what_holds_everywhere_or_nothing(model, cost, penalty, mu):
    assert strong_convexity(model, cost, penalty, small_table()) == mu


def test_mu_of_a_quadratic_is_the_least_eigenvalue_unless_rounding_may_have_made_it():
    table = small_table()
    G = np.array([(*row[:2], 1.0) for row in table.rows])
    least = np.linalg.eigvalsh(2 * G.T @ G / len(G))[0]
    assert strong_convexity(LINEAR, {"mse": {}}, NONE, table) == pytest.approx(least, rel=1e-12)
    twice = Table([(row[0], row[0], row[2]) for row in table.rows], 2)
    assert strong_convexity(LINEAR, {"mse": {}}, NONE, twice) is None


@pytest.mark.parametrize(
    ("matrix", "value"),
    [
        ([[2.0, 0.0], [0.0, 5.0]], 5.0),
        ([[2.0, 1.0], [1.0, 2.0]], 3.0),
        ([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], 1.0),
        ([[0.0, 0.0], [0.0, 0.0]], 0.0),
        # the second difference: 2 − 2 cos(3π/4)
        ([[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]], 2.0 + 2.0**0.5),
    ],
)
def test_the_largest_eigenvalue_of_matrices_one_knows(matrix, value):
    assert largest_eigenvalue(matrix) == pytest.approx(value, rel=1e-15)


PROGRAM = """
import json, sys
from gdbench.descent.problems.table import Table
from gdbench.descent.theory.curvature import smoothness, strong_convexity
rows = [tuple(row) for row in json.load(sys.stdin)]
model, cost, penalty = {"polynomial": {"degree": 4}}, {"logistic": {}}, {"l2": {"strength": 0.1}}
print(smoothness(model, cost, penalty, Table(rows, 2)).value.hex())
print(strong_convexity(model, {"mse": {}}, penalty, Table(rows, 2)).hex())
"""


@pytest.mark.parametrize("name", NAMES)
def test_the_constant_has_the_same_bits_everywhere(name):
    interpreter = find(name)
    if interpreter is None:
        pytest.skip(f"no working {name} on this machine")
    rows = [list(row) for row in small_table(rows=40).rows]
    done = subprocess.run(
        [interpreter, "-S", "-c", PROGRAM], input=json.dumps(rows), cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    table = Table([tuple(row) for row in rows], 2)
    model = {"polynomial": {"degree": 4}}
    ours = smoothness(model, {"logistic": {}}, l2(0.1), table)
    mu = strong_convexity(model, {"mse": {}}, l2(0.1), table)
    assert done.stdout.split() == [ours.value.hex(), mu.hex()]
