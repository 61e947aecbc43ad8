"""The equations of Moré, Garbow & Hillstrom (1981) in every dimension, and their linear fits: f = Σ rᵢ²."""

from __future__ import annotations

from typing import Callable, Dict, List, Sequence

from gdbench.descent.domains import at_least, natural
from gdbench.descent.errors import BadParameter
from gdbench.descent.functions import Scalar
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.surfaces.more_garbow_hillstrom import PAPER
from gdbench.descent.surfaces.registry import Minimum, any_dimension, square, sum_of_squares, surface, total

# --- Systems of equations, in every dimension: least value 0


def _zero_somewhere(n: int) -> Minimum:
    """The equations have a solution, but none in closed form."""
    return 0.0, None


def _grid(n: int) -> List[float]:
    """tᵢ = ih, h = 1/(n + 1)."""
    return [i / (n + 1.0) for i in range(1, n + 1)]


def _parabola(n: int) -> Vector:
    return [t * (t - 1.0) for t in _grid(n)]


@surface(
    "discrete_boundary_value",
    facts=any_dimension(f"{PAPER} 28", start=_parabola, minimum=_zero_somewhere),
    dimension=natural,
)
def discrete_boundary_value(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """rᵢ = 2wᵢ − wᵢ₋₁ − wᵢ₊₁ + h²(wᵢ + tᵢ + 1)³/2, w₀ = w_{d+1} = 0, tᵢ = ih, h = 1/(d + 1).

    dimension: d ≥ 1.
    """
    h = 1.0 / (dimension + 1.0)
    left, right = [0.0, *w[:-1]], [*w[1:], 0.0]
    return sum_of_squares(
        2.0 * x - before - after + 0.5 * h * h * _cube(x + t + 1.0)
        for before, x, after, t in zip(left, w, right, _grid(dimension))
    )


@surface(
    "discrete_integral_equation",
    facts=any_dimension(f"{PAPER} 29", start=_parabola, minimum=_zero_somewhere),
    dimension=natural,
)
def discrete_integral_equation(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """rᵢ = wᵢ + h((1 − tᵢ) Σ_{j≤i} tⱼcⱼ + tᵢ Σ_{j>i} (1 − tⱼ)cⱼ)/2, cⱼ = (wⱼ + tⱼ + 1)³, tᵢ = ih.

    dimension: d ≥ 1.
    """
    h, grid = 1.0 / (dimension + 1.0), _grid(dimension)
    cubes = [_cube(x + t + 1.0) for x, t in zip(w, grid)]
    residuals = []
    for i, t in enumerate(grid):
        lower = total(grid[j] * cubes[j] for j in range(i + 1))
        upper = total([0.0, *((1.0 - grid[j]) * cubes[j] for j in range(i + 1, dimension))])
        residuals.append(w[i] + 0.5 * h * ((1.0 - t) * lower + t * upper))
    return sum_of_squares(residuals)


@surface(
    "broyden_tridiagonal",
    facts=any_dimension(f"{PAPER} 30", start=lambda n: [-1.0] * n, minimum=_zero_somewhere),
    dimension=natural,
)
def broyden_tridiagonal(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """rᵢ = (3 − 2wᵢ)wᵢ − wᵢ₋₁ − 2wᵢ₊₁ + 1, w₀ = w_{d+1} = 0.

    dimension: d ≥ 1.
    """
    left, right = [0.0, *w[:-1]], [*w[1:], 0.0]
    return sum_of_squares(
        (3.0 - 2.0 * x) * x - before - 2.0 * after + 1.0 for before, x, after in zip(left, w, right)
    )


@surface(
    "broyden_banded",
    facts=any_dimension(f"{PAPER} 31", start=lambda n: [-1.0] * n, minimum=_zero_somewhere),
    dimension=natural,
)
def broyden_banded(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """rᵢ = wᵢ(2 + 5wᵢ²) + 1 − Σ wⱼ(1 + wⱼ) over the neighbours j = i − 5 … i + 1 but i.

    dimension: d ≥ 1.
    """
    bent = [x * (1.0 + x) for x in w]
    residuals = []
    for i, x in enumerate(w):
        neighbours = [bent[j] for j in range(max(0, i - 5), min(dimension, i + 2)) if j != i]
        residuals.append(x * (2.0 + 5.0 * (x * x)) + 1.0 - total([0.0, *neighbours]))
    return sum_of_squares(residuals)


def _cube(x: Scalar) -> Scalar:
    return square(x) * x


# --- Linear least-squares problems: quadratics, two of them of rank one


def _rows_enough(dimension: int, rows: int) -> None:
    if rows < dimension:
        raise BadParameter("rows", f"'rows' must be 'dimension' or more, and {rows} is below {dimension}.")


def _facts(number: int, minimum: Callable[[int, int], Minimum]) -> Dict[str, object]:
    return {
        "source": f"{PAPER} {number}",
        "start": lambda dimension, rows: [1.0] * dimension,
        "dimension": lambda dimension, rows: dimension,
        "minimum": lambda dimension, rows: minimum(dimension, rows),  # noqa: PLW0108  facts are called by keyword
        "others": lambda dimension, rows: [],
        "check": _rows_enough,
        "quadratic": True,
    }


@surface(
    "linear_full_rank",
    facts=_facts(32, lambda n, m: (float(m - n), [-1.0] * n)),
    dimension=natural,
    rows=natural,
)
def linear_full_rank(w: Sequence[Scalar], dimension: int = 10, rows: int = 20) -> Scalar:
    """Σ (wᵢ − 2s/m − 1)² + (m − d)(2s/m + 1)² with s = Σ wⱼ: least value m − d at −1, Hessian 2I.

    dimension: d ≥ 1.  rows: m ≥ d.
    """
    shift = (2.0 / rows) * total(w) + 1.0
    return sum_of_squares([*(w_i - shift for w_i in w), *[-shift] * (rows - dimension)])


@surface(
    "linear_rank_one",
    facts=_facts(33, lambda n, m: (m * (m - 1) / (4.0 * m + 2.0), [3.0 / (2.0 * m + 1.0)] + [0.0] * (n - 1))),
    dimension=natural,
    rows=natural,
)
def linear_rank_one(w: Sequence[Scalar], dimension: int = 10, rows: int = 20) -> Scalar:
    """Σ (i·s − 1)², i = 1 … m, with s = Σ j wⱼ: least value m(m − 1)/(4m + 2) wherever s = 3/(2m + 1).

    dimension: d ≥ 1.  rows: m ≥ d.
    """
    s = total(float(j) * w_j for j, w_j in enumerate(w, start=1))
    return sum_of_squares(float(i) * s - 1.0 for i in range(1, rows + 1))


@surface(
    "linear_rank_one_with_zeros",
    facts=_facts(
        34,
        lambda n, m: ((m * m + 3 * m - 6) / (4.0 * m - 6.0), [0.0, 1.5 / (2.0 * m - 3.0)] + [0.0] * (n - 2)),
    ),
    dimension=at_least(3),
    rows=natural,
)
def linear_rank_one_with_zeros(w: Sequence[Scalar], dimension: int = 10, rows: int = 20) -> Scalar:
    """2 + Σ (i·s − 1)², i = 1 … m − 2, with s = Σ j wⱼ over all j but the first and last.

    Its least value is (m² + 3m − 6)/(4m − 6), wherever s = 3/(2m − 3).
    dimension: d ≥ 3.  rows: m ≥ d.
    """
    s = total(float(j) * w_j for j, w_j in enumerate(w[1:-1], start=2))
    return 2.0 + sum_of_squares(float(i) * s - 1.0 for i in range(1, rows - 1))
