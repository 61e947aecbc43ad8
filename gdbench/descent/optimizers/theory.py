"""The momentum that theory recommends for a strongly convex and smooth function."""

from __future__ import annotations

import math
from typing import Callable, Optional

from gdbench.descent.errors import BadParameter


def contraction(mu: float, smoothness: float) -> float:
    """(√L − √μ) / (√L + √μ), the best factor per step of any first-order method (Nesterov 2004, §2.1.4)."""
    return (math.sqrt(smoothness) - math.sqrt(mu)) / (math.sqrt(smoothness) + math.sqrt(mu))


def checker(name: str) -> Callable[..., None]:
    """A check that momentum is given as beta, as mu and smoothness, or by the problem, and not in part."""
    of = f"of optimizer '{name}'"

    def check(
        beta: Optional[float], mu: Optional[float], smoothness: Optional[float], *, theoretical: bool = False
    ) -> None:
        if theoretical and not beta is mu is smoothness is None:
            raise BadParameter(
                "theoretical",
                f"'theoretical' {of} takes the momentum from the problem: give no beta, mu or smoothness.",
            )
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
