"""A design as solvers like it best: features centred and scaled, with the way back to the user's units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdbench.descent.penalties import Strengths
from gdbench.descent.problems.table import Table

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """G: rows (basis(x), 1).  Z = G T: the same, scaled, so that w = T v has scores G w = Z v.

    l1, l2: the penalty on each column's parameter, in G's units.  targets: y, or one column a class.
    """

    G: Array
    Z: Array
    T: Array
    l1: Array
    l2: Array
    targets: Array

    @cached_property
    def curvature(self) -> Array:
        """The penalty's Hessian in v: Tᵀ diag(l2) T."""
        return np.asarray(self.T.T @ (self.l2[:, None] * self.T))

    @cached_property
    def weights(self) -> Array:
        """The 1-norm's weights in v; where the bias has none, T mixes nothing that has."""
        return np.asarray(self.l1 * np.abs(np.diag(self.T)))


def design(expand: Callable[[Sequence[Any]], Sequence[Any]], table: Table, added: Strengths) -> Design:
    """Columns are z-scored, or only scaled where the bias is penalised and must stay what it is."""
    G = np.array([[*expand(row[: table.features]), 1.0] for row in table.rows])
    targets = np.array([row[table.features :] for row in table.rows])
    on = np.ones(G.shape[1])
    on[-1] = float(added.bias)
    T = _transform(G, centre=not added.bias)
    return Design(G, _apply(G, T), T, added.l1 * on, added.l2 * on, targets)


def _transform(G: Array, *, centre: bool) -> Array:
    features = G[:, :-1]
    constant = features.min(axis=0) == features.max(axis=0)
    centres = np.where(constant, features[0], features.mean(axis=0)) if centre else 0.0 * features[0]
    spread = np.sqrt(((features - centres) ** 2).mean(axis=0))
    spread[spread == 0.0] = 1.0
    T = np.diag(np.append(1.0 / spread, 1.0))
    T[-1, :-1] = -centres / spread
    return T


def _apply(G: Array, T: Array) -> Array:
    """G T, as (x − mean) / spread: the product would cancel where the mean is large."""
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
