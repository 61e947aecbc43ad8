"""Least squares by one QR decomposition at the start: after it an evaluation costs O(p²), however many rows.

An orthogonal Q leaves lengths alone: ‖[G 1] w − y‖ = ‖R w − c‖ with [R c] = Qᵀ [G 1 y] triangular. The
Gram matrix GᵀG would do with as little, but it squares the condition number and, near the minimum,
subtracts large numbers that are nearly equal.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Sequence, Tuple

from gdbench.descent.errors import BadPairing
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.qr.evaluation import along, functions_of
from gdbench.descent.kernels.qr.triangle import Triangle, triangle_of
from gdbench.descent.kernels.reference import penalty_and_gradient_of
from gdbench.descent.models import MODELS
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.objective import Objective, Ray
from gdbench.descent.problems.table import Table

_COSTS = {"mse": 1, "half_mse": 2}


def qr(definition: Definition, table: Table) -> Objective:
    """One Householder QR of [X 1 y]; then f(w) = (‖R w − c‖² + rest) / n, whatever n; squared error only."""
    m = _divisor(definition) * len(table.rows)
    triangle = _triangle(definition, _Same(table))
    cost, both = functions_of(triangle, definition.size, m)
    objective = Objective(
        cost=cost,
        cost_and_gradient=both,
        size=definition.size,
        rows=len(table.rows),
        complex_cost=cost,
        along=along(triangle, m),
    )
    return objective if "none" in _choices(definition)[2] else _penalised(definition, objective)


def _penalised(definition: Definition, smooth: Objective) -> Objective:
    """The same objective with the definition's penalty added."""
    penalize, nothing = penalty_and_gradient_of(definition), [0.0] * definition.size

    def cost(w: Sequence[Any]) -> Any:
        return smooth.cost(w) + definition.penalty(w)  # type: ignore[arg-type]  # complex weights, too

    def along_with_penalty(w: Vector, d: Vector) -> Ray:
        assert smooth.along is not None
        ray = smooth.along(w, d)

        def penalised(alpha: float) -> Tuple[float, float]:
            (total, slope), moved = ray(alpha), [w_j + alpha * d_j for w_j, d_j in zip(w, d)]
            total, slopes = penalize(moved, total, nothing)
            for s_j, d_j in zip(slopes, d):
                slope += s_j * d_j
            return total, slope

        return penalised

    return smooth._replace(
        cost=cost,
        cost_and_gradient=lambda w: penalize(w, *smooth.cost_and_gradient(w)),
        complex_cost=cost,
        along=along_with_penalty,
    )


def _choices(definition: Definition) -> Any:
    """[model, cost, penalty] in config form."""
    return json.loads(definition.name)


def _divisor(definition: Definition) -> int:
    """1 for mse, 2 for half_mse; raises BadPairing where f is no such sum of squares."""
    (model,), (cost,), _ = _choices(definition)
    if cost not in _COSTS:
        raise BadPairing(f"kernel 'qr' is for cost mse or half_mse, not '{cost}'; use kernel 'compiled'.")
    if definition.basis is None or MODELS[model].facts["response"](2.0) != 2.0 or definition.outputs > 1:
        raise BadPairing(
            f"kernel 'qr' is for one prediction of the form w · x + b, unlike model '{model}'; "
            "use kernel 'compiled'."
        )
    return _COSTS[cost]


class _Same:
    """A table that equals itself alone: a key that need not look at the rows."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.table is self.table

    def __hash__(self) -> int:
        return id(self.table)


@lru_cache(maxsize=4)
def _triangle(definition: Definition, data: _Same) -> Triangle:
    """Worked out once per problem: the runs of a sweep share it."""
    assert definition.basis is not None
    d = definition.features
    rows = [[*definition.basis(row[:d]), 1.0, row[d]] for row in data.table.rows]
    return triangle_of([list(column) for column in zip(*rows)])
