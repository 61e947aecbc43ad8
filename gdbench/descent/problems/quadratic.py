"""A squared error of an affine model in whole numbers: its minimum, and what it is about any point, exactly."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cached_property
from math import fsum
from operator import mul
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from gdbench.descent.numerics.exact import Step, eliminate, gram, integers, rounded, rounded_root
from gdbench.descent.numerics.householder import orthonormal
from gdbench.descent.numerics.vectors import Vector, dot
from gdbench.descent.penalties import Strengths
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms

#: Bits of a digit of a whole number.
_DIGIT = 30
#: Nanoseconds that an entry takes however few digits it has: of a table, or worked out by a basis in fractions.
_TOUCHED, _WORKED_OUT = 1000, 6000
#: What is soon made takes at most so many nanoseconds.
_SOON = 2e9
#: Rows that an effort is judged by, at the least.
_SAMPLE = 32


class Expansion(NamedTuple):
    """f about a point c: with d = w − c and e = offsets,  f = f* + ½ ‖R d + e‖²  and  ∇f = gradient + Rᵀ(R d).

    gradient: ∇f(c) = Rᵀe.  Both are rounded once.
    """

    point: Tuple[float, ...]
    gradient: Tuple[float, ...]
    offsets: Tuple[float, ...]


class Quadratic:
    """f(w) = ½ c ‖G w − y‖² / n + ½ Σⱼ λⱼ wⱼ², where G has the rows of the score's terms, without any rounding.

    With z = (w, −1), each entry divided by its column's scale, 2 K f is the sum of squares zᵀ A z in whole
    numbers, and elimination writes it as Σ (row · z)² / (pivot · earlier pivot).
    """

    def __init__(self, columns: Sequence[Sequence[Any]], curvature: float, ridge: Sequence[float]) -> None:
        """columns: those of G, then y.  curvature: c.  ridge: λⱼ of each column of G."""
        n, self.size = len(columns[0]), len(ridge)
        whole, self._scales = zip(*map(integers, columns))
        (numerator, *added), common = integers([curvature, *ridge])
        self._upper = [[numerator * product for product in row] for row in gram(whole)]
        for row, extra, scale in zip(self._upper, added, self._scales):
            row[0] += n * extra * scale * scale
        self._factor = n * common  # K
        *steps, last = [*eliminate(self._upper), None]
        of_target = steps[-1] if steps and steps[-1].column == self.size else last
        self._steps: List[Step] = steps[:-1] if of_target else steps
        self.minimum = Fraction(0)
        if of_target:
            rest = Fraction(of_target.row[0], of_target.before)
            self.minimum = rest / (2 * self._factor * self._scales[-1] * self._scales[-1])

    @property
    def rank(self) -> int:
        return len(self._steps)

    @property
    def first(self) -> Tuple[int, ...]:
        """Where each row of R begins."""
        return tuple(step.column for step in self._steps)

    @cached_property
    def triangle(self) -> Tuple[Tuple[float, ...], ...]:
        """The rows of R with RᵀR = ∇²f, each from its diagonal on, every entry rounded once."""
        return tuple(
            tuple(
                rounded_root(value, self._square(step) * scale * scale)
                for value, scale in zip(step.row, self._scales[step.column : self.size])
            )
            for step in self._steps
        )

    def about(self, point: Sequence[float]) -> Expansion:
        """The expansion about a point of floats."""
        z, common = self._scaled(point)
        offsets = (
            rounded_root(sum(map(mul, step.row, z[step.column :])), self._square(step) * common * common)
            for step in self._steps
        )
        slopes = (
            rounded(Fraction(sum(map(mul, self._row(j), z)), self._factor * common * self._scales[j]))
            for j in range(self.size)
        )
        return Expansion(tuple(point), tuple(slopes), tuple(offsets))

    def cost(self, point: Sequence[float]) -> Fraction:
        """f there."""
        z, common = self._scaled(point)
        total = sum(z_j * sum(map(mul, self._row(j), z)) for j, z_j in enumerate(z))
        return Fraction(total, 2 * self._factor * common * common)

    def minimiser(self, start: Sequence[float]) -> Tuple[float, ...]:
        """The minimiser, rounded; where there are many, the one that is nearest to the start.

        Raises OverflowError where what leads to it is beyond the largest float.
        """
        free = sorted(set(range(self.size)) - set(self.first))
        if not free:
            return self._solved({})
        any_one = self._solved(dict.fromkeys(free, 0.0))
        away = [w_j - s_j for w_j, s_j in zip(any_one, start)]
        nearest = list(start)
        for q in orthonormal(self._rows_as_columns()):
            share = dot(q, away)
            nearest = [w_j + share * q_j for w_j, q_j in zip(nearest, q)]
        if not all(map(math.isfinite, nearest)):
            raise OverflowError("a direction of the minimisers is beyond the largest float")
        return self._solved({j: nearest[j] for j in free})

    def _solved(self, given: Dict[int, float]) -> Tuple[float, ...]:
        """The minimiser with these parameters as given, the others by substitution from the last row on.

        By Cramer's rule the last pivot times any unknown is whole where what is given is.
        """
        known = [Fraction(value) / self._scales[j] for j, value in given.items()]
        (target, *known_whole), common = integers([Fraction(1, self._scales[-1]), *known])
        last = self._steps[-1].row[0] if self._steps else 1
        u = [0] * self.size
        for j, value in zip(given, known_whole):
            u[j] = value * last
        for step in reversed(self._steps):
            pivot, *coefficients, moment = step.row
            rest = moment * target * last - sum(map(mul, coefficients, u[step.column + 1 :]))
            u[step.column] = rest // pivot
        return tuple(rounded(Fraction(u_j * s, common * last)) for u_j, s in zip(u, self._scales))

    def _rows_as_columns(self) -> List[Vector]:
        return [[0.0] * start + list(row) for start, row in zip(self.first, self.triangle)]

    def _scaled(self, point: Sequence[float]) -> Tuple[List[int], int]:
        """z as whole numbers, and what they are multiplied by."""
        return integers([Fraction(w) / s for w, s in zip([*point, -1.0], self._scales)])

    def _square(self, step: Step) -> int:
        return step.row[0] * step.before * self._factor

    def _row(self, j: int) -> List[int]:
        return [*(self._upper[i][j - i] for i in range(j)), *self._upper[j]]


def quadratic_of(expand: Terms, curvature: float, added: Strengths, table: Table) -> Quadratic:
    """The mean of ½ c (w · row − y)² over the table, plus a penalty with no 1-norm."""
    d = table.features
    columns = list(zip(*(expanded(expand, row[:d]) for row in table.rows)))
    targets = [row[d] for row in table.rows]
    return Quadratic([*columns, targets], curvature, expand.ridge(added, len(columns)))


def affordable(expand: Terms, table: Table) -> bool:
    """Whether a `Quadratic` is soon made."""
    return effort(expand, table, _SOON) <= _SOON


def effort(expand: Terms, table: Table, most: float = math.inf) -> float:
    """About how many nanoseconds CPython takes to make the `Quadratic` of a table, judged by a few rows.

    most: where it is certainly more, the rows are not looked at, and a lesser number than it takes comes back.
    """
    size = len(expand(table.rows[0][: table.features])) + 1
    least = _eliminating(size, 2.0)
    if least > most:
        return least
    n, step = len(table.rows), max(1, len(table.rows) // _SAMPLE)
    rows = [expanded(expand, row[: table.features]) for row in table.rows[::step]]
    columns = [integers(column)[0] for column in zip(*rows)]
    widest = max((max(map(abs, column)).bit_length() for column in columns), default=0)
    digits = widest / _DIGIT + 1
    product = 2 * digits + n.bit_length() / _DIGIT
    touched = _TOUCHED if rows[0] == expand.row(table.rows[0][: table.features]) else _WORKED_OUT
    laying_out = n * size * (touched + size * product * digits / 2)
    return laying_out + _eliminating(size, product)


def _eliminating(size: int, product: float) -> float:
    """Entry by entry, in numbers that grow by one product with every step. product: its digits."""
    return fsum((size - k) * (size - k) * (k * product) * (k * product) + _TOUCHED for k in range(size))


def expanded(expand: Terms, x: Sequence[float]) -> List[Any]:
    """The row of x without rounding, so that powers are exact as well."""
    found = expand.basis(x)
    return expand.row(found if tuple(found) == tuple(x) else expand.basis([Fraction(v) for v in x]))
