"""What columns of floats have to do with one another, exactly: their products as whole numbers, and their rank.

Singular values of the root of GᵀG keep the digits that those of a rounded product lose.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterator, Sequence
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from random import Random

from gdbench.descent.numerics.exact import gram

#: Digits of the factor before it is rounded; a pivot below `_ABSENT` of the first is what rounding leaves of 0.
_CONTEXT = Context(prec=60, Emin=-999_999, Emax=999_999)
_ABSENT = Decimal("1e-50")

#: Rank is looked for modulo this, which sees it too low once in 2⁶¹.
PRIME = (1 << 61) - 1
#: So many random sums of rows, more than there are columns, have less than the rows' own rank once in 2⁴⁰.
SPARE = 40


def root_of(columns: Sequence[Sequence[float]], factor: Fraction, added: Sequence[float]) -> list[list[float]]:
    """The rows of R with RᵀR = factor · GᵀG + diag(added), each entry rounded once; as many as its rank."""
    with localcontext(_CONTEXT):
        return [[float(value) for value in row] for row in _cholesky(_hessian(columns, factor, added))]


def _hessian(
    columns: Sequence[Sequence[float]], factor: Fraction, added: Sequence[float]
) -> list[list[Decimal]]:
    whole, exponents = zip(*map(_integers, columns), strict=True)
    share = Decimal(factor.numerator) / Decimal(factor.denominator)
    scales = [Decimal(2) ** -exponent for exponent in exponents]
    hessian = [
        [share * product * s_i * s_j for product, s_j in zip(products, scales, strict=True)]
        for products, s_i in zip(products_of(whole), scales, strict=True)
    ]
    for j, ridge in enumerate(added):
        hessian[j][j] += Decimal(ridge)
    return hessian


def products_of(columns: Sequence[Sequence[int]]) -> list[list[int]]:
    """Each column times each: XᵀX of whole numbers."""
    upper = gram(columns)
    every = range(len(columns))
    return [[upper[min(i, j)][abs(i - j)] for j in every] for i in every]


def side_by_side(columns: Sequence[Sequence[int]], room: int) -> list[int]:
    """One integer for each row, its numbers `room` bits from one another, the first lowest."""
    packed = [0] * len(columns[0])
    for column in reversed(columns):
        packed = [(p << room) + value for p, value in zip(packed, column, strict=True)]
    return packed


def apart(packed: int, room: int, count: int) -> list[int]:
    """The numbers that stand side by side, which may be negative."""
    parts, half, mask = [], 1 << room - 1, (1 << room) - 1
    for _ in range(count):
        part = ((packed + half) & mask) - half
        parts.append(part)
        packed = (packed - part) >> room
    return parts


def _integers(column: Sequence[float]) -> tuple[list[int], int]:
    """(whole numbers, k): the column times 2ᵏ, nothing rounded."""
    pairs = [value.as_integer_ratio() for value in column]
    exponent = max(denominator for _, denominator in pairs).bit_length() - 1
    return [numerator << exponent - denominator.bit_length() + 1 for numerator, denominator in pairs], exponent


def _cholesky(a: list[list[Decimal]]) -> list[list[Decimal]]:
    """R with RᵀR = A, the largest pivot first: its rows are then as good as orthogonal to begin with."""
    left, rows = list(range(len(a))), []
    first = max((a[j][j] for j in left), default=Decimal(0))
    while left:
        k = max(left, key=lambda j: a[j][j])  # the first of equals
        if a[k][k] <= _ABSENT * first:
            break
        left.remove(k)
        size = a[k][k].sqrt()
        row = [Decimal(0)] * len(a)
        row[k] = size
        for j in left:
            row[j] = a[k][j] / size
        for i in left:
            r_i, a_i = row[i], a[i]
            if r_i:
                for j in left:
                    a_i[j] -= r_i * row[j]
        rows.append(row)
    return rows


def scaled(rows: list[list[float]]) -> tuple[list[list[float]], int]:
    """(R · 2⁻ᵏ, k), its largest entry near 1."""
    _, exponent = math.frexp(max((abs(value) for row in rows for value in row), default=0.0))
    return [[math.ldexp(value, -exponent) for value in row] for row in rows], exponent


def independent(rows: Sequence[Sequence[int]]) -> list[int]:
    """The columns that depend on none before them, by elimination."""
    columns = [j for j, column in enumerate(zip(*rows, strict=True)) if any(column)]
    reduced: list[tuple[int, list[int]]] = []
    for row in _sums(rows) if len(rows) > len(columns) + SPARE else rows:
        rest = [row[j] % PRIME for j in columns]
        for lead, unit in reduced:
            if factor := rest[lead]:
                rest = [(a - factor * b) % PRIME for a, b in zip(rest, unit, strict=True)]
        found = next((j for j, value in enumerate(rest) if value), None)
        if found is not None:
            inverse = pow(rest[found], -1, PRIME)
            insort(reduced, (found, [value * inverse % PRIME for value in rest]))
        if len(reduced) == len(columns):
            break
    return [columns[j] for j, _ in reduced]


def _sums(rows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Of rows chosen by coins."""
    width, coins = len(rows[0]), Random(0)  # noqa: S311  any coins will do, if they are the same ones
    room = max(abs(value).bit_length() for row in rows for value in row) + len(rows).bit_length() + 1
    packed = side_by_side(list(zip(*rows, strict=True)), room)
    for _ in range(width + SPARE):
        chosen = coins.getrandbits(len(rows))
        yield apart(sum(row for i, row in enumerate(packed) if chosen >> i & 1), room, width)
