"""Trusted solvers for reference optima: NumPy's and SciPy's, on the problem as they like it best."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize

from gdbench.descent.table import Table

Array = NDArray[np.float64]

#: HiGHS lets a constraint be missed by this much.
LP_TOLERANCE = 1e-7


class Separation(NamedTuple):
    """verdict: separable (`direction` proves it), overlapping, or undecided."""

    verdict: str
    direction: tuple[float, ...] = ()


def least_squares(table: Table) -> Array:
    """argmin ‖[X 1] w − y‖², columns scaled to unit norm first so that units do not decide the rank."""
    design, y = _design(table)
    lengths = np.linalg.norm(design, axis=0)
    lengths[lengths == 0.0] = 1.0
    scaled: Array = np.linalg.lstsq(design / lengths, y, rcond=None)[0]
    solution: Array = scaled / lengths
    return solution


def logistic_newton(table: Table) -> Array:
    """argmin (1/n) Σ log(1 + e^m) with m = (1 − 2y)(w·x + b), by trust-region Newton in z-scored features."""
    design, y = _design(table)
    scaled, transform = _standardized(design)
    sign, n = 1.0 - 2.0 * y, len(y)

    def cost(v: Array) -> float:
        return float(np.logaddexp(0.0, sign * (scaled @ v)).mean())

    def gradient(v: Array) -> Any:
        return scaled.T @ (sign * _sigmoid(sign * (scaled @ v))) / n

    def hessian(v: Array) -> Any:
        p = _sigmoid(scaled @ v)
        return (scaled * (p * (1.0 - p))[:, None]).T @ scaled / n

    start = np.zeros(scaled.shape[1])
    options = {"gtol": 1e-14, "maxiter": 500}
    found = minimize(cost, start, jac=gradient, hess=hessian, method="trust-exact", options=options)
    v = found.x
    for _ in range(3):  # the trust region gives up at rounding level of the cost; pure Newton steps go on
        v = v - np.linalg.lstsq(hessian(v), gradient(v), rcond=None)[0]
    solution: Array = transform @ (v if np.all(np.isfinite(v)) else found.x)
    return solution


def separation(table: Table) -> Separation:
    """Whether some (w, b) ≠ 0 leaves no row on the wrong side of w·x + b = 0: then no minimiser exists.

    Two linear programs (HiGHS) in the box |vⱼ| ≤ 1 look for such a direction: one for the largest margin,
    one, for classes that touch, for the largest sum of margins. What they find is verified in exact
    rational arithmetic on the floats, so a direction that is returned is a proof.
    """
    design, y = _design(table)
    scaled, transform = _standardized(design)
    signed = (2.0 * y - 1.0)[:, None] * scaled
    for direction in (_largest_margin(signed), _largest_sum(signed)):
        found = tuple(float(value) for value in transform @ direction)
        if separates(found, table):
            return Separation("separable", found)
    total = float((signed @ _largest_sum(signed)).sum())
    # within the solver's tolerance of zero, every direction leaves some row on the wrong side
    return Separation("overlapping" if total <= LP_TOLERANCE * len(y) else "undecided")


def _largest_margin(signed: Array) -> Array:
    """argmax t  with  signed · v ≥ t."""
    rows, width = signed.shape
    objective = np.append(np.zeros(width), -1.0)
    constraints = np.hstack([-signed, np.ones((rows, 1))])
    return _maximise(objective, constraints, [(-1.0, 1.0)] * width + [(0.0, None)])[:-1]


def _largest_sum(signed: Array) -> Array:
    """argmax Σ signed · v  with  signed · v ≥ 0."""
    return _maximise(-signed.sum(axis=0), -signed, [(-1.0, 1.0)] * signed.shape[1])


def _maximise(objective: Array, constraints: Array, bounds: Sequence[tuple[float, float | None]]) -> Array:
    """The solution of one linear program; zero, which claims nothing, where the solver found none."""
    limits = np.zeros(len(constraints))
    found = linprog(objective, A_ub=constraints, b_ub=limits, bounds=bounds, method="highs")
    solution: Array = found.x if found.success else np.zeros(len(objective))
    return solution


def separates(direction: Sequence[float], table: Table) -> bool:
    """Whether (w, b) leaves no row on the wrong side, and not all on the boundary; exact, in rationals."""
    *weights, bias = (Fraction(value) for value in direction)
    off_boundary = False
    for *x, y in table.rows:
        score = bias + sum((w_j * Fraction(x_j) for w_j, x_j in zip(weights, x, strict=True)), Fraction(0))
        margin = score if y == 1.0 else -score
        if margin < 0:
            return False
        off_boundary = off_boundary or margin > 0
    return off_boundary


def _design(table: Table) -> tuple[Array, Array]:
    """[X 1] and y."""
    rows = np.array(table.rows, dtype=np.float64)
    return np.hstack([rows[:, : table.features], np.ones((len(rows), 1))]), rows[:, table.features]


def _standardized(design: Array) -> tuple[Array, Array]:
    """[Z 1], and the matrix that turns its parameters into those of [X 1]."""
    features = design[:, :-1]
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread[spread == 0.0] = 1.0
    transform = np.diag(np.append(1.0 / spread, 1.0))
    transform[-1, :-1] = -mean / spread
    return np.hstack([(features - mean) / spread, design[:, -1:]]), transform


def _sigmoid(z: Array) -> Any:
    return np.exp(-np.logaddexp(0.0, -z))
