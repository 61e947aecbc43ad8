"""Prodigy: Adam whose rate is a growing estimate of the distance from the start to a solution."""

from __future__ import annotations

import math
from typing import NamedTuple, Optional, Tuple

from gdbench.descent.domains import above_one, boolean, memory, non_negative, optional, positive
from gdbench.descent.numerics.vectors import Vector, dot
from gdbench.descent.optimizers.protocol import Optimizer, average, optimizer


class _State(NamedTuple):
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


@optimizer(
    "prodigy",
    facts={"usual_rate": 1.0, "finds_rate": True},
    beta1=memory,
    beta2=memory,
    beta3=optional(memory),
    epsilon=positive,
    weight_decay=non_negative,
    bias_correction=boolean,
    safeguard_warmup=boolean,
    d0=positive,
    d_factor=positive,
    growth=optional(above_one),
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

    def init(w: Vector) -> _State:
        zeros = [0.0] * len(w)
        return _State(list(w), zeros, zeros, zeros, 0.0, d0, d0, 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
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
        return moved, _State(state.start, m, v, s, numerator, d, largest, beta1_t, beta2_t)

    return Optimizer(init, update)


def length1(s: Vector) -> float:
    """‖s‖₁ = Σ |sⱼ|, summed from left to right."""
    total = 0.0
    for s_j in s:
        total += abs(s_j)
    return total
