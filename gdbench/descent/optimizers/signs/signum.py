"""Signum: a step of one size in each coordinate, in the direction of the momentum's sign."""

from __future__ import annotations

from typing import Tuple

from gdbench.descent.domains import memory, non_negative
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, optimizer, sign


@optimizer(
    "signum",
    facts={
        "also": ("signsgd", "sign_sgd"),
        "steady": True,
        "usual_rate": 0.01,
        "scaled": True,
        # m may be exactly 0 once; the gradient that comes then is its sign
        "rests": lambda momentum, **_: 1 if momentum else 0,
    },
    momentum=memory,
    weight_decay=non_negative,
)
def signum(momentum: float = 0.9, weight_decay: float = 0.0) -> Optimizer:
    """w ← (1 − η λ) w − η sgn m,  m ← β m + (1 − β) g  (Bernstein et al. 2018).

    momentum: β in [0, 1); 0 is signSGD.  weight_decay: λ ≥ 0, apart from the gradient.
    """

    def init(w: Vector) -> Vector:
        return [0.0] * len(w)

    def update(w: Vector, g: Vector, m: Vector, rate: float) -> Tuple[Vector, Vector]:
        m, kept = average(m, g, momentum), 1.0 - rate * weight_decay
        return [kept * w_j - rate * sign(m_j) for w_j, m_j in zip(w, m)], m

    return Optimizer(init, update)
