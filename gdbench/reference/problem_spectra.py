"""The numbers of a card that linear algebra works out: spectra, condition numbers, whether classes separate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from gdbench.data.data import Dataset
from gdbench.data.standardize import standardize
from gdbench.descent.costs import cost_facts
from gdbench.descent.models import formula_parameters, model_facts
from gdbench.descent.penalties import Strengths, strengths
from gdbench.descent.problems.objective import Objective
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Spec
from gdbench.descent.surfaces import SurfaceFacts
from gdbench.descent.theory.card import Card, Constant, packed
from gdbench.descent.theory.curvature import terms
from gdbench.reference.attempt import attempted
from gdbench.reference.missing_bias import bias_left_out, missing_bias
from gdbench.reference.optimum import Optimum
from gdbench.reference.solvers.convex import ConvexProblem
from gdbench.reference.solvers.design import Array
from gdbench.reference.solvers.dispatch import separable
from gdbench.reference.solvers.spectra import (
    Spectrum,
    condition_of,
    hessian_by_differences,
    hessian_of_cost,
    spectrum_of_columns,
    spectrum_of_matrix,
    values_of_matrix,
)
from gdbench.reference.standardized import largest_row, on_standardized

#: Condition numbers of features are computed up to this many.
MOST_COLUMNS = 150

#: Where a penalty makes a minimiser anyway, separation is looked for in tables of up to so many values.
MOST_SEPARATED = 50_000

_AT_OPTIMUM = "the Hessian's at the reference optimum; elsewhere f may bend more or less"


T = TypeVar("T")
Other = TypeVar("Other")


def _attempted(work: Callable[[], T], otherwise: Other) -> T | Other:
    """Without a word of NumPy's on what leaves the range: that is looked at afterwards."""
    with np.errstate(all="ignore"):
        return attempted(work, otherwise)


def with_formula(card: Card, spec: Spec, dataset: Dataset, objective: Objective) -> Card:
    """With what a formula lacks, and which of its parameters are one."""
    names = formula_parameters(spec["model"], dataset.table.features)
    return with_flat_named(
        card._replace(bias=missing_bias(spec, dataset, objective)), dataset, objective, names
    )


def without_bias(card: Card, spec: Spec, dataset: Dataset, optimum: Optimum) -> Card:
    """With what a model that was asked to have no bias cannot do for want of one."""
    return card._replace(bias=_attempted(lambda: bias_left_out(spec, dataset, optimum), {}))


def with_flat_named(card: Card, dataset: Dataset, objective: Objective, names: Sequence[str]) -> Card:
    """With the parameters that are not determined apart. names: of all parameters."""
    found = alike(dataset.table, objective)
    return card._replace(alike=found, names=tuple(names[j] for group in found for j in group))


def with_scalings(card: Card, spec: Spec, dataset: Dataset, optimum: Optimum) -> Card:
    """With what scaling the features would do, and whether the classes separate."""
    raw, standardized = _attempted(lambda: _conditions(spec, dataset), (None, None))
    if not dataset.standardized and not model_facts(spec["model"]).bias:
        standardized = None  # as in `on_standardized`
    separates = _attempted(lambda: _separable(spec, dataset.table, optimum), "unknown")
    return card._replace(
        raw=raw,
        standardized=standardized,
        separable=separates,
        scaled=_attempted(lambda: on_standardized(spec, dataset), None),
        largest_row=_attempted(lambda: largest_row(spec, dataset.table), None),
    )


def with_columns_spectrum(card: Card, spec: Spec, table: Table) -> Card:
    """Of a quadratic."""
    expand, added = terms(spec["model"], spec["cost"]), strengths(spec["penalty"])
    curvature = cost_facts(spec["cost"]).curvature
    assert expand is not None
    assert added is not None
    assert curvature is not None
    found = _attempted(lambda: spectrum_of_columns(expand, table, curvature, added), Spectrum([], [], 0))
    return _with_spectrum(card, found)


def with_curvature_at(card: Card, spec: Spec, table: Table, objective: Objective, optimum: Optimum) -> Card:
    """With ∇²f at the reference optimum, where there is one and f is smooth there."""
    expand, added, cost = terms(spec["model"], spec["cost"]), strengths(spec["penalty"]), spec["cost"]
    at = optimum.parameters
    if optimum.cost is None or len(at) != objective.size or added is None or added.l1 > 0.0:
        return card
    if expand is None:
        smooth = cost_facts(cost).kinked is False
        return with_differences_at(card, objective, at) if smooth else card
    return _attempted(lambda: _with_local(card, hessian_of_cost(expand, cost, table, added, at)), card)


def with_surface_spectrum(card: Card, facts: SurfaceFacts, objective: Objective) -> Card:
    """Of a quadratic surface, which bends alike everywhere: unit steps lose nothing to rounding."""
    origin = objective.cost_and_gradient([0.0] * objective.size)[1]
    units = [[float(i == j) for i in range(objective.size)] for j in range(objective.size)]
    if facts.spectrum is not None and facts.axes:
        # as the surface states them, to the last bit
        pairs = sorted(zip(facts.spectrum, units, strict=True), reverse=True)
        kept = [pair for pair in pairs if pair[0] != 0.0]
        stated = Spectrum([value for value, _ in kept], [unit for _, unit in kept], len(units) - len(kept))
        return _with_spectrum(card, stated)
    slopes = [objective.cost_and_gradient(unit)[1] for unit in units]
    hessian = [[a - b for a, b in zip(slope, origin, strict=True)] for slope in slopes]
    return _with_spectrum(card, spectrum_of_matrix(hessian))


def with_differences_at(card: Card, objective: Objective, at: Sequence[float]) -> Card:
    """With ∇²f there by differences of the gradient."""
    try:
        hessian = hessian_by_differences(lambda w: objective.cost_and_gradient(w)[1], at)
    except (ArithmeticError, ValueError):
        return card
    return _with_local(card, hessian) if np.all(np.isfinite(hessian)) else card


def _with_spectrum(card: Card, found: Spectrum) -> Card:
    values = found.eigenvalues
    if not values:
        return card
    how = "an eigenvalue of the Hessian, which is one matrix"
    positive = [value for value in values if value > 0.0]
    return card._replace(
        convex=values[-1] > 0.0,
        smoothness=card.smoothness or Constant(max(map(abs, values)), "exact", how),
        convexity=Constant(positive[-1], "exact", how) if positive and values[-1] > 0.0 else None,
        flat=found.flat,
        spectrum=tuple(values),
        directions=packed(found.directions),
    )


def _with_local(card: Card, hessian: Array | None) -> Card:
    """L and μ near the optimum; nothing where the Hessian is not positive there."""
    if hessian is None:
        return card
    values = values_of_matrix(hessian)
    # what differences leave of a flat direction is no curvature
    values = [value for value in values if abs(value) > 1e-9 * max(map(abs, values))]
    if not values or values[-1] <= 0.0:
        return card
    # what holds everywhere holds there, also after rounding
    top = min(values[0], card.smoothness.value) if card.smoothness else values[0]
    least = max(values[-1], card.convexity.value) if card.convexity else values[-1]
    return card._replace(
        local_smoothness=Constant(top, "local", f"largest eigenvalue, {_AT_OPTIMUM}"),
        local_convexity=Constant(least, "local", f"least eigenvalue above 0, {_AT_OPTIMUM}"),
    )


def _separable(spec: Spec, table: Table, optimum: Optimum) -> str:
    """Whether a hyperplane parts the classes; the question is only asked of affine scores of classes."""
    cost, expand, added = spec["cost"], terms(spec["model"], spec["cost"]), strengths(spec["penalty"])
    facts = cost_facts(cost)
    asked = facts.falls not in (None, 0.0) and facts.targets in ("binary", "classes")
    if not asked or expand is None or added is None:
        return ""
    if optimum.kind == "none exists":
        return "separable"
    if not (added.l1 or added.l2):
        return "overlapping" if optimum.cost is not None else "unknown"
    if len(table.rows) * table.features > MOST_SEPARATED:
        return "unknown"
    return separable(ConvexProblem(expand, cost, Strengths(0.0, 0.0, bias=False), table))


def _conditions(spec: Spec, dataset: Dataset) -> tuple[float | None, float | None]:
    """κ of the features raw and standardized: as they are given, and as they were or would become."""
    expand, added = terms(spec["model"], spec["cost"]), strengths(spec["penalty"])
    facts = cost_facts(spec["cost"])
    smooth = facts.convex and facts.kinked is False
    if expand is None or added is None or added.l1 > 0.0 or not smooth:
        return None, None
    given = list(zip(*(row[: dataset.table.features] for row in dataset.table.rows), strict=True))
    if not given or expand.columns(len(given)) >= MOST_COLUMNS:
        return None, None
    curvature = facts.smooth_curvature or 1.0
    now = condition_of(given, expand, curvature, added)
    if dataset.standardized and dataset.perturbation is None:
        scales = zip(given, dataset.means, dataset.stds, strict=True)
        raw = [[z * std + mean for z in column] for column, mean, std in scales]
        return condition_of(raw, expand, curvature, added), now
    scaled = [standardize(column).values for column in given]
    return now, condition_of(scaled, expand, curvature, added)


# --- Parameters of a formula that are not determined apart: directions along which no prediction changes


#: Problems of more parameters are not looked at; rows that are; draws, over so many powers of ten.
MOST_PARAMETERS, ROWS, DRAWS, DECADES = 30, 200, 14, 7
#: A singular value below this share of the largest is 0; an entry of a unit vector, likewise.
ZERO, ENTRY = 1e-13, 1e-6
#: A row's gradient below this share of the largest says nothing.
SEEN = 1e-9


def alike(table: Table, objective: Objective) -> tuple[tuple[int, ...], ...]:
    """Groups of parameters, by their places, along which the gradients of all rows vanish wherever one looks.

    The rank of the rows' gradients is greatest at almost every point: it is looked for at points of several
    sizes, so that one where an exponential underflows does not count.
    """
    size, on = objective.size, objective.on
    if on is None or not 1 < size <= MOST_PARAMETERS:
        return ()
    rows, numbers = table.rows[:: 1 + len(table.rows) // ROWS], np.random.default_rng(1)
    best: tuple[int, set[int]] | None = None
    for draw in range(DRAWS):
        w = numbers.normal(size=size) * 10.0 ** -(draw % DECADES)
        try:
            slopes = np.array([on([row])(w.tolist())[1] for row in rows])
        except (ArithmeticError, ValueError):
            continue
        if not np.all(np.isfinite(slopes)):
            continue
        sizes = np.linalg.norm(slopes / max(1e-300, float(np.abs(slopes).max())), axis=1)
        if int((sizes > SEEN).sum()) < max(size, len(rows) // 2):
            continue  # most rows say nothing there
        found = _null(slopes / float(np.abs(slopes).max()))
        if best is None or found[0] > best[0]:
            best = found
    return () if best is None or not best[1] else (tuple(sorted(best[1])),)


def _null(slopes: Array) -> tuple[int, set[int]]:
    """(rank, the places that take part in the directions of rank 0)."""
    sizes = np.linalg.norm(slopes, axis=0)
    scaled = slopes / np.where(sizes > 0.0, sizes, 1.0)
    _, values, directions = np.linalg.svd(scaled, full_matrices=True)
    rank = int((values > ZERO * values.max(initial=0.0)).sum())
    places = {int(j) for v in directions[rank:] for j in np.flatnonzero(np.abs(v) > ENTRY)}
    return rank, places
