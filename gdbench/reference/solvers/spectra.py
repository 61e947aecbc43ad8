"""Eigenvalues of Hessians, by LAPACK: for what is shown and predicted, not for what a run is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from gdbench.descent.costs import cost_facts
from gdbench.descent.kernels.definition import prepare
from gdbench.descent.models import Basis
from gdbench.descent.penalties import Strengths
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Choice
from gdbench.reference.solvers.continuation import loss_of
from gdbench.reference.solvers.design import Array, design
from gdbench.reference.solvers.smooth import Smooth

EPSILON = float(np.finfo(float).eps)
#: Singular values below this share of the largest have no digit that can be trusted.
LOST = 1e-12


class Spectrum(NamedTuple):
    """Eigenvalues from the largest down, those lost in rounding left out, and their unit eigenvectors.

    flat: how many were left out.
    """

    eigenvalues: list[float]
    directions: list[list[float]]
    flat: int


def spectrum_of_columns(expand: Basis, table: Table, curvature: float, added: Strengths) -> Spectrum:
    """Of (c/n) GᵀG + D, by singular values of its root, which keep the digits that the product loses."""
    root = _root(expand, table, curvature, added)
    _, sizes, directions = np.linalg.svd(root, full_matrices=False)
    kept = sizes > LOST * sizes.max(initial=0.0)
    return Spectrum((sizes[kept] ** 2).tolist(), directions[kept].tolist(), root.shape[1] - int(kept.sum()))


def condition_of(
    columns: Sequence[Sequence[float]], expand: Basis, curvature: float, added: Strengths
) -> float | None:
    """κ of (c/n) GᵀG + D for features given column by column; flat directions do not count."""
    table = Table(list(zip(*columns, strict=True)), len(columns))
    sizes = np.linalg.svd(_root(expand, table, curvature, added), compute_uv=False)
    kept = sizes[sizes > LOST * sizes.max(initial=0.0)]
    return float((kept[0] / kept[-1]) ** 2) if len(kept) else None


def _root(expand: Basis, table: Table, curvature: float, added: Strengths) -> Array:
    """R with RᵀR = (c/n) GᵀG + D."""
    G = np.array([[*expand(row[: table.features]), 1.0] for row in table.rows])
    ridge = np.full(G.shape[1], np.sqrt(added.l2))
    ridge[-1] *= float(added.bias)
    return np.vstack([np.sqrt(curvature / len(G)) * G, np.diag(ridge)])


def spectrum_of_matrix(hessian: Sequence[Sequence[float]] | Array) -> Spectrum:
    """Of a symmetric matrix, which may be indefinite."""
    matrix = np.asarray(hessian, dtype=float)
    values, vectors = np.linalg.eigh(0.5 * (matrix + matrix.T))
    kept = np.abs(values) > EPSILON * len(values) * np.abs(values).max(initial=0.0)
    order = [int(i) for i in np.argsort(-values) if kept[i]]
    return Spectrum([float(values[i]) for i in order], vectors.T[order].tolist(), int((~kept).sum()))


def hessian_of_cost(
    expand: Basis, cost: Choice, table: Table, added: Strengths, parameters: Sequence[float]
) -> Array | None:
    """∇²f in the user's units at some parameters, of a cost without kinks; None for other costs."""
    if cost_facts(cost).kinked is not False:
        return None
    ready, outputs = prepare(cost, table)
    whole = design(expand, ready, added)
    plain = Smooth(
        type(whole)(whole.G, whole.G, np.eye(whole.G.shape[1]), whole.l1, whole.l2, whole.targets),
        loss_of(cost, outputs),
    )
    assert plain.size == len(parameters), (plain.size, outputs)
    with np.errstate(over="ignore"):
        return plain.hessian(np.array(parameters))


def hessian_by_differences(gradient: Callable[[list[float]], list[float]], w: Sequence[float]) -> Array:
    """∇²f by central differences of the gradient: exact to rounding on a quadratic."""
    columns = []
    for j, w_j in enumerate(w):
        step = 6e-6 * max(abs(w_j), 1e-3) if w_j else 6e-6
        up, down = list(w), list(w)
        up[j], down[j] = w_j + step, w_j - step
        columns.append((np.array(gradient(up)) - np.array(gradient(down))) / (up[j] - down[j]))
    return np.array(columns)
