"""Optima of models without a bias: NumPy's, scikit-learn's with `fit_intercept=False`, and linear programs'."""

import random

import numpy as np
import pytest
from scipy.optimize import linprog, minimize
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_linnerud
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge
from sklearn.svm import LinearSVC

from gdbench.descent.problems.table import Table
from gdbench.reference.optimum import reference_optimum

NONE = {"none": {}}
BARE = {"linear": {"bias": False}}


def diabetes(**how):
    return load_diabetes(return_X_y=True, **how)


def linnerud():
    both = load_linnerud()
    return both.data, both.target[:, 0]


def drawn(rows=60, features=4, seed=2):
    numbers = np.random.default_rng(seed)
    X = numbers.normal(1.0, 2.0, (rows, features))
    return X, X @ numbers.normal(size=features) + 7.0 + numbers.normal(size=rows)


def table(X, y):
    return Table([tuple(map(float, row)) for row in np.column_stack([X, y])], X.shape[1])


def near(found, expected, tolerance=1e-9):
    expected = np.asarray(expected, dtype=float).ravel()
    assert list(found) == pytest.approx(expected.tolist(), abs=tolerance * np.abs(expected).max())


@pytest.mark.parametrize("data", [diabetes(), diabetes(scaled=False), linnerud(), drawn()])
def test_least_squares_are_numpys_and_scikit_learns(data):
    X, y = data
    found = reference_optimum(BARE, {"mse": {}}, NONE, table(X, y))
    near(found.parameters, np.linalg.lstsq(X, y, rcond=None)[0])
    near(found.parameters, LinearRegression(fit_intercept=False).fit(X, y).coef_)
    w = np.array(found.parameters)
    assert found.cost == pytest.approx(np.mean((X @ w - y) ** 2), rel=1e-12)


def test_ridge_is_scikit_learns():
    X, y = drawn()
    found = reference_optimum(BARE, {"mse": {}}, {"l2": {"strength": 0.3}}, table(X, y))
    near(found.parameters, Ridge(alpha=0.15 * len(X), fit_intercept=False, solver="cholesky").fit(X, y).coef_)


def test_a_polynomial_without_a_bias_is_numpys():
    X, y = drawn(features=1)
    found = reference_optimum({"polynomial": {"degree": 3, "bias": False}}, {"mse": {}}, NONE, table(X, y))
    near(found.parameters, np.linalg.lstsq(np.hstack([X, X**2, X**3]), y, rcond=None)[0])


def classes(features):
    X, y = load_breast_cancer(return_X_y=True)
    return X[:, :features], y


@pytest.mark.parametrize("data", [classes(3), classes(5), (drawn()[0], drawn()[1] > 8.0)])
def test_logistic_regression_is_scikit_learns(data):
    X, y = data
    strength = 0.05
    penalty = {"l2": {"strength": strength}}
    found = reference_optimum({"logistic": {"bias": False}}, {"logistic": {}}, penalty, table(X, y))
    solver = LogisticRegression(
        C=1.0 / (strength * len(X)), fit_intercept=False, solver="newton-cholesky", tol=1e-14, max_iter=1000
    )
    near(found.parameters, solver.fit(X, y).coef_)


def test_softmax_regression_is_scikit_learns():
    X, y = load_iris(return_X_y=True)
    found = reference_optimum(
        {"softmax": {"bias": False}}, {"softmax": {}}, {"l2": {"strength": 0.1}}, table(X, y)
    )
    solver = LogisticRegression(C=1.0 / (0.1 * len(X)), fit_intercept=False, tol=1e-12, max_iter=5000)
    near(found.parameters, solver.fit(X, y).coef_, 1e-6)  # of lbfgs


@pytest.mark.parametrize("seed", [1, 2])
def test_poisson_regression_is_scikit_learns(seed):
    numbers = np.random.default_rng(seed)
    X = numbers.normal(0.4, 0.5, (80, 3))
    y = numbers.poisson(np.exp(X @ [0.5, -0.3, 0.8] + 0.4)).astype(float)
    found = reference_optimum(
        {"poisson": {"bias": False}}, {"poisson": {}}, {"l2": {"strength": 0.1}}, table(X, y)
    )
    solver = PoissonRegressor(
        alpha=0.1, fit_intercept=False, solver="newton-cholesky", tol=1e-13, max_iter=1000
    )
    near(found.parameters, solver.fit(X, y).coef_)


def test_absolute_errors_are_a_linear_programs():
    X, y = drawn(rows=25, features=2)
    found = reference_optimum(BARE, {"mae": {}}, NONE, table(X, y))
    n, p = X.shape
    eye = np.eye(n)
    program = linprog(
        np.append(np.zeros(p), np.full(2 * n, 1.0 / n)),
        A_eq=np.hstack([X, eye, -eye]),
        b_eq=y,
        bounds=[(None, None)] * p + [(0.0, None)] * (2 * n),
    )
    assert found.cost == pytest.approx(program.fun, rel=1e-9)
    near(found.parameters, program.x[:p])


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_the_support_vector_machine_goes_through_the_origin(seed):
    X, y = drawn(rows=30, features=2, seed=seed)
    labels = (y > np.median(y)).astype(float)
    found = reference_optimum(
        {"logistic": {"bias": False}}, {"hinge": {}}, {"l2": {"strength": 0.1}}, table(X, labels)
    )
    assert found.kind == "solver"
    assert len(found.parameters) == 2
    signs = 2 * labels - 1
    machine = LinearSVC(loss="hinge", C=1 / (0.1 * len(X)), fit_intercept=False, tol=1e-12, max_iter=10**7)
    w = machine.fit(X, labels).coef_[0]

    def cost(w):
        return np.mean(np.maximum(0, 1 - signs * (X @ w))) + 0.05 * w @ w

    assert found.cost == pytest.approx(cost(np.array(found.parameters)), rel=1e-12)
    assert found.cost <= cost(w) + 1e-12
    assert found.cost == pytest.approx(cost(w), rel=1e-6)


def test_the_lasso_and_a_robust_cost_are_no_higher_than_any_descent_comes():
    X, y = drawn()
    for cost, penalty, value in (
        (
            {"half_mse": {}},
            {"l1": {"strength": 0.5}},
            lambda w: 0.5 * np.mean((X @ w - y) ** 2) + 0.5 * np.abs(w).sum(),
        ),
        ({"log_cosh": {}}, NONE, lambda w: np.mean(np.logaddexp(r := X @ w - y, -r) - np.log(2))),
    ):
        found = reference_optimum(BARE, cost, penalty, table(X, y))
        assert found.cost == pytest.approx(value(np.array(found.parameters)), rel=1e-12)
        best = minimize(
            value, np.array(found.parameters) + 0.01, method="Nelder-Mead", options={"maxiter": 4000}
        )
        assert found.cost <= best.fun * (1 + 1e-12)
        assert found.cost == pytest.approx(best.fun, rel=1e-6)


def test_classes_that_only_a_plane_off_the_origin_parts_have_a_minimiser_without_a_bias():
    numbers = random.Random(1)
    X = [(numbers.uniform(1, 2) + k, numbers.uniform(1, 2) + k) for k in (0, 3) for _ in range(8)]
    rows = Table([(*x, float(i >= 8)) for i, x in enumerate(X)], 2)
    parted = reference_optimum({"logistic": {}}, {"logistic": {}}, NONE, rows)
    bare = reference_optimum({"logistic": {"bias": False}}, {"logistic": {}}, NONE, rows)
    assert parted.kind == "none exists"
    assert bare.kind == "solver"
    assert len(bare.parameters) == 2


def test_without_a_bias_a_penalty_leaves_nothing_that_could_fall_for_ever():
    rows = Table([(1.0, 1.0), (2.0, 1.0)], 1)
    penalty = {"l2": {"strength": 0.1}}
    assert reference_optimum({"logistic": {}}, {"logistic": {}}, penalty, rows).kind == "none exists"
    assert reference_optimum({"logistic": {"bias": False}}, {"logistic": {}}, penalty, rows).kind == "solver"
