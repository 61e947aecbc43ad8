"""The momentum that theory recommends for a strongly convex and smooth function."""

from __future__ import annotations

import math
from typing import Callable, Optional

from gdbench.descent.errors import BadParameter


def contraction(mu: float, smoothness: float) -> float:
    """(√L − √μ) / (√L + √μ), the best factor per step of any first-order method (Nesterov 2004, §2.1.4)."""
    return (math.sqrt(smoothness) - math.sqrt(mu)) / (math.sqrt(smoothness) + math.sqrt(mu))


def checker(name: str) -> Callable[[Optional[float], Optional[float], Optional[float]], None]:
    """A check that momentum is given either as beta or as mu and smoothness, and not in part."""
    of = f"of optimizer '{name}'"

    def check(beta: Optional[float], mu: Optional[float], smoothness: Optional[float]) -> None:
        if (mu is None) != (smoothness is None):
            given, missing = ("mu", "smoothness") if smoothness is None else ("smoothness", "mu")
            raise BadParameter(given, f"'{given}' {of} says nothing without '{missing}'. Give both or neither.")
        if mu is None or smoothness is None:
            return
        if beta is not None:
            raise BadParameter("beta", f"'beta' {of} follows from 'mu' and 'smoothness'. Give it or them.")
        if mu > smoothness:
            raise BadParameter("mu", f"'mu' {of} must not be above 'smoothness', but {mu:g} > {smoothness:g}.")

    return check
