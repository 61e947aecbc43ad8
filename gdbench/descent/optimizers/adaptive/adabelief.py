"""AdaBelief: Adam that divides by how far the gradient strays from its own average."""

from __future__ import annotations

import math
from typing import NamedTuple, Tuple

from gdbench.descent.domains import memory, non_negative, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, optimizer
from gdbench.descent.theory.rates import forgotten


class _State(NamedTuple):
    """m, s, and β₁ᵗ and β₂ᵗ."""

    m: Vector
    s: Vector
    beta1_t: float
    beta2_t: float


@optimizer(
    "adabelief",
    facts={
        "usual_rate": 0.001,
        "scaled": True,
        "rests": lambda beta1, beta2, **_: forgotten(max(beta1, beta2)),
    },
    beta1=memory,
    beta2=memory,
    epsilon=positive,
    weight_decay=non_negative,
)
def adabelief(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-16, weight_decay: float = 0.0
) -> Optimizer:
    """w ← (1 − η λ) w − η m̂ / (√ŝ + ε),  s ← β₂ s + (1 − β₂) (g − m)² + ε  (Zhuang et al. 2020).

    m, m̂ and ŝ as in Adam.  beta1, beta2: in [0, 1).  epsilon: ε > 0, added to s in each step and to its root.
    weight_decay: λ ≥ 0, apart from the gradient. Without the authors' later rectification, as in the paper.
    """

    def init(w: Vector) -> _State:
        return _State([0.0] * len(w), [0.0] * len(w), 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        m = average(state.m, g, beta1)
        astray = [g_j - m_j for g_j, m_j in zip(g, m)]
        s = [beta2 * s_j + (1.0 - beta2) * r_j * r_j + epsilon for s_j, r_j in zip(state.s, astray)]
        beta1_t, beta2_t = beta1 * state.beta1_t, beta2 * state.beta2_t
        eta, root, kept = rate / (1.0 - beta1_t), math.sqrt(1.0 - beta2_t), 1.0 - rate * weight_decay
        moved = [kept * w_j - eta * (m_j / (math.sqrt(s_j) / root + epsilon)) for w_j, m_j, s_j in zip(w, m, s)]
        return moved, _State(m, s, beta1_t, beta2_t)

    return Optimizer(init, update)
