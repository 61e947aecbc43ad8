"""The problems of Moré, Garbow & Hillstrom (1981) that need no data and have a fixed dimension.

f = Σ rᵢ², without ½ or 1/m, from the paper's starting points: "Testing unconstrained optimization
software", ACM Transactions on Mathematical Software 7(1), 17–41. Rosenbrock and Beale are among the classics.
"""

from __future__ import annotations

from typing import Sequence

from gdbench.descent.functions import Scalar, atan, below, exp, sqrt, where
from gdbench.descent.surfaces.registry import fixed, square, sum_of_squares, surface

PAPER = "Moré, Garbow & Hillstrom (1981), problem"
_TURN = 0.15915494309189535  # 1/2π


@surface(
    "freudenstein_roth",
    facts=fixed(
        f"{PAPER} 2",
        start=[0.5, -2.0],
        minimum=(0.0, [5.0, 4.0]),
        others=[(48.984253679240021, [11.412778986902094, -0.89680525327447652])],
    ),
)
def freudenstein_roth(w: Sequence[Scalar]) -> Scalar:
    """(x − 13 + ((5 − y)y − 2)y)² + (x − 29 + ((y + 1)y − 14)y)²: from the start down to a local minimum."""
    x, y = w
    return sum_of_squares(
        [-13.0 + x + ((5.0 - y) * y - 2.0) * y, -29.0 + x + ((y + 1.0) * y - 14.0) * y],
    )


@surface(
    "powell_badly_scaled",
    facts=fixed(
        f"{PAPER} 3",
        start=[0.0, 1.0],
        minimum=(0.0, [1.0981593296998175e-05, 9.1061467398665240]),
    ),
)
def powell_badly_scaled(w: Sequence[Scalar]) -> Scalar:
    """(10⁴xy − 1)² + (e⁻ˣ + e⁻ʸ − 1.0001)²: condition number 7·10¹⁷ at the minimum 0."""
    x, y = w
    return sum_of_squares([1e4 * x * y - 1.0, exp(-x) + exp(-y) - 1.0001])


@surface(
    "brown_badly_scaled",
    facts=fixed(f"{PAPER} 4", start=[1.0, 1.0], minimum=(0.0, [1e6, 2e-6])),
)
def brown_badly_scaled(w: Sequence[Scalar]) -> Scalar:
    """(x − 10⁶)² + (y − 2·10⁻⁶)² + (xy − 2)²: minimum 0 at (10⁶, 2·10⁻⁶)."""
    x, y = w
    return sum_of_squares([x - 1e6, y - 2e-6, x * y - 2.0])


@surface(
    "helical_valley",
    facts=fixed(f"{PAPER} 7", start=[-1.0, 0.0, 0.0], minimum=(0.0, [1.0, 0.0, 0.0])),
)
def helical_valley(w: Sequence[Scalar]) -> Scalar:
    """100(z − 10θ)² + 100(√(x² + y²) − 1)² + z²: 2πθ is the angle of (x, y), and jumps at x = 0, y < 0.

    θ = atan(y/x)/2π, and ½ more for x < 0; there is none at x = 0 (a division by zero).
    """
    x, y, z = w
    theta = _TURN * atan(y / x) + where(below(x, 0.0), 0.5, 0.0)
    return sum_of_squares([10.0 * (z - 10.0 * theta), 10.0 * (sqrt(x * x + y * y) - 1.0), z])


@surface(
    "powell_singular",
    facts=fixed(f"{PAPER} 13", start=[3.0, -1.0, 0.0, 1.0], minimum=(0.0, [0.0, 0.0, 0.0, 0.0])),
)
def powell_singular(w: Sequence[Scalar]) -> Scalar:
    """(a + 10b)² + 5(c − d)² + (b − 2c)⁴ + 10(a − d)⁴: at its minimum 0 two curvatures vanish."""
    return quartet(*w)


def quartet(a: Scalar, b: Scalar, c: Scalar, d: Scalar) -> Scalar:
    """Powell's singular function of four parameters."""
    flat = square(square(b - 2.0 * c)) + 10.0 * square(square(a - d))
    return square(a + 10.0 * b) + 5.0 * square(c - d) + flat


@surface(
    "wood",
    facts={
        **fixed(f"{PAPER} 14", start=[-3.0, -1.0, -3.0, -1.0], minimum=(0.0, [1.0, 1.0, 1.0, 1.0])),
        "also": ("colville",),
    },
)
def wood(w: Sequence[Scalar]) -> Scalar:
    """100(b − a²)² + (1 − a)² + 90(d − c²)² + (1 − c)² + 10(b + d − 2)² + (b − d)²/10: minimum 0 at 1."""
    a, b, c, d = w
    valleys = 100.0 * square(b - a * a) + square(1.0 - a) + 90.0 * square(d - c * c) + square(1.0 - c)
    return valleys + 10.0 * square(b + d - 2.0) + 0.1 * square(b - d)
