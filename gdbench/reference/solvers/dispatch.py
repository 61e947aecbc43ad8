"""Which solver a convex problem gets, by its cost's facts, and when its answer may be called the optimum."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gdbench.descent.costs import cost_facts
from gdbench.descent.kernels.definition import prepare
from gdbench.descent.penalties import Strengths
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms
from gdbench.descent.registry import Choice
from gdbench.reference.attempt import FAILURES, attempted
from gdbench.reference.digits.sharpening import Sharp, held_digits, held_parameters, sharpenable, sharpened
from gdbench.reference.optimum import Optimum
from gdbench.reference.solvers import losses
from gdbench.reference.solvers.class_separation import class_separation
from gdbench.reference.solvers.continuation import path_to
from gdbench.reference.solvers.convex import SOLVED, ConvexProblem
from gdbench.reference.solvers.design import Array
from gdbench.reference.solvers.exact import least_squares
from gdbench.reference.solvers.lasso import minimise_with_kinks
from gdbench.reference.solvers.separation import Separation, largest_margin, separation
from gdbench.reference.solvers.smooth import Smooth, Solution, minimise
from gdbench.reference.solvers.straight import straight

#: A way along which all rows come to fit is followed to 2 to this power.
FARTHEST = 60
TO_THE_BIT = "The last bit by Newton steps in fifty digits."
SEPARABLE = "along the certified direction the cost falls for ever."
#: By what the targets are: why a cost falls for ever.
_APART = {
    "binary": "The classes are separable",
    "classes": "Classes are separable",
    "counts": "Rows with count 0 stand apart",
    "": "The rows that let the cost fall stand apart",
}


def solve(expand: Terms, cost: Choice, added: Strengths, table: Table) -> Optimum:
    """The optimum, or why there is none, or that nobody knows."""
    (name,), facts = cost, cost_facts(cost)
    if not facts.convex:
        return Optimum(
            "unknown", f"No trusted solver is known for the {name} cost: it is not known to be convex."
        )
    table, outputs = prepare(cost, table)
    unfit = _unfit(facts.targets, table, outputs)
    if unfit:
        return Optimum("unknown", unfit)
    ready = ConvexProblem(expand, cost, added, table)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if not (np.all(np.isfinite(ready.design.G)) and np.all(np.isfinite(ready.design.Z))):
            return Optimum("unknown", "The features are too large for a solver.")
        try:
            return _solved(ready)
        except FAILURES as error:
            return Optimum("unknown", f"The solver failed on these numbers ({type(error).__name__}: {error}).")


def _solved(problem: ConvexProblem) -> Optimum:
    """By what is known of the cost: its curvature is one number, or it has no kinks, or nothing but kinks."""
    facts, (name,) = problem.facts, problem.cost
    if facts.quadratic and facts.curvature is not None:
        return _squared(problem, 0.5 * facts.curvature)
    if facts.kinked is False:
        return _smooth(problem) if problem.falls is False else _falling(problem)
    if facts.kinked and facts.curvature == 0.0:
        return straight(problem)
    return Optimum("unknown", f"No trusted solver is known for the {name} cost: where it bends is not known.")


def separable(problem: ConvexProblem) -> str:
    """Whether an affine score parts the classes: "separable" (proved), "overlapping" or "unknown"."""
    table, outputs = prepare(problem.cost, problem.table)
    if _unfit(problem.facts.targets, table, outputs):
        return "unknown"
    verdict, _ = _separated(ConvexProblem(problem.expand, problem.cost, problem.added, table))
    return "unknown" if verdict == "undecided" else verdict


def _separated(problem: ConvexProblem) -> Separation:
    """Whether some direction of the parameters lets the cost of every row fall or stay."""
    design = problem.design
    if design.targets.shape[1] > 1:
        return class_separation(design, problem.exact)
    sides = [problem.facts.falls_at(y) for y in design.targets[:, 0].tolist()]
    return separation(design, problem.exact, [float(side) for side in sides if not isinstance(side, Sequence)])


def _unfit(wanted: str, table: Table, outputs: int) -> str:
    """Why the targets are none that the cost is defined for; empty where they are."""
    targets = [value for row in table.rows for value in row[table.features :]]
    if wanted == "binary" and any(y not in (0.0, 1.0) for y in targets):
        return "The targets are not 0 and 1."
    if wanted == "counts" and any(y < 0.0 for y in targets):
        return "Some counts are negative."
    if (wanted == "classes") != (outputs > 1):
        return "No trusted solver is known for this number of targets."
    return ""


# --- squared errors: those that are too many for exact rationals


def _squared(problem: ConvexProblem, factor: float) -> Optimum:
    smooth = Smooth(problem.design, losses.squared(factor))
    if not problem.smooth_penalty:
        return _settled(problem, smooth, minimise_with_kinks(smooth))
    ridge = 0.5 * problem.design.l2 / factor
    w = least_squares(problem.design, ridge)
    if w is None:
        return Optimum("unknown", "The columns are too nearly dependent for least squares in floats.")
    found = smooth.found_at(w[None, :], "Least squares by singular value decomposition.")
    return _settled(problem, smooth, found, "closed form")


# --- smooth costs


def _smooth(problem: ConvexProblem) -> Optimum:
    """Of a cost that has a least value on every side."""
    path = [Smooth(problem.design, loss) for loss in path_to(problem.cost, problem.design.targets)]
    found = minimise(path) if problem.smooth_penalty else minimise_with_kinks(path[-1])
    fits = None if problem.penalised else _fitting_all(problem, path[-1], found)
    return Optimum("solver", found.how, 0.0, fits, 0.0) if fits else _settled(problem, path[-1], found)


def _fitting_all(problem: ConvexProblem, smooth: Smooth, found: Solution) -> tuple[float, ...] | None:
    """Where all rows fit the minimum is 0, though rounding may hide it until one goes a little farther out.

    Of the many such points, where going on costs nothing: the way with the largest margin, as far as it takes.
    """
    w = _matrix(found.parameters, smooth)

    def fits(at: Array) -> bool:
        return smooth.found_at(at, "").cost == 0.0

    candidates = [(1.0 + stretch) * w for stretch in (1e-6, 1e-3, 1.0)]
    if smooth.outputs == 1 and fits(candidates[-1]):
        sides = np.sign(problem.design.G @ w[0])
        way = problem.design.T @ largest_margin(sides[:, None] * problem.design.Z)
        candidates = [2.0**k * way[None, :] for k in range(FARTHEST) if np.all(np.isfinite(way))] + candidates
    held = (held_parameters(problem.design, at) for at in candidates)
    return next((parameters for parameters in held if fits(_matrix(parameters, smooth))), None)


def _falling(problem: ConvexProblem) -> Optimum:
    """A cost that may fall for ever: along any direction without penalty, else along a free bias only."""
    targets = [row[problem.table.features :] for row in problem.table.rows]
    alone = Table(targets, 0, problem.table.targets)
    bias_only = ConvexProblem(Terms(list), problem.cost, problem.added, alone)
    if problem.falls and not (problem.penalised and problem.on_all):
        asked = problem if not problem.penalised else bias_only
        verdict, direction = _separated(asked)
        if verdict == "separable":
            width = problem.design.G.shape[1] if asked is bias_only else 1
            explanation = f"{_APART[problem.facts.targets]}: {SEPARABLE}"
            return Optimum("none exists", explanation, parameters=_padded(direction, width))
        if verdict == "undecided":
            return Optimum("unknown", "Whether the cost has a minimiser could not be decided.")
    smooth = Smooth(problem.design, problem.loss)
    if not problem.smooth_penalty:
        return _settled(problem, smooth, minimise_with_kinks(smooth))
    found = minimise([smooth])
    scores = problem.design.G @ _matrix(found.parameters, smooth).T
    rows = np.abs(problem.loss.value(scores, problem.design.targets))
    if found.promise > SOLVED * float(rows.mean()):
        return Optimum("unknown", "The solver stopped on a slope that may have no end.")
    return _settled(problem, smooth, found)


def _matrix(parameters: Sequence[float], smooth: Smooth) -> Array:
    return np.array(parameters).reshape(smooth.outputs, -1)


def _padded(biases: tuple[float, ...], width: int) -> tuple[float, ...]:
    """Directions of the biases alone, with zeros for the weights."""
    return tuple(value for bias in biases for value in (*[0.0] * (width - 1), bias))


# --- evidence


def _sharp(problem: ConvexProblem, smooth: Smooth, found: Solution) -> Sharp | None:
    """To the last bit, where that does not take too long: whole numbers of all rows are made for it alone."""
    if not sharpenable(smooth, problem.cost):
        return None
    return sharpened(smooth, problem.exact, problem.cost, found.parameters)


def _settled(problem: ConvexProblem, smooth: Smooth, found: Solution, kind: str = "solver") -> Optimum:
    """A solver's word if it is good, to the last bit where that can be known, else to the digits that hold."""
    if not math.isfinite(smooth.cost(np.zeros(smooth.size)) + found.scale):
        return Optimum("unknown", "The cost at zero parameters, or its slope, is beyond the largest float.")
    if not found.gradient_norm <= max(SOLVED * found.scale, found.floor):
        return Optimum(
            "unknown", f"The solver stopped where the gradient norm is {found.gradient_norm:.1g}, not 0."
        )
    sharp = attempted(lambda: _sharp(problem, smooth, found), None)
    if sharp and sharp.gradient_norm <= max(SOLVED * found.scale, found.floor):
        return Optimum(kind, f"{found.how} {TO_THE_BIT}", sharp.cost, sharp.parameters, sharp.gradient_norm)
    rounded = held_digits(smooth, found)
    how = f"{found.how} Rounded to the digits that hold."
    return Optimum(kind, how, rounded.cost, rounded.parameters, rounded.gradient_norm)
