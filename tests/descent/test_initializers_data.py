"""Starts from the data: the bias at the mean of the targets, or the least-squares solution."""

import math
from random import Random

import numpy as np
import pytest

from gdbench.descent.errors import BadPairing
from gdbench.descent.initializers import (
    from_data,
)
from gdbench.descent.problems.shape import Shape, dense, rows_of
from gdbench.descent.problems.table import Table
from tests.descent.starts import NETWORK


def affine(table: Table, outputs: int, link: str) -> Shape:
    layer = rows_of(table.features, outputs)
    return Shape((table.features + 1) * outputs, (layer,), table, link)


def on(targets: list[float], link: str, outputs: int = 1) -> Shape:
    return affine(Table([(float(i % 3), y) for i, y in enumerate(targets)], 1), outputs, link)


@pytest.mark.parametrize(
    ("link", "targets", "bias"),
    [
        ("identity", [1.0, 2.0, 6.0], 3.0),
        ("logit", [1.0, 0.0, 1.0, 1.0], math.log(3.0)),
        ("log", [0.0, 2.0, 4.0], math.log(2.0)),
    ],
)
def test_the_bias_predicts_the_mean_of_the_targets(link: str, targets: list[float], bias: float) -> None:
    assert from_data(on(targets, link), Random(0)) == [0.0, bias]


def test_the_biases_of_softmax_predict_the_share_of_each_class() -> None:
    _, one, _, two, _, three = from_data(on([0.0, 1.0, 1.0, 2.0], "softmax", outputs=3), Random(0))
    assert [math.exp(b) for b in (one, two, three)] == pytest.approx([0.25, 0.5, 0.25])


def test_class_numbers_and_one_column_for_each_class_give_the_same_start() -> None:
    labels = [0, 1, 1, 2, 2, 2]
    numbered = Table([(0.5 * i, float(y)) for i, y in enumerate(labels)], 1)
    columns = Table([(0.5 * i, *(float(y == k) for k in range(3))) for i, y in enumerate(labels)], 1, 3)
    for fit in (False, True):
        one, other = (
            from_data(affine(t, 3, "softmax"), Random(0), least_squares=fit) for t in (numbered, columns)
        )
        assert one == other


def test_only_the_last_layers_biases_are_set() -> None:
    w = from_data(NETWORK, Random(0))
    assert [i for i, v in enumerate(w) if v] == list(NETWORK.layers[-1].biases)
    assert w[NETWORK.layers[-1].biases[0]] == 0.5


def test_least_squares_starts_a_regression_at_its_solution() -> None:
    random = Random(20)
    X = np.array([[random.gauss(3.0, 10.0**j) for j in range(4)] for _ in range(30)])
    y = np.array([random.gauss(0.0, 1.0) for _ in range(30)])
    table = Table([(*x, y_i) for x, y_i in zip(X.tolist(), y.tolist(), strict=True)], 4)
    best = np.linalg.lstsq(np.column_stack([X, np.ones(30)]), y, rcond=None)[0]
    assert from_data(affine(table, 1, "identity"), Random(0), least_squares=True) == pytest.approx(
        best, rel=1e-9
    )


@pytest.mark.parametrize("link", ["logit", "log"])
def test_least_squares_takes_one_step_of_fisher_scoring_from_the_mean(link: str) -> None:
    random = Random(21)
    X = np.array([[random.gauss(0.0, 1.0) for _ in range(3)] for _ in range(40)])
    y = np.array([float(random.random() < 0.3) for _ in range(40)])
    table = Table([(*x, y_i) for x, y_i in zip(X.tolist(), y.tolist(), strict=True)], 3)
    A, m = np.column_stack([X, np.ones(40)]), y.mean()
    variance = m * (1 - m) if link == "logit" else m
    null = np.array([0.0, 0.0, 0.0, math.log(m / (1 - m)) if link == "logit" else math.log(m)])
    step = np.linalg.solve(A.T @ A * variance, A.T @ (y - m))  # (Σ v x xᵀ)⁻¹ Σ x (y − m)
    assert from_data(affine(table, 1, link), Random(0), least_squares=True) == pytest.approx(null + step)


def test_a_constant_feature_gets_no_weight_by_least_squares() -> None:
    table = Table([(7.0, float(i), 2.0 * i, 3.0 * i + 1.0) for i in range(5)], 3)
    w = from_data(affine(table, 1, "identity"), Random(0), least_squares=True)
    assert w == pytest.approx([0.0, 3.0, 0.0, 1.0], abs=1e-12)
    assert w[0] == w[2] == 0.0


@pytest.mark.parametrize(
    ("shape", "fit", "message"),
    [
        (on([1.0, 1.0], "logit"), False, "the mean 1, which no finite score predicts"),
        (on([0.0, 0.0], "log"), False, "the mean 0, which no finite score predicts"),
        (on([0.0, 2.0], "softmax", outputs=3), False, "the mean 0, which no finite score predicts"),
        (on([0.0, 1.0], ""), False, "needs data and a cost with a score for the mean of the targets"),
        (on([0.0, 1.0], "identity", outputs=2), False, "cannot match 2 outputs with 1 targets"),
        (NETWORK, True, "only a model of one layer on the features themselves"),
        (NETWORK._replace(layers=(dense(9, 1),)), True, "only a model of one layer on the features themselves"),
    ],
)
def test_data_without_a_finite_start_are_refused(shape, fit, message) -> None:
    with pytest.raises(BadPairing, match=message):
        from_data(shape, Random(0), least_squares=fit)
