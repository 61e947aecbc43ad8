"""The card of a problem: what theory can say of it, worked out once, before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gdbench.data.data import Dataset
from gdbench.data.standardize import standardize
from gdbench.descent.problems.objective import Objective
from gdbench.descent.problems.problem import is_quadratic, is_quadratic_surface
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Choice, Spec, find
from gdbench.descent.surfaces import SURFACES
from gdbench.descent.theory import CURVATURE, Smoothness, Strengths, basis, is_convex, strengths
from gdbench.descent.theory.card import Card, Constant, packed
from gdbench.reference.optimum import Optimum

if TYPE_CHECKING:
    from gdbench.reference.solvers.spectra import Array, Spectrum


#: Spectra are computed and kept up to this many parameters.
MOST_PARAMETERS = 150

#: Where a penalty makes a minimiser anyway, separation is looked for in tables of up to so many values.
MOST_SEPARATED = 50_000

_AT_OPTIMUM = "the Hessian's at the reference optimum; elsewhere f may bend more or less"


def data_card(
    spec: Spec,
    dataset: Dataset,
    objective: Objective,
    optimum: Optimum,
    known: Smoothness | None,
    convexity: float | None,
) -> Card:
    """Of a model and a cost on data. known: L, where one holds everywhere.  convexity: μ, likewise."""
    model, cost, penalty, table = spec["model"], spec["cost"], spec["penalty"], dataset.table
    quadratic = is_quadratic(model, cost, penalty)
    card = Card(
        quadratic=quadratic,
        convex=is_convex(model, cost, penalty),
        smoothness=_smoothness(cost, known),
        convexity=None if convexity is None else Constant(convexity, "lower", "what bends in every direction"),
        separable=_separable(spec, table, optimum),
    )
    card = card._replace(**_scalings(spec, dataset))
    if objective.size > MOST_PARAMETERS:
        return card
    if quadratic:
        return _with_spectrum(card, _columns_spectrum(spec, table))
    return card._replace(**_local(_hessian_at(spec, table, objective, optimum)))


def surface_card(choice: Choice, objective: Objective, optimum: Optimum) -> Card:
    """Of a surface, from its facts, or from differences of its gradient."""
    from gdbench.reference.solvers.spectra import Spectrum, spectrum_of_matrix  # noqa: PLC0415  NumPy is slow

    entry, parameters = find(SURFACES, choice)
    card = Card(quadratic=is_quadratic_surface(choice), unbounded=bool(entry.facts.get("unbounded")))
    if objective.size > MOST_PARAMETERS:
        return card
    if not card.quadratic:
        at = optimum.parameters if not entry.facts.get("kinked") else ()
        return card._replace(**_local(_differences(objective, at) if at else None))
    # a quadratic bends alike everywhere: unit steps lose nothing to rounding
    origin = objective.cost_and_gradient([0.0] * objective.size)[1]
    units = [[float(i == j) for i in range(objective.size)] for j in range(objective.size)]
    hessian = [
        [a - b for a, b in zip(objective.cost_and_gradient(unit)[1], origin, strict=True)] for unit in units
    ]
    found = spectrum_of_matrix(hessian)
    if entry.facts.get("spectrum") and not parameters.get("rotated"):
        # as the surface states them, to the last bit
        pairs = sorted(zip(entry.facts["spectrum"](**parameters), units, strict=True), reverse=True)
        kept = [pair for pair in pairs if pair[0] != 0.0]
        found = Spectrum([value for value, _ in kept], [unit for _, unit in kept], len(units) - len(kept))
    return _with_spectrum(card, found)


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


def _smoothness(cost: Choice, known: Smoothness | None) -> Constant | None:
    """A bound on the cost's second derivative is met where all rows bend most at once: logistic's at 0."""
    if known is None:
        return None
    (name,) = cost
    attained = name in ("mse", "half_mse", "logistic")
    return Constant(known.value, "exact" if known.exact and attained else "upper", known.how)


def _separable(spec: Spec, table: Table, optimum: Optimum) -> str:
    """Whether a hyperplane parts the classes; the question is only asked of affine scores of classes."""
    (cost,), expand, added = spec["cost"], basis(spec["model"], spec["cost"]), strengths(spec["penalty"])
    if cost not in ("logistic", "softmax") or expand is None or added is None:
        return ""
    if optimum.kind == "none exists":
        return "separable"
    if not (added.l1 or added.l2):
        return "overlapping" if optimum.cost is not None else "unknown"
    if len(table.rows) * table.features > MOST_SEPARATED:
        return "unknown"
    from gdbench.reference.solvers.dispatch import Problem, separable  # noqa: PLC0415  SciPy is slow to import

    return separable(Problem(expand, spec["cost"], Strengths(0.0, 0.0, bias=False), table))


def _columns_spectrum(spec: Spec, table: Table) -> Spectrum:
    from gdbench.reference.solvers.spectra import spectrum_of_columns  # noqa: PLC0415  NumPy is slow

    expand, added = basis(spec["model"], spec["cost"]), strengths(spec["penalty"])
    assert expand is not None
    assert added is not None
    (cost,) = spec["cost"]
    return spectrum_of_columns(expand, table, CURVATURE[cost], added)


def _hessian_at(spec: Spec, table: Table, objective: Objective, optimum: Optimum) -> Array | None:
    """∇²f at the reference optimum, where there is one and f is smooth there."""
    if optimum.cost is None or len(optimum.parameters) != objective.size:
        return None
    expand, added = basis(spec["model"], spec["cost"]), strengths(spec["penalty"])
    if added is None or added.l1 > 0.0:
        return None
    if expand is None:
        (model,), (cost,) = spec["model"], spec["cost"]
        return _differences(objective, optimum.parameters) if model == "formula" and cost in CURVATURE else None
    from gdbench.reference.solvers.spectra import hessian_of_cost  # noqa: PLC0415  NumPy is slow

    return hessian_of_cost(expand, spec["cost"], table, added, optimum.parameters)


def _differences(objective: Objective, at: Sequence[float]) -> Array | None:
    import numpy as np  # noqa: PLC0415  slow to import

    from gdbench.reference.solvers.spectra import hessian_by_differences  # noqa: PLC0415

    try:
        found = hessian_by_differences(lambda w: objective.cost_and_gradient(w)[1], at)
    except (ArithmeticError, ValueError):
        return None
    return found if np.all(np.isfinite(found)) else None


def _local(hessian: Array | None) -> dict[str, Any]:
    """L and μ near the optimum; nothing where the Hessian is not positive there."""
    if hessian is None:
        return {}
    from gdbench.reference.solvers.spectra import spectrum_of_matrix  # noqa: PLC0415

    values = spectrum_of_matrix(hessian).eigenvalues
    # what differences leave of a flat direction is no curvature
    values = [value for value in values if abs(value) > 1e-9 * max(map(abs, values))]
    if not values or values[-1] <= 0.0:
        return {}
    return {
        "local_smoothness": Constant(values[0], "local", f"largest eigenvalue, {_AT_OPTIMUM}"),
        "local_convexity": Constant(values[-1], "local", f"least eigenvalue above 0, {_AT_OPTIMUM}"),
    }


def _scalings(spec: Spec, dataset: Dataset) -> dict[str, Any]:
    """κ of the features raw and standardized; of the ones that are given, and of what they would become."""
    expand, added = basis(spec["model"], spec["cost"]), strengths(spec["penalty"])
    (cost,) = spec["cost"]
    if expand is None or added is None or added.l1 > 0.0 or cost not in (*CURVATURE, "poisson"):
        return {}
    given = list(zip(*(row[: dataset.table.features] for row in dataset.table.rows), strict=True))
    if not given or len(expand([0.0] * len(given))) >= MOST_PARAMETERS:
        return {}
    from gdbench.reference.solvers.spectra import condition_of  # noqa: PLC0415  NumPy is slow

    now = condition_of(given, expand, cost, added)
    if dataset.standardized and dataset.perturbation is None:
        scales = zip(given, dataset.means, dataset.stds, strict=True)
        raw = [[z * std + mean for z in column] for column, mean, std in scales]
        return {"raw": condition_of(raw, expand, cost, added), "standardized": now}
    scaled = [standardize(column).values for column in given]
    return {"raw": now, "standardized": condition_of(scaled, expand, cost, added)}
