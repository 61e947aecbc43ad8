"""Adam and two of its kin: AMSGrad, which never forgets a large gradient, and AdamW."""

from __future__ import annotations

import math
from typing import NamedTuple, Tuple

from gdbench.descent.domains import memory, non_negative, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, average_of_squares, optimizer, with_decay
from gdbench.descent.theory.rates import forgotten


class _State(NamedTuple):
    """m, v, the largest v so far, and β₁ᵗ and β₂ᵗ."""

    m: Vector
    v: Vector
    largest: Vector
    beta1_t: float
    beta2_t: float


@optimizer(
    "adam",
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
def adam(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.0
) -> Optimizer:
    """w ← w − η m̂ / (√v̂ + ε),  m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)  (Kingma & Ba 2015).

    m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g².  beta1, beta2: in [0, 1).  epsilon: ε > 0, in units
    of the gradient.  weight_decay: λ ≥ 0, g ← g + λ w.
    """
    return _adam(beta1, beta2, epsilon, coupled=weight_decay)


@optimizer(
    "amsgrad",
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
def amsgrad(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.0
) -> Optimizer:
    """Adam with the largest v so far in place of v, so that no rate ever grows  (Reddi et al. 2018).

    beta1, beta2: in [0, 1).  epsilon: ε > 0, in units of the gradient.  weight_decay: λ ≥ 0, g ← g + λ w.
    As in PyTorch the maximum is taken of v before its bias is corrected.
    """
    return _adam(beta1, beta2, epsilon, coupled=weight_decay, remember=True)


@optimizer(
    "adamw",
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
def adamw(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.01
) -> Optimizer:
    """w ← (1 − η λ) w, then Adam's step: weight decay apart from the gradient  (Loshchilov & Hutter 2019).

    beta1, beta2: in [0, 1).  epsilon: ε > 0, in units of the gradient.  weight_decay: λ ≥ 0.
    """
    return _adam(beta1, beta2, epsilon, decoupled=weight_decay)


def _adam(
    beta1: float,
    beta2: float,
    epsilon: float,
    coupled: float = 0.0,
    decoupled: float = 0.0,
    *,
    remember: bool = False,
) -> Optimizer:
    def init(w: Vector) -> _State:
        zeros = [0.0] * len(w)
        return _State(zeros, zeros, zeros, 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        g = with_decay(g, w, coupled)
        m, v = average(state.m, g, beta1), average_of_squares(state.v, g, beta2)
        largest = [max(l_j, v_j) for l_j, v_j in zip(state.largest, v)] if remember else v
        beta1_t, beta2_t = beta1 * state.beta1_t, beta2 * state.beta2_t
        eta, root, kept = rate / (1.0 - beta1_t), math.sqrt(1.0 - beta2_t), 1.0 - rate * decoupled
        moved = [
            kept * w_j - eta * (m_j / (math.sqrt(v_j) / root + epsilon)) for w_j, m_j, v_j in zip(w, m, largest)
        ]
        return moved, _State(m, v, largest, beta1_t, beta2_t)

    return Optimizer(init, update)
