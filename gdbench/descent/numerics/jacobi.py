"""Eigenvalues and eigenvectors by Jacobi's rotations from one side, with the same bits on every interpreter.

A rotation of two rows of R leaves RᵀR as it is; when all rows are orthogonal, each is σ vᵀ, and the σ² and v
are RᵀR's eigenvalues and eigenvectors (Hestenes 1958). Small σ keep their relative accuracy, which
methods that form RᵀR or reduce R to two diagonals lose (Demmel & Veselić 1992).
"""

from __future__ import annotations

import math
from operator import mul
from typing import List, Sequence, Tuple

from gdbench.descent.numerics.eigenvalues import Matrix
from gdbench.descent.numerics.vectors import Vector

_EPSILON = 2.220446049250313e-16
#: Five to ten sweeps are usual.
_MOST_SWEEPS = 60

#: σ and v of σ vᵀ.
Pair = Tuple[float, Vector]


def singular_pairs(rows: Matrix) -> List[Pair]:
    """The singular values of R, from the largest down, and its right singular vectors.

    Rows that are 0 (to rounding, of the largest) have no direction and are left out. Entries should be near 1
    in size, so that no square leaves the range.
    """
    kept = _orthogonal([list(row) for row in rows])
    sizes = [math.sqrt(_dot(row, row)) for row in kept]
    pairs = [(size, _turned([r / size for r in row])) for size, row in zip(sizes, kept) if size > 0.0]
    return sorted(pairs, key=lambda pair: -pair[0])


def eigen_pairs(symmetric: Matrix) -> List[Pair]:
    """The eigenvalues of a symmetric matrix, from the largest down, and its eigenvectors.

    A + 2‖A‖I has the same vectors and is well conditioned; the values are Rayleigh's vᵀAv, with an absolute
    error of a few roundings of the largest.
    """
    reach = max(math.fsum(map(abs, row)) for row in symmetric)
    if reach == 0.0:
        size = len(symmetric)
        return [(0.0, [float(i == j) for i in range(size)]) for j in range(size)]
    _, exponent = math.frexp(reach)  # a power of two, which changes no digit and keeps squares in range
    scaled = [[math.ldexp(value, -exponent) for value in row] for row in symmetric]
    raised = [[a + 2.0 * (i == j) for j, a in enumerate(row)] for i, row in enumerate(scaled)]
    vectors = [v for _, v in singular_pairs(raised)]
    values = [_dot(v, [_dot(row, v) for row in scaled]) for v in vectors]
    pairs = [(math.ldexp(value, exponent), v) for value, v in zip(values, vectors)]
    return sorted(pairs, key=lambda pair: -pair[0])


def _orthogonal(rows: Matrix) -> Matrix:
    """Sweep over all pairs until each is orthogonal to rounding."""
    rows.sort(key=lambda row: -_dot(row, row))  # the largest first: fewer sweeps (de Rijk 1989)
    squares, enough = [_dot(row, row) for row in rows], _EPSILON * math.sqrt(len(rows))
    for _ in range(_MOST_SWEEPS):
        turned = False
        for i in range(len(rows) - 1):
            for j in range(i + 1, len(rows)):
                product = _dot(rows[i], rows[j])
                if abs(product) > enough * math.sqrt(squares[i]) * math.sqrt(squares[j]):
                    rows[i], rows[j] = _rotated(rows[i], rows[j], squares[j] - squares[i], product)
                    squares[i], squares[j] = _dot(rows[i], rows[i]), _dot(rows[j], rows[j])
                    turned = True
        if not turned:
            break
    return rows


def _rotated(a: Vector, b: Vector, difference: float, product: float) -> Tuple[Vector, Vector]:
    """Both turned in their plane until orthogonal, by the smaller of the two angles (Rutishauser 1966)."""
    zeta = difference / (2.0 * product)
    if abs(zeta) < 1e100:
        t = math.copysign(1.0 / (abs(zeta) + math.sqrt(1.0 + zeta * zeta)), zeta)
    else:
        t = 0.5 / zeta
    c = 1.0 / math.sqrt(1.0 + t * t)
    s = c * t
    return [c * x - s * y for x, y in zip(a, b)], [s * x + c * y for x, y in zip(a, b)]


def _turned(v: Vector) -> Vector:
    """± v, its largest entry (the first of equals) positive: an eigenvector has no sign of its own."""
    largest = max(v, key=abs)
    return v if largest > 0.0 else [-x for x in v]


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return math.fsum(map(mul, a, b))
