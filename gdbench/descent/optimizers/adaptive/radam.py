"""RAdam: Adam that waits for its second moment to mean something before it divides by it."""

from __future__ import annotations

import math
from typing import NamedTuple, Tuple

from gdbench.descent.domains import memory, non_negative, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, average_of_squares, optimizer, with_decay
from gdbench.descent.theory.rates import forgotten

_TRACTABLE = 5.0  # above it the variance of the adaptive rate is taken to be tractable; 4 in the paper


class _State(NamedTuple):
    """m, v, the number of steps t, and β₁ᵗ and β₂ᵗ."""

    m: Vector
    v: Vector
    t: int
    beta1_t: float
    beta2_t: float


@optimizer(
    "radam",
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
def radam(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.0
) -> Optimizer:
    """w ← w − η r_t m̂ √(1 − β₂ᵗ) / (√v + ε)  where ρ_t > 5,  else  w ← w − η m̂  (Liu et al. 2020).

    r_t = √((ρ_t−4)(ρ_t−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρ_t)),  ρ∞ = 2/(1−β₂) − 1,  ρ_t = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ);  m, v and
    m̂ as in Adam.  beta1, beta2: in [0, 1).  epsilon: ε > 0, in units of the gradient.  weight_decay:
    λ ≥ 0, g ← g + λ w.
    """
    rho_inf = 2.0 / (1.0 - beta2) - 1.0

    def init(w: Vector) -> _State:
        return _State([0.0] * len(w), [0.0] * len(w), 0, 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        g = with_decay(g, w, weight_decay)
        m, v = average(state.m, g, beta1), average_of_squares(state.v, g, beta2)
        t, beta1_t, beta2_t = state.t + 1, beta1 * state.beta1_t, beta2 * state.beta2_t
        rho = rho_inf - 2.0 * t * beta2_t / (1.0 - beta2_t)
        eta = rate / (1.0 - beta1_t)
        if rho > _TRACTABLE:
            eta *= _rectification(rho, rho_inf) * math.sqrt(1.0 - beta2_t)
            moved = [w_j - eta * m_j / (math.sqrt(v_j) + epsilon) for w_j, m_j, v_j in zip(w, m, v)]
        else:
            moved = [w_j - eta * m_j for w_j, m_j in zip(w, m)]
        return moved, _State(m, v, t, beta1_t, beta2_t)

    return Optimizer(init, update)


def _rectification(rho: float, rho_inf: float) -> float:
    """√((ρ_t − 4)(ρ_t − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ_t)), from 0 up to 1."""
    return math.sqrt((rho - 4.0) * (rho - 2.0) * rho_inf / ((rho_inf - 4.0) * (rho_inf - 2.0) * rho))
