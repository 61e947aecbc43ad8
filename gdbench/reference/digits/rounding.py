"""Rounding what two versions of a linear algebra disagree on to the digits in which they agree."""

from __future__ import annotations

import math

DIGITS = 10
#: What LAPACK and sums in another order may differ by, as a share of the largest number: a thousand roundings,
#: so that a difference seldom falls across the edge where rounding decides.
NOISE = 1e-12


def significant(value: float, digits: int = DIGITS) -> float:
    """Rounded to so many digits; what is not finite stays as it is."""
    return float(f"{value:.{digits - 1}e}") if math.isfinite(value) else value


def held(value: float, largest: float) -> float:
    """Rounded to the digits that hold where the error is `NOISE` of the largest number beside it."""
    if value == 0.0 or not math.isfinite(value) or not math.isfinite(largest):
        return value
    largest = abs(largest)
    return significant(value, max(1, min(DIGITS, math.floor(math.log10(abs(value) / largest / NOISE)))))


def rounded_down(value: float, digits: int) -> float:
    """The nearest number of so many digits that is not above it."""
    near = significant(value, digits)
    if near <= value or not math.isfinite(value):
        return near
    exponent = int(f"{value:e}".partition("e")[2])
    return significant(near - 10.0 ** (exponent - digits + 1), digits)


def power_of_ten_above(value: float) -> float:
    """The least power of ten that is not below it; of 0, 0."""
    return 10.0 ** math.ceil(math.log10(value)) if value > 0.0 and math.isfinite(value) else value
