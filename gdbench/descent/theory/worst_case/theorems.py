"""Theorems on the worst case, each a number for n iterations.

γ: the fixed rate.  L, μ: the largest and the least curvature of the class, q = μ/L.  R = ‖w_0 − w*‖.
"""

from __future__ import annotations

import math
from typing import Callable, NamedTuple, Optional, Sequence, Tuple

from gdbench.descent.numerics.powers import whole_power
from gdbench.descent.theory.rates import Update

#: Classes of functions: L-smooth and convex (μ-strongly where μ > 0), quadratic and convex, L-smooth alone.
CONVEX, QUADRATIC, SMOOTH = "convex", "quadratic", "smooth"
#: What is bounded: f(w_n) − f*, ‖w_n − w*‖², or the least ‖∇f(w_k)‖² of k ≤ n.
GAP, DISTANCE, SLOPE = "gap", "distance", "slope"


class Theorem(NamedTuple):
    """(what is bounded) ≤ factor(n) · (what it starts from: R² or f(w_0) − f*), for every f of a class.

    factor: None where the theorem says nothing of n iterations.  tight: whether some f of the class attains it.
    how: whose theorem it is.  floor: what is added to it, however many iterations.
    best: whether it is of the lowest f(w_k), k ≤ n, and not of the last.  answer: whether it is of the point
    that the method answers with, and not of the run's iterates.
    """

    factor: Callable[[int], Optional[float]]
    how: str
    tight: bool = True
    of: str = CONVEX
    bounds: str = GAP
    start: str = DISTANCE
    floor: float = 0.0
    best: bool = False
    answer: bool = False


#: (η, μ, L, then an optimizer's parameters) → the theorems that speak of it.
Worst = Callable[..., Sequence[Theorem]]


def of_update(update: Update, mu: float, smoothness: float) -> Tuple[Theorem, ...]:
    """What is proved of an update at a fixed rate."""
    if update.plain:
        return fixed_step(update.rate, mu, smoothness)
    if update.kind == "nesterov" and update.beta is None:
        return accelerated(update.rate, smoothness)
    if update.kind == "heavy ball" and update.beta is not None:
        return heavy_ball(update.rate, update.beta, mu, smoothness)
    return ()


def fixed_step(rate: float, mu: float, smoothness: float) -> Tuple[Theorem, ...]:
    """Of w ← w − γ ∇f(w), 0 < γ < 2/L."""
    if not 0.0 < rate * smoothness < 2.0:
        return ()
    return (
        Theorem(
            lambda n: 0.5 * smoothness * max(pulled(rate, mu, smoothness, n), unpulled(rate, smoothness, n)),
            "Drori & Teboulle 2014; Taylor, Hendrickx & Glineur 2017; proved by Kim 2024",
        ),
        Theorem(
            lambda n: max(unpulled(rate, mu, n), unpulled(rate, smoothness, n)),
            "Taylor, Hendrickx & Glineur 2018",
            start=GAP,
        ),
        Theorem(
            lambda n: _quadratic(rate, mu, smoothness, n),
            "½ max λ (1 − γλ)²ⁿ over λ in [μ, L]",
            of=QUADRATIC,
        ),
        *(() if rate * smoothness > math.sqrt(3.0) else (_any_slope(rate, smoothness),)),
    )


def pulled(rate: float, mu: float, smoothness: float, n: int) -> float:
    """1 / (1 + ((1 − γμ)^(−2n) − 1) / q);  1 / (1 + 2nγL) at μ = 0, and 0 at γμ = 1."""
    if mu == 0.0:
        return 1.0 / (1.0 + 2.0 * n * rate * smoothness)
    left = unpulled(rate, mu, n)
    return left / (left + (1.0 - left if left < 0.5 else _lost(rate * mu, n)) * smoothness / mu)


def unpulled(rate: float, curvature: float, n: int) -> float:
    """(1 − γλ)²ⁿ for 0 ≤ γλ < 2: what is left of the square of a component of curvature λ."""
    x = rate * curvature
    if n == 0 or x == 1.0:
        return 1.0 if n == 0 else 0.0
    return math.exp(_exponent(x, n))


def _lost(x: float, n: int) -> float:
    """1 − (1 − x)²ⁿ."""
    return -math.expm1(_exponent(x, n)) if n else 0.0


def _exponent(x: float, n: int) -> float:
    return 2.0 * n * (math.log1p(-x) if x < 1.0 else math.log(x - 1.0))


def _quadratic(rate: float, mu: float, smoothness: float, n: int) -> float:
    """The function λ (1 − γλ)²ⁿ has its only inner maximum at λ = 1 / (γ (2n + 1))."""
    inner = 1.0 / (rate * (2.0 * n + 1.0))
    places = [mu, smoothness, min(max(inner, mu), smoothness)]
    return max(0.5 * place * unpulled(rate, place, n) for place in places)


def _any_slope(rate: float, smoothness: float) -> Theorem:
    """min ‖∇f(w_k)‖² ≤ (f(w_0) − f*) · 4 / (n (4γ − max(1, γL) Lγ²)), for n ≥ 1 and γL ≤ √3."""
    gain = 4.0 * rate - max(1.0, rate * smoothness) * smoothness * rate * rate
    return Theorem(
        lambda n: 4.0 / (n * gain) if n else None,
        "Abbaszadehpeivasti, de Klerk & Zamani 2021; tight against f(w_0) − f(w_n)",
        of=SMOOTH,
        bounds=SLOPE,
        start=GAP,
    )


def subgradients(rate: float, longest: float) -> Tuple[Theorem, ...]:
    """min f(w_k) − f* ≤ R² / (2γ (n + 1)) + ½ γ M², of any convex f with no subgradient longer than M."""
    if not rate > 0.0:
        return ()
    return (
        Theorem(
            lambda n: 0.5 / (rate * (n + 1.0)),
            "Shor 1985; Boyd & Park 2022, §3",
            tight=False,
            floor=0.5 * rate * longest * longest,
            best=True,
        ),
    )


def exact_search(mu: float, smoothness: float) -> Tuple[Theorem, ...]:
    """((L − μ) / (L + μ))²ⁿ, of the minimum along −∇f in each step."""
    factor = (smoothness - mu) / (smoothness + mu)
    return (
        Theorem(
            lambda n: math.exp(2.0 * n * math.log(factor)) if factor and n else float(n == 0),
            "de Klerk, Glineur & Taylor 2017; of quadratics Kantorovich 1948",
            start=GAP,
        ),
    )


def polyak_step(mu: float, smoothness: float, factor: float) -> Tuple[Theorem, ...]:
    """‖w_n − w*‖² ≤ ((L − μ) / (L + μ))²ⁿ R² of steps 2 (f − f*) / ‖∇f‖²: the rate that a step comes to lies
    in [1/L, 1/μ], and (γL − 1)(1 − γμ) / (γ(L + μ) − 1) is largest at γ = 2 / (L + μ).
    """
    if factor != 2.0 or not mu:
        return ()
    shrink = (smoothness - mu) / (smoothness + mu)
    return (
        Theorem(
            lambda n: math.exp(2.0 * n * math.log(shrink)) if shrink and n else float(n == 0),
            "Barré, Taylor & d'Aspremont 2020",
            bounds=DISTANCE,
        ),
    )


def accelerated(rate: float, smoothness: float) -> Tuple[Theorem, ...]:
    """R² / (2 γ t_n²) where the gradient is taken, of γ ≤ 1/L; t_0 = 1, t_{k+1} = ½ (1 + √(1 + 4 t_k²))."""
    if not 0.0 < rate * smoothness <= 1.0 + 1e-12:
        return ()

    def factor(n: int) -> float:
        t = 1.0
        for _ in range(n):
            t = 0.5 * (1.0 + math.sqrt(1.0 + 4.0 * t * t))
        return 1.0 / (2.0 * rate * t * t)

    return (Theorem(factor, "Kim & Fessler 2016, of the points where the gradient is taken", tight=False),)


def heavy_ball(rate: float, beta: float, mu: float, smoothness: float) -> Tuple[Theorem, ...]:
    """(1 − γμ)ⁿ (f(w_0) − f*), of γ ≤ 1/L and β = √((1 − γμ)(1 − γL))."""
    if not 0.0 < rate * smoothness <= 1.0 or not mu:
        return ()
    balanced = math.sqrt((1.0 - rate * mu) * (1.0 - rate * smoothness))
    if abs(beta - balanced) > 1e-12:
        return ()
    return (
        Theorem(
            lambda n: math.exp(n * math.log1p(-rate * mu)) if rate * mu < 1.0 else float(n == 0),
            "Ghadimi, Feyzmahdavian & Johansson 2015, theorem 4",
            tight=False,
            start=GAP,
        ),
    )


def optimized_gradient(rate: float, smoothness: float, steps: Optional[int] = None) -> Tuple[Theorem, ...]:
    """R² / (2 γ θ_N²) at the last of N = `steps` steps of γ ≤ 1/L; without `steps`, of any N taken as the last.

    θ_0 = 1, θ_{k+1} = ½ (1 + √(1 + 4 θ_k²)), the last one ½ (1 + √(1 + 8 θ_{N−1}²)). No first-order method
    can be better (Drori 2017).
    """
    if not 0.0 < rate * smoothness <= 1.0 + 1e-12:
        return ()

    def factor(n: int) -> Optional[float]:
        if n == 0 or (steps is not None and n != steps):
            return None
        theta = 1.0
        for k in range(1, n + 1):
            theta = 0.5 * (1.0 + math.sqrt(1.0 + (8.0 if k == n else 4.0) * theta * theta))
        return 0.5 / (rate * theta * theta)

    return (Theorem(factor, "Kim & Fessler 2016, 2017", tight=rate * smoothness > 1.0 - 1e-12),)


def triple_momentum(mu: float, smoothness: float) -> Tuple[Theorem, ...]:
    """½ L κ ρ²ⁿ with ρ = 1 − √q, at the point that the method answers with."""
    if not mu:
        return ()
    rho, scale = 1.0 - math.sqrt(mu / smoothness), 0.5 * smoothness * smoothness / mu
    return (
        Theorem(
            lambda n: scale * math.exp(2.0 * n * math.log(rho)) if n else None,
            "Van Scoy, Freeman & Lynch 2018",
            answer=True,
        ),
    )


def silver(smoothness: float) -> Tuple[Theorem, ...]:
    """At n = 2ᵏ − 1 of a convex cost: L R² / (1 + √(4ρ²ᵏ − 3)), ρ = 1 + √2, and L R² / (4ρᵏ − 2) of k ≤ 3."""

    def factor(n: int) -> Optional[float]:
        if n & (n + 1):
            return None
        power = whole_power(1.0 + math.sqrt(2.0), n.bit_length())
        wide = smoothness / (1.0 + math.sqrt(4.0 * power * power - 3.0))
        return smoothness / (4.0 * power - 2.0) if n <= 7 else wide

    how = "Altschuler & Parrilo 2023, part II; up to 7 steps by performance estimation"
    return (Theorem(factor, how, tight=False),)


def silver_periods(period: int, mu: float, smoothness: float) -> Tuple[Theorem, ...]:
    """‖w_n − w*‖² ≤ ((1 − z) / (1 + z))² R² after each period of N = 2ᵏ steps of a strongly convex cost.

    z_1 = q and z_{2n} = z_n (1 − z_n + √(1 + (1 − z_n)²)), up to z = z_N.
    """
    if not mu:
        return ()
    z = mu / smoothness
    for _ in range(period.bit_length() - 1):
        z *= 1.0 - z + math.sqrt(1.0 + (1.0 - z) * (1.0 - z))
    shrink = (1.0 - z) / (1.0 + z)
    return (
        Theorem(
            lambda n: None if n % period else whole_power(shrink * shrink, n // period),
            "Altschuler & Parrilo 2023, part I",
            bounds=DISTANCE,
        ),
    )


def conjugate_gradients(mu: float, smoothness: float) -> Tuple[Theorem, ...]:
    """Of a quadratic, with exact line search: L R² / (2 (2n + 1)²), and (f(w_0) − f*) / T_n((κ + 1)/(κ − 1))²
    with Chebyshev's polynomial T_n(x) = cosh(n arcosh x).
    """

    def factor(n: int) -> float:
        growth = n * math.acosh((smoothness + mu) / (smoothness - mu))
        return 0.0 if growth > 350.0 else 1.0 / (math.cosh(growth) * math.cosh(growth))

    bounds = [
        Theorem(
            lambda n: 0.5 * smoothness / ((2.0 * n + 1.0) * (2.0 * n + 1.0)),
            "Nemirovsky 1992, by Chebyshev polynomials",
            of=QUADRATIC,
        )
    ]
    if 0.0 < mu < smoothness:
        bounds.append(Theorem(factor, "Saad 2003, §6.11, by Chebyshev polynomials", of=QUADRATIC, start=GAP))
    return tuple(bounds)
