"""The triple momentum method: the fastest way known for strongly convex functions, with three momenta."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

from gdbench.descent.domains import boolean, memory, optional, positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, momentum_checker, optimizer
from gdbench.descent.theory.rates import Update, forgotten, triple_contraction, triple_momenta
from gdbench.descent.theory.worst_case import theorems
from gdbench.descent.theory.worst_case.theorems import Theorem

_USUAL = 0.9


class _State(NamedTuple):
    """ξ_k and ξ_{k−1}."""

    now: Vector
    before: Vector


def _rho(rho: Optional[float], mu: Optional[float], smoothness: Optional[float]) -> float:
    if mu is not None and smoothness is not None:
        return triple_contraction(mu, smoothness)
    return _USUAL if rho is None else rho


def _update(
    rate: float,
    least: Optional[float],
    top: Optional[float],
    /,
    *,
    theoretical: bool,
    rho: Optional[float],
    mu: Optional[float],
    smoothness: Optional[float],
) -> Optional[Update]:
    if theoretical:
        mu, smoothness = least, top
        if not (mu and smoothness):
            return None
    momenta = triple_momenta(_rho(rho, mu, smoothness), 1.0)
    return Update("triple momentum", rate, momenta.beta, gamma=momenta.gamma)


def _recommended(
    least: float,
    top: float,
    /,
    *,
    theoretical: bool,
    rho: Optional[float],
    mu: Optional[float],
    smoothness: Optional[float],
) -> Optional[float]:
    if rho is not None or mu is not None:
        return None  # a rate that goes with other parameters than the problem's
    return triple_momenta(triple_contraction(least, top) if theoretical else _USUAL, top).rate


def _rests(
    *, theoretical: bool, rho: Optional[float], mu: Optional[float], smoothness: Optional[float]
) -> Optional[int]:
    return None if theoretical else forgotten(triple_momenta(_rho(rho, mu, smoothness), 1.0).beta)


def _worst(
    rate: float,
    least: float,
    top: float,
    /,
    *,
    rho: Optional[float],
    mu: Optional[float],
    smoothness: Optional[float],
    theoretical: bool,
) -> Tuple[Theorem, ...]:
    """Of the parameters that the theorem is about: ρ and η of a μ and an L that the problem keeps to."""
    mu, smoothness = (least, top) if theoretical else (mu, smoothness)
    if not mu or not smoothness or mu > least or smoothness < top:
        return ()
    meant = (1.0 + triple_contraction(mu, smoothness)) / smoothness
    return theorems.triple_momentum(mu, smoothness) if abs(rate - meant) <= 1e-12 * meant else ()


@optimizer(
    "triple_momentum",
    facts={
        "also": ("tmm", "tm"),
        "check": momentum_checker("triple_momentum", "rho"),
        "recommended": _recommended,
        "worst": _worst,
        "update": _update,
        "rests": _rests,
        "steady": True,
        "answers": True,
    },
    rho=optional(memory),
    mu=optional(positive),
    smoothness=optional(positive),
    theoretical=boolean,
)
def triple_momentum(
    rho: Optional[float] = None,
    mu: Optional[float] = None,
    smoothness: Optional[float] = None,
    *,
    theoretical: bool = False,
) -> Optimizer:
    """ξ_{k+1} = ξ_k + β (ξ_k − ξ_{k−1}) − η ∇f(y_k),  y_k = ξ_k + γ (ξ_k − ξ_{k−1})  (Van Scoy et al. 2018).

    β = ρ²/(2 − ρ) and γ = ρ²/((1 + ρ)(2 − ρ))  (Van Scoy, Freeman & Lynch).
    The iterates of the run are the y, where the gradient is taken; y_0 = ξ_0 = ξ_{−1}. What the method answers
    with is x_k = ξ_k + δ (ξ_k − ξ_{k−1}), δ = ρ²/(1 − ρ²). All three come to the minimum by a factor
    ρ = 1 − √(μ/L) in each step, with η = (1 + ρ)/L.
    rho: ρ in [0, 1); 0.9 unless given, as of κ = 100.  mu, smoothness: μ and L, which ρ follows from.
    theoretical: take μ and L from the problem, where they are known; learning rate `theoretical` goes with it.
    """
    beta, gamma, delta, _ = triple_momenta(_rho(rho, mu, smoothness), 1.0)

    def init(w: Vector) -> _State:
        return _State(w, w)

    def update(y: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        xi = [xi_j + beta * (xi_j - v_j) - rate * g_j for xi_j, v_j, g_j in zip(state.now, state.before, g)]
        return [xi_j + gamma * (xi_j - v_j) for xi_j, v_j in zip(xi, state.now)], _State(xi, state.now)

    def answer(y: Vector, state: _State) -> Vector:
        return [xi_j + delta * (xi_j - v_j) for xi_j, v_j in zip(state.now, state.before)]

    return Optimizer(init, update, traceable=True, answer=answer)
