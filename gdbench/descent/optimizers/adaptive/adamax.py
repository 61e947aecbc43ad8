"""Adamax: Adam with the largest recent gradient in place of the root mean square."""

from __future__ import annotations

from typing import NamedTuple, Tuple

from gdbench.descent.domains import memory, non_negative, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, optimizer, with_decay
from gdbench.descent.theory.rates import forgotten


class _State(NamedTuple):
    m: Vector
    largest: Vector
    beta1_t: float


@optimizer(
    "adamax",
    facts={
        "usual_rate": 0.002,
        "scaled": True,
        "rests": lambda beta1, beta2, **_: forgotten(max(beta1, beta2)),
    },
    beta1=memory,
    beta2=memory,
    epsilon=positive,
    weight_decay=non_negative,
)
def adamax(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.0
) -> Optimizer:
    """m ← β₁ m + (1 − β₁) g,  u ← max(β₂ u, |g| + ε),  w ← w − η / (1 − β₁ᵗ) · m / u  (Kingma & Ba 2015, §7.1).

    beta1, beta2: in [0, 1).  epsilon: ε > 0, in units of the gradient.  weight_decay: λ ≥ 0, g ← g + λ w.
    """

    def init(w: Vector) -> _State:
        return _State([0.0] * len(w), [0.0] * len(w), 1.0)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        g = with_decay(g, w, weight_decay)
        m, beta1_t = average(state.m, g, beta1), beta1 * state.beta1_t
        largest = [max(beta2 * u_j, abs(g_j) + epsilon) for u_j, g_j in zip(state.largest, g)]
        eta = rate / (1.0 - beta1_t)
        moved = [w_j - eta * (m_j / u_j) for w_j, m_j, u_j in zip(w, m, largest)]
        return moved, _State(m, largest, beta1_t)

    return Optimizer(init, update)
