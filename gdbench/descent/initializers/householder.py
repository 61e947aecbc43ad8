"""QR by Householder reflections, in plain lists: a matrix is a list of its columns (Householder 1958)."""

from __future__ import annotations

from typing import List, NamedTuple, Sequence, Tuple

from gdbench.descent.iterate import norm

Vector = List[float]
_EPSILON = 2.220446049250313e-16


class Reflection(NamedTuple):
    """H = I − 2 v vᵀ / (vᵀv), where v is 0 before position `start`; it is its own inverse."""

    start: int
    v: Vector
    square: float

    def apply(self, x: Vector) -> None:
        """x ← H x, in place."""
        along = 0.0
        for i, v_i in enumerate(self.v, self.start):
            along += v_i * x[i]
        scale = 2.0 * along / self.square
        for i, v_i in enumerate(self.v, self.start):
            x[i] -= scale * v_i


def reflection(x: Sequence[float], start: int) -> Tuple[Reflection, float]:
    """H and α with H x = (x₀ … x_{start−1}, α, 0 … 0); α has the sign opposite to x_start."""
    v = list(x[start:])
    length = norm(v)
    alpha = -length if v[0] > 0 else length
    v[0] -= alpha  # equal signs: nothing cancels
    return Reflection(start, v, norm_square(v)), alpha


def norm_square(v: Vector) -> float:
    total = 0.0
    for v_i in v:
        total += v_i * v_i
    return total


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
    """The columns of Q, signs chosen so that R has a positive diagonal; A must be of full column rank.

    With this choice Q is unique, and uniform over orthogonal matrices if A is Gaussian (Mezzadri 2007).
    """
    qr, length = factor(columns), len(columns[0])
    return [_column(qr, j, length) for j in range(len(qr.columns))]


def _column(qr: QR, j: int, length: int) -> Vector:
    """Q eⱼ, turned round if R's diagonal is negative there."""
    q = [0.0] * length
    q[j] = 1.0 if qr.columns[j][j] > 0 else -1.0
    for h in reversed(qr.reflections):
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
