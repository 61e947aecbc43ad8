"""Memory of steps: the heavy ball, and accelerated gradients."""

from __future__ import annotations

import math
from typing import NamedTuple, Optional, Tuple, cast

from gdbench.descent.domains import boolean, natural, non_negative, one_of, optional, positive
from gdbench.descent.functions import below, dot, sqrt, where
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, momentum_checker, optimizer
from gdbench.descent.registry import UNSAID
from gdbench.descent.theory.rates import heavy_ball_momentum, momentum_facts, nesterov_momentum
from gdbench.descent.theory.worst_case import theorems
from gdbench.descent.theory.worst_case.theorems import Theorem

# --- Polyak's heavy ball: each step goes on a little in the direction of the step before

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


# --- Nesterov's accelerated gradient: look ahead along the last step, and take the gradient there


class _Nesterov(NamedTuple):
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

    def init(w: Vector) -> _Nesterov:
        return _Nesterov(w, 1.0)

    def update(y: Vector, g: Vector, state: _Nesterov, rate: float) -> Tuple[Vector, _Nesterov]:
        t = cast(float, 0.5 * (1.0 + sqrt(1.0 + 4.0 * state.t * state.t)))
        ahead = (state.t - 1.0) / t if fixed is None else fixed
        x = [y_j - rate * g_j for y_j, g_j in zip(y, g)]
        if restart == "gradient":
            uphill = below(0.0, dot(g, [x_j - v_j for x_j, v_j in zip(x, state.x)]))
            ahead, t = cast(float, where(uphill, 0.0, ahead)), cast(float, where(uphill, 1.0, t))
        return [x_j + ahead * (x_j - v_j) for x_j, v_j in zip(x, state.x)], _Nesterov(x, t)

    def costed(y: Vector, g: Vector, state: _Costed, rate: float, cost: float) -> Tuple[Vector, _Costed]:
        uphill = below(state.cost, cost)
        begun = _Nesterov(
            [cast(float, where(uphill, y_j, x_j)) for y_j, x_j in zip(y, state.x)],
            cast(float, where(uphill, 1.0, state.t)),
        )
        moved, after = update(y, g, begun, rate)
        return moved, _Costed(after.x, after.t, cost)

    if restart == "function":
        return Optimizer(lambda w: _Costed(w, 1.0, math.inf), costed, traceable=True, costed=True)
    return Optimizer(init, update, traceable=True)


# --- The optimized gradient method: of all fixed first-order steps those with the least worst case


class _Optimized(NamedTuple):
    """y_k, θ_k, and k, counted anew from each beginning."""

    y: Vector
    theta: float
    k: float


def _worst(rate: float, least: float, top: float, /, *, steps: Optional[int]) -> Tuple[Theorem, ...]:
    """Only of the last step: without `steps` there is no promise of the points where the gradient is taken."""
    return () if steps is None else theorems.optimized_gradient(rate, top, steps)


@optimizer(
    "optimized_gradient",
    facts={
        "also": ("ogm", "optimised_gradient"),
        "recommended": lambda least, top, /, **_: 1.0 / top,
        "worst": _worst,
    },
    steps=optional(natural),
)
def optimized_gradient(steps: Optional[int] = None) -> Optimizer:
    """x_{k+1} = y_{k+1} + ((θ_k − 1) (y_{k+1} − y_k) + θ_k (y_{k+1} − x_k)) / θ_{k+1}  (Kim & Fessler 2016).

    OGM2: y_{k+1} = x_k − η ∇f(x_k), y_0 = x_0, θ_0 = 1 and θ_{k+1} = ½ (1 + √(1 + 4 θ_k²)), meant for η = 1/L.
    The iterates of the run are the x, where the gradient is taken.
    steps: N ≥ 1; the last of N steps takes θ_N = ½ (1 + √(1 + 8 θ_{N−1}²)) instead, and x_N is what the method
    gives: f(x_N) − f* ≤ L ‖x_0 − x*‖² / (2 θ_N²), the least that any method can promise (Drori 2017). It is
    then at its end, and begins anew from there. Without it each step takes the inner factor, and the promise
    is of the y: f(y_{k+1}) − f* ≤ L ‖x_0 − x*‖² / (4 θ_k²)  (Kim & Fessler 2017).
    """

    def init(w: Vector) -> _Optimized:
        return _Optimized(w, 1.0, 0.0)

    def update(x: Vector, g: Vector, state: _Optimized, rate: float) -> Tuple[Vector, _Optimized]:
        theta, k = state.theta, state.k + 1.0
        following = cast(float, 0.5 * (1.0 + sqrt(1.0 + 4.0 * theta * theta)))
        if steps is not None:
            last = cast(float, 0.5 * (1.0 + sqrt(1.0 + 8.0 * theta * theta)))
            following = cast(float, where(below(k, steps), following, last))
        along, onward = (theta - 1.0) / following, theta / following
        y = [x_j - rate * g_j for x_j, g_j in zip(x, g)]
        moved = [y_j + along * (y_j - v_j) + onward * (y_j - x_j) for y_j, v_j, x_j in zip(y, state.y, x)]
        if steps is None:
            return moved, _Optimized(y, following, k)
        goes_on = below(k, steps)
        kept = [cast(float, where(goes_on, y_j, x_j)) for y_j, x_j in zip(y, moved)]
        return moved, _Optimized(
            kept, cast(float, where(goes_on, following, 1.0)), cast(float, where(goes_on, k, 0.0))
        )

    return Optimizer(init, update, traceable=True)
