"""A rate for each parameter, from the sizes of its gradients so far: Adagrad, Adadelta and RMSprop."""

from __future__ import annotations

import math
from typing import NamedTuple, Tuple

from gdbench.descent.domains import boolean, memory, non_negative, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, average_of_squares, optimizer, with_decay
from gdbench.descent.theory.rates import forgotten

# --- Adagrad: each parameter's rate shrinks with the squares of all its gradients so far


class _Adagrad(NamedTuple):
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

    def init(w: Vector) -> _Adagrad:
        return _Adagrad([initial_accumulator] * len(w), 0)

    def update(w: Vector, g: Vector, state: _Adagrad, rate: float) -> Tuple[Vector, _Adagrad]:
        g = with_decay(g, w, weight_decay)
        total = [s_j + g_j * g_j for s_j, g_j in zip(state.total, g)]
        eta = rate / (1.0 + state.steps * rate_decay)
        moved = [w_j - eta * (g_j / (math.sqrt(s_j) + epsilon)) for w_j, g_j, s_j in zip(w, g, total)]
        return moved, _Adagrad(total, state.steps + 1)

    return Optimizer(init, update)


# --- Adadelta: the step in the parameter's own unit, from a moving average of earlier steps


class _Adadelta(NamedTuple):
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

    def init(w: Vector) -> _Adadelta:
        return _Adadelta([0.0] * len(w), [0.0] * len(w))

    def update(w: Vector, g: Vector, state: _Adadelta, rate: float) -> Tuple[Vector, _Adadelta]:
        g = with_decay(g, w, weight_decay)
        squares = average_of_squares(state.squares, g, rho)
        d = [
            math.sqrt(u_j + epsilon) / math.sqrt(v_j + epsilon) * g_j
            for u_j, v_j, g_j in zip(state.steps, squares, g)
        ]
        moved = [w_j - rate * d_j for w_j, d_j in zip(w, d)]
        return moved, _Adadelta(squares, average_of_squares(state.steps, d, rho))

    return Optimizer(init, update)


# --- RMSprop: the gradient divided by a moving root mean square of itself


class _RMSprop(NamedTuple):
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

    def init(w: Vector) -> _RMSprop:
        zeros = [0.0] * len(w)
        return _RMSprop(zeros, zeros, zeros)

    def update(w: Vector, g: Vector, state: _RMSprop, rate: float) -> Tuple[Vector, _RMSprop]:
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
        return [w_j - rate * s_j for w_j, s_j in zip(w, step)], _RMSprop(squares, mean, step)

    return Optimizer(init, update)
