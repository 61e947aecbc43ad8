"""Directions of their own, along which a line search looks: conjugate gradients, quasi-Newton."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

from gdbench.descent.domains import natural, one_of, optional
from gdbench.descent.numerics.vectors import Vector, dot
from gdbench.descent.optimizers.protocol import Optimizer, directed, optimizer
from gdbench.descent.theory.worst_case import theorems
from gdbench.descent.theory.worst_case.theorems import Theorem

# --- Conjugate gradients: each direction keeps what the ones before have reached


class _Conjugate(NamedTuple):
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

    def init(w: Vector) -> Optional[_Conjugate]:
        return None

    def aim(w: Vector, g: Vector, state: Optional[_Conjugate]) -> Tuple[Vector, _Conjugate]:
        steepest = [-g_j for g_j in g]
        if state is None or state.gradient == g or (restart is not None and state.built + 1 >= restart):
            return steepest, _Conjugate(steepest, g, 0)
        beta = _beta(g, state.gradient)
        direction = [s_j + beta * d_j for s_j, d_j in zip(steepest, state.direction)]
        if not beta or not dot(g, direction) < 0.0:
            return steepest, _Conjugate(steepest, g, 0)
        return direction, _Conjugate(direction, g, state.built + 1)

    def _beta(g: Vector, before: Vector) -> float:
        square = dot(before, before)
        if not square > 0.0:
            return 0.0
        if variant == "fletcher_reeves":
            return dot(g, g) / square
        return max(0.0, dot(g, [g_j - h_j for g_j, h_j in zip(g, before)]) / square)

    return directed(init, aim)


# --- L-BFGS: Newton's direction, with what the last steps have shown of the curvature


#: A pair is kept where sᵀy is above this share of yᵀy, as in L-BFGS-B (Zhu et al. 1997): a float's last digit.
_CURVED = 2.220446049250313e-16


class Pair(NamedTuple):
    """s = w_{k+1} − w_k,  y = ∇f(w_{k+1}) − ∇f(w_k),  sᵀy > 0."""

    s: Vector
    y: Vector
    product: float


class _Curvature(NamedTuple):
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

    def init(w: Vector) -> Optional[_Curvature]:
        return None

    def aim(w: Vector, g: Vector, state: Optional[_Curvature]) -> Tuple[Vector, _Curvature]:
        pairs = () if state is None or w == state.w else _with_step(state, w, g)[-memory:]
        direction = two_loops(g, pairs)
        if pairs and not dot(g, direction) < 0.0:
            pairs, direction = (), [-g_j for g_j in g]
        return direction, _Curvature(pairs, w, g)

    return directed(init, aim)


def _with_step(state: _Curvature, w: Vector, g: Vector) -> Tuple[Pair, ...]:
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
