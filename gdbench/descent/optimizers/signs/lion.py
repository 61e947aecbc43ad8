"""Lion: steps of one size for every parameter, in the direction of the momentum's sign."""

from __future__ import annotations

from typing import Tuple

from gdbench.descent.domains import memory, non_negative
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, optimizer, sign


@optimizer(
    "lion",
    facts={"usual_rate": 0.0001, "scaled": True, "rests": 0},
    beta1=memory,
    beta2=memory,
    weight_decay=non_negative,
)
def lion(beta1: float = 0.9, beta2: float = 0.99, weight_decay: float = 0.0) -> Optimizer:
    """w ← (1 − η λ) w − η sgn(β₁ m + (1 − β₁) g),  m ← β₂ m + (1 − β₂) g  (Chen et al. 2023).

    beta1, beta2: in [0, 1).  weight_decay: λ ≥ 0, apart from the gradient.
    """

    def init(w: Vector) -> Vector:
        return [0.0] * len(w)

    def update(w: Vector, g: Vector, m: Vector, rate: float) -> Tuple[Vector, Vector]:
        kept = 1.0 - rate * weight_decay
        moved = [kept * w_j - rate * sign(c_j) for w_j, c_j in zip(w, average(m, g, beta1))]
        return moved, average(m, g, beta2)

    return Optimizer(init, update)
