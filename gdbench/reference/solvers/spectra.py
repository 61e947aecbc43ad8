"""Eigenvalues of Hessians, for what is shown and predicted: by our own arithmetic, to the last bit.

Where that would take seconds, LAPACK finds them, and they are rounded to the digits in which its
versions agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from gdbench.descent.costs import cost_facts
from gdbench.descent.kernels.definition import prepare
from gdbench.descent.numerics.eigenvalues import eigen_pairs, singular_pairs
from gdbench.descent.penalties import Strengths
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms
from gdbench.descent.registry import Choice
from gdbench.reference.digits.gram import root_of, scaled
from gdbench.reference.digits.rounding import held, significant
from gdbench.reference.solvers.continuation import loss_of
from gdbench.reference.solvers.design import Array, design
from gdbench.reference.solvers.smooth import Smooth

EPSILON = float(np.finfo(float).eps)
#: Singular values below this share of the largest have no digit that can be trusted.
LOST = 1e-12
#: Our own arithmetic serves up to so many columns, and so many numbers in a table: about a second.
MOST_COLUMNS, MOST_NUMBERS = 100, 150_000


class Spectrum(NamedTuple):
    """Eigenvalues from the largest down, those lost in rounding left out, and their unit eigenvectors.

    flat: how many were left out.
    """

    eigenvalues: list[float]
    directions: list[list[float]]
    flat: int


def spectrum_of_columns(expand: Terms, table: Table, curvature: float, added: Strengths) -> Spectrum:
    """Of (c/n) GᵀG + D, by singular values of its root, which keep the digits that the product loses."""
    G = [expand(row[: table.features]) for row in table.rows]
    width = len(G[0])
    ridge = expand.ridge(added, width)
    if width > MOST_COLUMNS or len(G) * width > MOST_NUMBERS:
        _, sizes, directions = np.linalg.svd(_root(np.array(G), curvature, ridge), full_matrices=False)
        squares = [held(float(s), float(sizes[0])) ** 2 for s in sizes if s > LOST * sizes[0]]
        return Spectrum(squares, _coarse(directions[: len(squares)]), width - len(squares))
    root, exponent = scaled(root_of(list(zip(*G, strict=True)), Fraction(curvature) / len(G), ridge))
    pairs = singular_pairs(root)
    kept = [(size, v) for size, v in pairs if size > LOST * pairs[0][0]]
    try:
        values = [math.ldexp(size * size, 2 * exponent) for size, _ in kept]
    except OverflowError:
        return Spectrum([], [], 0)
    return Spectrum(values, [v for _, v in kept], width - len(kept))


def condition_of(
    columns: Sequence[Sequence[float]], expand: Terms, curvature: float, added: Strengths
) -> float | None:
    """κ of (c/n) GᵀG + D for features given column by column, to the digits that hold; flat directions do not
    count.
    """
    table = Table(list(zip(*columns, strict=True)), len(columns))
    G = np.array([expand(row) for row in table.rows])
    sizes = np.linalg.svd(_root(G, curvature, expand.ridge(added, G.shape[1])), compute_uv=False)
    kept = sizes[sizes > LOST * sizes.max(initial=0.0)].tolist()
    return significant((kept[0] / held(kept[-1], kept[0])) ** 2) if kept else None


def _root(G: Array, curvature: float, ridge: Sequence[float]) -> Array:
    """R with RᵀR = (c/n) GᵀG + D."""
    return np.vstack([np.sqrt(curvature / len(G)) * G, np.diag(np.sqrt(ridge))])


def spectrum_of_matrix(hessian: Sequence[Sequence[float]]) -> Spectrum:
    """Of a symmetric matrix, which may be indefinite."""
    matrix = [[0.5 * (a + b) for a, b in zip(*pair, strict=True)] for pair in _with_columns(hessian)]
    if len(matrix) <= MOST_COLUMNS:
        values, vectors = zip(*eigen_pairs(matrix), strict=True)
    else:
        found, columns = np.linalg.eigh(np.array(matrix))
        top = float(np.abs(found).max())
        values, vectors = tuple(held(x, top) for x in found[::-1].tolist()), tuple(_coarse(columns.T[::-1]))
    lost = EPSILON * len(values) * max(map(abs, values))
    kept = [i for i, value in enumerate(values) if abs(value) > lost]
    return Spectrum([values[i] for i in kept], [vectors[i] for i in kept], len(values) - len(kept))


def values_of_matrix(hessian: Array) -> list[float]:
    """The eigenvalues of a symmetric matrix that sums of floats made, to the digits that hold."""
    values = np.linalg.eigvalsh(0.5 * (hessian + hessian.T))[::-1].tolist()
    top = max(map(abs, values))
    return [held(value, top) for value in values if abs(value) > EPSILON * len(values) * top]


def _with_columns(matrix: Sequence[Sequence[float]]) -> Iterator[tuple[Sequence[float], Sequence[float]]]:
    return zip(matrix, zip(*matrix, strict=True), strict=True)


def _coarse(vectors: Array) -> list[list[float]]:
    """Unit vectors to 9 decimals, the largest entry (the first of equals) positive."""
    rounded = np.round(vectors, 9)
    turned = [row if row[np.abs(row).argmax()] > 0.0 else -row for row in rounded]
    return [(row + 0.0).tolist() for row in turned]


def hessian_of_cost(
    expand: Terms, cost: Choice, table: Table, added: Strengths, parameters: Sequence[float]
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
