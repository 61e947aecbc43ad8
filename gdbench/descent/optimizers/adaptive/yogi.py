"""Yogi: Adam whose second moment changes by no more than the square of the gradient, up or down."""

from __future__ import annotations

import math
from typing import NamedTuple, Tuple

from gdbench.descent.domains import memory, non_negative, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, optimizer, sign


class _State(NamedTuple):
    """m, v, and β₁ᵗ and β₂ᵗ."""

    m: Vector
    v: Vector
    beta1_t: float
    beta2_t: float


# no "rests": v falls by (1 − β₂) g² a step, however large it is: nobody can say when a step is felt again
@optimizer(
    "yogi",
    facts={"usual_rate": 0.01, "scaled": True},
    beta1=memory,
    beta2=memory,
    epsilon=positive,
    initial_accumulator=non_negative,
    weight_decay=non_negative,
)
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

    def init(w: Vector) -> _State:
        return _State([initial_accumulator] * len(w), [initial_accumulator] * len(w), 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        m, squares = average(state.m, g, beta1), [g_j * g_j for g_j in g]
        v = [v_j - (1.0 - beta2) * sign(v_j - q_j) * q_j for v_j, q_j in zip(state.v, squares)]
        beta1_t, beta2_t = beta1 * state.beta1_t, beta2 * state.beta2_t
        eta, root, kept = rate / (1.0 - beta1_t), math.sqrt(1.0 - beta2_t), 1.0 - rate * weight_decay
        moved = [kept * w_j - eta * (m_j / (math.sqrt(v_j) / root + epsilon)) for w_j, m_j, v_j in zip(w, m, v)]
        return moved, _State(m, v, beta1_t, beta2_t)

    return Optimizer(init, update)
