"""Columns brought to mean 0 and standard deviation 1, with the same bits on every machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class Standardized(NamedTuple):
    """A standardized column, and the mean and standard deviation that it had."""

    values: list[float]
    mean: float
    std: float


def is_constant(column: Sequence[float]) -> bool:
    """Whether all values are equal. Rounding can give such a column sd > 0, so sd is not asked."""
    return min(column) == max(column)


def standardize(column: Sequence[float]) -> Standardized:
    """z = (x − mean) / sd, where sd² = (1/n) Σ (x − mean)²; a constant column becomes exactly 0.

    The sums are correctly rounded (Shewchuk 1997), so neither the order of the rows nor the machine
    can change a bit.
    """
    if is_constant(column):
        return Standardized([0.0] * len(column), column[0], 0.0)
    n = len(column)
    # A power of two changes no bit of z, and lets columns near 1e±300 be summed and squared.
    exponent = math.frexp(max(map(abs, column)))[1]
    scaled = [math.ldexp(x, -exponent) for x in column]
    mean = math.fsum(scaled) / n
    deviations = [x - mean for x in scaled]
    sd = math.sqrt(math.fsum(d * d for d in deviations) / n)
    return Standardized([d / sd for d in deviations], math.ldexp(mean, exponent), math.ldexp(sd, exponent))
