"""Orthonormal columns by Householder's reflections, and from them a random rotation."""

from __future__ import annotations

import math
from random import Random
from typing import List, Sequence

Vector = List[float]


def orthonormal(columns: Sequence[Sequence[float]]) -> List[Vector]:
    """The d columns q₁ … q_d of Q in the factorization A = QR, to machine precision whatever A's condition.

    Q = H₁ ⋯ H_d with Hₖ = I − 2vvᵀ, ‖v‖ = 1, the reflection that takes the rest of column k to an axis
    (Householder 1958). A column of zeros gives a direction of its own.
    columns: d of them, of n ≥ d entries each.
    """
    rest = [list(column) for column in columns]
    n = len(rest[0])
    mirrors: List[Vector] = []
    for k in range(len(rest)):
        mirrors.append(_mirror(rest[k], k))
        for column in rest[k + 1 :]:
            _reflect(column, mirrors[k], k)
    found = []
    for k in range(len(rest)):
        q = [0.0] * n
        q[k] = 1.0
        for j in range(k, -1, -1):
            _reflect(q, mirrors[j], j)
        found.append(q)
    return found


def rotation(size: int, random: Random) -> List[Vector]:
    """A rotation drawn uniformly (Haar) from all of them, as rows: orthonormal, determinant +1.

    The Q of a matrix of normals with random signs of its columns (Stewart 1980). Drawn in this order:
    the matrix, column by column, then a sign for all columns but the last.
    """
    drawn = [[random.gauss(0.0, 1.0) for _ in range(size)] for _ in range(size)]
    columns = orthonormal(drawn)
    determinant = 1.0 if size % 2 == 0 else -1.0  # each of the reflections turns it over
    for column in columns[:-1]:
        if random.random() < 0.5:
            determinant = -determinant
            column[:] = [-value for value in column]
    if determinant < 0.0:
        columns[-1] = [-value for value in columns[-1]]
    return [list(row) for row in zip(*columns)]


def _mirror(column: Vector, k: int) -> Vector:
    """v for entries k … n−1: (a + sgn(aₖ)‖a‖ eₖ), to length 1; the sign avoids cancellation."""
    a = column[k:]
    length = math.sqrt(math.fsum(value * value for value in a))
    a[0] += length if a[0] >= 0.0 else -length
    size = math.sqrt(math.fsum(value * value for value in a))
    return [value / size for value in a] if size > 0.0 else [1.0] + [0.0] * (len(a) - 1)


def _reflect(column: Vector, v: Vector, k: int) -> None:
    """column ← (I − 2vvᵀ) column, on its entries from k on."""
    twice = 2.0 * math.fsum(v_i * c_i for v_i, c_i in zip(v, column[k:]))
    for i, v_i in enumerate(v):
        column[k + i] -= twice * v_i
