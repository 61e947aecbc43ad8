"""Random rotations: orthogonal matrices as products of Householder reflections, from a seed."""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random
from typing import List, Tuple


@lru_cache(maxsize=16)
def rotation(size: int, seed: int) -> Tuple[Tuple[float, ...], ...]:
    """Q = H_size ⋯ H₂, orthogonal to rounding, its rows but for their signs uniform  (Stewart 1980).

    H_k = I − 2uuᵀ/uᵀu reflects the last k coordinates, u = v + sgn(v₁)‖v‖e₁, v ~ N(0, I_k), drawn in the
    order k = size, …, 2.
    size: rows and columns, ≥ 1.  seed: of the one generator used.
    """
    random = Random(seed)
    matrix = [[1.0 if i == j else 0.0 for j in range(size)] for i in range(size)]
    for k in range(size, 1, -1):
        _reflect(matrix, _mirror([random.gauss(0.0, 1.0) for _ in range(k)]))
    return tuple(tuple(row) for row in matrix)


def _mirror(v: List[float]) -> List[float]:
    """√2·u/‖u‖, so that the reflection is I − uuᵀ; the sign is the one that cancels no digits."""
    length = math.sqrt(_dot(v, v))
    u = [v[0] + (length if v[0] >= 0.0 else -length)] + v[1:]
    scale = math.sqrt(2.0 / _dot(u, u))
    return [scale * u_j for u_j in u]


def _reflect(matrix: List[List[float]], u: List[float]) -> None:
    """Q ← Q (I − uuᵀ), on the last len(u) columns."""
    first = len(matrix) - len(u)
    for row in matrix:
        along = _dot(row[first:], u)
        for j, u_j in enumerate(u):
            row[first + j] -= along * u_j


def _dot(a: List[float], b: List[float]) -> float:
    total = 0.0
    for a_j, b_j in zip(a, b):
        total += a_j * b_j
    return total
