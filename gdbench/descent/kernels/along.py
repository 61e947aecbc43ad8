"""The cost along a ray, for line searches: φ(α) = f(w + αd) with its slope φ′(α) = ∇f(w + αd) · d.

An affine model's scores are affine in α as well: z + α t, with z and t worked out once. A trial then
costs O(n), however many features there are.
"""

from __future__ import annotations

from typing import List, Sequence, Tuple

from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.reference import penalty_and_gradient_of, pointwise_of, scores
from gdbench.descent.numerics.vectors import Vector, dot
from gdbench.descent.problems.objective import Along, CostAndGradient, Ray
from gdbench.descent.problems.table import Row


def along_any(cost_and_gradient: CostAndGradient) -> Along:
    """φ by the whole objective."""

    def along(w: Vector, d: Vector) -> Ray:
        def ray(alpha: float) -> Tuple[float, float]:
            cost, gradient = cost_and_gradient(_moved(w, d, alpha))
            return cost, dot(gradient, d)

        return ray

    return along


def along_affine(definition: Definition, rows: Sequence[Row]) -> Along:
    """φ by the scores of an affine model."""
    (cost_and_slopes, factor), outputs = pointwise_of(definition), definition.outputs
    penalize, nothing = penalty_and_gradient_of(definition), [0.0] * definition.size

    def along(w: Vector, d: Vector) -> Ray:
        lines = [_line(definition, w, d, row) for row in rows]

        def ray(alpha: float) -> Tuple[float, float]:
            total = slope = 0.0
            for z, t, y in lines:
                moved = [z_k + alpha * t_k for z_k, t_k in zip(z, t)]
                cost, slopes = cost_and_slopes(moved[0] if outputs == 1 else moved, y)
                total += cost
                for s_k, t_k in zip(slopes, t):
                    slope += s_k * t_k
            cost, penalty_slopes = penalize(_moved(w, d, alpha), total / len(rows), nothing)
            return cost, factor * slope / len(rows) + dot(penalty_slopes, d)

        return ray

    return along


def _line(
    definition: Definition, w: Vector, d: Vector, row: Row
) -> Tuple[List[float], List[float], float | Row]:
    """(z, t, y) of a row: its scores at w, their change along d, and its target."""
    assert definition.terms is not None
    x = definition.terms(row[: definition.features])
    z, t = (scores(v, x, definition.outputs) for v in (w, d))
    return _listed(z), _listed(t), definition.target(row)


def _listed(z: float | List[float]) -> List[float]:
    return z if isinstance(z, list) else [z]


def _moved(w: Vector, d: Vector, alpha: float) -> Vector:
    return [w_j + alpha * d_j for w_j, d_j in zip(w, d)]
