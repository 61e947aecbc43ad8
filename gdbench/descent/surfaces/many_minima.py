"""Surfaces with more than one minimum: where a descent ends depends on where it begins."""

from __future__ import annotations

import math
from typing import Sequence, Tuple

from gdbench.descent.domains import natural
from gdbench.descent.functions import Scalar, cos, exp, maximum, sqrt
from gdbench.descent.surfaces.registry import any_dimension, fixed, square, sum_of_squares, surface, total

TWO_PI = 2.0 * math.pi
#: The smallest normal number: below it the mean square is taken to be it, so that √ keeps a finite slope.
TINY = 2.2250738585072014e-308


@surface(
    "himmelblau",
    facts=fixed(
        "Himmelblau (1972), Applied Nonlinear Programming, McGraw-Hill; start ours",
        start=[0.0, 0.0],
        minimum=(0.0, [3.0, 2.0]),
        others=[
            (0.0, [-2.8051180869527449, 3.1313125182505730]),
            (0.0, [-3.7793102533777469, -3.2831859912861694]),
            (0.0, [3.5844283403304917, -1.8481265269644034]),
        ],
    ),
)
def himmelblau(w: Sequence[Scalar]) -> Scalar:
    """(x² + y − 11)² + (x + y² − 7)²: four minima of 0, one of them at (3, 2)."""
    x, y = w
    return sum_of_squares([x * x + y - 11.0, x + y * y - 7.0])


@surface(
    "rastrigin",
    facts=any_dimension(
        "Rastrigin (1974); Mühlenbein, Schomisch & Born (1991), Parallel Computing 17; start ours",
        start=lambda d: [2.2] * d,
        minimum=lambda d: (0.0, [0.0] * d),
    ),
    dimension=natural,
)
def rastrigin(w: Sequence[Scalar], dimension: int = 2) -> Scalar:
    """Σ wⱼ² + 10(1 − cos 2πwⱼ): minimum 0 at 0, and a local minimum near every point of whole numbers.

    dimension: d ≥ 1.
    """
    return total(w_j * w_j + 10.0 * (1.0 - cos(TWO_PI * w_j)) for w_j in w)


@surface(
    "ackley",
    facts=any_dimension(
        "Ackley (1987), A Connectionist Machine for Genetic Hillclimbing, Kluwer; start ours",
        start=lambda d: [2.5] * d,
        minimum=lambda d: (0.0, [0.0] * d),
        kinked=True,
    ),
    dimension=natural,
)
def ackley(w: Sequence[Scalar], dimension: int = 2) -> Scalar:
    """20(1 − e^(−0.2‖w‖/√d)) + e − e^(mean cos 2πwⱼ): a funnel with ripples, minimum 0 at 0.

    The minimum is the tip of a cone: near it the slope has length 4/√d, so a constant step does not settle.
    At 0 itself the slope is taken to be 0, the subgradient of least norm.
    dimension: d ≥ 1.
    """
    rms = sqrt(maximum(total(w_j * w_j for w_j in w) / dimension, TINY))
    ripple = total(cos(TWO_PI * w_j) for w_j in w) / dimension
    return 20.0 * (1.0 - exp(-0.2 * rms)) + (math.e - exp(ripple))


def _tang(x: Scalar) -> Scalar:
    return 0.5 * (square(x * x) - 16.0 * (x * x) + 5.0 * x)


def _lowest_tang() -> Tuple[float, float]:
    """(f, w) of one coordinate: Newton's method on f′/2 = 2x³ − 16x + 5/2 from −3, below its lowest root."""
    x = -3.0
    for _ in range(10):  # 6 reach the last bit
        x -= (2.0 * x * x * x - 16.0 * x + 2.5) / (6.0 * x * x - 16.0)
    least = _tang(x)
    assert isinstance(least, float)
    return least, x


_LEAST, _LOWEST = _lowest_tang()


@surface(
    "styblinski_tang",
    facts=any_dimension(
        "Styblinski & Tang (1990), Neural Networks 3(4); start ours",
        start=lambda d: [0.0] * d,
        minimum=lambda d: (_LEAST * d, [_LOWEST] * d),
    ),
    dimension=natural,
)
def styblinski_tang(w: Sequence[Scalar], dimension: int = 2) -> Scalar:
    """½ Σ wⱼ⁴ − 16wⱼ² + 5wⱼ: minimum −39.166165703771… · d at −2.903534…, and 2ᵈ − 1 local ones.

    dimension: d ≥ 1.
    """
    return total(_tang(w_j) for w_j in w)
