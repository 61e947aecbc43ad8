"""Adadelta: the step in the parameter's own unit, from a moving average of earlier steps."""

from __future__ import annotations

import math
from typing import NamedTuple, Tuple

from gdbench.descent.domains import memory, non_negative, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average_of_squares, optimizer, with_decay
from gdbench.descent.theory.rates import forgotten


class _State(NamedTuple):
    squares: Vector
    steps: Vector


@optimizer(
    "adadelta",
    facts={"usual_rate": 1.0, "scaled": True, "rests": lambda rho, **_: forgotten(rho)},
    rho=memory,
    epsilon=positive,
    weight_decay=non_negative,
)
def adadelta(rho: float = 0.9, epsilon: float = 1e-6, weight_decay: float = 0.0) -> Optimizer:
    """v ← ρ v + (1 − ρ) g²,  d = √(u + ε) / √(v + ε) · g,  u ← ρ u + (1 − ρ) d²,  w ← w − η d  (Zeiler 2012).

    rho: ρ in [0, 1).  epsilon: ε > 0, inside the roots.  weight_decay: λ ≥ 0, g ← g + λ w.
    The paper has no learning rate: η = 1.
    """

    def init(w: Vector) -> _State:
        return _State([0.0] * len(w), [0.0] * len(w))

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        g = with_decay(g, w, weight_decay)
        squares = average_of_squares(state.squares, g, rho)
        d = [
            math.sqrt(u_j + epsilon) / math.sqrt(v_j + epsilon) * g_j
            for u_j, v_j, g_j in zip(state.steps, squares, g)
        ]
        moved = [w_j - rate * d_j for w_j, d_j in zip(w, d)]
        return moved, _State(squares, average_of_squares(state.steps, d, rho))

    return Optimizer(init, update)
