"""The reference optimum of a problem: how low the cost can go, and what that claim rests on.

It is certified, in closed form, found by a trusted solver, claimed by a plug-in, proved not to exist, or
unknown. The best cost that some run happened to reach is never passed off as the optimum.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gdbench.descent.costs import cost_facts
from gdbench.descent.limits import (
    THEORY_CLASSES,
    THEORY_COLUMNS,
    THEORY_KINKED,
    THEORY_WORK,
    as_bytes,
    as_count,
    theory_bytes,
)
from gdbench.descent.numerics.exact import rounded
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.penalties import strengths
from gdbench.descent.problems.quadratic import Quadratic, affordable, quadratic_of
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Choice
from gdbench.descent.theory.curvature import is_quadratic, terms

#: An exact minimum is the optimum where its rounded minimiser costs at most this share of zeros' cost more.
_REACHED = 1e-9


@dataclass(frozen=True)
class Optimum:
    """The reference optimum, with its evidence.

    kind: "closed form" | "solver" | "certified" (then `cost` is the minimum), "claimed" (by a plug-in, without
        evidence), "none exists", "unknown", "left out" (of what is too large for theory).
    explanation: a sentence that says how it was found, or why there is none.
    parameters: where the minimum is; of "none exists", a direction along which the cost falls for ever.
    gradient_norm: ‖∇f‖ at the reference point (where f has kinks, of the least subgradient that is
        known there), as evidence; None when there is no point.
    """

    kind: str
    explanation: str
    cost: float | None = None
    parameters: Sequence[float] = ()
    gradient_norm: float | None = None
    extra: Mapping[str, object] | None = None


def exact_optimum(model: Choice, cost: Choice, penalty: Choice, table: Table) -> Optimum | None:
    """The minimum of a squared error of an affine model, rounded once; None where that is not soon worked out.

    None as well where it rests on a column that differs from others by rounding alone: no float gets there.
    """
    expand, added, curvature = terms(model, cost), strengths(penalty), cost_facts(cost).curvature
    squared = is_quadratic(model, cost, penalty) and table.targets == 1
    if expand is None or added is None or curvature is None or not squared or not affordable(expand, table):
        return None
    try:
        return _rounded_once(quadratic_of(expand, curvature, added, table))
    except OverflowError:
        return _beyond()


def _rounded_once(known: Quadratic) -> Optimum | None:
    """The minimum in floats. Raises OverflowError where one of its numbers is beyond the largest."""
    zeros = [0.0] * known.size
    w = known.minimiser(zeros)
    if known.cost(w) - known.minimum > Fraction(_REACHED) * known.cost(zeros):
        return None
    how = "The normal equations, solved in exact rationals."
    least, slope = rounded(known.minimum), norm(known.about(w).gradient)
    if not all(map(math.isfinite, (least, slope, *w))):
        return _beyond()
    return Optimum("closed form", how, least, w, slope)


def theory_left_out(model: Choice, cost: Choice, penalty: Choice, table: Table) -> str:
    """Why theory is left out of a convex problem: solvers would build too much; "" where they would not."""
    expand, facts, rows = terms(model, cost), cost_facts(cost), len(table.rows)
    if expand is None or not facts.convex:
        return ""
    columns = expand.columns(table.features)
    parameters = (columns + 1) * _outputs(facts.targets, table)
    kinked = strengths(penalty)
    if columns > THEORY_COLUMNS:
        need = as_bytes(theory_bytes(rows, columns))
        what, most = f"on {columns:,} columns it needs about {need}", f"{THEORY_COLUMNS:,} columns"
    elif kinked and kinked.l1 and parameters > max(THEORY_CLASSES, columns + 1):
        need = as_bytes(3 * 8 * parameters * parameters)
        what, most = f"on {parameters:,} it needs about {need}", f"{THEORY_CLASSES:,} parameters with a 1-norm"
    elif rows * columns * columns > THEORY_WORK:
        what = f"on {rows:,} rows of {columns:,} columns it takes hours"
        most = f"{as_count(THEORY_WORK)} multiplications of rows × columns × columns"
    elif facts.kinked and rows * rows * columns > THEORY_KINKED:
        what = f"on {rows:,} rows a cost with kinks takes hours"
        most = f"{as_count(THEORY_KINKED)} multiplications of rows × rows × columns"
    else:
        return ""
    return f"theory is left out above {most}: {what}. So no optimum is known, and gaps cannot be measured."


def _outputs(targets: str, table: Table) -> int:
    """Scores of a row: one, or one for each class."""
    if targets != "classes" or table.targets > 1:
        return table.targets
    return int(max(row[table.features] for row in table.rows)) + 1


def reference_optimum(model: Choice, cost: Choice, penalty: Choice, table: Table) -> Optimum:
    """The optimum of the mean cost over the table plus penalty, by the best method that applies."""
    (model_name,), (cost_name,), (penalty_name,) = model, cost, penalty
    expand, added = terms(model, cost), strengths(penalty)
    if expand is None:
        return Optimum(
            "unknown",
            f"The {model_name} model with {cost_name} cost is not convex: no solver can vouch for it.",
        )
    if added is None:
        return Optimum("unknown", f"No trusted solver is known for the {penalty_name} penalty.")
    exact = exact_optimum(model, cost, penalty, table)
    if exact:
        return exact
    left_out = theory_left_out(model, cost, penalty, table)
    if left_out:
        return Optimum("left out", f"{left_out[0].upper()}{left_out[1:]}")
    from gdbench.reference.solvers.dispatch import solve  # noqa: PLC0415  SciPy is slow to import

    found = solve(expand, cost, added, table)
    if found.cost is not None and not math.isfinite(found.cost):
        return _beyond()
    return found


def _beyond() -> Optimum:
    return Optimum("unknown", "The least cost, or where it is met, is beyond the largest float.")
