"""Steps that look at the signs of gradients alone: Lion, Rprop and Signum."""

from __future__ import annotations

import math
from typing import NamedTuple, Optional, Tuple

from gdbench.descent.domains import above_one, inner_fraction, memory, non_negative, positive
from gdbench.descent.errors import BadParameter
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, optimizer, sign

# --- Lion: steps of one size for every parameter, in the direction of the momentum's sign


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


# --- Rprop: only the signs of the gradient count; each parameter has a step that grows or shrinks


class _Rprop(NamedTuple):
    before: Vector
    sizes: Optional[Vector]


def _check(shrink: float, grow: float, smallest: float, largest: float) -> None:
    if smallest > largest:
        raise BadParameter(
            "smallest",
            f"'smallest' of optimizer 'rprop' must not be above 'largest', but {smallest:g} > {largest:g}.",
        )


def _rests(grow: float, smallest: float, largest: float, **_: float) -> int:
    """A step is left out where a slope changes its sign; one that is lost grows until it is the largest."""
    return 2 + math.ceil(math.log(largest / smallest) / math.log(grow))


@optimizer(
    "rprop",
    facts={"usual_rate": 0.01, "check": _check, "rests": _rests, "first_rate_only": True},
    shrink=inner_fraction,
    grow=above_one,
    smallest=positive,
    largest=positive,
)
def rprop(shrink: float = 0.5, grow: float = 1.2, smallest: float = 1e-6, largest: float = 50.0) -> Optimizer:
    """w ← w − s · sgn g;  s grows while g keeps its sign, and shrinks, without a step, when it changes.

    shrink: in (0, 1).  grow: > 1.  smallest, largest: bounds of s, in units of the parameter.  The
    learning rate is the first s; later rates mean nothing  (Riedmiller & Braun 1993; after a change of
    sign the gradient counts as zero: iRprop−, Igel & Hüsken 2000).
    """

    def resize(s: float, agreement: float) -> float:
        s *= grow if agreement > 0.0 else shrink if agreement < 0.0 else 1.0
        return min(max(s, smallest), largest)

    def init(w: Vector) -> _Rprop:
        return _Rprop([0.0] * len(w), None)

    def update(w: Vector, g: Vector, state: _Rprop, rate: float) -> Tuple[Vector, _Rprop]:
        sizes = [rate] * len(w) if state.sizes is None else state.sizes
        agreement = [sign(g_j) * sign(b_j) for g_j, b_j in zip(g, state.before)]
        sizes = [resize(s_j, a_j) for s_j, a_j in zip(sizes, agreement)]
        counted = [0.0 if a_j < 0.0 else g_j for g_j, a_j in zip(g, agreement)]
        moved = [w_j - s_j * sign(g_j) for w_j, s_j, g_j in zip(w, sizes, counted)]
        return moved, _Rprop(counted, sizes)

    return Optimizer(init, update)


# --- Signum: a step of one size in each coordinate, in the direction of the momentum's sign


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
