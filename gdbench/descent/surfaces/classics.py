"""The test functions that every text on optimization draws: valleys, a plane bowl, a saddle."""

from __future__ import annotations

from typing import Dict, Sequence

from gdbench.descent.domains import at_least, number, positive
from gdbench.descent.functions import Scalar
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.surfaces.registry import Minimum, fixed, square, sum_of_squares, surface, total


def _rosenbrock_minimum(dimension: int, a: float, b: float) -> Minimum:
    """(a, a²) in the plane; beyond it the terms vanish together only for a = a², that is 0 or 1."""
    if dimension == 2:
        return 0.0, [a, a * a]
    return (0.0, [a] * dimension) if a in (0.0, 1.0) else None


def _rosenbrock_start(dimension: int, a: float, b: float) -> Vector:
    return [(-1.2, 1.0)[i % 2] for i in range(dimension)]


_ROSENBROCK: Dict[str, object] = {
    "source": "Rosenbrock (1960), Computer J. 3(3); Moré, Garbow & Hillstrom (1981), problem 1",
    "start": _rosenbrock_start,
    "dimension": lambda dimension, a, b: dimension,
    "minimum": _rosenbrock_minimum,
    "others": lambda dimension, a, b: [],
}


@surface("rosenbrock", facts=_ROSENBROCK, dimension=at_least(2), a=number, b=positive)
def rosenbrock(w: Sequence[Scalar], dimension: int = 2, a: float = 1.0, b: float = 100.0) -> Scalar:
    """Σ b(w_{i+1} − wᵢ²)² + (a − wᵢ)²: a curved valley, steep across and nearly flat along.

    dimension: d ≥ 2; i from 1 to d − 1, each valley the next one's wall.  a: minimum at (a, a²) for d = 2,
    at (1, …, 1) for a = 1.  b: > 0, the steepness of the walls.  Start (−1.2, 1, −1.2, …).
    """
    return total(b * square(w[i + 1] - w[i] * w[i]) + square(a - w[i]) for i in range(dimension - 1))


@surface(
    "beale",
    facts=fixed(
        "Beale (1958); Moré, Garbow & Hillstrom (1981), problem 5", start=[1.0, 1.0], minimum=(0.0, [3.0, 0.5])
    ),
)
def beale(w: Sequence[Scalar]) -> Scalar:
    """Σ (yᵢ − x(1 − yⁱ))², yᵢ = 1.5, 2.25, 2.625: minimum 0 at (3, ½), flat far from it."""
    x, y = w
    return sum_of_squares([1.5 - x * (1.0 - y), 2.25 - x * (1.0 - y * y), 2.625 - x * (1.0 - y * y * y)])


@surface(
    "booth",
    facts=fixed(
        "Jamil & Yang (2013), Int. J. Math. Modelling 4(2), function 17; start ours",
        start=[0.0, 0.0],
        minimum=(0.0, [1.0, 3.0]),
        quadratic=True,
    ),
)
def booth(w: Sequence[Scalar]) -> Scalar:
    """(x + 2y − 7)² + (2x + y − 5)²: a quadratic with eigenvalues 2 and 18, minimum 0 at (1, 3)."""
    x, y = w
    return sum_of_squares([x + 2.0 * y - 7.0, 2.0 * x + y - 5.0])


@surface(
    "saddle",
    facts=fixed(
        "the plainest function with a saddle; start ours, a little off the axis that leads into it",
        start=[1.0, 0.001],
        minimum=None,
        quadratic=True,
        unbounded=True,
    ),
)
def saddle(w: Sequence[Scalar]) -> Scalar:
    """x² − y²: unbounded below, so it has no minimum; from y = 0 exactly, descent ends at the saddle 0."""
    x, y = w
    return x * x - y * y
