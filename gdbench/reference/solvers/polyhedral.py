"""Costs of two straight pieces (absolute, pinball, hinge), with a 1-norm or without: one linear program.

minimise (1/n) Σᵢ (upᵢ·uᵢ + downᵢ·vᵢ) + Σⱼ λⱼ|wⱼ|  with  A w + u − v = c,  u, v ≥ 0.
Its dual bounds the minimum from below: max cᵀd with −downᵢ/n ≤ dᵢ ≤ upᵢ/n and |Aᵀd|ⱼ ≤ λⱼ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gdbench.descent.costs import CostFacts
from gdbench.reference.solvers.design import Array, Design, least_squares_step
from gdbench.reference.solvers.losses import Loss
from gdbench.reference.solvers.scipy_later import optimize, sparse


@dataclass(frozen=True)
class Pieces:
    """A row costs up·max(r, 0) + down·max(−r, 0) + offset with r = c − A w, in the scaled columns.

    weights: the 1-norm's λ.  signs: A is the design's rows times these.
    """

    A: Array
    c: Array
    weights: Array
    up: Array
    down: Array
    signs: Array
    offset: float = 0.0

    def cost(self, w: Array) -> float:
        return self.cost_of(self.A @ w) + math.fsum((self.weights * np.abs(w)).tolist()) + self.offset

    def cost_of(self, scores: Array) -> float:
        """The mean of the rows' costs above the offset; scores: A w."""
        r = self.c - scores
        rows = self.up * np.maximum(r, 0.0) + self.down * np.maximum(-r, 0.0)
        return math.fsum(rows.tolist()) / len(r)

    @property
    def one_sided(self) -> bool:
        """Whether every row costs nothing on one side."""
        return not self.down.any() and self.offset == 0.0

    @property
    def of_margins(self) -> bool:
        """Whether a row costs max(0, 1 − s z), as the hinge does."""
        return self.one_sided and bool(np.all(self.c == 1.0) and np.all(self.up == 1.0))


class Bracket(NamedTuple):
    """parameters: in the user's units.  upper: their cost.  lower: the dual's bound.  at_zero: f(0).

    violation: ‖max(|Aᵀd| − λ, 0)‖, by how much the bound's certificate fails its constraints.
    multipliers: of a support vector machine, n α.
    """

    parameters: tuple[float, ...]
    upper: float
    lower: float
    at_zero: float
    violation: float
    multipliers: tuple[float, ...] = ()


def pieces_of(design: Design, facts: CostFacts, loss: Loss) -> Pieces | None:
    """Of a convex cost that bends at one kink a row and nowhere else; None where it has more kinks."""
    targets = design.targets
    places = [facts.kinks_at(y) for y in targets[:, 0].tolist()]
    if targets.shape[1] > 1 or any(len(place) != 1 for place in places):
        return None
    kinks = np.array(places)
    left, right = (loss.slope(kinks + step, targets)[:, 0] for step in (-1.0, 1.0))
    # rows are turned so that the flat side, if there is one, is the right one
    signs = np.where((left == 0.0) & (right != 0.0), -1.0, 1.0)
    up, down = np.where(signs > 0.0, -left, right), np.where(signs > 0.0, right, left)
    offset = math.fsum(loss.value(kinks, targets).tolist()) / len(kinks)
    return Pieces(signs[:, None] * design.Z, signs * kinks[:, 0], design.weights, up, down, signs, offset)


def solve_pieces(pieces: Pieces, design: Design) -> Bracket | None:
    """The minimum between two bounds; None where HiGHS finds none."""
    n, p = pieces.A.shape
    eye = sparse.identity(n, format="csc")
    split = np.flatnonzero(pieces.weights)
    A = sparse.csc_array(pieces.A)
    matrix = sparse.hstack([A, -A[:, split], eye, -eye], format="csc")
    prices = np.concatenate([pieces.weights, pieces.weights[split], pieces.up / n, pieces.down / n])
    free = [(0.0, None) if weight else (None, None) for weight in pieces.weights]
    bounds = free + [(0.0, None)] * (len(split) + 2 * n)
    found = optimize.linprog(prices, A_eq=matrix, b_eq=pieces.c, bounds=bounds, method="highs")
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
    sharp[support] = least_squares_step(pieces.A[np.ix_(on, support)], pieces.c[on])[0]
    if pieces.cost(sharp) <= pieces.cost(w) * (1.0 + 1e-12):
        w = sharp
    dual = np.where(on, 0.0, np.where(d > 0.5 * (low + high), high, low))
    wanted = (pieces.weights * np.sign(w) - pieces.A.T @ dual)[support]
    dual[on] = least_squares_step(pieces.A[np.ix_(on, support)].T, wanted)[0]
    within = np.all((dual >= low - slack) & (dual <= high + slack))
    return w, np.clip(dual if within else d, low, high)


def stretched(pieces: Pieces, design: Design, found: Bracket) -> Bracket:
    """Where one side costs nothing and all rows lie on it, the minimum is 0: a little farther out, rounding
    no longer hides it.
    """
    far = tuple(w * (1.0 + 1e-9) for w in found.parameters)
    scores = pieces.signs * (design.G @ np.array(far))
    fits = pieces.one_sided and not pieces.weights.any() and pieces.cost_of(scores) == 0.0
    return found._replace(parameters=far, upper=0.0, lower=0.0) if fits else found


def _bracket(pieces: Pieces, design: Design, w: Array, d: Array) -> Bracket:
    balance = pieces.A.T @ d
    over = np.maximum(np.abs(balance) - pieces.weights, 0.0)
    # a certificate that fails by `over` loses at most that times the size of the minimiser
    lost = 2.0 * float(over @ np.abs(w))
    return Bracket(
        tuple(map(float, design.T @ w)),
        pieces.cost(w),
        math.fsum((pieces.c * d).tolist()) - lost + pieces.offset,
        pieces.cost(np.zeros(len(w))),
        float(np.linalg.norm(over)),
    )
