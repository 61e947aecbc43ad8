"""Points and directions of ℝᵖ as plain lists; sums run from left to right, so that bits never differ."""

from __future__ import annotations

import math
from typing import List, Sequence

Vector = List[float]


def norm(vector: Sequence[float]) -> float:
    """‖v‖₂ = √(Σ vⱼ²), summed from left to right (not math.hypot, whose bits differ by version)."""
    total = 0.0
    for v_j in vector:
        total += v_j * v_j
    return math.sqrt(total)


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    """Σ aⱼbⱼ, summed from left to right."""
    total = 0.0
    for a_j, b_j in zip(a, b):
        total += a_j * b_j
    return total
