"""Least squares as a triangle: Householder's QR makes it, and f(w) = (‖R w − c‖² + rest) / m needs no more.

The functions of it are printed without loops, or are loops; and there is f along a ray.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Callable, List, NamedTuple, Sequence, Tuple

from gdbench.descent.functions import Number
from gdbench.descent.kernels.compiler import function, load, together
from gdbench.descent.numerics.householder import reflection
from gdbench.descent.numerics.vectors import Vector, dot
from gdbench.descent.problems.objective import Along, CostAndGradient, NumericCost, Ray
from gdbench.descent.problems.table import Row

#: Parameters up to which the triangle is unrolled. From 21 to 25 on straight-line code no longer fits into
#: one trace of PyPy 7.3, and loops are 8 times as fast; on CPython loops take twice the time throughout.
WIDEST = 16 if sys.implementation.name == "pypy" else 100

NumericFunctions = Tuple[NumericCost, CostAndGradient]


class Triangle(NamedTuple):
    """[R c] and what no w removes: ‖[G 1] w − y‖² = ‖R w − c‖² + rest.

    rows: row i is (Rᵢᵢ, …, Rᵢ,ₚ₋₁, cᵢ), without the zeros before the diagonal; at most p of them.
    """

    rows: Tuple[Row, ...]
    rest: float


def triangle_of(columns: List[Vector]) -> Triangle:
    """The triangle of p columns and the target, one reflection a column."""
    rows: List[List[float]] = []
    *features, y = columns
    for k in range(min(len(features), len(y))):
        h, diagonal = reflection(features[k], k)
        for column in (*features[k + 1 :], y):
            h.apply(column)
        rows.append([diagonal, *[column[k] for column in (*features[k + 1 :], y)]])
    below = y[len(rows) :]
    return Triangle(tuple(tuple(row) for row in rows), dot(below, below))


def functions_of(triangle: Triangle, size: int, m: float) -> NumericFunctions:
    """(cost, cost_and_gradient) of (‖R w − c‖² + rest) / m, the quicker way; both ways give the same bits."""
    chosen = unrolled(size, len(triangle.rows)) if 0 < size <= WIDEST else looped
    return chosen(triangle.rows, triangle.rest, m)


def looped(rows: Sequence[Row], rest: float, m: float) -> NumericFunctions:
    """(cost, cost_and_gradient) for e = R w − c: f = (‖e‖² + rest) / m and ∇f = 2 Rᵀ e / m."""

    def cost(w: Sequence[Number]) -> Number:
        total: Number = rest
        for i, row in enumerate(rows):
            e = _residual(row, w, i)
            total += e * e
        return total / m

    def cost_and_gradient(w: Vector) -> Tuple[float, Vector]:
        total, gradient = rest, [0.0] * len(w)
        for i, row in enumerate(rows):
            e = _residual(row, w, i)
            total += e * e
            twice = e + e
            for j in range(i, len(w)):
                gradient[j] += row[j - i] * twice
        return total / m, [g_j / m for g_j in gradient]

    return cost, cost_and_gradient


def _residual(row: Row, w: Sequence[Number], i: int) -> Number:
    """eᵢ = Σⱼ Rᵢⱼ wⱼ − cᵢ."""
    total = row[0] * w[i]
    for j in range(i + 1, len(w)):
        total += row[j - i] * w[j]
    return total - row[-1]


def along(triangle: Triangle, m: float) -> Along:
    """φ(α) = (‖e + α s‖² + rest) / m with e = R w − c and s = R d: a trial costs O(p)."""

    def from_point(w: Vector, d: Vector) -> Ray:
        rows = triangle.rows
        pairs = [(_residual(r, w, i), _residual((*r[:-1], 0.0), d, i)) for i, r in enumerate(rows)]

        def ray(alpha: float) -> Tuple[float, float]:
            total, slope = triangle.rest, 0.0
            for e, s in pairs:
                moved = e + alpha * s
                total += moved * moved
                slope += (moved + moved) * s
            return total / m, slope / m

        return ray

    return from_point


@lru_cache(maxsize=64)
def unrolled(size: int, height: int) -> Callable[[Sequence[Row], float, float], NumericFunctions]:
    """`looped` for `size` parameters and `height` rows, printed without its loops; the same bits."""
    return load(source(size, height))["bind"]


def source(size: int, height: int) -> str:
    """The text of the function that binds a triangle's numbers to (cost, cost_and_gradient)."""
    r = [[f"r{i}_{j}" for j in range(size)] for i in range(height)]
    taken = [f"({', '.join([*r[i][i:], f'c{i}'])})" for i in range(height)]
    residuals = [f"{together(f'w{j}' for j in range(size))} = w"]
    residuals += [
        f"e{i} = {' + '.join(f'{r[i][j]} * w{j}' for j in range(i, size))} - c{i}" for i in range(height)
    ]
    total = " + ".join(["rest", *(f"e{i} * e{i}" for i in range(height))])
    twice = [f"d{i} = e{i} + e{i}" for i in range(height)]
    slopes = [" + ".join(f"{r[i][j]} * d{i}" for i in range(min(j + 1, height))) for j in range(size)]
    gradient = f"[{', '.join(f'({s}) / m' for s in slopes)}]"
    cost = function("cost(w)", residuals, f"({total}) / m")
    both = function("cost_and_gradient(w)", [*residuals, *twice], f"({total}) / m, {gradient}")
    body = [f"{together(taken)} = rows", *cost.splitlines(), *both.splitlines()]
    return function("bind(rows, rest, m)", body, "cost, cost_and_gradient")
