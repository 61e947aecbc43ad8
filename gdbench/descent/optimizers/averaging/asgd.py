"""Averaged gradient descent: a rate that decays slowly, and the mean of the iterates beside them."""

from __future__ import annotations

from typing import NamedTuple, Tuple

from gdbench.descent.domains import non_negative
from gdbench.descent.numerics.powers import power
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, optimizer, with_decay


class Averaged(NamedTuple):
    """The mean of the iterates so far, and how many steps it has seen."""

    mean: Vector
    steps: int


@optimizer(
    "asgd",
    facts={"usual_rate": 0.01, "rests": 0},
    decay=non_negative,
    alpha=non_negative,
    average_from=non_negative,
    weight_decay=non_negative,
)
def asgd(
    decay: float = 1e-4, alpha: float = 0.75, average_from: float = 1e6, weight_decay: float = 0.0
) -> Optimizer:
    """w ← (1 − λη_t) w − η_t g,  η_t = η / (1 + λη(t−1))^α,  t ≥ 1  (Polyak & Juditsky 1992; Bottou 2010).

    decay: λ ≥ 0.  alpha: α ≥ 0.  average_from: t₀ ≥ 0, in steps.  weight_decay: ≥ 0, g ← g + weight_decay · w.
    As in PyTorch the iterates of the run are the w; the state has w̄ ← w̄ + (w − w̄) / max(1, t − 1 − t₀).
    """

    def init(w: Vector) -> Averaged:
        return Averaged([0.0] * len(w), 0)

    def update(w: Vector, g: Vector, state: Averaged, rate: float) -> Tuple[Vector, Averaged]:
        g = with_decay(g, w, weight_decay)
        eta = rate / power(1.0 + decay * rate * state.steps, alpha)
        moved = [(1.0 - decay * eta) * w_j - eta * g_j for w_j, g_j in zip(w, g)]
        weight = 1.0 / max(1.0, state.steps - average_from)
        # a weight of 1 replaces the mean, without the rounding of w̄ + (w − w̄)
        mean = moved if weight == 1.0 else [m + (w_j - m) * weight for m, w_j in zip(state.mean, moved)]
        return moved, Averaged(mean, state.steps + 1)

    return Optimizer(init, update)
