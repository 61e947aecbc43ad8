"""The reference optimum of a problem: how low the cost can go, and what that claim rests on.

It is certified, in closed form, found by a trusted solver, proved not to exist, or unknown. The best
cost that some run happened to reach is never passed off as the optimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gdbench.descent.definition import Choice, define
from gdbench.descent.iterate import norm
from gdbench.descent.kernels import compiled
from gdbench.descent.objective import Objective
from gdbench.descent.table import Table

#: A solver's point counts as the optimum when its gradient is this much smaller than at zero.
SOLVED = 1e-9


@dataclass(frozen=True)
class Optimum:
    """The reference optimum, with its evidence.

    kind: "closed form" | "solver" | "certified" (then `cost` is the minimum), "none exists", "unknown".
    explanation: a sentence that says how it was found, or why there is none.
    gradient_norm: ‖∇f‖ at the reference point, as evidence; None when there is no point.
    """

    kind: str
    explanation: str
    cost: float | None = None
    parameters: Sequence[float] = ()
    gradient_norm: float | None = None


def reference_optimum(model: Choice, cost: Choice, table: Table) -> Optimum:
    """The optimum of the mean cost over the table, by the best method that applies."""
    objective = compiled(define(model, cost, table.features), table)
    names = (*model, *cost)
    if names == ("linear", "mse"):
        return _least_squares(objective, table)
    if cost.keys() == {"logistic"}:
        return _cross_entropy(objective, table)
    return Optimum(
        "unknown", f"The {names[0]} model with {names[1]} cost is not convex: no solver can vouch for it."
    )


def _least_squares(objective: Objective, table: Table) -> Optimum:
    """argmin ‖[X 1] w − y‖² by a singular value decomposition (LAPACK gelsd, through NumPy)."""
    from gdbench.experiment.solvers import least_squares  # noqa: PLC0415  NumPy is slow to import

    return _at(objective, least_squares(table), "closed form", "Least squares by singular value decomposition.")


def _cross_entropy(objective: Objective, table: Table) -> Optimum:
    """Convex; it has a minimiser exactly when no direction separates the classes (Albert & Anderson 1984)."""
    from gdbench.experiment.solvers import logistic_newton, separation  # noqa: PLC0415  as above

    verdict, direction = separation(table)
    if verdict == "separable":
        return Optimum(
            "none exists",
            "The classes are separable: along the certified direction the cost falls for ever.",
            parameters=direction,
        )
    if verdict == "undecided":
        return Optimum("unknown", "The classes may touch without overlapping; then the cost has no minimum.")
    found = _at(objective, logistic_newton(table), "solver", "Trust-region Newton (SciPy trust-exact).")
    steepest = norm(objective.cost_and_gradient([0.0] * objective.size)[1])
    if found.gradient_norm is not None and found.gradient_norm <= SOLVED * max(steepest, 1e-300):
        return found
    return Optimum(
        "unknown", f"The solver stopped where the gradient norm is {found.gradient_norm:.3g}, not 0."
    )


def _at(objective: Objective, parameters: Any, kind: str, explanation: str) -> Optimum:
    w = [float(value) for value in parameters]
    cost, gradient = objective.cost_and_gradient(w)
    return Optimum(kind, explanation, cost, tuple(w), norm(gradient))
