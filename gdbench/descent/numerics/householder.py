"""QR by Householder reflections, in plain lists: a matrix is a list of its columns (Householder 1958)."""

from __future__ import annotations

import math
from random import Random
from typing import List, NamedTuple, Sequence, Tuple

from gdbench.descent.numerics.vectors import Vector, dot, norm

_EPSILON = 2.220446049250313e-16


class Reflection(NamedTuple):
    """H = I − 2 v vᵀ / (vᵀv), where v is 0 before position `start`; it is its own inverse."""

    start: int
    v: Vector
    square: float

    def apply(self, x: Vector) -> None:
        """x ← H x, in place."""
        tail = x[self.start :]
        scale = 2.0 * dot(self.v, tail) / self.square
        x[self.start :] = [x_i - scale * v_i for x_i, v_i in zip(tail, self.v)]


def reflection(x: Sequence[float], start: int) -> Tuple[Reflection, float]:
    """H and α with H x = (x₀ … x_{start−1}, α, 0 … 0); α has the sign opposite to x_start.

    Where x is 0 from `start` on, H turns that axis round, and α is 0.
    """
    largest = max(abs(x_i) for x_i in x[start:])
    if largest == 0.0:
        return Reflection(start, [1.0] + [0.0] * (len(x) - start - 1), 1.0), 0.0
    _, exponent = math.frexp(largest)  # a power of two, which changes no digit and keeps squares in range
    v = [math.ldexp(x_i, -exponent) for x_i in x[start:]]
    alpha = -norm(v) if v[0] > 0 else norm(v)
    v[0] -= alpha  # equal signs: nothing cancels
    return Reflection(start, v, dot(v, v)), math.ldexp(alpha, exponent)


class QR(NamedTuple):
    """A = Q R: the reflections whose product is Q, the columns of A that are independent, and R's columns.

    A column that is a combination of those before it, to rounding, is not among `independent`.
    """

    reflections: List[Reflection]
    independent: List[int]
    columns: List[Vector]


def factor(columns: Sequence[Sequence[float]]) -> QR:
    """Householder QR; linearly dependent columns are passed over."""
    qr = QR([], [], [])
    for j, column in enumerate(columns):
        x, rank = list(column), len(qr.reflections)
        for h in qr.reflections:
            h.apply(x)
        if rank == len(x) or norm(x[rank:]) <= len(x) * _EPSILON * norm(x):
            continue
        h, x[rank] = reflection(x, rank)
        qr.reflections.append(h)
        qr.independent.append(j)
        qr.columns.append(x[: rank + 1])
    return qr


def orthonormal(columns: Sequence[Sequence[float]]) -> List[Vector]:
    """The columns of Q in A = Q R, signs chosen so that R's diagonal is positive.

    With this choice Q is unique for independent columns, and uniform over orthogonal matrices if they are
    Gaussian (Mezzadri 2007). A column that depends on those before it gives a direction of its own.
    """
    return _orthonormal(columns)[0]


def rotation(size: int, random: Random) -> List[Vector]:
    """A rotation drawn uniformly (Haar) from all of them, as rows: orthonormal, determinant +1.

    The Q of a matrix of normals, drawn column by column (Stewart 1980), its last column turned round if it
    mirrors.
    """
    columns, determinant = _orthonormal([[random.gauss(0.0, 1.0) for _ in range(size)] for _ in range(size)])
    if determinant < 0.0:
        columns[-1] = [-value for value in columns[-1]]
    return [list(row) for row in zip(*columns)]


def _orthonormal(columns: Sequence[Sequence[float]]) -> Tuple[List[Vector], float]:
    """(the columns of Q, its determinant if it is square)."""
    reflections: List[Reflection] = []
    signs: List[float] = []
    determinant = 1.0
    for k, column in enumerate(columns):
        x = list(column)
        for h in reflections:
            h.apply(x)
        h, alpha = reflection(x, k)
        reflections.append(h)
        signs.append(-1.0 if alpha < 0.0 else 1.0)
        determinant *= -signs[-1]  # a reflection has −1
    return [_column(reflections, sign, k, len(columns[0])) for k, sign in enumerate(signs)], determinant


def _column(reflections: Sequence[Reflection], sign: float, k: int, length: int) -> Vector:
    """± Q eₖ."""
    q = [0.0] * length
    q[k] = sign
    for h in reversed(reflections[: k + 1]):  # those that begin later find nothing but zeros there
        h.apply(q)
    return q


def least_squares(qr: QR, size: int, y: Sequence[float]) -> Vector:
    """argmin ‖A w − y‖₂ by R w = Qᵀy; a column that depends on those before it gets 0.

    size: the number of A's columns.
    """
    rest = list(y)
    for h in qr.reflections:
        h.apply(rest)
    w = [0.0] * size
    for i in range(len(qr.columns) - 1, -1, -1):
        column = qr.columns[i]
        w_i = w[qr.independent[i]] = rest[i] / column[i]
        for k in range(i):
            rest[k] -= w_i * column[k]
    return w
