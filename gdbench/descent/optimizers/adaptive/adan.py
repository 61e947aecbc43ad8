"""Adan: Adam with Nesterov's look ahead, which differences of gradients give at no further evaluation."""

from __future__ import annotations

import math
from typing import NamedTuple, Optional, Tuple

from gdbench.descent.domains import memory, non_negative, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, average_of_squares, optimizer
from gdbench.descent.theory.rates import forgotten


class _State(NamedTuple):
    """m, v, n, the gradient before (None at the start), and β₁ᵗ, β₂ᵗ and β₃ᵗ."""

    m: Vector
    v: Vector
    n: Vector
    before: Optional[Vector]
    beta1_t: float
    beta2_t: float
    beta3_t: float


@optimizer(
    "adan",
    facts={
        "usual_rate": 0.001,
        "scaled": True,
        "rests": lambda beta1, beta2, beta3, **_: forgotten(max(beta1, beta2, beta3)),
    },
    beta1=memory,
    beta2=memory,
    beta3=memory,
    epsilon=positive,
    weight_decay=non_negative,
)
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

    def init(w: Vector) -> _State:
        zeros = [0.0] * len(w)
        return _State(zeros, zeros, zeros, None, 1.0, 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
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
        return moved, _State(m, v, n, list(g), beta1_t, beta2_t, beta3_t)

    return Optimizer(init, update)
