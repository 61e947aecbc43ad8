"""Functions on which a method is as slow as its theorem allows: a student sees the bound met."""

from __future__ import annotations

import math
from typing import Optional, Sequence

from gdbench.descent.domains import natural, non_negative, one_of, optional, positive
from gdbench.descent.errors import BadParameter
from gdbench.descent.functions import Scalar, absolute, below, where
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.surfaces.registry import Minimum, square, surface
from gdbench.descent.theory.worst_case.theorems import pulled, unpulled

_METHODS = ("gradient_descent", "exact", "silver")


def _check(method: str, smoothness: float, mu: float, steps: int, rate: Optional[float], family: str) -> None:
    of = "of surface 'worst_case'"
    if mu >= smoothness:
        raise BadParameter(
            "mu", f"'mu' {of} must be below 'smoothness', but {mu:g} is not below {smoothness:g}."
        )
    if method != "gradient_descent" and (rate is not None or family != "convex"):
        name = "family" if rate is None else "rate"
        raise BadParameter(name, f"'{name}' {of} is a question of method: gradient_descent alone.")
    if rate is not None and rate * smoothness >= 2.0:
        raise BadParameter("rate", f"'rate' {of} must be below 2/L = {2.0 / smoothness:g}, not {rate:g}.")
    if method == "exact" and not mu:
        raise BadParameter(
            "mu", f"'mu' {of} must be above 0 with method: exact. Write mu: {0.1 * smoothness:g}."
        )
    if method == "silver" and (mu or steps & (steps + 1)):
        name, wanted = ("mu", "0") if mu else ("steps", "1, 3, 7, 15, … (a power of two less one)")
        raise BadParameter(name, f"'{name}' {of} must be {wanted} with method: silver.")


def _kink(method: str, smoothness: float, mu: float, steps: int, rate: Optional[float]) -> Optional[float]:
    """t, where the curvature goes from L to μ, of a start at 1; None where ½ L w² is slower still.

    The iterates stay beyond t: w_{k+1} = (1 − γμ) w_k − γ (L − μ) t, and t is that with the greatest f(w_n).
    """
    if method == "silver":  # the steps add up to (ρᵏ − 1) / L with n = 2ᵏ − 1
        total, rho = 1.0, 1.0 + math.sqrt(2.0)
        for _ in range(steps.bit_length()):
            total = total * rho
        return 1.0 / (2.0 * total - 1.0)
    gamma = 1.0 / smoothness if rate is None else rate
    t = pulled(gamma, mu, smoothness, steps)
    return None if unpulled(gamma, smoothness, steps) > t else t


def _bend(smoothness: float, mu: float, steps: int, rate: Optional[float]) -> float:
    """λ in [μ, L] with the greatest λ (1 − γλ)²ⁿ."""
    gamma = 1.0 / smoothness if rate is None else rate
    inner = min(max(1.0 / (gamma * (2.0 * steps + 1.0)), mu), smoothness)
    return max((mu, smoothness, inner), key=lambda bend: bend * unpulled(gamma, bend, steps))


def _centre(method: str, smoothness: float, mu: float, **_: object) -> Vector:
    """w*, at a distance of 1 from 0, where descents begin."""
    if method != "exact":
        return [1.0]
    length = math.sqrt(smoothness * smoothness + mu * mu)
    return [smoothness / length, mu / length]


def _dimension(method: str, **_: object) -> int:
    return 2 if method == "exact" else 1


def _minimum(method: str, smoothness: float, mu: float, **_: object) -> Minimum:
    return 0.0, _centre(method, smoothness, mu)


@surface(
    "worst_case",
    facts={
        "source": "Drori & Teboulle 2014; Taylor, Hendrickx & Glineur 2017; de Klerk, Glineur & Taylor 2017",
        "check": _check,
        "start": lambda **choices: [0.0] * _dimension(**choices),
        "dimension": _dimension,
        "minimum": _minimum,
        "others": lambda **_: [],
        "convex": True,
        "curvatures": lambda smoothness, mu, **_: (mu, smoothness),
    },
    method=one_of(*_METHODS),
    smoothness=positive,
    mu=non_negative,
    steps=natural,
    rate=optional(positive),
    family=one_of("convex", "quadratic"),
)
def worst_case(
    w: Sequence[Scalar],
    method: str = "gradient_descent",
    smoothness: float = 1.0,
    mu: float = 0.0,
    steps: int = 10,
    rate: Optional[float] = None,
    family: str = "convex",
) -> Scalar:
    """The slowest function for a method after `steps` iterations from a distance of 1: its bound is met there.

    gradient_descent: of the convex ones ½ L x² up to |x| = t, and from there on with the curvature μ
    (a Huber function where μ = 0), or ½ L x² alone where long steps are slower there; of the quadratic ones
    ½ λ x².  exact: ½ (μ x₁² + L x₂²) from (L, μ) / ‖(L, μ)‖, with exact line search.  silver: a Huber function.
    x = w − w*, with w* at 1; descents begin at 0.
    smoothness, mu: L > μ ≥ 0.  steps: ≥ 1.  rate: γ of gradient_descent, 1/L unless given.
    """
    x = [w_j - c_j for w_j, c_j in zip(w, _centre(method, smoothness, mu))]
    if method == "exact":
        return 0.5 * (mu * square(x[0]) + smoothness * square(x[1]))
    if family == "quadratic":
        return 0.5 * _bend(smoothness, mu, steps, rate) * square(x[0])
    t, steep = _kink(method, smoothness, mu, steps, rate), 0.5 * smoothness * square(x[0])
    if t is None:
        return steep
    size, drop = absolute(x[0]), (smoothness - mu) * t
    return where(below(t, size), 0.5 * mu * square(x[0]) + drop * (size - 0.5 * t), steep)
