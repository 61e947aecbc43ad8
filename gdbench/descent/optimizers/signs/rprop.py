"""Rprop: only the signs of the gradient count; each parameter has a step that grows or shrinks."""

from __future__ import annotations

import math
from typing import NamedTuple, Optional, Tuple

from gdbench.descent.domains import above_one, inner_fraction, positive
from gdbench.descent.errors import BadParameter
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, optimizer, sign


class _State(NamedTuple):
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

    def init(w: Vector) -> _State:
        return _State([0.0] * len(w), None)

    def update(w: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        sizes = [rate] * len(w) if state.sizes is None else state.sizes
        agreement = [sign(g_j) * sign(b_j) for g_j, b_j in zip(g, state.before)]
        sizes = [resize(s_j, a_j) for s_j, a_j in zip(sizes, agreement)]
        counted = [0.0 if a_j < 0.0 else g_j for g_j, a_j in zip(g, agreement)]
        moved = [w_j - s_j * sign(g_j) for w_j, s_j, g_j in zip(w, sizes, counted)]
        return moved, _State(counted, sizes)

    return Optimizer(init, update)
