"""The problems of Moré, Garbow & Hillstrom (1981) in every dimension whose minimum 0 is at a plain point."""

from __future__ import annotations

from typing import Sequence

from gdbench.descent.domains import at_least, multiple_of, natural
from gdbench.descent.functions import Scalar, cos, sin
from gdbench.descent.surfaces.more_garbow_hillstrom import PAPER, quartet
from gdbench.descent.surfaces.registry import any_dimension, square, sum_of_squares, surface, total


@surface(
    "extended_rosenbrock",
    facts=any_dimension(
        f"{PAPER} 21", start=lambda n: [-1.2, 1.0] * (n // 2), minimum=lambda n: (0.0, [1.0] * n)
    ),
    dimension=multiple_of(2),
)
def extended_rosenbrock(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """Σ 100(y − x²)² + (1 − x)² over pairs (x, y): so many valleys side by side, not linked.

    dimension: even.
    """
    pairs = zip(w[::2], w[1::2])
    return total(100.0 * square(y - x * x) + square(1.0 - x) for x, y in pairs)


@surface(
    "extended_powell_singular",
    facts=any_dimension(
        f"{PAPER} 22", start=lambda n: [3.0, -1.0, 0.0, 1.0] * (n // 4), minimum=lambda n: (0.0, [0.0] * n)
    ),
    dimension=multiple_of(4),
)
def extended_powell_singular(w: Sequence[Scalar], dimension: int = 8) -> Scalar:
    """Powell's singular function of each four parameters in turn, added up.

    dimension: a multiple of 4.
    """
    return total(quartet(*w[i : i + 4]) for i in range(0, dimension, 4))


@surface(
    "variably_dimensioned",
    facts=any_dimension(
        f"{PAPER} 25",
        start=lambda n: [1.0 - j / n for j in range(1, n + 1)],
        minimum=lambda n: (0.0, [1.0] * n),
    ),
    dimension=natural,
)
def variably_dimensioned(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """Σ (wⱼ − 1)² + s² + s⁴ with s = Σ j(wⱼ − 1): minimum 0 at 1.

    dimension: d ≥ 1.
    """
    s = total(float(j) * (w_j - 1.0) for j, w_j in enumerate(w, start=1))
    return total(square(w_j - 1.0) for w_j in w) + square(s) + square(square(s))


@surface(
    "trigonometric",
    facts=any_dimension(f"{PAPER} 26", start=lambda n: [1.0 / n] * n, minimum=lambda n: (0.0, [0.0] * n)),
    dimension=natural,
)
def trigonometric(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """Σ (d − Σ cos wⱼ + i(1 − cos wᵢ) − sin wᵢ)²: minimum 0 at 0 and elsewhere, with local ones.

    dimension: d ≥ 1.
    """
    cosines = [cos(w_j) for w_j in w]
    missing = dimension - total(cosines)
    numbered = enumerate(zip(w, cosines), start=1)
    return sum_of_squares(missing + i * (1.0 - c_i) - sin(w_i) for i, (w_i, c_i) in numbered)


@surface(
    "brown_almost_linear",
    facts=any_dimension(f"{PAPER} 27", start=lambda n: [0.5] * n, minimum=lambda n: (0.0, [1.0] * n)),
    dimension=at_least(2),
)
def brown_almost_linear(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """Σ (wᵢ + Σ wⱼ − (d + 1))² over all i but the last, and (Π wⱼ − 1)²: minimum 0 at 1.

    dimension: d ≥ 2.
    """
    sum_of_all, product = total(w), w[0]
    for w_j in w[1:]:
        product = product * w_j
    return sum_of_squares([*(w_i + sum_of_all - (dimension + 1.0) for w_i in w[:-1]), product - 1.0])
