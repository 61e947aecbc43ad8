"""Gradient clipping: what is done to a gradient that is too long before an optimizer sees it."""

from __future__ import annotations

import math
from typing import Callable

from gdbench.descent.domains import positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.numerics.vectors import norm as length
from gdbench.descent.registry import Registry

CLIPPINGS: Registry[Clip] = Registry("clipping", "clippings", also=("clip", "grad_clip", "gradient_clipping"))
clipping = CLIPPINGS.register

Clip = Callable[[Vector], Vector]
_INFINITY = float("inf")
#: A gradient that is longer is shortened in two steps, for limit / ‖g‖ could lose its digits.
_LARGE = math.ldexp(1.0, 512)


@clipping("none")
def none() -> Clip:
    """g, as it is."""
    return lambda g: g


@clipping("norm", limit=positive)
def norm(limit: float) -> Clip:
    """g · min(1, c/‖g‖₂): shortened to length c, in the same direction  (Pascanu et al. 2013).

    limit: c > 0, in units of the gradient.
    """

    def clip(g: Vector) -> Vector:
        size = length(g)
        if size > _LARGE:
            return _shorten_huge(g, limit)
        return [g_j * (limit / size) for g_j in g] if size > limit else g

    return clip


@clipping("value", limit=positive)
def value(limit: float) -> Clip:
    """min(max(gⱼ, −c), c) for each component; the direction may change.

    limit: c > 0, in units of the gradient.
    """
    # comparisons that a NaN fails, so that it passes through and is seen as a divergence
    return lambda g: [-limit if g_j < -limit else limit if g_j > limit else g_j for g_j in g]


def _shorten_huge(g: Vector, limit: float) -> Vector:
    """The same for a very long one: first divided by its largest component."""
    largest = max(abs(g_j) for g_j in g)
    if largest == _INFINITY:
        return g  # has no direction that could be kept
    scaled = [g_j / largest for g_j in g]
    ratio = limit / length(scaled)
    # the scaled length is at most √p, so the plain length is at most largest · √p; keep one that is short
    return [s_j * ratio for s_j in scaled] if ratio < largest else g
