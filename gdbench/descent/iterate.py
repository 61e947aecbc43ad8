"""One point of a descent, as stopping rules, recorders and diagnoses see it."""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

from gdbench.descent.numerics.vectors import Vector


class Iterate(NamedTuple):
    """k, w_k, f(w_k), ∇f(w_k) and ‖∇f(w_k)‖₂; k = 0 is the starting point."""

    k: int
    w: Vector
    cost: float
    gradient: Vector
    gradient_norm: float

    @property
    def finite(self) -> bool:
        return isfinite(self.cost) and isfinite(self.gradient_norm)


def slope_along_step(last: Iterate, now: Iterate) -> float:
    """∇f(w_{k−1}) · (w_k − w_{k−1}): the change of cost that the tangent at the last iterate promises."""
    total = 0.0
    for g_j, w_j, v_j in zip(last.gradient, now.w, last.w):
        total += g_j * (w_j - v_j)
    return total
