"""Least squares by one QR decomposition at the start: after it an evaluation costs O(p²), however many rows.

An orthogonal Q leaves lengths alone: ‖[G 1] w − y‖ = ‖R w − c‖ with [R c] = Qᵀ [G 1 y] triangular. The
Gram matrix GᵀG would do with as little, but it squares the condition number and, near the minimum,
subtracts large numbers that are nearly equal.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Sequence, Tuple

from gdbench.descent.costs import cost_facts
from gdbench.descent.errors import BadPairing
from gdbench.descent.functions import Number
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.reference import penalty_and_gradient_of
from gdbench.descent.kernels.triangle import Triangle, along, functions_of, triangle_of
from gdbench.descent.models import model_facts
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.objective import Along, CostAndGradient, NumericCost, Objective, Ray
from gdbench.descent.problems.table import SameTable, Table


def qr(definition: Definition, table: Table) -> Objective:
    """One Householder QR of [X 1 y]; then f(w) = (‖R w − c‖² + rest) / n, whatever n; squared error only."""
    m = 2.0 * len(table.rows) / _curvature(definition)
    triangle = _triangle(definition, SameTable(table))
    cost, both = functions_of(triangle, definition.size, m)
    ray_from = along(triangle, m)
    if "none" not in definition.choices.penalty:
        cost, both, ray_from = _penalised(definition, cost, both, ray_from)
    return Objective(
        cost=cost,
        cost_and_gradient=both,
        size=definition.size,
        rows=len(table.rows),
        complex_cost=cost,
        along=ray_from,
    )


def _penalised(
    definition: Definition, smooth: NumericCost, both: CostAndGradient, ray_from: Along
) -> Tuple[NumericCost, CostAndGradient, Along]:
    """The same functions with the definition's penalty added."""
    penalize, nothing = penalty_and_gradient_of(definition), [0.0] * definition.size

    def cost(w: Sequence[Number]) -> Number:
        return smooth(w) + definition.penalty(w)

    def along_with_penalty(w: Vector, d: Vector) -> Ray:
        ray = ray_from(w, d)

        def penalised(alpha: float) -> Tuple[float, float]:
            (total, slope), moved = ray(alpha), [w_j + alpha * d_j for w_j, d_j in zip(w, d)]
            total, slopes = penalize(moved, total, nothing)
            for s_j, d_j in zip(slopes, d):
                slope += s_j * d_j
            return total, slope

        return penalised

    return cost, lambda w: penalize(w, *both(w)), along_with_penalty


def _curvature(definition: Definition) -> float:
    """c of the cost ½ c (p − y)²; raises BadPairing where f is no such sum of squares."""
    (model,), (cost,) = definition.choices.model, definition.choices.cost
    compared, fitted = cost_facts(definition.choices.cost), model_facts(definition.choices.model)
    if not compared.quadratic or compared.curvature is None:
        raise BadPairing(
            "kernel 'qr' is for squared error, such as cost mse or half_mse, "
            f"not '{cost}'; use kernel 'compiled'."
        )
    if definition.terms is None or not fitted.responds_as_is or definition.outputs > 1:
        raise BadPairing(
            f"kernel 'qr' is for one prediction of the form w · x + b, unlike model '{model}'; "
            "use kernel 'compiled'."
        )
    return compared.curvature


@lru_cache(maxsize=4)
def _triangle(definition: Definition, data: SameTable) -> Triangle:
    """Worked out once per problem: the runs of a sweep share it."""
    assert definition.terms is not None
    d = definition.features
    rows = [[*definition.terms(row[:d]), row[d]] for row in data.table.rows]
    return triangle_of([list(column) for column in zip(*rows)])
