"""Smooth convex problems: SciPy's trust regions, and Newton steps until the gradient is rounding error."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gdbench.reference.solvers.design import Array, Design, least_squares_step
from gdbench.reference.solvers.losses import Loss
from gdbench.reference.solvers.scipy_later import optimize, sparse_linalg

#: Beyond this many parameters the Hessian is only multiplied with vectors.
MOST_DENSE = 200
POLISHING = 30


class Solution(NamedTuple):
    """A solver's point in the user's units, with its evidence.

    gradient_norm: of the gradient, or of the least subgradient that the solver could name.
    scale: what the gradient norm is to be compared with: its value at zero parameters.
    floor: below it, a gradient norm is rounding error.
    promise: ½ gᵀH⁻¹g, by how much a further Newton step would lower the cost.
    """

    parameters: tuple[float, ...]
    cost: float
    gradient_norm: float
    scale: float
    floor: float
    how: str
    promise: float = 0.0


@dataclass(frozen=True)
class Smooth:
    """f(v) = mean of loss(Zv) + ½ vᵀCv, with v the K parameter vectors of the classes one after another."""

    design: Design
    loss: Loss

    @property
    def outputs(self) -> int:
        count: int = self.design.targets.shape[1]
        return count

    @property
    def size(self) -> int:
        return self.outputs * len(self.design.l2)

    def scores(self, v: Array) -> Array:
        return np.asarray(self.design.Z @ v.reshape(self.outputs, -1).T)

    def cost(self, v: Array) -> float:
        with np.errstate(over="ignore"):
            rows = self.loss.value(self.scores(v), self.design.targets)
        return float(rows.mean()) + 0.5 * float(v @ self._penalty(v))

    def gradient(self, v: Array) -> Array:
        slope = self.loss.slope(self.scores(v), self.design.targets)
        return np.asarray((slope.T @ self.design.Z / len(slope)).ravel() + self._penalty(v))

    def hessian(self, v: Array) -> Array:
        Z, K, width = self.design.Z, self.outputs, self.design.Z.shape[1]
        bend, matrix = self.loss.bend(self.scores(v), self.design.targets), np.zeros((self.size, self.size))
        for k in range(K):
            unit = np.zeros((len(Z), K))
            unit[:, k] = 1.0
            shares = bend(unit)
            for m in range(k, K):
                block = (Z * shares[:, m, None]).T @ Z / len(Z)
                matrix[k * width : (k + 1) * width, m * width : (m + 1) * width] = block
                matrix[m * width : (m + 1) * width, k * width : (k + 1) * width] = block.T
        return np.asarray(matrix + np.kron(np.eye(K), self.design.curvature))

    def product(self, v: Array) -> Callable[[Array], Array]:
        """d → ∇²f(v) d, without the matrix."""
        bend = self.loss.bend(self.scores(v), self.design.targets)

        def times(d: Array) -> Array:
            change = bend(self.scores(d))
            return np.asarray((change.T @ self.design.Z / len(change)).ravel() + self._penalty(d))

        return times

    def _penalty(self, v: Array) -> Array:
        return np.asarray((v.reshape(self.outputs, -1) @ self.design.curvature).ravel())

    def in_units(self, v: Array) -> Array:
        """w = T v for each output."""
        return np.asarray(v.reshape(self.outputs, -1) @ self.design.T.T)

    def found(self, v: Array, how: str) -> Solution:
        return self.found_at(self._balanced(self.in_units(v)), how)

    def _balanced(self, w: Array) -> Array:
        """Classes' scores may all be moved alike where no penalty objects; then they are moved to mean 0."""
        free = (self.design.l1 == 0.0) & (self.design.l2 == 0.0) & (self.outputs > 1)
        return np.asarray(w - np.where(free, w.mean(axis=0), 0.0))

    def found_at(self, w: Array, how: str) -> Solution:
        """The point w, one row for each output, with its evidence in the user's own units."""
        slope = self.loss.slope(self.design.G @ w.T, self.design.targets)
        start = self.loss.slope(np.zeros_like(slope), self.design.targets)
        gradient = slope.T @ self.design.G / len(slope) + self.design.l2 * w
        sizes = np.abs(start).T @ np.abs(self.design.G) / len(slope)
        return Solution(
            tuple(map(float, w.ravel())),
            self.cost_of(w),
            float(np.linalg.norm(gradient)),
            float(np.linalg.norm(start.T @ self.design.G / len(slope))),
            1e-14 * float(np.linalg.norm(sizes)),
            how,
        )

    def cost_of(self, w: Array) -> float:
        """f in the user's units: the rows summed without rounding error."""
        rows = self.loss.value(self.design.G @ w.T, self.design.targets)
        shares = (0.5 * self.design.l2 * w * w + self.design.l1 * np.abs(w)).ravel()
        return math.fsum(rows.tolist()) / len(rows) + math.fsum(shares.tolist())


def minimise(path: Sequence[Smooth]) -> Solution:
    """The last problem's minimiser; those before it are easier and lead there (continuation)."""
    v = np.zeros(path[0].size)
    for problem in path:
        v = trust_region(problem, v)
    last = path[-1]
    v = polish(last, v)
    gradient = last.gradient(v)
    # with a penalty nothing slopes for ever, and the step would be work for nothing
    penalised = bool(last.design.l2.any())
    promise = 0.0 if penalised else 0.5 * float(gradient @ _newton_step(last, v, gradient))
    return last.found(v, "Newton's method in a trust region (SciPy).")._replace(promise=promise)


def trust_region(problem: Smooth, start: Array) -> Array:
    dense = problem.size <= MOST_DENSE
    if not np.any(problem.gradient(start)):
        return start  # SciPy would take no step and then ask for it
    steepest = float(np.linalg.norm(problem.gradient(np.zeros(problem.size))))
    # polishing takes over where the cost's own rounding error would make the region shrink for nothing
    options = {"gtol": (1e-9 if dense else 1e-5) * steepest, "maxiter": 500}
    if dense:
        more = {"method": "trust-exact", "hess": problem.hessian}
    else:
        more = {"method": "trust-ncg", "hessp": _Remembered(problem)}
    found = optimize.minimize(problem.cost, start, jac=problem.gradient, options=options, **more)
    return np.asarray(found.x if np.all(np.isfinite(found.x)) else start)


class _Remembered:
    """∇²f(v) d for many d at one v, as SciPy asks for it."""

    def __init__(self, problem: Smooth) -> None:
        self._problem, self._v = problem, np.empty(0)

    def __call__(self, v: Array, d: Array) -> Array:
        if not np.array_equal(v, self._v):
            self._v, self._times = v.copy(), self._problem.product(v)
        return self._times(d)


def polish(problem: Smooth, v: Array) -> Array:
    """Newton steps while they shrink the gradient: the trust region gives up at the cost's rounding error."""
    gradient = problem.gradient(v)
    enough = 0.0 if problem.size <= MOST_DENSE else 1e-13 * np.linalg.norm(problem.gradient(0.0 * v))
    for _ in range(POLISHING):
        if np.linalg.norm(gradient) <= enough:
            break
        following = v - _newton_step(problem, v, gradient)
        at_following = problem.gradient(following)
        if not np.linalg.norm(at_following) < np.linalg.norm(gradient):
            break
        v, gradient = following, at_following
    return v


def _newton_step(problem: Smooth, v: Array, gradient: Array) -> Array:
    if problem.size <= MOST_DENSE:
        return least_squares_step(problem.hessian(v), gradient)[0]
    operator = sparse_linalg.LinearOperator((len(v), len(v)), matvec=problem.product(v), dtype=np.float64)
    return np.asarray(sparse_linalg.cg(operator, gradient, rtol=1e-4, maxiter=300)[0])
