"""RMSprop: the gradient divided by a moving root mean square of itself."""

from __future__ import annotations

import math
from typing import NamedTuple, Tuple

from gdbench.descent.domains import boolean, memory, non_negative, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, average_of_squares, optimizer, with_decay
from gdbench.descent.theory.rates import forgotten


class _State(NamedTuple):
    squares: Vector
    mean: Vector
    buffer: Vector


@optimizer(
    "rmsprop",
    facts={
        "usual_rate": 0.01,
        "scaled": True,
        "rests": lambda alpha, momentum, **_: forgotten(max(alpha, momentum)),
    },
    alpha=memory,
    epsilon=positive,
    weight_decay=non_negative,
    momentum=non_negative,
    centered=boolean,
)
def rmsprop(
    alpha: float = 0.99,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    *,
    centered: bool = False,
) -> Optimizer:
    """v ← α v + (1 − α) g²,  b ← μ b + g / (√v + ε),  w ← w − η b  (Hinton 2012, lecture 6e).

    alpha: α in [0, 1).  epsilon: ε > 0, in units of the gradient.  weight_decay: λ ≥ 0, g ← g + λ w.
    momentum: μ ≥ 0.  centered: √(v − m²) in place of √v, with m ← α m + (1 − α) g (Graves 2013).
    """

    def init(w: Vector) -> _State:
        zeros = [0.0] * len(w)
        return _State(zeros, zeros, zeros)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        g = with_decay(g, w, weight_decay)
        squares, mean = average_of_squares(state.squares, g, alpha), state.mean
        spread = squares
        if centered:
            mean = average(mean, g, alpha)
            # v − m² is never negative but for rounding, when g has long been the same
            spread = [max(v_j - m_j * m_j, 0.0) for v_j, m_j in zip(squares, mean)]
        step = [g_j / (math.sqrt(v_j) + epsilon) for g_j, v_j in zip(g, spread)]
        if momentum:
            step = [momentum * b_j + s_j for b_j, s_j in zip(state.buffer, step)]
        return [w_j - rate * s_j for w_j, s_j in zip(w, step)], _State(squares, mean, step)

    return Optimizer(init, update)
