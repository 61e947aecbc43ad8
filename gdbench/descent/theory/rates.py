"""The rates that theory recommends for a quadratic or a smooth convex cost, and what they promise."""

from __future__ import annotations

import math
from typing import Callable, Mapping, NamedTuple, Optional


def stability_limit(smoothness: float, momentum: float = 0.0) -> float:
    """2 (1 + β) / L: above it the component of the largest eigenvalue grows  (Polyak 1964, for β > 0)."""
    return 2.0 * (1.0 + momentum) / smoothness


def best_rate(mu: float, smoothness: float) -> float:
    """2 / (L + μ), the fixed rate with the least contraction factor  (Nesterov 2004, §2.1.5)."""
    return 2.0 / (smoothness + mu)


def contraction(rate: float, mu: float, smoothness: float) -> float:
    """ρ = max(|1 − ημ|, |1 − ηL|): the distance to the minimum shrinks by it at least."""
    return max(abs(1.0 - rate * mu), abs(1.0 - rate * smoothness))


def best_contraction(mu: float, smoothness: float) -> float:
    """(κ − 1) / (κ + 1), what the best fixed rate gives."""
    return (smoothness - mu) / (smoothness + mu)


class Momentum(NamedTuple):
    """The rate η and the momentum β that theory recommends."""

    rate: float
    beta: float


def heavy_ball_momentum(mu: float, smoothness: float) -> Momentum:
    """η = 4 / (√L + √μ)²,  β = ((√L − √μ) / (√L + √μ))²  (Polyak 1964)."""
    top, least = math.sqrt(smoothness), math.sqrt(mu)
    q = (top - least) / (top + least)
    return Momentum(4.0 / ((top + least) * (top + least)), q * q)


def nesterov_momentum(mu: float, smoothness: float) -> Momentum:
    """η = 1/L,  β = (√L − √μ) / (√L + √μ)  (Nesterov 2004, §2.2.1)."""
    top, least = math.sqrt(smoothness), math.sqrt(mu)
    return Momentum(1.0 / smoothness, (top - least) / (top + least))


class Triple(NamedTuple):
    """The momenta of the triple momentum method, which follow from ρ, and the rate that theory recommends."""

    beta: float
    gamma: float
    delta: float
    rate: float


def triple_momenta(rho: float, smoothness: float) -> Triple:
    """β = ρ²/(2 − ρ), γ = β/(1 + ρ), δ = ρ²/(1 − ρ²), η = (1 + ρ)/L  (Van Scoy, Freeman & Lynch 2018)."""
    beta = rho * rho / (2.0 - rho)
    return Triple(beta, beta / (1.0 + rho), rho * rho / (1.0 - rho * rho), (1.0 + rho) / smoothness)


def triple_contraction(mu: float, smoothness: float) -> float:
    """ρ = 1 − √(μ/L)."""
    return 1.0 - math.sqrt(mu / smoothness)


class Update(NamedTuple):
    """w_{k+1} from w_k and w_{k−1}, at a fixed rate.

    kind: "plain", "heavy ball", "dampened", "nesterov" or "triple momentum".
    beta: β, 0 for plain; None for Nesterov's β_k = (t_k − 1) / t_{k+1}.  kept: 1 − τ of a dampened heavy
    ball, the share of each gradient but the first that the momentum takes up.  gamma: γ of the triple momentum,
    how far ahead it takes the gradient.
    """

    kind: str
    rate: float
    beta: Optional[float] = 0.0
    kept: float = 1.0
    gamma: float = 0.0

    @property
    def plain(self) -> bool:
        return self.kind == "plain"

    def limit(self, smoothness: float) -> Optional[float]:
        """The rate above which the component of curvature L grows; None where none is known.

        plain: 2/L.  heavy ball: 2 (1 + β)/L, dampened 2 (1 + β)/((1 − τ) L).
        nesterov: (2 + 2β) / ((1 + 2β) L), at which the characteristic polynomial
        z² − (1 + β)(1 − ηL) z + β(1 − ηL) has its root −1.  triple momentum: (2 + 2β) / ((1 + 2γ) L).
        """
        if self.beta is None or not 0.0 <= self.beta < 1.0 or not self.kept > 0.0:
            return None
        if self.kind == "nesterov":
            return (2.0 + 2.0 * self.beta) / ((1.0 + 2.0 * self.beta) * smoothness)
        if self.kind == "triple momentum":
            return (2.0 + 2.0 * self.beta) / ((1.0 + 2.0 * self.gamma) * smoothness)
        return 2.0 * (1.0 + self.beta) / (self.kept * smoothness)


#: (η, μ, L as the run was told them, then an optimizer's parameters) → the update that theorems speak of.
Updating = Callable[..., Optional[Update]]
#: (μ, L, then an optimizer's parameters) → the fixed rate that theory recommends.
Recommending = Callable[..., Optional[float]]


def plain_rate(least: float, top: float, /, **given: object) -> Optional[float]:
    """2 / (L + μ), of an optimizer with nothing to its step but −η g."""
    return None if any(given.values()) else best_rate(least, top)


def momentum_facts(
    kind: str, recommend: Callable[[float, float], Momentum], usual: Optional[float]
) -> Mapping[str, object]:
    """The facts of momentum that is given as β, by μ and L, or by the problem (`theoretical`).

    usual: β where nothing is said.  Of momentum that begins anew at times no theorem of these speaks.
    """

    def update(
        rate: float,
        least: Optional[float],
        top: Optional[float],
        /,
        *,
        beta: Optional[float],
        mu: Optional[float],
        smoothness: Optional[float],
        theoretical: bool,
        restart: str = "none",
    ) -> Optional[Update]:
        if restart != "none":
            return None
        if theoretical:
            mu, smoothness = least, top
            if not (mu and smoothness):
                return None
        if mu and smoothness:
            return Update(kind, rate, recommend(mu, smoothness).beta)
        return Update(kind, rate, usual if beta is None else beta)

    def recommended(
        least: float, top: float, /, *, theoretical: bool, restart: str = "none", **given: object
    ) -> Optional[float]:
        return None if any(given.values()) and not theoretical else recommend(least, top).rate

    def rests(
        *,
        beta: Optional[float],
        mu: Optional[float],
        smoothness: Optional[float],
        theoretical: bool,
        **_: object,
    ) -> Optional[int]:
        if mu and smoothness:
            beta = recommend(mu, smoothness).beta
        return None if theoretical else forgotten(usual if beta is None else beta)

    def steady(*, restart: str = "none", **_: object) -> bool:
        return restart == "none"

    return {"steady": steady, "update": update, "recommended": recommended, "rests": rests}


def forgotten(beta: Optional[float]) -> Optional[int]:
    """The steps after which nothing is left of a value in an average m ← β m + …: βᵏ is below the last digit.

    None where nothing is ever forgotten (β ≥ 1), or β is not settled.
    """
    if beta is None or beta >= 1.0:
        return None
    return math.ceil(-52.0 * math.log(2.0) / math.log(beta)) if beta > 0.0 else 0
