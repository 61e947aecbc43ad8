"""The qr kernel: the same cost and gradient as the rows give, from a triangle of at most p rows."""

import json
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.errors import BadPairing
from gdbench.descent.execute import execute
from gdbench.descent.kernels.definition import define
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.kernels.triangle import looped, triangle_of, unrolled
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
from tests.descent.problems import spec, table

LINEAR, MSE, HALF, NONE = {"linear": {}}, {"mse": {}}, {"half_mse": {}}, {"none": {}}


def objective(kernel, data, *, model=LINEAR, cost=MSE, penalty=NONE):
    return KERNELS[kernel].function(define(model, cost, data.features, penalty), data)


def exact(data, w):
    """Mean squared error and its gradient in rational arithmetic."""
    weights, cost, gradient = [Fraction(v) for v in w], Fraction(0), [Fraction(0)] * len(w)
    for row in data.rows:
        x = [*map(Fraction, row[:-1]), Fraction(1)]
        error = sum(a * b for a, b in zip(x, weights, strict=True)) - Fraction(row[-1])
        cost += error * error
        gradient = [g + 2 * error * x_j for g, x_j in zip(gradient, x, strict=True)]
    return cost / len(data.rows), [g / len(data.rows) for g in gradient]


def by_gram_matrix(data, w):
    """(wᵀ GᵀG w − 2 wᵀ Gᵀy + yᵀy) / n, the short cut that the kernel does not take."""
    columns = [[*column] for column in zip(*[(*row[:-1], 1.0, row[-1]) for row in data.rows], strict=True)]
    products = [[sum(a * b for a, b in zip(u, v, strict=True)) for v in columns] for u in columns]
    z = [*w, -1.0]
    return sum(z[i] * products[i][j] * z[j] for i in range(len(z)) for j in range(len(z))) / len(data.rows)


def nearly_collinear(offset, noise, seed=1):
    """Two features that differ by a thousandth, far from zero; w = (2, −1, ½, 0) leaves the noise alone."""
    random, rows = Random(seed), []
    for _ in range(60):
        near = offset + random.gauss(0, 1)
        x = (near, near + 1e-3 * random.gauss(0, 1), offset * random.gauss(0, 1))
        rows.append((*x, 2 * x[0] - x[1] + 0.5 * x[2] + noise * random.gauss(0, 1)))
    return Table(rows, 3)


def agree(ours, theirs, rel=1e-12, scale=0.0):
    (cost, gradient), (other, slopes) = ours, theirs
    largest = max(scale, *(abs(s) for s in slopes))
    assert cost == pytest.approx(other, rel=rel, abs=rel * scale)
    assert gradient == pytest.approx(slopes, rel=rel, abs=rel * largest)


@given(
    seed=st.integers(0, 10**6),
    features=st.integers(1, 8),
    rows=st.integers(1, 30),
    cost=st.sampled_from([MSE, HALF]),
    penalty=st.sampled_from([NONE, {"l2": {"strength": 0.3}}, {"l2": {"strength": 2.0, "bias": True}}]),
)
@settings(max_examples=60, deadline=None)
def test_it_equals_the_compiled_kernel_to_rounding_also_with_fewer_rows_than_parameters(
    seed, features, rows, cost, penalty
):
    random, data = Random(seed), table(features, rows, seed)
    w, d = ([random.uniform(-3, 3) for _ in range(features + 1)] for _ in range(2))
    ours, theirs = (objective(name, data, cost=cost, penalty=penalty) for name in ("qr", "compiled"))
    # with few rows the residuals may all be near zero: rounding is then measured against the terms
    agree(ours.cost_and_gradient(w), theirs.cost_and_gradient(w), scale=features)
    assert ours.cost(w) == ours.cost_and_gradient(w)[0]
    assert ours.along(w, d)(0.7) == pytest.approx(theirs.along(w, d)(0.7), rel=1e-11, abs=1e-11 * features)


def test_it_equals_the_compiled_kernel_on_a_polynomial():
    data, model, w = table(2, 40), {"polynomial": {"degree": 3}}, [0.3, -0.2, 0.1, 0.5, -0.4, 0.2, 0.7]
    ours, theirs = (objective(name, data, model=model) for name in ("qr", "compiled"))
    agree(ours.cost_and_gradient(w), theirs.cost_and_gradient(w))


def test_it_keeps_its_digits_on_ill_conditioned_data_where_the_gram_matrix_loses_them():
    data, w = nearly_collinear(offset=100.0, noise=0.01), [2.0, -1.0, 0.5, 0.0]
    truth, slopes = exact(data, w)
    cost, gradient = objective("qr", data).cost_and_gradient(w)
    assert cost == pytest.approx(float(truth), rel=1e-12)
    assert gradient == pytest.approx([float(s) for s in slopes], abs=1e-9 * max(abs(float(s)) for s in slopes))
    assert abs(by_gram_matrix(data, w) / float(truth) - 1) > 1e-8


def test_away_from_the_minimum_it_is_exact_to_a_few_roundings():
    data, w = nearly_collinear(offset=100.0, noise=1.0), [0.0, 0.0, 0.0, 0.0]
    truth, slopes = exact(data, w)
    cost, gradient = objective("qr", data).cost_and_gradient(w)
    assert cost == pytest.approx(float(truth), rel=4e-15)
    assert gradient == pytest.approx([float(s) for s in slopes], rel=4e-15)


def test_dependent_and_constant_columns_are_no_obstacle():
    random = Random(3)
    rows = [(a, 2.0 * a, 0.0, 1.0, random.gauss(0, 1)) for a in (random.gauss(0, 1) for _ in range(25))]
    data, w = Table(rows, 4), [0.5, -1.5, 7.0, 0.25, 0.125]
    agree(objective("qr", data).cost_and_gradient(w), objective("compiled", data).cost_and_gradient(w))


@pytest.mark.parametrize("size", [1, 2, 7, 22, 40, 101])
@pytest.mark.parametrize("missing", [0, 1])
def test_unrolled_and_looped_give_the_same_bits(size, missing):
    random, height = Random(size), max(1, size - missing)
    rows = [tuple(random.gauss(0, 1) for _ in range(size + 1 - i)) for i in range(height)]
    w = [random.gauss(0, 1) for _ in range(size)]
    (cost, both), (cost_by_loops, both_by_loops) = (f(rows, 0.5, 17) for f in (unrolled(size, height), looped))
    assert cost(w) == cost_by_loops(w) == both(w)[0]
    assert both(w) == both_by_loops(w)


def test_the_triangle_of_a_worked_example():
    # x = (3, 4), y = (5, 10): ‖x‖ = 5, and the reflection takes y to (−11, 2)
    triangle = triangle_of([[3.0, 4.0], [5.0, 10.0]])
    assert triangle.rows[0] == pytest.approx((-5.0, -11.0))
    assert triangle.rest == pytest.approx(4.0)


def test_the_complex_step_goes_through_it():
    data, w = table(), [0.1, 0.2, -0.3, 0.4]
    ours = objective("qr", data, penalty={"l2": {"strength": 0.5}})
    gradient = ours.cost_and_gradient(w)[1]
    for j in range(4):
        moved = [complex(v, 1e-100 if i == j else 0.0) for i, v in enumerate(w)]
        assert ours.complex_cost(moved).imag / 1e-100 == pytest.approx(gradient[j], rel=1e-12)


def test_a_run_counts_the_same_evaluations_and_ends_at_the_same_place():
    data = table(rows=50)
    ours, theirs = (execute(spec(kernel={k: {}}), data, ProblemConstants()) for k in ("qr", "compiled"))
    assert (ours.row_passes, ours.iterations) == (theirs.row_passes, theirs.iterations)
    assert ours.parameters == pytest.approx(theirs.parameters, rel=1e-12)


def test_the_triangle_is_worked_out_once_for_the_runs_of_a_sweep(monkeypatch):
    calls = []
    monkeypatch.setattr("gdbench.descent.kernels.qr.triangle_of", lambda c: calls.append(1) or triangle_of(c))
    data = table(rows=9, seed=11)
    for _ in range(3):
        objective("qr", data)
    objective("qr", table(rows=9, seed=12))
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("model", "cost", "blamed"),
    [
        (LINEAR, {"huber": {}}, "cost mse or half_mse, not 'huber'"),
        ({"logistic": {}}, MSE, "unlike model 'logistic'"),
        ({"mlp": {}}, MSE, "unlike model 'mlp'"),
    ],
    ids=json.dumps,
)
def test_other_costs_and_models_are_refused_with_the_remedy(model, cost, blamed):
    with pytest.raises(BadPairing, match=f"{blamed}.*; use kernel 'compiled'"):
        objective("qr", table(), model=model, cost=cost)
