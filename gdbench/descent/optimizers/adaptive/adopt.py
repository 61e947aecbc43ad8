"""ADOPT: Adam that divides a gradient by earlier ones alone, and so converges with any β₂."""

from __future__ import annotations

import math
from typing import NamedTuple, Tuple

from gdbench.descent.domains import memory, non_negative, positive
from gdbench.descent.numerics.powers import power
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, average_of_squares, optimizer, with_decay
from gdbench.descent.theory.rates import forgotten


class _State(NamedTuple):
    m: Vector
    v: Vector
    t: int


@optimizer(
    "adopt",
    # the first gradient moves nothing: it is what the second is divided by
    facts={
        "usual_rate": 0.001,
        "scaled": True,
        "rests": lambda beta1, beta2, **_: max(1, forgotten(max(beta1, beta2)) or 0),
    },
    beta1=memory,
    beta2=memory,
    epsilon=positive,
    clip_power=non_negative,
    weight_decay=non_negative,
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

    def init(w: Vector) -> _State:
        return _State([0.0] * len(w), [0.0] * len(w), 0)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        g = with_decay(g, w, weight_decay)
        if not state.t:
            return list(w), _State(state.m, [g_j * g_j for g_j in g], 1)
        limit = power(float(state.t), clip_power)
        scaled = [g_j / max(math.sqrt(v_j), epsilon) for g_j, v_j in zip(g, state.v)]
        # comparisons that a NaN fails, so that it passes through and is seen as a divergence
        scaled = [-limit if s_j < -limit else limit if s_j > limit else s_j for s_j in scaled]
        m = average(state.m, scaled, beta1)
        moved = [w_j - rate * m_j for w_j, m_j in zip(w, m)]
        return moved, _State(m, average_of_squares(state.v, g, beta2), state.t + 1)

    return Optimizer(init, update)
