"""Sums from left to right, of numbers and of traced scalars alike."""

from __future__ import annotations

from typing import Any, Iterable


def square(x: Any) -> Any:
    return x * x


def total(terms: Iterable[Any]) -> Any:
    """Σ tᵢ, in the order given; there must be at least one."""
    remaining = iter(terms)
    value = next(remaining)
    for term in remaining:
        value = value + term
    return value


def sum_of_squares(residuals: Iterable[Any]) -> Any:
    """Σ rᵢ², without a factor ½ or 1/m."""
    return total(r * r for r in residuals)
