"""Methods that find their rate, Prodigy and D-Adaptation: the learning rate is a factor of it, 1 by default."""

from __future__ import annotations

import math
from typing import Callable, NamedTuple, Optional, Tuple

from gdbench.descent.domains import Domain, above_one, boolean, memory, non_negative, optional, positive
from gdbench.descent.numerics.vectors import Vector, dot, norm
from gdbench.descent.optimizers.protocol import Optimizer, average, average_of_squares, optimizer, with_decay


def finds_rate(
    name: str, also: Tuple[str, ...] = (), **further: Domain[object]
) -> Callable[[Callable[..., Optimizer]], Callable[..., Optimizer]]:
    """Register one that finds its rate: from d0 on, by a factor of `growth` a step at the most.

    also: what others call it.  further: the domains of the parameters that it has besides.
    """
    return optimizer(
        name,
        facts={"also": also, "usual_rate": 1.0, "finds_rate": True},
        weight_decay=non_negative,
        d0=positive,
        growth=optional(above_one),
        **further,
    )


# --- Prodigy: Adam whose rate is a growing estimate of the distance from the start to a solution


class _Prodigy(NamedTuple):
    """w₀, m, v, s, the numerator r, d and the largest d̂ so far, and β₁ᵗ and β₂ᵗ."""

    start: Vector
    m: Vector
    v: Vector
    s: Vector
    numerator: float
    d: float
    largest: float
    beta1_t: float
    beta2_t: float


@finds_rate(
    "prodigy",
    beta1=memory,
    beta2=memory,
    beta3=optional(memory),
    epsilon=positive,
    bias_correction=boolean,
    safeguard_warmup=boolean,
    d_factor=positive,
)
def prodigy(
    beta1: float = 0.9,
    beta2: float = 0.999,
    beta3: Optional[float] = None,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
    *,
    bias_correction: bool = False,
    safeguard_warmup: bool = False,
    d0: float = 1e-6,
    d_factor: float = 1.0,
    growth: Optional[float] = None,
) -> Optimizer:
    """w ← w − η d m / (√v + d ε),  d ← max(d, r / ‖s‖₁)  (Mishchenko & Defazio 2023).

    m ← β₁ m + (1 − β₁) d g,  v ← β₂ v + (1 − β₂) d² g²,  s ← β₃ s + η d² g,  r ← β₃ r + η d² g·(w₀ − w), with s
    and r in units of d0.  beta1, beta2: in [0, 1).  beta3: in [0, 1), √β₂ where null.  epsilon: ε > 0.
    weight_decay: λ ≥ 0, w ← (1 − η d λ) w.  bias_correction: η times √(1 − β₂ᵗ) / (1 − β₁ᵗ).
    safeguard_warmup: leave η out of s.  d0: the first d, > 0, in units of the parameters.  d_factor: > 0, of
    each estimate.  growth: > 1, the most by which d grows in a step; null for no bound.
    """
    kept = math.sqrt(beta2) if beta3 is None else beta3

    def init(w: Vector) -> _Prodigy:
        zeros = [0.0] * len(w)
        return _Prodigy(list(w), zeros, zeros, zeros, 0.0, d0, d0, 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _Prodigy, rate: float) -> Tuple[Vector, _Prodigy]:
        d = state.d
        beta1_t, beta2_t = beta1 * state.beta1_t, beta2 * state.beta2_t
        eta = d * rate * (math.sqrt(1.0 - beta2_t) / (1.0 - beta1_t) if bias_correction else 1.0)
        away = [v_j - w_j for v_j, w_j in zip(state.start, w)]
        numerator = kept * state.numerator + d / d0 * eta * dot(g, away)
        m = average(state.m, [d * g_j for g_j in g], beta1)
        v = [beta2 * v_j + d * d * (1.0 - beta2) * g_j * g_j for v_j, g_j in zip(state.v, g)]
        weight = d / d0 * (d if safeguard_warmup else eta)
        s = [kept * s_j + weight * g_j for s_j, g_j in zip(state.s, g)]
        size = length1(s)
        if not size:
            return list(w), state  # no slope was seen yet: the authors' code returns here, too
        estimate = d_factor * numerator / size
        d = max(d, estimate) if d == d0 else d
        largest = max(state.largest, estimate)
        d = largest if growth is None else min(largest, d * growth)
        shrunk, low = 1.0 - weight_decay * eta, d * epsilon
        moved = [shrunk * w_j - eta * (m_j / (math.sqrt(v_j) + low)) for w_j, m_j, v_j in zip(w, m, v)]
        return moved, _Prodigy(state.start, m, v, s, numerator, d, largest, beta1_t, beta2_t)

    return Optimizer(init, update)


def length1(s: Vector) -> float:
    """‖s‖₁ = Σ |sⱼ|, summed from left to right."""
    total = 0.0
    for s_j in s:
        total += abs(s_j)
    return total


# --- D-Adaptation: a growing lower bound of the distance from the start to a solution, as the rate


class _Bound(NamedTuple):
    """w₀, s, the weighted numerator, d, and ‖g₀‖ (None before a slope was seen)."""

    start: Vector
    s: Vector
    numerator: float
    d: float
    first: Optional[float]


@finds_rate("d_adaptation", also=("dadaptation", "d_adapt_sgd", "dadapt_sgd"), momentum=memory)
def d_adaptation(
    momentum: float = 0.0, weight_decay: float = 0.0, d0: float = 1e-6, growth: Optional[float] = None
) -> Optimizer:
    """w ← β w + (1 − β) (w₀ − s),  s ← s + λ g,  λ = η d / ‖g₀‖,  d ← max(d, 2 Σ λ g·s / ‖s‖)  (2023).

    Gradient descent with D-Adaptation (Defazio & Mishchenko 2023); s in the sum is the one before.
    momentum: β in [0, 1).  weight_decay: ≥ 0, g ← g + weight_decay · w.  d0: the first d, > 0, in units of
    the parameters.  growth: > 1, the most by which d grows in a step; null for no bound.
    """

    def init(w: Vector) -> _Bound:
        return _Bound(list(w), [0.0] * len(w), 0.0, d0, None)

    def update(w: Vector, g: Vector, state: _Bound, rate: float) -> Tuple[Vector, _Bound]:
        first = norm(g) if state.first is None else state.first
        if not first:
            return list(w), state  # nothing to measure a rate by, until a slope is seen
        g, d = with_decay(g, w, weight_decay), state.d
        eta = d * rate / first
        numerator = state.numerator + eta * dot(g, state.s)
        s = [s_j + eta * g_j for s_j, g_j in zip(state.s, g)]
        size = norm(s)
        if size:
            d = _grown(d, 2.0 * numerator / size, growth)
        z = [x_j - s_j for x_j, s_j in zip(state.start, s)]
        return average(w, z, momentum), _Bound(state.start, s, numerator, d, first)

    return Optimizer(init, update)


class _AdamBound(NamedTuple):
    """m, v, s, the weighted numerator, d, and β₁ᵗ and β₂ᵗ."""

    m: Vector
    v: Vector
    s: Vector
    numerator: float
    d: float
    beta1_t: float
    beta2_t: float


@finds_rate(
    "d_adapt_adam",
    also=("dadapt_adam",),
    beta1=memory,
    beta2=memory,
    epsilon=positive,
    bias_correction=boolean,
)
def d_adapt_adam(
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
    *,
    bias_correction: bool = False,
    d0: float = 1e-6,
    growth: Optional[float] = None,
) -> Optimizer:
    """w ← w − m / (√v + ε),  m ← β₁ m + (1 − β₁) λ g,  λ = η d,  d ← max(d, r / ((1 − √β₂) ‖s‖₁))  (2023).

    Adam with D-Adaptation (Defazio & Mishchenko 2023): v ← β₂ v + (1 − β₂) g²,
    s ← √β₂ s + (1 − √β₂) λ g,  r ← √β₂ r + (1 − √β₂) λ g·s/(√v + ε), with s and v of the step before.
    beta1, beta2: in [0, 1).  epsilon: ε > 0, in units of the gradient.  weight_decay: ≥ 0,
    g ← g + weight_decay · w.  bias_correction: η times √(1 − β₂ᵗ) / (1 − β₁ᵗ).  d0: the first d, > 0, in
    units of the parameters.  growth: > 1, the most by which d grows in a step; null for no bound.
    """
    kept = math.sqrt(beta2)

    def init(w: Vector) -> _AdamBound:
        zeros = [0.0] * len(w)
        return _AdamBound(zeros, zeros, zeros, 0.0, d0, 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _AdamBound, rate: float) -> Tuple[Vector, _AdamBound]:
        g, d = with_decay(g, w, weight_decay), state.d
        beta1_t, beta2_t = beta1 * state.beta1_t, beta2 * state.beta2_t
        eta = d * rate * (math.sqrt(1.0 - beta2_t) / (1.0 - beta1_t) if bias_correction else 1.0)
        scaled = [s_j / (math.sqrt(v_j) + epsilon) for s_j, v_j in zip(state.s, state.v)]
        numerator = kept * state.numerator + (1.0 - kept) * (eta * dot(g, scaled))
        m, v = average(state.m, [eta * g_j for g_j in g], beta1), average_of_squares(state.v, g, beta2)
        s = average(state.s, [eta * g_j for g_j in g], kept)
        size = length1(s)
        if not size:
            return list(w), state  # no slope was seen yet: the authors' code returns here, too
        d = _grown(d, numerator / ((1.0 - kept) * size), growth)
        moved = [w_j - m_j / (math.sqrt(v_j) + epsilon) for w_j, m_j, v_j in zip(w, m, v)]
        return moved, _AdamBound(m, v, s, numerator, d, beta1_t, beta2_t)

    return Optimizer(init, update)


def _grown(d: float, estimate: float, growth: Optional[float]) -> float:
    """The larger of d and its new estimate, which may not be more than `growth` times d."""
    return max(d, estimate if growth is None else min(estimate, d * growth))
