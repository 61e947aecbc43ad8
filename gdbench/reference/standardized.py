"""What a problem would be on standardized features: its curvatures, and of a quadratic the way from zero."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gdbench.data.data import Dataset
from gdbench.data.standardize import standardize
from gdbench.descent.costs import cost_facts
from gdbench.descent.penalties import Strengths, strengths
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms
from gdbench.descent.registry import Spec
from gdbench.descent.theory.card import Scaled
from gdbench.descent.theory.curvature import is_quadratic, terms
from gdbench.reference.solvers.dispatch import solve
from gdbench.reference.solvers.spectra import (
    condition_of,
    hessian_of_cost,
    spectrum_of_columns,
    values_of_matrix,
)

#: Tables of more values are not solved a second time, nor more columns looked at.
MOST_VALUES, MOST_COLUMNS = 200_000, 100
#: Eigenvalues below this share of the largest are what rounding leaves of a flat direction.
FLAT = 1e-12


def on_standardized(spec: Spec, dataset: Dataset) -> Scaled | None:
    """None where the features are standardized, or where the problem has no curvature to speak of."""
    expand, added = terms(spec["model"], spec["cost"]), strengths(spec["penalty"])
    facts, table, penalty = cost_facts(spec["cost"]), dataset.table, spec["penalty"]
    if dataset.standardized or dataset.perturbation is not None or not table.features:
        return None
    if expand is None or added is None or added.l1 > 0.0 or not facts.convex or facts.kinked is not False:
        return None
    if not expand.bias:
        return None  # the model could not undo the centring: it would be another one, with another optimum
    columns = expand.columns(table.features)
    if columns >= MOST_COLUMNS or columns * len(table.rows) > MOST_VALUES:
        return None
    scaled = _scaled(table)
    found = (
        _quadratic(spec, scaled)
        if is_quadratic(spec["model"], spec["cost"], penalty)
        else _smooth(spec, scaled)
    )
    return found and found._replace(largest_row=largest_row(spec, scaled))


def conditions_of_columns(columns: Sequence[Sequence[float]]) -> tuple[float | None, float | None]:
    """κ of a linear model on these columns and a bias, as they are and standardized; None of many."""
    if not 0 < len(columns) < MOST_COLUMNS or len(columns) * len(columns[0]) > MOST_VALUES:
        return None, None
    alone = Strengths(0.0, 0.0, bias=False)
    scaled = [standardize(column).values for column in columns]
    linear = Terms(list)
    return condition_of(columns, linear, 1.0, alone), condition_of(scaled, linear, 1.0, alone)


def largest_row(spec: Spec, table: Table) -> float | None:
    """c ‖row‖² of the largest row: one row alone never bends more."""
    expand, bends = terms(spec["model"], spec["cost"]), cost_facts(spec["cost"]).smooth_curvature
    if expand is None or bends is None:
        return None
    rows = (expand(row[: table.features]) for row in table.rows)
    return max(bends * math.fsum(value * value for value in row) for row in rows)


def _smooth(spec: Spec, scaled: Table) -> Scaled | None:
    """By the Hessian at the minimum, which is looked for anew."""
    expand, added = terms(spec["model"], spec["cost"]), strengths(spec["penalty"])
    assert expand is not None
    assert added is not None
    found = solve(expand, spec["cost"], added, scaled)
    if found.cost is None or not found.parameters:
        return None
    hessian = hessian_of_cost(expand, spec["cost"], scaled, added, found.parameters)
    if hessian is None or not np.all(np.isfinite(hessian)):
        return None
    values = [value for value in values_of_matrix(hessian) if value > 0.0]
    kept = [value for value in values if value > FLAT * values[0]]
    return Scaled(kept[0], kept[-1]) if kept else None


def _scaled(table: Table) -> Table:
    """The features with mean 0 and deviation 1, the targets as they are."""
    columns = list(zip(*table.rows, strict=True))
    features = [standardize(column).values for column in columns[: table.features]]
    return Table(list(zip(*features, *columns[table.features :], strict=True)), table.features, table.targets)


def _quadratic(spec: Spec, table: Table) -> Scaled | None:
    """The way from zero follows from the slope there: ∇f(0) = H (0 − w*)."""
    expand, added = terms(spec["model"], spec["cost"]), strengths(spec["penalty"])
    curvature = cost_facts(spec["cost"]).curvature
    assert expand is not None
    assert added is not None
    assert curvature is not None
    found = spectrum_of_columns(expand, table, curvature, added)
    if not found.eigenvalues:
        return None
    rows = [expand(row[: table.features]) for row in table.rows]
    targets = [row[table.features] for row in table.rows]
    slope = [
        -curvature * math.fsum(a * y for a, y in zip(column, targets, strict=True)) / len(rows)
        for column in zip(*rows, strict=True)
    ]
    along = (math.fsum(v * g for v, g in zip(way, slope, strict=True)) for way in found.directions)
    components = tuple(g / lam for g, lam in zip(along, found.eigenvalues, strict=True))
    return Scaled(found.eigenvalues[0], found.eigenvalues[-1], tuple(found.eigenvalues), components)
