"""L-BFGS: Newton's direction, with what the last steps have shown of the curvature."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

from gdbench.descent.domains import natural
from gdbench.descent.numerics.vectors import Vector, dot
from gdbench.descent.optimizers.protocol import Optimizer, directed, optimizer

#: A pair is kept where sᵀy is above this share of yᵀy, as in L-BFGS-B (Zhu et al. 1997): a float's last digit.
_CURVED = 2.220446049250313e-16


class Pair(NamedTuple):
    """s = w_{k+1} − w_k,  y = ∇f(w_{k+1}) − ∇f(w_k),  sᵀy > 0."""

    s: Vector
    y: Vector
    product: float


class _State(NamedTuple):
    """The pairs, from the oldest on, and the iterate that they end at, with its gradient."""

    pairs: Tuple[Pair, ...]
    w: Vector
    gradient: Vector


@optimizer(
    "lbfgs",
    facts={"also": ("l_bfgs", "bfgs", "quasi_newton"), "directs": True, "rests": 1, "usual_rate": 1.0},
    memory=natural,
)
def lbfgs(memory: int = 10) -> Optimizer:
    """w_{k+1} = w_k − η_k H_k g_k, H_k the inverse BFGS matrix of the last pairs (s, y)  (Liu & Nocedal 1989).

    By the two-loop recursion of Nocedal & Wright (2006, alg. 7.4), from H⁰ = (sᵀy / yᵀy) I of the newest pair;
    −g at first. Meant for a line search along −H g: wolfe, whose first trial η = 1 is mostly taken, or exact.
    memory: m ≥ 1, pairs that are kept. One with sᵀy ≤ ε yᵀy, of a step along which f does not bend up, is left
    out. It begins anew from −g where the direction does not lead down, gᵀd ≥ 0, and where the last step came to
    nothing.
    """

    def init(w: Vector) -> Optional[_State]:
        return None

    def aim(w: Vector, g: Vector, state: Optional[_State]) -> Tuple[Vector, _State]:
        pairs = () if state is None or w == state.w else _with_step(state, w, g)[-memory:]
        direction = two_loops(g, pairs)
        if pairs and not dot(g, direction) < 0.0:
            pairs, direction = (), [-g_j for g_j in g]
        return direction, _State(pairs, w, g)

    return directed(init, aim)


def _with_step(state: _State, w: Vector, g: Vector) -> Tuple[Pair, ...]:
    """The pairs with that of the last step, if f bends up along it."""
    s = [w_j - v_j for w_j, v_j in zip(w, state.w)]
    y = [g_j - h_j for g_j, h_j in zip(g, state.gradient)]
    product = dot(s, y)
    return (*state.pairs, Pair(s, y, product)) if product > _CURVED * dot(y, y) else state.pairs


def two_loops(g: Vector, pairs: Tuple[Pair, ...]) -> Vector:
    """−H g  (Nocedal & Wright 2006, alg. 7.4); −g without pairs."""
    q, alphas = g, list[float]()
    for s, y, product in reversed(pairs):
        alphas.append(dot(s, q) / product)
        q = _plus(q, -alphas[-1], y)
    scale = pairs[-1].product / dot(pairs[-1].y, pairs[-1].y) if pairs else 1.0
    r: List[float] = [scale * q_j for q_j in q]
    for (s, y, product), alpha in zip(pairs, reversed(alphas)):
        r = _plus(r, alpha - dot(y, r) / product, s)
    return [-r_j for r_j in r]


def _plus(a: Vector, factor: float, b: Vector) -> Vector:
    return [a_j + factor * b_j for a_j, b_j in zip(a, b)]
