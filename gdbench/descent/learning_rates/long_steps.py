"""Long steps among short ones, in an order that makes up for them: silver steps, and Chebyshev's."""

from __future__ import annotations

import math
from typing import List, Optional, Tuple

from gdbench.descent.domains import natural, optional, positive
from gdbench.descent.errors import BadParameter
from gdbench.descent.iterate import Landscape
from gdbench.descent.learning_rates.protocol import (
    Chooser,
    LearningRate,
    Schedule,
    curvatures,
    curvatures_needed,
    learning_rate,
    of_curvatures,
    positive_smoothness,
)
from gdbench.descent.numerics.powers import whole_power
from gdbench.descent.theory.worst_case import theorems
from gdbench.descent.theory.worst_case.theorems import Theorem

# --- Silver steps: long steps among short ones, which make plain gradient descent faster than any fixed rate


#: ρ, the silver ratio.
_RATIO = 1.0 + math.sqrt(2.0)


def _check(period: Optional[int], mu: Optional[float], smoothness: Optional[float]) -> None:
    of_curvatures("silver")(mu=mu, smoothness=smoothness)
    if period is not None and period & (period - 1):
        raise BadParameter(
            "period", f"'period' of learning rate 'silver' must be a power of two, such as 32, not {period}."
        )
    if period is None and mu is not None:
        raise BadParameter(
            "mu", "'mu' of learning rate 'silver' says nothing without 'period'. Give both or neither."
        )


def _needs(*, period: Optional[int], mu: Optional[float], smoothness: Optional[float]) -> Tuple[str, ...]:
    if period is None:
        return () if smoothness else ("smoothness",)
    return curvatures_needed(mu=mu, smoothness=smoothness)


def _worst(
    least: float, top: float, /, *, period: Optional[int], mu: Optional[float], smoothness: Optional[float]
) -> Tuple[Theorem, ...]:
    """Of steps for an L, or a μ, that the problem does not have, only where its own lie within."""
    if (smoothness is not None and smoothness < top) or (mu is not None and mu > least):
        return ()
    if period is None:
        return theorems.silver(smoothness or top)
    return theorems.silver_periods(period, mu or least, smoothness or top)


@learning_rate(
    "silver",
    facts={
        "also": ("silver_stepsize",),
        "check": _check,
        "needs": _needs,
        "rests": lambda period, **_: period,
        "worst": _worst,
    },
    period=optional(natural),
    mu=optional(positive),
    smoothness=optional(positive),
)
def silver(
    period: Optional[int] = None, mu: Optional[float] = None, smoothness: Optional[float] = None
) -> LearningRate:
    """η_k = (1 + ρ^(ν(k + 1) − 1)) / L, ρ = 1 + √2, ν(j) how often 2 divides j  (Altschuler & Parrilo 2024).

    For convex functions: after n = 2ᵐ − 1 steps f(x_n) − f* ≤ L ‖x_0 − x*‖² / (1 + √(4 ρ²ᵐ − 3)); the cost goes
    up in between, as some steps are far above 2/L.
    period: N = 2ᵐ, for strongly convex functions (Altschuler & Parrilo 2023): h₁ = [b₁] and
    h₂ₙ = [h̃ₙ, a₂ₙ, h̃ₙ, b₂ₙ], over and over again, with h̃ₙ all of hₙ but its last; aₙ = ψ(yₙ), bₙ = ψ(zₙ),
    ψ(t) = (1 + κt)/(1 + t)/L, y₁ = z₁ = 1/κ, y₂ₙ = zₙ/qₙ, z₂ₙ = zₙqₙ, qₙ = 1 − zₙ + √(1 + (1 − zₙ)²).
    N steps shrink the distance to the minimum by (1 − z_N)/(1 + z_N) at least.
    mu, smoothness: μ ≤ L; those of the problem unless given. Without a period μ is not needed.
    """

    def begin(landscape: Landscape) -> Chooser:
        if period is None:
            top = positive_smoothness("silver", smoothness or landscape.smoothness)
            return Schedule(lambda k: silver_step(k + 1) / top)
        least, top = curvatures("silver", landscape, mu, smoothness)
        rates = [h / top for h in silver_steps(period, top / least)]
        return Schedule(lambda k: rates[k % period])

    return begin


def silver_step(j: int) -> float:
    """1 + ρ^(ν(j) − 1), for j ≥ 1; ρ⁻¹ = √2 − 1."""
    often = (j & -j).bit_length() - 1
    return 1.0 + whole_power(_RATIO, often - 1) if often else math.sqrt(2.0)


def silver_steps(period: int, condition: float) -> List[float]:
    """h_N of functions with 1/κ ≤ curvature ≤ 1."""

    def psi(t: float) -> float:
        return (1.0 + condition * t) / (1.0 + t)

    z, steps = 1.0 / condition, [psi(1.0 / condition)]
    while len(steps) < period:
        q = 1.0 - z + math.sqrt(1.0 + (1.0 - z) * (1.0 - z))
        y, z = z / q, z * q
        steps = [*steps[:-1], psi(y), *steps[:-1], psi(z)]
    return steps


# --- Chebyshev's steps: rates that end a period with the least error on every spectrum between μ and L


@learning_rate(
    "chebyshev",
    facts={
        "also": ("richardson", "young"),
        "check": of_curvatures("chebyshev"),
        "needs": curvatures_needed,
        "rests": lambda period, **_: period,
    },
    period=natural,
    mu=optional(positive),
    smoothness=optional(positive),
)
def chebyshev(period: int, mu: Optional[float] = None, smoothness: Optional[float] = None) -> LearningRate:
    """1/η_k = ½ (L + μ) + ½ (L − μ) cos(½π θ_k / N), over and over again in N steps  (Young 1953).

    θ is a permutation of 1, 3, …, 2N − 1, in an order in which no step undoes what others have reached (Lebedev
    & Finogenov 1971). On quadratics N steps shrink the distance to the minimum by 1 / T_N((L + μ)/(L − μ)) at
    least, which no other N rates do for every spectrum in [μ, L]; on other functions nothing is promised.
    period: N ≥ 1.  mu, smoothness: μ ≤ L; those of the problem unless given.
    """

    def begin(landscape: Landscape) -> Chooser:
        least, top = curvatures("chebyshev", landscape, mu, smoothness)
        middle, width = 0.5 * (top + least), 0.5 * (top - least)
        rates = [
            1.0 / (middle + width * math.cos(0.5 * math.pi * theta / period)) for theta in stable_order(period)
        ]
        return Schedule(lambda k: rates[k % period])

    return begin


def stable_order(count: int) -> List[int]:
    """1, 3, …, 2N − 1 such that each small rate is followed by a large one that it makes up for.

    θ of 2m is θ_i, 4m − θ_i for each of m, and of 2m + 1 it is θ_i, 4m + 2 − θ_i, and 2m + 1 at the end
    (Lebedev & Finogenov 1971; Samarskii & Nikolaev 1989).
    """
    if count == 1:
        return [1]
    half, odd = divmod(count, 2)
    found = [theta for first in stable_order(half) for theta in (first, 2 * count - first)]
    return found + [count] * odd
