"""Polyak's heavy ball: each step goes on a little in the direction of the step before."""

from __future__ import annotations

from typing import Optional, Tuple

from gdbench.descent.domains import boolean, non_negative, optional, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, momentum_checker, optimizer
from gdbench.descent.theory.rates import heavy_ball_momentum, momentum_facts

_USUAL = 0.9


@optimizer(
    "heavy_ball",
    facts={
        "also": ("momentum", "polyak"),
        "check": momentum_checker("heavy_ball"),
        **momentum_facts("heavy ball", heavy_ball_momentum, _USUAL),
    },
    beta=optional(non_negative),
    mu=optional(positive),
    smoothness=optional(positive),
    theoretical=boolean,
)
def heavy_ball(
    beta: Optional[float] = None,
    mu: Optional[float] = None,
    smoothness: Optional[float] = None,
    *,
    theoretical: bool = False,
) -> Optimizer:
    """w_{k+1} = w_k − η g_k + β (w_k − w_{k−1})  (Polyak 1964).

    beta: β ≥ 0; it converges only below 1; 0.9 unless given.  mu, smoothness: μ and L, the smallest and
    the largest curvature of f; then β = ((√L − √μ) / (√L + √μ))², best with η = 4 / (√L + √μ)².
    theoretical: take μ and L from the problem, where they are known; learning rate `theoretical` goes with it.
    """
    factor = _USUAL if beta is None else beta
    if mu is not None and smoothness is not None:
        factor = heavy_ball_momentum(mu, smoothness).beta

    def init(w: Vector) -> Vector:
        return w

    def update(w: Vector, g: Vector, before: Vector, rate: float) -> Tuple[Vector, Vector]:
        moved = [w_j - rate * g_j + factor * (w_j - v_j) for w_j, g_j, v_j in zip(w, g, before)]
        return moved, w

    return Optimizer(init, update, traceable=True)
