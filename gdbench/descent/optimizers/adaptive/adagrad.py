"""Adagrad: each parameter's rate shrinks with the squares of all its gradients so far."""

from __future__ import annotations

import math
from typing import NamedTuple, Tuple

from gdbench.descent.domains import non_negative, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, optimizer, with_decay


class _State(NamedTuple):
    total: Vector
    steps: int


@optimizer(
    "adagrad",
    facts={"usual_rate": 0.01, "scaled": True, "rests": 0},
    rate_decay=non_negative,
    weight_decay=non_negative,
    initial_accumulator=non_negative,
    epsilon=positive,
)
def adagrad(
    rate_decay: float = 0.0,
    weight_decay: float = 0.0,
    initial_accumulator: float = 0.0,
    epsilon: float = 1e-10,
) -> Optimizer:
    """s ← s + g²,  w ← w − η / (1 + (t − 1) δ) · g / (√s + ε),  t = 1, 2, …  (Duchi et al. 2011).

    rate_decay: δ ≥ 0, per step.  weight_decay: λ ≥ 0, g ← g + λ w.  initial_accumulator: s at the start,
    ≥ 0.  epsilon: ε > 0, in units of the gradient.
    """

    def init(w: Vector) -> _State:
        return _State([initial_accumulator] * len(w), 0)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        g = with_decay(g, w, weight_decay)
        total = [s_j + g_j * g_j for s_j, g_j in zip(state.total, g)]
        eta = rate / (1.0 + state.steps * rate_decay)
        moved = [w_j - eta * (g_j / (math.sqrt(s_j) + epsilon)) for w_j, g_j, s_j in zip(w, g, total)]
        return moved, _State(total, state.steps + 1)

    return Optimizer(init, update)
