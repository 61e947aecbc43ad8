"""Costs with straight pieces (absolute, pinball, hinge), with a 1-norm or without: one linear program.

minimise (1/n) Σᵢ (up·uᵢ + down·vᵢ) + Σⱼ λⱼ|wⱼ|  with  A w + u − v = c,  u, v ≥ 0.
Its dual bounds the minimum from below: max cᵀd with −down/n ≤ dᵢ ≤ up/n and |Aᵀd|ⱼ ≤ λⱼ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from gdbench.reference.solvers.design import Design

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pieces:
    """A row costs up·max(r, 0) + down·max(−r, 0) with r = c − A w; `weights` are the 1-norm's λ."""

    A: Array
    c: Array
    weights: Array
    up: float
    down: float

    def cost(self, w: Array) -> float:
        r = self.c - self.A @ w
        rows = self.up * np.maximum(r, 0.0) + self.down * np.maximum(-r, 0.0)
        return math.fsum(rows.tolist()) / len(r) + math.fsum((self.weights * np.abs(w)).tolist())


class Bracket(NamedTuple):
    """parameters: in the user's units.  upper: their cost.  lower: the dual's bound.  at_zero: f(0).

    violation: ‖max(|Aᵀd| − λ, 0)‖, by how much the bound's certificate fails its constraints.
    """

    parameters: tuple[float, ...]
    upper: float
    lower: float
    at_zero: float
    violation: float


def absolute(design: Design, up: float, down: float) -> Pieces:
    """r = y − z: mae with up = down = 1, pinball with up = τ and down = 1 − τ."""
    return Pieces(design.Z, design.targets[:, 0], design.weights, up, down)


def hinge(design: Design) -> Pieces:
    """r = 1 − s z with s = 2y − 1."""
    signs = 2.0 * design.targets - 1.0
    return Pieces(signs * design.Z, np.ones(len(signs)), design.weights, 1.0, 0.0)


def solve_pieces(pieces: Pieces, design: Design) -> Bracket | None:
    """The minimum between two bounds; None where HiGHS finds none."""
    n, p = pieces.A.shape
    eye = sparse.identity(n, format="csc")
    split = np.flatnonzero(pieces.weights)
    A = sparse.csc_array(pieces.A)
    matrix = sparse.hstack([A, -A[:, split], eye, -eye], format="csc")
    shares = np.full(n, pieces.up / n), np.full(n, pieces.down / n)
    prices = np.concatenate([pieces.weights, pieces.weights[split], *shares])
    free = [(0.0, None) if weight else (None, None) for weight in pieces.weights]
    bounds = free + [(0.0, None)] * (len(split) + 2 * n)
    found = linprog(prices, A_eq=matrix, b_eq=pieces.c, bounds=bounds, method="highs")
    if not found.success:
        return None
    w = np.array(found.x[:p])
    w[split] -= found.x[p : p + len(split)]
    return _bracket(pieces, design, *_vertex(pieces, w, np.asarray(found.eqlin.marginals)))


def _vertex(pieces: Pieces, w: Array, d: Array) -> tuple[Array, Array]:
    """The vertex and its dual from the equations that hold there, if that is no worse than HiGHS' word."""
    n = len(pieces.c)
    low, high = -pieces.down / n, pieces.up / n
    slack = 1e-9 * (high - low)
    on = (d > low + slack) & (d < high - slack)
    support = (np.abs(w) > 1e-9 * np.abs(w).max(initial=1.0)) | (pieces.weights == 0.0)
    sharp = np.where(support, w, 0.0)
    sharp[support] = np.linalg.lstsq(pieces.A[np.ix_(on, support)], pieces.c[on], rcond=None)[0]
    if pieces.cost(sharp) <= pieces.cost(w) * (1.0 + 1e-12):
        w = sharp
    dual = np.where(on, 0.0, np.where(d > 0.5 * (low + high), high, low))
    wanted = (pieces.weights * np.sign(w) - pieces.A.T @ dual)[support]
    dual[on] = np.linalg.lstsq(pieces.A[np.ix_(on, support)].T, wanted, rcond=None)[0]
    within = np.all((dual >= low - slack) & (dual <= high + slack))
    return w, np.clip(dual if within else d, low, high)


def stretched(pieces: Pieces, design: Design, found: Bracket) -> Bracket:
    """A hinge that fits all rows has minimum 0: a little farther out, rounding no longer hides it."""
    far = tuple(w * (1.0 + 1e-9) for w in found.parameters)
    margins = 1.0 - (2.0 * design.targets[:, 0] - 1.0) * (design.G @ np.array(far))
    fits = not pieces.weights.any() and bool(np.all(margins <= 0.0))
    return found._replace(parameters=far, upper=0.0, lower=0.0) if fits else found


def _bracket(pieces: Pieces, design: Design, w: Array, d: Array) -> Bracket:
    balance = pieces.A.T @ d
    over = np.maximum(np.abs(balance) - pieces.weights, 0.0)
    # a certificate that fails by `over` loses at most that times the size of the minimiser
    lost = 2.0 * float(over @ np.abs(w))
    return Bracket(
        tuple(map(float, design.T @ w)),
        pieces.cost(w),
        math.fsum((pieces.c * d).tolist()) - lost,
        pieces.cost(np.zeros(len(w))),
        float(np.linalg.norm(over)),
    )
