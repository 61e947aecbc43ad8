"""Points and directions of ℝᵖ as plain lists; sums run from left to right, so that bits never differ."""

from __future__ import annotations

import math
from typing import List, Sequence

Vector = List[float]


#: Below it a sum of squares may have lost the last digits of its terms, or all of them, to underflow.
LEAST_SQUARE = math.ldexp(1.0, -968)
INFINITY = math.inf
#: What brings the squares of very small numbers into the range, and, divided by, those of very large ones.
_SCALE = math.ldexp(1.0, 600)


def norm(vector: Sequence[float]) -> float:
    """‖v‖₂ = √(Σ vⱼ²), summed from left to right (not math.hypot, whose bits differ by version).

    Where the plain sum leaves the range of floats, v is scaled by a power of two, which rounds nothing.
    """
    total = _square(vector, 1.0)
    if LEAST_SQUARE <= total < INFINITY:
        return math.sqrt(total)
    if total > 1.0:
        return math.sqrt(_square(vector, 1.0 / _SCALE)) * _SCALE
    return math.sqrt(_square(vector, _SCALE)) / _SCALE


def _square(vector: Sequence[float], scale: float) -> float:
    total = 0.0
    for v_j in vector:
        s_j = v_j * scale
        total += s_j * s_j
    return total


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    """Σ aⱼbⱼ, summed from left to right."""
    total = 0.0
    for a_j, b_j in zip(a, b):
        total += a_j * b_j
    return total
