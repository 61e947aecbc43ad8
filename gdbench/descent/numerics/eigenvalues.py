"""A symmetric matrix's spectrum, its ends to the last bit, with the same bits on every interpreter.

With eigenvectors by Jacobi's rotations from one side: a rotation of two rows of R leaves RᵀR as it is; when all
rows are orthogonal, each is σ vᵀ, and the σ² and v are RᵀR's eigenvalues and eigenvectors (Hestenes 1958).
Small σ keep their relative accuracy, which methods that form RᵀR or reduce R to two diagonals lose (Demmel &
Veselić 1992).
"""

from __future__ import annotations

import math
from operator import mul
from typing import List, Sequence, Tuple

from gdbench.descent.numerics.vectors import Vector

Matrix = List[List[float]]

_EPSILON = 2.220446049250313e-16
#: Five to ten sweeps are usual.
_MOST_SWEEPS = 60

#: σ and v of σ vᵀ.
Pair = Tuple[float, Vector]


def largest_eigenvalue(symmetric: Matrix) -> float:
    """λ_max of a symmetric matrix, from above to the last bit of its tridiagonal form.

    λ_max < t exactly when all pivots of T − tI are negative (Sylvester 1852; Givens 1954). Needs a
    sixth of the arithmetic of Jacobi's rotations, and gives the same bits everywhere.
    """
    diagonal, beside = _tridiagonal([list(row) for row in symmetric])
    reach = [abs(a) + abs(b) for a, b in zip([0.0, *beside], [*beside, 0.0])]
    low, high = max(diagonal), max(d + r for d, r in zip(diagonal, reach))
    high += 1e-15 * abs(high)
    while True:
        middle = low + 0.5 * (high - low)
        if not low < middle < high:
            return high
        if _all_below(diagonal, beside, middle):
            high = middle
        else:
            low = middle


def smallest_eigenvalue(symmetric: Matrix) -> float:
    """λ_min = −λ_max(−A), with an absolute error of a few roundings of the largest eigenvalue."""
    return -largest_eigenvalue([[-value for value in row] for row in symmetric])


def _all_below(diagonal: List[float], beside: List[float], t: float) -> bool:
    pivot = diagonal[0] - t
    for d, e in zip(diagonal[1:], beside):
        if pivot >= 0.0:
            return False
        pivot = (d - t) - e * (e / pivot)
    return pivot < 0.0


def _tridiagonal(a: Matrix) -> Tuple[List[float], List[float]]:
    """Householder's reduction (1958): A ← (I − βvvᵀ) A (I − βvvᵀ), column after column; uses `a` up."""
    size = len(a)
    beside = []
    for k in range(size - 1):
        rest = range(k + 1, size)
        v = [a[i][k] for i in rest]
        length = math.sqrt(math.fsum(map(mul, v, v)))
        beside.append(-length if v[0] > 0.0 else length)
        v[0] -= beside[-1]
        square = math.fsum(map(mul, v, v))
        if square > 0.0:
            _reflect(a, k + 1, v, 2.0 / square)
    return [a[i][i] for i in range(size)], beside


def _reflect(a: Matrix, first: int, v: List[float], beta: float) -> None:
    """A ← A − vqᵀ − qvᵀ on the block from `first` on, with p = βAv and q = p − ½β(pᵀv)v."""
    block = [row[first:] for row in a[first:]]
    p = [beta * math.fsum(map(mul, row, v)) for row in block]
    half = 0.5 * beta * math.fsum(map(mul, p, v))
    q = [p_i - half * v_i for p_i, v_i in zip(p, v)]
    for i, row in enumerate(block):
        v_i, q_i = v[i], q[i]
        a[first + i][first:] = [a_ij - v_i * q_j - q_i * v_j for a_ij, q_j, v_j in zip(row, q, v)]


# --- eigenvectors


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
