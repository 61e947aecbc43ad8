"""Smooth convex costs plus a 1-norm: a quasi-Newton search for the support, then Newton's method on it.

At a minimiser the gradient g of the smooth part balances the kinks: gⱼ = −λⱼ sgn wⱼ where wⱼ ≠ 0, and
|gⱼ| ≤ λⱼ where wⱼ = 0. What is missing to that is the least subgradient; its norm is the evidence.
"""

from __future__ import annotations

import numpy as np

from gdbench.reference.solvers.design import Array, least_squares_step
from gdbench.reference.solvers.scipy_later import optimize
from gdbench.reference.solvers.smooth import POLISHING, Smooth, Solution

ROUNDS = 50


def minimise_with_kinks(problem: Smooth) -> Solution:
    """argmin f(v) + Σ λⱼ |vⱼ|."""
    weights = np.tile(problem.design.weights, problem.outputs)
    v = _newton_on_support(problem, weights, _search(problem, weights))
    found = problem.found(v, "Quasi-Newton search for the support (SciPy L-BFGS-B), Newton's method on it.")
    w = problem.in_units(v)
    slope = problem.loss.slope(problem.design.G @ w.T, problem.design.targets)
    gradient = slope.T @ problem.design.G / len(slope) + problem.design.l2 * w
    rest = least_subgradient(gradient, w, problem.design.l1 + 0.0 * w)
    return found._replace(gradient_norm=float(np.linalg.norm(rest)))


def least_subgradient(gradient: Array, w: Array, weights: Array) -> Array:
    """The element of ∂f of least norm."""
    beside_kink = gradient + weights * np.sign(w)
    at_kink = np.sign(gradient) * np.maximum(np.abs(gradient) - weights, 0.0)
    return np.asarray(np.where(w == 0.0, at_kink, beside_kink))


def _search(problem: Smooth, weights: Array) -> Array:
    """v = a − b with a, b ≥ 0 makes the 1-norm linear; parameters without weight stay free."""
    size = problem.size

    def cost_and_gradient(ab: Array) -> tuple[float, Array]:
        v = ab[:size] - ab[size:]
        gradient = problem.gradient(v)
        cost = problem.cost(v) + float(weights @ (ab[:size] + ab[size:]))
        return cost, np.concatenate([gradient + weights, weights - gradient])

    low = np.append(np.where(weights > 0.0, 0.0, -np.inf), np.zeros(size))
    high = np.append(np.full(size, np.inf), np.where(weights > 0.0, np.inf, 0.0))
    options = {"maxiter": 5000, "maxfun": 10000, "ftol": 1e-15, "gtol": 1e-10, "maxcor": 30}
    start = np.zeros(2 * size)
    found = optimize.minimize(
        cost_and_gradient,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=optimize.Bounds(low, high),
        options=options,
    )
    return np.asarray(found.x[:size] - found.x[size:])


def _newton_on_support(problem: Smooth, weights: Array, v: Array) -> Array:
    """Minimise where the signs hold; a parameter that changes its sign leaves, the most wanted one enters."""
    gradient = problem.gradient(v)
    # zero unless it is worth more than the search's tolerance, or the kink does not hold it
    small = (weights > 0.0) & (np.abs(v) <= 1e-6 * np.abs(v).max(initial=0.0)) & (np.abs(gradient) < weights)
    v = np.where(small, 0.0, v)
    for _ in range(ROUNDS):
        v = _fixed_signs(problem, weights, v)
        rest = least_subgradient(problem.gradient(v), v, weights)
        wanted = np.where((v == 0.0) & (weights > 0.0), np.abs(rest), 0.0)
        if wanted.max(initial=0.0) <= 1e-13 * max(float(weights.max()), 1e-300):
            return v
        j = int(wanted.argmax())
        v = v.copy()
        v[j] = -np.sign(rest[j]) * 1e-9 * max(float(np.abs(v).max()), 1.0)
    return v


def _fixed_signs(problem: Smooth, weights: Array, v: Array) -> Array:
    for _ in range(POLISHING):
        signs, support = np.sign(v), (v != 0.0) | (weights == 0.0)
        gradient = (problem.gradient(v) + weights * signs)[support]
        step = np.zeros(len(v))
        hessian = problem.hessian(v)[np.ix_(support, support)]
        step[support] = least_squares_step(hessian, gradient)[0]
        following = v - step
        crossed = (weights > 0.0) & (v != 0.0) & (np.sign(following) != signs)
        if crossed.any():
            v = _until_the_first_kink(v, step, crossed)
            continue
        after = (problem.gradient(following) + weights * signs)[support]
        if not np.linalg.norm(after) < np.linalg.norm(gradient):
            return v
        v = following
    return v


def _until_the_first_kink(v: Array, step: Array, crossed: Array) -> Array:
    shares = np.full(len(v), np.inf)
    shares[crossed] = v[crossed] / step[crossed]
    first = int(shares.argmin())
    following = v - shares[first] * step
    following[first] = 0.0
    return np.asarray(following)
