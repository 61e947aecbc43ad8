"""What came of Adam since: AdaBelief, Adan, ADOPT and Yogi."""

from __future__ import annotations

import math
from typing import NamedTuple, Optional, Tuple

from gdbench.descent.domains import memory, non_negative
from gdbench.descent.numerics.powers import power
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.adam import kin_of_adam, remembers
from gdbench.descent.optimizers.protocol import (
    Optimizer,
    average,
    average_of_squares,
    sign,
    with_decay,
)

# --- AdaBelief: Adam that divides by how far the gradient strays from its own average


class _AdaBelief(NamedTuple):
    """m, s, and β₁ᵗ and β₂ᵗ."""

    m: Vector
    s: Vector
    beta1_t: float
    beta2_t: float


@kin_of_adam("adabelief")
def adabelief(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-16, weight_decay: float = 0.0
) -> Optimizer:
    """w ← (1 − η λ) w − η m̂ / (√ŝ + ε),  s ← β₂ s + (1 − β₂) (g − m)² + ε  (Zhuang et al. 2020).

    m, m̂ and ŝ as in Adam.  beta1, beta2: in [0, 1).  epsilon: ε > 0, added to s in each step and to its root.
    weight_decay: λ ≥ 0, apart from the gradient. Without the authors' later rectification, as in the paper.
    """

    def init(w: Vector) -> _AdaBelief:
        return _AdaBelief([0.0] * len(w), [0.0] * len(w), 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _AdaBelief, rate: float) -> Tuple[Vector, _AdaBelief]:
        m = average(state.m, g, beta1)
        astray = [g_j - m_j for g_j, m_j in zip(g, m)]
        s = [beta2 * s_j + (1.0 - beta2) * r_j * r_j + epsilon for s_j, r_j in zip(state.s, astray)]
        beta1_t, beta2_t = beta1 * state.beta1_t, beta2 * state.beta2_t
        eta, root, kept = rate / (1.0 - beta1_t), math.sqrt(1.0 - beta2_t), 1.0 - rate * weight_decay
        moved = [kept * w_j - eta * (m_j / (math.sqrt(s_j) / root + epsilon)) for w_j, m_j, s_j in zip(w, m, s)]
        return moved, _AdaBelief(m, s, beta1_t, beta2_t)

    return Optimizer(init, update)


# --- Adan: Adam with Nesterov's look ahead, which differences of gradients give at no further evaluation


class _Adan(NamedTuple):
    """m, v, n, the gradient before (None at the start), and β₁ᵗ, β₂ᵗ and β₃ᵗ."""

    m: Vector
    v: Vector
    n: Vector
    before: Optional[Vector]
    beta1_t: float
    beta2_t: float
    beta3_t: float


@kin_of_adam("adan", beta3=memory)
def adan(
    beta1: float = 0.98,
    beta2: float = 0.92,
    beta3: float = 0.99,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
) -> Optimizer:
    """w ← (w − η (m̂ + β₂ v̂) / (√n̂ + ε)) / (1 + η λ)  (Xie et al. 2022).

    d = g − g before, 0 at first;  m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) d,
    n ← β₃ n + (1 − β₃) (g + β₂ d)²;  each hat divides by 1 − βᵗ.  beta1, beta2, beta3: in [0, 1), here what is
    kept, as in the authors' code; the paper's are 1 minus these.  epsilon: ε > 0, in units of the gradient.
    weight_decay: λ ≥ 0, a proximal step apart from the gradient.
    """

    def init(w: Vector) -> _Adan:
        zeros = [0.0] * len(w)
        return _Adan(zeros, zeros, zeros, None, 1.0, 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _Adan, rate: float) -> Tuple[Vector, _Adan]:
        before = g if state.before is None else state.before
        d = [g_j - b_j for g_j, b_j in zip(g, before)]
        m, v = average(state.m, g, beta1), average(state.v, d, beta2)
        n = average_of_squares(state.n, [g_j + beta2 * d_j for g_j, d_j in zip(g, d)], beta3)
        beta1_t, beta2_t, beta3_t = beta1 * state.beta1_t, beta2 * state.beta2_t, beta3 * state.beta3_t
        eta_m, eta_v = rate / (1.0 - beta1_t), rate * beta2 / (1.0 - beta2_t)
        root, shrunk = math.sqrt(1.0 - beta3_t), 1.0 + rate * weight_decay
        scale = [math.sqrt(n_j) / root + epsilon for n_j in n]
        moved = [
            (w_j - eta_m * (m_j / s_j) - eta_v * (v_j / s_j)) / shrunk
            for w_j, m_j, v_j, s_j in zip(w, m, v, scale)
        ]
        return moved, _Adan(m, v, n, list(g), beta1_t, beta2_t, beta3_t)

    return Optimizer(init, update)


# --- ADOPT: Adam that divides a gradient by earlier ones alone, and so converges with any β₂


class _Adopt(NamedTuple):
    m: Vector
    v: Vector
    t: int


# the first gradient moves nothing: it is what the second is divided by
@kin_of_adam(
    "adopt", rests=lambda beta1, beta2, **_: max(1, remembers(beta1, beta2) or 0), clip_power=non_negative
)
def adopt(
    beta1: float = 0.9,
    beta2: float = 0.9999,
    epsilon: float = 1e-6,
    clip_power: float = 0.25,
    weight_decay: float = 0.0,
) -> Optimizer:
    """w ← w − η m,  m ← β₁ m + (1 − β₁) clip(g / max(√v, ε), tᶜ),  v ← β₂ v + (1 − β₂) g²  (Taniguchi 2024).

    v is that of the steps before; v₀ = g₀², without a step, and t = 1, 2, … from the second gradient on.
    beta1, beta2: in [0, 1).  epsilon: ε > 0, in units of the gradient.  clip_power: c ≥ 0; each component is
    clipped to [−tᶜ, tᶜ].  weight_decay: λ ≥ 0, g ← g + λ w.
    """

    def init(w: Vector) -> _Adopt:
        return _Adopt([0.0] * len(w), [0.0] * len(w), 0)

    def update(w: Vector, g: Vector, state: _Adopt, rate: float) -> Tuple[Vector, _Adopt]:
        g = with_decay(g, w, weight_decay)
        if not state.t:
            return list(w), _Adopt(state.m, [g_j * g_j for g_j in g], 1)
        limit = power(float(state.t), clip_power)
        scaled = [g_j / max(math.sqrt(v_j), epsilon) for g_j, v_j in zip(g, state.v)]
        # comparisons that a NaN fails, so that it passes through and is seen as a divergence
        scaled = [-limit if s_j < -limit else limit if s_j > limit else s_j for s_j in scaled]
        m = average(state.m, scaled, beta1)
        moved = [w_j - rate * m_j for w_j, m_j in zip(w, m)]
        return moved, _Adopt(m, average_of_squares(state.v, g, beta2), state.t + 1)

    return Optimizer(init, update)


# --- Yogi: Adam whose second moment changes by no more than the square of the gradient, up or down


class _Yogi(NamedTuple):
    """m, v, and β₁ᵗ and β₂ᵗ."""

    m: Vector
    v: Vector
    beta1_t: float
    beta2_t: float


# v falls by (1 − β₂) g² a step, however large it is: nobody can say when a step is felt again
@kin_of_adam("yogi", usual_rate=0.01, rests=None, initial_accumulator=non_negative)
def yogi(
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-3,
    initial_accumulator: float = 1e-6,
    weight_decay: float = 0.0,
) -> Optimizer:
    """w ← (1 − η λ) w − η m̂ / (√v̂ + ε),  v ← v − (1 − β₂) sgn(v − g²) g²  (Zaheer et al. 2018).

    m, m̂ and v̂ as in Adam.  beta1, beta2: in [0, 1).  epsilon: ε > 0, in units of the gradient.
    initial_accumulator: m and v at the start, ≥ 0.  weight_decay: λ ≥ 0, apart from the gradient.
    """

    def init(w: Vector) -> _Yogi:
        return _Yogi([initial_accumulator] * len(w), [initial_accumulator] * len(w), 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _Yogi, rate: float) -> Tuple[Vector, _Yogi]:
        m, squares = average(state.m, g, beta1), [g_j * g_j for g_j in g]
        v = [v_j - (1.0 - beta2) * sign(v_j - q_j) * q_j for v_j, q_j in zip(state.v, squares)]
        beta1_t, beta2_t = beta1 * state.beta1_t, beta2 * state.beta2_t
        eta, root, kept = rate / (1.0 - beta1_t), math.sqrt(1.0 - beta2_t), 1.0 - rate * weight_decay
        moved = [kept * w_j - eta * (m_j / (math.sqrt(v_j) / root + epsilon)) for w_j, m_j, v_j in zip(w, m, v)]
        return moved, _Yogi(m, v, beta1_t, beta2_t)

    return Optimizer(init, update)
