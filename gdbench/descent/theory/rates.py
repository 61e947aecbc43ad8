"""The rates that theory recommends for a quadratic or a smooth convex cost, and what they promise."""

from __future__ import annotations

import math
from typing import NamedTuple, Optional


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


def recommended_rate(optimizer: str, mu: float, smoothness: float) -> Optional[float]:
    """The fixed rate that goes with an optimizer; None where theory recommends none."""
    if optimizer == "gradient_descent":
        return best_rate(mu, smoothness)
    if optimizer == "heavy_ball":
        return heavy_ball_momentum(mu, smoothness).rate
    if optimizer == "nesterov":
        return nesterov_momentum(mu, smoothness).rate
    return None
