"""Nesterov's accelerated gradient: look ahead along the last step, and take the gradient there."""

from __future__ import annotations

import math
from typing import NamedTuple, Optional, Tuple, cast

from gdbench.descent.domains import boolean, non_negative, one_of, optional, positive
from gdbench.descent.functions import below, dot, sqrt, where
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, momentum_checker, optimizer
from gdbench.descent.registry import UNSAID
from gdbench.descent.theory.rates import momentum_facts, nesterov_momentum


class _State(NamedTuple):
    x: Vector
    t: float


class _Costed(NamedTuple):
    """cost: f(y_{k−1}), by which the function scheme knows that it has gone up."""

    x: Vector
    t: float
    cost: float


@optimizer(
    "nesterov",
    facts={
        "also": ("nag", "accelerated", "agd"),
        "check": momentum_checker("nesterov"),
        UNSAID: ("restart",),
        **momentum_facts("nesterov", nesterov_momentum, usual=None),
    },
    beta=optional(non_negative),
    mu=optional(positive),
    smoothness=optional(positive),
    theoretical=boolean,
    restart=one_of("none", "gradient", "function"),
)
def nesterov(
    beta: Optional[float] = None,
    mu: Optional[float] = None,
    smoothness: Optional[float] = None,
    *,
    theoretical: bool = False,
    restart: str = "none",
) -> Optimizer:
    """x_{k+1} = y_k − η ∇f(y_k),  y_{k+1} = x_{k+1} + β_k (x_{k+1} − x_k)  (Nesterov 1983; 2004, §2.2).

    The iterates of the run are the y, where the gradient is taken.
    beta: β ≥ 0, the same at each step; it converges only below 1.  mu, smoothness: μ and L, the smallest
    and the largest curvature of f; then β = (√L − √μ) / (√L + √μ), meant for η = 1/L.  Where neither is
    given: β_k = (t_k − 1) / t_{k+1} with t_0 = 1 and t_{k+1} = ½ (1 + √(1 + 4 t_k²)), for any convex f.
    theoretical: take μ and L from the problem, where they are known; learning rate `theoretical` goes with it.
    restart: forget the momentum where it leads up, x and t beginning anew (O'Donoghue & Candès 2015):
    gradient, where ∇f(y_k)·(x_{k+1} − x_k) > 0, from x_{k+1}; function, where f(y_k) > f(y_{k−1}), from y_k.
    (The paper's function scheme compares f at the x, where a run evaluates nothing.)
    """
    fixed = beta
    if mu is not None and smoothness is not None:
        fixed = nesterov_momentum(mu, smoothness).beta

    def init(w: Vector) -> _State:
        return _State(w, 1.0)

    def update(y: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        t = cast(float, 0.5 * (1.0 + sqrt(1.0 + 4.0 * state.t * state.t)))
        ahead = (state.t - 1.0) / t if fixed is None else fixed
        x = [y_j - rate * g_j for y_j, g_j in zip(y, g)]
        if restart == "gradient":
            uphill = below(0.0, dot(g, [x_j - v_j for x_j, v_j in zip(x, state.x)]))
            ahead, t = cast(float, where(uphill, 0.0, ahead)), cast(float, where(uphill, 1.0, t))
        return [x_j + ahead * (x_j - v_j) for x_j, v_j in zip(x, state.x)], _State(x, t)

    def costed(y: Vector, g: Vector, state: _Costed, rate: float, cost: float) -> Tuple[Vector, _Costed]:
        uphill = below(state.cost, cost)
        begun = _State(
            [cast(float, where(uphill, y_j, x_j)) for y_j, x_j in zip(y, state.x)],
            cast(float, where(uphill, 1.0, state.t)),
        )
        moved, after = update(y, g, begun, rate)
        return moved, _Costed(after.x, after.t, cost)

    if restart == "function":
        return Optimizer(lambda w: _Costed(w, 1.0, math.inf), costed, traceable=True, costed=True)
    return Optimizer(init, update, traceable=True)
