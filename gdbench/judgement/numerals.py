"""Numbers for people: four significant digits, readable thousands, never a blank."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: Stands where there is no number to show.
MISSING = "–"


def figure(value: float | None, digits: int = 4) -> str:
    """A measured number: 2859.69634 → '2860', 0.0312345 → '0.03123', 3.2e-07 → '3.2e-7'."""
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    rounded = float(f"{mantissa}e{exponent}")
    if rounded != 0 and not 1e-3 <= abs(rounded) < 1e6:
        return f"{_without_trailing_zeros(mantissa)}e{int(exponent)}"
    magnitude = math.floor(math.log10(abs(rounded))) if rounded else 0
    return _without_trailing_zeros(_grouped(rounded, max(0, digits - 1 - magnitude)))


def count(value: float | None) -> str:
    """A number of things, in full: 12345 → '12,345'; a median may end in .5; never is '∞'."""
    if value is None or not math.isfinite(value):
        return figure(value)
    return _grouped(value, 0 if value == int(value) else 1)


def span(low: float, high: float) -> str:
    """A range of counts: '34–51', or one number where both ends meet."""
    return count(low) if low == high else f"{count(low)}–{count(high)}"


def exact(value: float | None) -> str:
    """All digits that the number has: the shortest text that reads back as the same float."""
    return "" if value is None or math.isnan(value) else repr(value)


def listing(words: Sequence[str]) -> str:
    """'', 'a', 'a and b', 'a, b and c'."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def are(number: int) -> str:
    """'is 1', 'are 5', as in 'here are 5'."""
    return "is 1" if number == 1 else f"are {count(number)}"


def _grouped(value: float, decimals: int) -> str:
    # Four figures read well by themselves: 5000, but 12,345.
    return f"{value:{',' if abs(value) >= 10_000 else ''}.{decimals}f}"


def _without_trailing_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
