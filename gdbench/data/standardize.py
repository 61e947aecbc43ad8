"""Columns brought to mean 0 and standard deviation 1, with the same bits on every machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from gdbench.data.portable import standardized


class Standardized(NamedTuple):
    """A standardized column, and the mean and standard deviation that it had."""

    values: list[float]
    mean: float
    std: float


class Scale(NamedTuple):
    """mean and std of a column divided by 2^exponent, which changes no digit; std is 0 if it never varies."""

    mean: float
    std: float
    exponent: int = 0

    @classmethod
    def of(cls, column: Sequence[float]) -> Scale:
        """sd² = (1/n) Σ (x − mean)².

        The sums are correctly rounded (Shewchuk 1997), so neither the order of the rows nor the machine
        can change a bit.
        """
        if is_constant(column):
            return cls(column[0], 0.0)
        n = len(column)
        # A power of two changes no bit of z, and lets columns near 1e±300 be summed and squared.
        exponent = math.frexp(max(map(abs, column)))[1]
        scaled = [math.ldexp(x, -exponent) for x in column]
        mean = math.fsum(scaled) / n
        deviations = [x - mean for x in scaled]
        return cls(mean, math.sqrt(math.fsum([d * d for d in deviations]) / n), exponent)

    def standardized(self, column: Sequence[float]) -> list[float]:
        """z = (x − mean) / sd, of this column or of another one; of one that never varied exactly 0."""
        return standardized(column, *self)

    @property
    def raw(self) -> tuple[float, float]:
        """Mean and standard deviation in the column's own unit."""
        return math.ldexp(self.mean, self.exponent), math.ldexp(self.std, self.exponent)


def is_constant(column: Sequence[float]) -> bool:
    """Whether all values are equal. Rounding can give such a column sd > 0, so sd is not asked."""
    return min(column) == max(column)


def standardize(column: Sequence[float]) -> Standardized:
    """z = (x − mean) / sd; a constant column becomes exactly 0."""
    scale = Scale.of(column)
    return Standardized(scale.standardized(column), *scale.raw)
