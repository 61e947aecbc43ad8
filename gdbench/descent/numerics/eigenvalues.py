"""The ends of a symmetric matrix's spectrum, to the last bit and with the same bits on every interpreter."""

from __future__ import annotations

import math
from operator import mul
from typing import List, Tuple

Matrix = List[List[float]]


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
