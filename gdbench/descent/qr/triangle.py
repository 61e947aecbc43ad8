"""Householder's QR decomposition: n rows of a least-squares problem become a triangle of at most p rows."""

from __future__ import annotations

import math
from typing import List, NamedTuple, Sequence, Tuple

from gdbench.descent.table import Row

Vector = List[float]


class Triangle(NamedTuple):
    """[R c] and what no w removes: ‖[G 1] w − y‖² = ‖R w − c‖² + rest.

    rows: row i is (Rᵢᵢ, …, Rᵢ,ₚ₋₁, cᵢ), without the zeros before the diagonal; at most p of them.
    """

    rows: Tuple[Row, ...]
    rest: float


def triangle_of(columns: List[Vector]) -> Triangle:
    """The triangle of p columns and the target, one reflection a column (Householder 1958).

    v = x + sgn(x₁) ‖x‖ e₁ and H = I − v vᵀ / (‖x‖ (‖x‖ + |x₁|)) take x to −sgn(x₁) ‖x‖ e₁.
    """
    found: List[List[float]] = []
    *rest, y = columns
    for k in range(min(len(rest), len(y))):
        v = rest[k][k:]
        length = math.sqrt(dot(v, v))
        if length > 0.0:
            scale = length * (length + abs(v[0]))
            diagonal = -length if v[0] > 0.0 else length
            v[0] -= diagonal
            for column in (*rest[k + 1 :], y):
                share = dot(v, column[k:]) / scale
                column[k:] = [c_i - share * v_i for c_i, v_i in zip(column[k:], v)]
            rest[k][k] = diagonal
        found.append([column[k] for column in (*rest[k:], y)])
    below = y[len(found) :]
    return Triangle(tuple(tuple(row) for row in found), dot(below, below))


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    total = 0.0
    for a_i, b_i in zip(a, b):
        total += a_i * b_i
    return total
