"""Conjugate gradients: each direction keeps what the ones before have reached."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

from gdbench.descent.domains import natural, one_of, optional
from gdbench.descent.numerics.vectors import Vector, dot
from gdbench.descent.optimizers.protocol import Optimizer, directed, optimizer
from gdbench.descent.theory.worst_case import theorems
from gdbench.descent.theory.worst_case.theorems import Theorem


class _State(NamedTuple):
    """d_{k−1}, ∇f(w_{k−1}), and how many directions in a row have built upon another."""

    direction: Vector
    gradient: Vector
    built: int


def _searched(least: float, top: float, /, *, variant: str, restart: Optional[int]) -> Tuple[Theorem, ...]:
    return theorems.conjugate_gradients(least, top) if restart is None else ()


@optimizer(
    "conjugate_gradients",
    facts={
        "also": ("cg", "nonlinear_cg", "fletcher_reeves", "polak_ribiere"),
        "directs": True,
        "rests": 1,
        "searched": _searched,
    },
    variant=one_of("fletcher_reeves", "polak_ribiere"),
    restart=optional(natural),
)
def conjugate_gradients(variant: str = "polak_ribiere", restart: Optional[int] = None) -> Optimizer:
    """d_k = −g_k + β_k d_{k−1},  w_{k+1} = w_k + η_k d_k  (Fletcher & Reeves 1964; Polak & Ribière 1969).

    variant: fletcher_reeves, β = gᵀg / hᵀh, h the gradient before; polak_ribiere, β = max(0, gᵀ(g − h) / hᵀh)
    as of Gilbert & Nocedal (1992). On a quadratic with learning rate `exact` both are the method of Hestenes &
    Stiefel (1952), and end after as many steps as H has different eigenvalues.
    Meant for a line search along d: exact, or wolfe with c2: 0.1; with c2 below ½ the first always leads down.
    restart: ≥ 1; d = −g again every so many steps. It begins anew also where d does not lead down, gᵀd ≥ 0,
    and where the last step came to nothing.
    """

    def init(w: Vector) -> Optional[_State]:
        return None

    def aim(w: Vector, g: Vector, state: Optional[_State]) -> Tuple[Vector, _State]:
        steepest = [-g_j for g_j in g]
        if state is None or state.gradient == g or (restart is not None and state.built + 1 >= restart):
            return steepest, _State(steepest, g, 0)
        beta = _beta(g, state.gradient)
        direction = [s_j + beta * d_j for s_j, d_j in zip(steepest, state.direction)]
        if not beta or not dot(g, direction) < 0.0:
            return steepest, _State(steepest, g, 0)
        return direction, _State(direction, g, state.built + 1)

    def _beta(g: Vector, before: Vector) -> float:
        square = dot(before, before)
        if not square > 0.0:
            return 0.0
        if variant == "fletcher_reeves":
            return dot(g, g) / square
        return max(0.0, dot(g, [g_j - h_j for g_j, h_j in zip(g, before)]) / square)

    return directed(init, aim)
