"""The sums of exponentials and waves among the problems of Moré, Garbow & Hillstrom (1981).

Fits to points that a formula gives: sums of squared residuals, without ½ or 1/m.
"""

from __future__ import annotations

from typing import List, Sequence

from gdbench.descent.functions import Scalar, absolute, cos, exp, log, sin
from gdbench.descent.surfaces.more_garbow_hillstrom import PAPER
from gdbench.descent.surfaces.registry import fixed, square, sum_of_squares, surface


@surface(
    "jennrich_sampson",
    facts=fixed(
        f"{PAPER} 6, m = 10",
        start=[0.3, 0.4],
        minimum=(124.36218235561485, [0.2578252136703641, 0.2578252136703641]),
    ),
)
def jennrich_sampson(w: Sequence[Scalar]) -> Scalar:
    """Σ (2 + 2i − (e^(ix) + e^(iy)))², i = 1 … 10."""
    x, y = w
    return sum_of_squares((2.0 + 2.0 * i) - (exp(i * x) + exp(i * y)) for i in range(1, 11))


@surface(
    "gulf",
    facts=fixed(f"{PAPER} 11, m = 99", start=[5.0, 2.5, 0.15], minimum=(0.0, [50.0, 25.0, 1.5])),
)
def gulf(w: Sequence[Scalar]) -> Scalar:
    """Σ (e^(−|yᵢ − b|^c / a) − tᵢ)², yᵢ = 25 + (−50 log tᵢ)^⅔, tᵢ = i/100, i = 1 … 99: minimum 0.

    The paper prints "mi" for the minus sign. Where b = yᵢ there is no value (a logarithm of 0).
    """
    a, b, c = w
    times = [i / 100.0 for i in range(1, 100)]
    places = [25.0 + exp(log(-50.0 * log(t)) * 2.0 / 3.0) for t in times]
    return sum_of_squares(exp(-exp(c * log(absolute(y - b))) / a) - t for y, t in zip(places, times))


@surface(
    "box_three_dimensional",
    facts=fixed(
        f"{PAPER} 12, m = 10",
        start=[0.0, 10.0, 20.0],
        minimum=(0.0, [1.0, 10.0, 1.0]),
        others=[(0.0, [10.0, 1.0, -1.0])],
    ),
)
def box_three_dimensional(w: Sequence[Scalar]) -> Scalar:
    """Σ (e^(−tᵢa) − e^(−tᵢb) − c(e^(−tᵢ) − e^(−10tᵢ)))², tᵢ = i/10, i ≤ 10; 0 also where a = b, c = 0."""
    a, b, c = w
    return sum_of_squares(exp(-t * a) - exp(-t * b) - c * (exp(-t) - exp(-10.0 * t)) for t in _tenths(10))


@surface(
    "brown_dennis",
    facts=fixed(
        f"{PAPER} 16, m = 20",
        start=[25.0, 5.0, -5.0, -1.0],
        minimum=(
            85822.201626356344,
            [-11.594439904762165, 13.203630051207204, -0.40343948817685952, 0.23677877445573630],
        ),
    ),
)
def brown_dennis(w: Sequence[Scalar]) -> Scalar:
    """Σ ((a + tᵢb − e^tᵢ)² + (c + d·sin tᵢ − cos tᵢ)²)², tᵢ = i/5, i = 1 … 20."""
    a, b, c, d = w
    times = [i / 5.0 for i in range(1, 21)]
    return sum_of_squares(square(a + t * b - exp(t)) + square(c + d * sin(t) - cos(t)) for t in times)


@surface(
    "biggs_exp6",
    facts=fixed(
        f"{PAPER} 18, m = 13",
        start=[1.0, 2.0, 1.0, 1.0, 1.0, 1.0],
        minimum=(0.0, [1.0, 10.0, 1.0, 5.0, 4.0, 3.0]),
    ),
)
def biggs_exp6(w: Sequence[Scalar]) -> Scalar:
    """Σ (c·e^(−tᵢa) − d·e^(−tᵢb) + f·e^(−tᵢe) − yᵢ)², yᵢ = e^−tᵢ − 5e^(−10tᵢ) + 3e^(−4tᵢ), tᵢ = 0.1 … 1.3.

    The start has a = e and c = f, and gradient descent keeps both for ever: it can only end at 5.65565·10⁻³,
    which the paper lists as a minimum and which is a saddle (a curvature of −0.0098 leads down from it).
    """
    a, b, c, d, e, f = w
    return sum_of_squares(
        c * exp(-t * a)
        - d * exp(-t * b)
        + f * exp(-t * e)
        - (exp(-t) - 5.0 * exp(-10.0 * t) + 3.0 * exp(-4.0 * t))
        for t in _tenths(13)
    )


def _tenths(count: int) -> List[float]:
    """0.1, 0.2, …"""
    return [i / 10.0 for i in range(1, count + 1)]
