"""A design as solvers like it best: features centred and scaled, with the way back to the user's units."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gdbench.descent.penalties import Strengths
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """G: rows of the scores' terms.  Z = G T: the same, scaled, so that w = T v has scores G w = Z v.

    l1, l2: the penalty on each column's parameter, in G's units.  targets: y, or one column a class.
    bias: whether the last column is the bias's 1.
    """

    G: Array
    Z: Array
    T: Array
    l1: Array
    l2: Array
    targets: Array
    bias: bool = True

    @cached_property
    def curvature(self) -> Array:
        """The penalty's Hessian in v: Tᵀ diag(l2) T."""
        return np.asarray(self.T.T @ (self.l2[:, None] * self.T))

    @cached_property
    def weights(self) -> Array:
        """The 1-norm's weights in v; where the bias has none, T mixes nothing that has."""
        return np.asarray(self.l1 * np.abs(np.diag(self.T)))


def design(expand: Terms, table: Table, added: Strengths) -> Design:
    """Columns are z-scored, or only scaled where no bias undoes that, or it is penalised and must stay."""
    G = np.array([expand(row[: table.features]) for row in table.rows])
    targets = np.array([row[table.features :] for row in table.rows])
    on = np.array(expand.penalised(added, G.shape[1]), dtype=float)
    T = _transform(G, bias=expand.bias, centre=expand.bias and not added.bias)
    return Design(G, _apply(G, T, bias=expand.bias), T, added.l1 * on, added.l2 * on, targets, expand.bias)


def _transform(G: Array, *, bias: bool, centre: bool) -> Array:
    features = G[:, :-1] if bias else G
    constant = features.min(axis=0) == features.max(axis=0)
    centres = np.where(constant, features[0], features.mean(axis=0)) if centre else 0.0 * features[0]
    spread = np.sqrt(((features - centres) ** 2).mean(axis=0))
    spread[spread == 0.0] = 1.0
    if not bias:
        return np.diag(1.0 / spread)
    T = np.diag(np.append(1.0 / spread, 1.0))
    T[-1, :-1] = -centres / spread
    return T


def _apply(G: Array, T: Array, *, bias: bool) -> Array:
    """G T, as (x − mean) / spread: the product would cancel where the mean is large."""
    if not bias:
        return np.asarray(G * np.diag(T))
    scale = np.diag(T)[:-1]
    return np.hstack([(G[:, :-1] + T[-1, :-1] / scale) * scale, G[:, -1:]])


def least_squares_step(matrix: Array, right: Array, flat: float | None = None) -> tuple[Array, int]:
    """(argmin ‖matrix · s − right‖ of least norm, the rank).

    Raises FloatingPointError where a number is not finite: LAPACK would print a line of its own instead.
    """
    if not (np.all(np.isfinite(matrix)) and np.all(np.isfinite(right))):
        raise FloatingPointError("a number is not finite")
    step, _, rank, _ = np.linalg.lstsq(matrix, right, rcond=flat)
    return np.asarray(step), int(rank)
