"""Sums of squares in whole numbers: a float is one times a power of two, so only the end is rounded."""

from __future__ import annotations

import math
from fractions import Fraction
from operator import mul
from typing import List, NamedTuple, Sequence, Tuple, Union

Rational = Union[int, float, Fraction]

#: Digits of a root before it is rounded: more than twice those of a float.
_DIGITS = 128


def integers(values: Sequence[Rational]) -> Tuple[List[int], int]:
    """(values · scale, scale), where scale is the least whole number that makes all of them whole."""
    pairs = [value.as_integer_ratio() for value in values]
    scale = math.lcm(*{denominator for _, denominator in pairs})
    return [numerator * (scale // denominator) for numerator, denominator in pairs], scale


def gram(columns: Sequence[Sequence[int]]) -> List[List[int]]:
    """The products of all pairs of columns; row i holds those of column i with itself and the ones after it.

    The numbers of a row of data are laid side by side in one long number, so that one multiplication makes
    as many products as there are columns; 10 times as quick as one by one.
    """
    widths = [max(map(abs, column)).bit_length() for column in columns]
    spare = max(widths) + len(columns[0]).bit_length() + 2
    packed = [0] * len(columns[0])
    found: List[List[int]] = []
    for k in reversed(range(len(columns))):
        slot = widths[k] + spare
        packed = [(rest << slot) + value for rest, value in zip(packed, columns[k])]
        found.append(_unpacked(sum(map(mul, columns[k], packed)), [width + spare for width in widths[k:]]))
    return found[::-1]


def _unpacked(total: int, slots: Sequence[int]) -> List[int]:
    """The signed numbers that were added up side by side."""
    found = []
    for slot in slots:
        value = total & ((1 << slot) - 1)
        if value >> (slot - 1):
            value -= 1 << slot
        found.append(value)
        total = (total - value) >> slot
    return found


class Step(NamedTuple):
    """One step of elimination: row is what is left of row `column`, from the diagonal on.

    xᵀAx = Σ (row · x)² / (row[0] · before) over all steps.
    """

    column: int
    row: List[int]
    before: int


def eliminate(upper: Sequence[Sequence[int]]) -> List[Step]:
    """Elimination without fractions (Bareiss 1968) of a positive semidefinite matrix, by its upper triangle.

    A column that depends on earlier ones has no step.
    """
    rows, before = [list(row) for row in upper], 1
    steps = []
    for k, row in enumerate(rows):
        pivot = row[0]
        if pivot == 0:
            continue  # then all of its row is 0
        steps.append(Step(k, row, before))
        for i in range(k + 1, len(rows)):
            factor, beside = row[i - k], row[i - k :]
            rows[i] = [(a * pivot - factor * b) // before for a, b in zip(rows[i], beside)]
        before = pivot
    return steps


def rounded(value: Fraction) -> float:
    """The nearest float; infinite where there is none."""
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def rounded_root(numerator: int, denominator: int) -> float:
    """The float nearest to numerator / √denominator."""
    if numerator == 0:
        return 0.0
    square = numerator * numerator
    shift = max(0, _DIGITS - (square.bit_length() - denominator.bit_length()) // 2)
    quotient, rest = divmod(square << 2 * shift, denominator)
    root = math.isqrt(quotient)
    inexact = rest != 0 or root * root != quotient
    # one more digit than the root has says on which side of it the truth lies
    nearest = rounded(Fraction(2 * root + inexact, 1 << (shift + 1)))
    return nearest if numerator > 0 else -nearest
