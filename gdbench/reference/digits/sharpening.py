"""From a solver's word to the last bit: Newton steps whose gradient has fifty digits.

The solver's point and the Hessian by which the steps are found may differ in their last digits from one NumPy
to the next. A step shrinks what is left of that by as many digits as they have right, so that after a few
the true minimiser is known far beyond a float, and rounding it gives one float, whoever solved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import NamedTuple

import numpy as np

from gdbench.descent.registry import Choice
from gdbench.reference.digits.fifty import FIFTY, Fifty, Point, traceable
from gdbench.reference.digits.gram import independent
from gdbench.reference.digits.rounding import held, power_of_ten_above, rounded_down
from gdbench.reference.solvers.design import Array, Design, least_squares_step
from gdbench.reference.solvers.exact import ExactRows
from gdbench.reference.solvers.lasso import least_subgradient
from gdbench.reference.solvers.smooth import MOST_DENSE, Smooth, Solution

#: A second or so: numbers in the design times outputs, and rows times outputs (each has an exponential).
MOST_PRODUCTS, MOST_ROWS = 1_000_000, 10_000
MOST_STEPS = 15
#: Steps end when one is this small beside the largest scaled parameter; what it leaves is far smaller.
ENOUGH = 1e-24
#: A direction along which the Hessian has this share of its largest curvature is one along which nothing bends.
FLAT = 1e-13
#: A parameter below this share of the largest is 0, and a cost below this share of that at zero parameters.
NOTHING, NEGLIGIBLE = 1e-26, 1e-40
#: Of a cost that is rounded, so many digits at most.
DIGITS = 13


class Sharp(NamedTuple):
    """parameters and cost: each the true one rounded once.  gradient_norm: ‖∇f‖ at those parameters, of the
    1-norm's the least subgradient.
    """

    parameters: tuple[float, ...]
    cost: float
    gradient_norm: float


def sharpened(smooth: Smooth, exact: ExactRows, cost: Choice, parameters: Sequence[float]) -> Sharp | None:
    """The minimiser near these parameters, those that are 0 kept so where the 1-norm weighs them.

    A column that depends on those before it gets 0 where no penalty tells them apart. None where it would take
    too long, where nothing bends along some direction, or where it is not reached.
    """
    if not sharpenable(smooth, cost):
        return None
    w = np.array(parameters).reshape(smooth.outputs, -1)
    free = (w != 0.0) | (smooth.design.l1 == 0.0)
    if not smooth.design.l1.any() and not smooth.design.l2.any():
        columns = independent(exact.rows)
        free &= np.isin(np.arange(free.shape[1]), columns)
        w = _moved_to(columns, smooth, w)
    fifty = _fifty(smooth, exact, cost)
    with localcontext(FIFTY):
        reached = _newton(fifty, smooth, w, free)
        if reached is None:
            return None
        point, lowest = reached
        rounded = tuple(float(value) for row in fifty.parameters(point) for value in row)
        negligible = Decimal(NEGLIGIBLE * abs(smooth.cost(np.zeros(smooth.size))))
        value = 0.0 if abs(lowest) <= negligible else float(lowest)
        return Sharp(rounded, value, _norm(fifty, rounded))


def held_digits(smooth: Smooth, found: Solution) -> Sharp:
    """A solver's point and cost to the digits in which two of its versions agree; the cost rounded down.

    What a convex cost may still fall by is at most its slope times the way to the minimiser; the slope is that
    of the least subgradient, since the smooth part alone has one wherever the 1-norm balances it.
    """
    w = np.array(found.parameters).reshape(smooth.outputs, -1)
    weights = np.tile(smooth.design.weights, smooth.outputs)
    v = np.linalg.solve(smooth.design.T, w.T).T.ravel()
    v = np.where((w.ravel() == 0.0) & (weights > 0.0), 0.0, v)
    slope = least_subgradient(smooth.gradient(v), v, weights)
    fall = float(np.linalg.norm(slope)) * float(np.linalg.norm(v))
    norm = max(found.gradient_norm, 1e-12 * found.scale) if found.cost else 0.0
    return Sharp(held_parameters(smooth.design, w), held_cost(found.cost, fall), power_of_ten_above(norm))


def held_cost(cost: float, fall: float) -> float:
    """Rounded down to the digits that hold where it may still fall by so much."""
    noise = max(abs(fall), 1e-15 * abs(cost))
    digits = math.floor(math.log10(abs(cost) / noise)) - 2 if cost else DIGITS
    return rounded_down(cost, max(3, min(DIGITS, digits)))


def held_parameters(design: Design, w: Array) -> tuple[float, ...]:
    """To some nine places of the largest, each in its column's scale."""
    units = np.broadcast_to(np.diag(design.T), w.shape).ravel().tolist()
    largest = 1e3 * float(np.abs(w / np.diag(design.T)).max())
    return tuple(held(w_j, largest * unit) for w_j, unit in zip(w.ravel().tolist(), units, strict=True))


def _fifty(smooth: Smooth, exact: ExactRows, cost: Choice) -> Fifty:
    design = smooth.design
    return Fifty(exact, cost, design.targets.tolist(), design.l1.tolist(), design.l2.tolist())


def _norm(fifty: Fifty, parameters: Sequence[float]) -> float:
    width = len(fifty.l1)
    rows = [list(parameters[k : k + width]) for k in range(0, len(parameters), width)]
    square = Decimal(0)
    for row, slopes in zip(rows, fifty.at(fifty.point(rows)).gradient, strict=True):
        for w_j, g, l1 in zip(row, slopes, fifty.l1, strict=True):
            # at a kink the 1-norm takes off what it can
            rest = max(abs(g) - Decimal(l1), Decimal(0)) if l1 and w_j == 0.0 else g
            square += rest * rest
    return float(square.sqrt())


def sharpenable(smooth: Smooth, cost: Choice) -> bool:
    """Whether it takes no more than a second or so."""
    length, width = smooth.design.G.shape
    rows = length * smooth.outputs
    small = smooth.size <= MOST_DENSE and rows <= MOST_ROWS and rows * width <= MOST_PRODUCTS
    return small and traceable(cost, smooth.outputs)


def _moved_to(columns: Sequence[int], smooth: Smooth, w: Array) -> Array:
    """Parameters of these columns alone with the same scores, as nearly as floats can tell."""
    if len(columns) == w.shape[1]:
        return w
    G = smooth.design.G
    moved = np.zeros_like(w)
    moved[:, columns] = least_squares_step(G[:, columns], G @ w.T)[0].T
    return moved


def _newton(fifty: Fifty, smooth: Smooth, w: Array, free: Array) -> tuple[Point, Decimal] | None:
    """(the minimiser, the cost a last small step before it); None where it is not reached."""
    point, before = fifty.point(w.tolist()), np.inf
    for _ in range(MOST_STEPS):
        here = fifty.at(point)
        if not here.finite:
            return None
        w = np.array([[float(value) for value in row] for row in fifty.parameters(point)])
        step = _step(smooth, w, np.array([[float(g) for g in row] for row in here.gradient]), free)
        if step is None:
            return None
        scaled, largest = _in_columns(smooth, step), float(np.abs(_in_columns(smooth, w)).max())
        size = float(np.abs(scaled).max())
        if not np.isfinite(size) or size >= max(before, largest):
            return None
        point, before = fifty.moved(point, step.tolist()), size
        if size <= ENOUGH * largest:
            return _cleared(_balanced(point, smooth), smooth, fifty, largest), here.cost
    return None


def _balanced(point: Point, smooth: Smooth) -> Point:
    """Classes' scores may all be moved alike where no penalty objects; then they are moved to mean 0."""
    if smooth.outputs == 1:
        return point
    idle = _unpenalised(smooth).tolist()
    means = [
        sum(column) // smooth.outputs if on else 0
        for column, on in zip(zip(*point, strict=True), idle, strict=True)
    ]
    return [[u - mean for u, mean in zip(row, means, strict=True)] for row in point]


def _cleared(point: Point, smooth: Smooth, fifty: Fifty, largest: float) -> Point:
    """Parameters that are nothing but what the last step left are 0."""
    sizes = np.array([[float(w) for w in row] for row in fifty.parameters(point)])
    gone = np.abs(_in_columns(smooth, sizes)) <= NOTHING * largest
    return [
        [0 if g else u for u, g in zip(*rows, strict=True)] for rows in zip(point, gone.tolist(), strict=True)
    ]


def _step(smooth: Smooth, w: Array, gradient: Array, free: Array) -> Array | None:
    """H⁻¹ g on what is free, worked out in the scaled columns; None where H bends less than it should."""
    T = smooth.design.T
    v = np.asarray(np.linalg.solve(T, w.T).T.ravel())
    mask, slope = free.ravel(), (gradient @ T).ravel()
    hessian = smooth.hessian(np.asarray(v, dtype=np.float64))[np.ix_(mask, mask)]
    step = np.zeros(len(v))
    step[mask], rank = least_squares_step(hessian, slope[mask], FLAT)
    # classes' scores may all be moved alike where no penalty objects; columns of zeros bend nothing
    idle = int((mask.reshape(free.shape)[0] & _unpenalised(smooth)).sum()) if smooth.outputs > 1 else 0
    if rank < mask.sum() - idle:
        return None
    return np.asarray(step.reshape(free.shape) @ T.T)


def _unpenalised(smooth: Smooth) -> Array:
    return np.asarray((smooth.design.l1 == 0.0) & (smooth.design.l2 == 0.0))


def _in_columns(smooth: Smooth, w: Array) -> Array:
    """w times the columns' scales: by how much each moves a score."""
    return np.asarray(w / np.diag(smooth.design.T))
