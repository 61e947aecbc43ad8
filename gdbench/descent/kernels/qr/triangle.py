"""Householder's QR decomposition: n rows of a least-squares problem become a triangle of at most p rows."""

from __future__ import annotations

from typing import List, NamedTuple, Tuple

from gdbench.descent.numerics.householder import reflection
from gdbench.descent.numerics.vectors import Vector, dot
from gdbench.descent.problems.table import Row


class Triangle(NamedTuple):
    """[R c] and what no w removes: ‖[G 1] w − y‖² = ‖R w − c‖² + rest.

    rows: row i is (Rᵢᵢ, …, Rᵢ,ₚ₋₁, cᵢ), without the zeros before the diagonal; at most p of them.
    """

    rows: Tuple[Row, ...]
    rest: float


def triangle_of(columns: List[Vector]) -> Triangle:
    """The triangle of p columns and the target, one reflection a column."""
    found: List[List[float]] = []
    *rest, y = columns
    for k in range(min(len(rest), len(y))):
        h, diagonal = reflection(rest[k], k)
        for column in (*rest[k + 1 :], y):
            h.apply(column)
        found.append([diagonal, *[column[k] for column in (*rest[k + 1 :], y)]])
    below = y[len(found) :]
    return Triangle(tuple(tuple(row) for row in found), dot(below, below))
