"""NAdam: Adam that looks ahead along its momentum, as Nesterov's method does."""

from __future__ import annotations

import math
from typing import NamedTuple, Tuple

from gdbench.descent.domains import memory, non_negative, positive
from gdbench.descent.numerics.powers import power
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, average_of_squares, optimizer, with_decay
from gdbench.descent.theory.rates import forgotten

_WARMING = 0.96  # Dozat 2016, §3.2: "in practice"


class _State(NamedTuple):
    """m, v, β₂ᵗ, 0.96^(tψ), and the product of the μ so far."""

    m: Vector
    v: Vector
    beta2_t: float
    warming_t: float
    product: float


@optimizer(
    "nadam",
    facts={
        "usual_rate": 0.002,
        "scaled": True,
        "rests": lambda beta1, beta2, **_: forgotten(max(beta1, beta2)),
    },
    beta1=memory,
    beta2=memory,
    epsilon=positive,
    weight_decay=non_negative,
    momentum_decay=non_negative,
)
def nadam(
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
    momentum_decay: float = 0.004,
) -> Optimizer:
    """w ← w − η (μ_{t+1} m / (1 − Π_{i≤t+1} μᵢ) + (1 − μ_t) g / (1 − Π_{i≤t} μᵢ)) / (√v̂ + ε)  (Dozat 2016).

    m, v and v̂ as in Adam;  μ_t = β₁ (1 − ½ · 0.96^(tψ)).  beta1, beta2: in [0, 1).  epsilon: ε > 0, in
    units of the gradient.  weight_decay: λ ≥ 0, g ← g + λ w.  momentum_decay: ψ ≥ 0.
    """
    warming = power(_WARMING, momentum_decay)

    def init(w: Vector) -> _State:
        return _State([0.0] * len(w), [0.0] * len(w), 1.0, 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        g = with_decay(g, w, weight_decay)
        m, v = average(state.m, g, beta1), average_of_squares(state.v, g, beta2)
        beta2_t, warming_t = beta2 * state.beta2_t, warming * state.warming_t
        mu, mu_next = beta1 * (1.0 - 0.5 * warming_t), beta1 * (1.0 - 0.5 * warming * warming_t)
        product = mu * state.product
        eta_g, eta_m = rate * (1.0 - mu) / (1.0 - product), rate * mu_next / (1.0 - mu_next * product)
        scale = [math.sqrt(v_j / (1.0 - beta2_t)) + epsilon for v_j in v]
        moved = [w_j - eta_g * (g_j / s_j) - eta_m * (m_j / s_j) for w_j, g_j, m_j, s_j in zip(w, g, m, scale)]
        return moved, _State(m, v, beta2_t, warming_t, product)

    return Optimizer(init, update)
