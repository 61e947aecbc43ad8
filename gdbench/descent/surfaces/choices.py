"""What the parameters of surfaces may be, beyond the domains that all rooms share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gdbench.descent.domains import Domain, list_of, natural, non_negative, optional


def at_least(least: int) -> Domain:
    """A whole number of `least` or more."""

    def read(value: Any) -> int:
        whole = int(natural(value)) if non_negative(value) else 0
        if whole < least:
            raise ValueError
        return whole

    return Domain(f"a whole number of {least} or more", {"type": "integer", "minimum": least}, read)


def within(least: int, most: int) -> Domain:
    """A whole number from `least` to `most`."""
    inner = at_least(least)

    def read(value: Any) -> int:
        whole: int = inner(value)
        if whole > most:
            raise ValueError
        return whole

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Domain(f"a whole number from {least} to {most}", schema, read)


def multiple_of(factor: int) -> Domain:
    """A positive whole number that `factor` divides."""

    def read(value: Any) -> int:
        whole: int = natural(value)
        if whole % factor:
            raise ValueError
        return whole

    schema = {"type": "integer", "minimum": factor, "multipleOf": factor}
    return Domain(f"a multiple of {factor}, {factor} or more", schema, read)


def _condition(value: Any) -> float:
    kappa: float = non_negative(value)
    if kappa < 1.0:
        raise ValueError
    return kappa


condition_number = Domain("a number of 1 or more", {"type": "number", "minimum": 1}, _condition)
#: A plain list in a config is one spectrum, not an axis of numbers.
spectrum_or_null = replace(optional(list_of(non_negative, "a list of numbers of 0 or more")), sequence=True)
