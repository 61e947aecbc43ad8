"""Which solver a convex problem gets, and when its answer may be called the optimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gdbench.descent.costs import COSTS
from gdbench.descent.kernels.definition import prepare
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Choice, find
from gdbench.descent.theory import Basis, Strengths
from gdbench.reference.optimum import Optimum
from gdbench.reference.solvers import losses
from gdbench.reference.solvers.class_separation import class_separation
from gdbench.reference.solvers.design import Array, Design, design
from gdbench.reference.solvers.exact import ExactRows, exact_least_squares, exact_rows
from gdbench.reference.solvers.lasso import minimise_with_kinks
from gdbench.reference.solvers.least_squares import least_squares
from gdbench.reference.solvers.polyhedral import Bracket, absolute, hinge, solve_pieces, stretched
from gdbench.reference.solvers.separation import Separation, count_separation, separation
from gdbench.reference.solvers.smooth import Found, Smooth, minimise
from gdbench.reference.solvers.vector_machine import vector_machine

#: A solver's point counts as the optimum when its gradient is this much smaller than at zero.
SOLVED = 1e-9
#: Exact least squares for at most this many columns, and entries of the normal equations times rows.
MOST_COLUMNS, MOST_PRODUCTS = 40, 2_000_000

SEPARABLE = "along the certified direction the cost falls for ever."


@dataclass(frozen=True)
class Problem:
    """The mean of a convex cost of scores w · (basis(x), 1), plus a penalty."""

    expand: Basis
    cost: Choice
    added: Strengths
    table: Table

    @cached_property
    def design(self) -> Design:
        return design(self.expand, self.table, self.added)

    @cached_property
    def exact(self) -> ExactRows:
        return exact_rows(self.expand, self.table)

    @property
    def penalised(self) -> bool:
        return self.added.l1 > 0.0 or self.added.l2 > 0.0

    @property
    def quadratic(self) -> bool:
        return self.added.l1 == 0.0


def solve(problem: Problem) -> Optimum:
    """The optimum, or why there is none, or that nobody knows."""
    entry, parameters = find(COSTS, problem.cost)
    if entry.name not in _SOLVERS:
        return Optimum("unknown", f"No trusted solver is known for the {entry.name} cost.")
    table, outputs = prepare(problem.cost, problem.table)
    unfit = _unfit(entry.facts.get("targets", ""), table, outputs)
    if unfit:
        return Optimum("unknown", unfit)
    ready = Problem(problem.expand, problem.cost, problem.added, table)
    if not (np.all(np.isfinite(ready.design.G)) and np.all(np.isfinite(ready.design.Z))):
        return Optimum("unknown", "The features are too large for a solver.")
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return _SOLVERS[entry.name](ready, **parameters)


def separable(problem: Problem) -> str:
    """Whether an affine score parts the classes: "separable" (proved), "overlapping" or "unknown"."""
    table, outputs = prepare(problem.cost, problem.table)
    if _unfit(COSTS[next(iter(problem.cost))].facts.get("targets", ""), table, outputs):
        return "unknown"
    ready = Problem(problem.expand, problem.cost, problem.added, table)
    look = class_separation if outputs > 1 else separation
    verdict, _ = look(ready.design, ready.exact)
    return "unknown" if verdict == "undecided" else verdict


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


# --- squared errors


def _squared(problem: Problem, factor: float) -> Optimum:
    smooth = Smooth(problem.design, losses.squared(factor))
    if not problem.quadratic:
        return _accepted(minimise_with_kinks(smooth))
    n, p = problem.design.G.shape
    ridge = 0.5 * problem.design.l2 / factor
    if p <= MOST_COLUMNS and n * p * p <= MOST_PRODUCTS:
        fit = exact_least_squares(problem.exact, problem.design.targets[:, 0].tolist(), ridge.tolist())
        found = smooth.found_at(np.array([fit.parameters]), "The normal equations, solved in exact rationals.")
        lowest, at_zero = factor * fit.mean_square, smooth.cost(np.zeros(p))
        # else it rests on a column that differs from others by rounding alone, and no float gets there
        if abs(found.cost - lowest) <= SOLVED * at_zero:
            return Optimum("closed form", found.how, lowest, fit.parameters, found.gradient_norm)
    w = least_squares(problem.design, ridge)
    if w is None:
        return Optimum("unknown", "The columns are too nearly dependent for least squares in floats.")
    found = smooth.found_at(w[None, :], "Least squares by singular value decomposition.")
    return _accepted(found, "closed form")


# --- smooth costs


def _smooth(problem: Problem, *path: losses.Loss) -> Optimum:
    steps = [Smooth(problem.design, loss) for loss in path]
    return _accepted(minimise(steps) if problem.quadratic else minimise_with_kinks(steps[-1]))


def _huber(problem: Problem, delta: float) -> Optimum:
    return _smooth(problem, *(losses.huber(delta * scale) for scale in _scales(problem, delta)))


def _log_cosh(problem: Problem) -> Optimum:
    return _smooth(problem, *(losses.log_cosh(scale) for scale in _scales(problem, 1.0)))


def _scales(problem: Problem, width: float) -> list[float]:
    """From nearly least squares down to 1: where most rows lie in the straight parts, curvature is scarce."""
    y = problem.design.targets
    spread = float(np.abs(y - np.median(y)).max()) / width
    return [4.0**k for k in range(max(int(np.ceil(np.log(max(spread, 1.0)) / np.log(4.0))), 0), -1, -1)]


def _falling(
    problem: Problem, loss: losses.Loss, directions: Callable[[Design, ExactRows], Separation], why: str
) -> Optimum:
    """A cost that may fall for ever: along any direction without penalty, else along a free bias only."""
    targets = [row[problem.table.features :] for row in problem.table.rows]
    bias_only = Problem(list, problem.cost, problem.added, Table(targets, 0, problem.table.targets))
    if not problem.penalised or not problem.added.bias:
        asked = problem if not problem.penalised else bias_only
        verdict, direction = directions(asked.design, asked.exact)
        if verdict == "separable":
            width = problem.design.G.shape[1] if asked is bias_only else 1
            return Optimum("none exists", f"{why}: {SEPARABLE}", parameters=_padded(direction, width))
        if verdict == "undecided":
            return Optimum("unknown", "Whether the cost has a minimiser could not be decided.")
    if not problem.quadratic:
        return _smooth(problem, loss)
    smooth = Smooth(problem.design, loss)
    found = minimise([smooth])
    rows = np.abs(loss.value(problem.design.G @ _matrix(found, smooth).T, problem.design.targets))
    if found.promise > SOLVED * float(rows.mean()):
        return Optimum("unknown", "The solver stopped on a slope that may have no end.")
    return _accepted(found)


def _matrix(found: Found, smooth: Smooth) -> Array:
    return np.array(found.parameters).reshape(smooth.outputs, -1)


def _squared_hinge(problem: Problem) -> Optimum:
    """Where all rows fit the minimum is 0; a little farther out, rounding no longer hides it."""
    best = _smooth(problem, losses.squared_hinge())
    if problem.penalised or best.cost is None:
        return best
    smooth = Smooth(problem.design, losses.squared_hinge())
    far = smooth.found_at((1.0 + 1e-6) * np.array([best.parameters]), best.explanation)
    return _accepted(far) if far.cost == 0.0 else best


def _padded(biases: tuple[float, ...], width: int) -> tuple[float, ...]:
    """Directions of the biases alone, with zeros for the weights."""
    return tuple(value for bias in biases for value in (*[0.0] * (width - 1), bias))


# --- costs with kinks


def _pinball(problem: Problem, tau: float) -> Optimum:
    return _quantile(problem, tau, 1.0 - tau)


def _quantile(problem: Problem, up: float, down: float) -> Optimum:
    if problem.added.l2 > 0.0:
        return Optimum("unknown", "No trusted solver is known for absolute errors with a squared penalty.")
    return _bracketed(
        solve_pieces(absolute(problem.design, up, down), problem.design), "Linear programming (HiGHS)"
    )


def _hinge(problem: Problem) -> Optimum:
    if problem.added.l2 == 0.0:
        pieces = hinge(problem.design)
        found = solve_pieces(pieces, problem.design)
        return _bracketed(found and stretched(pieces, problem.design, found), "Linear programming (HiGHS)")
    if problem.added.l1 > 0.0 or problem.added.bias:
        return Optimum("unknown", "No trusted solver is known for the hinge with this penalty.")
    return _bracketed(vector_machine(problem.design, problem.added.l2), "Support vector machine (libsvm)")


# --- evidence


def _accepted(found: Found, kind: str = "solver") -> Optimum:
    if found.gradient_norm <= max(SOLVED * found.scale, found.floor):
        return Optimum(kind, found.how, found.cost, found.parameters, found.gradient_norm)
    return Optimum(
        "unknown", f"The solver stopped where the gradient norm is {found.gradient_norm:.3g}, not 0."
    )


def _bracketed(found: Bracket | None, how: str) -> Optimum:
    if found is None:
        return Optimum("unknown", "The solver found no solution.")
    gap = found.upper - found.lower
    if not gap <= SOLVED * found.at_zero:
        return Optimum("unknown", f"The solver's duality gap is {gap:.3g}, not 0.")
    explanation = f"{how}; by duality no cost is lower by more than {max(gap, 0.0):.1g}."
    return Optimum("solver", explanation, found.upper, found.parameters, found.violation)


_SOLVERS: dict[str, Callable[..., Optimum]] = {
    "mse": lambda problem: _squared(problem, 1.0),
    "half_mse": lambda problem: _squared(problem, 0.5),
    "huber": _huber,
    "log_cosh": _log_cosh,
    "mae": lambda problem: _quantile(problem, 1.0, 1.0),
    "pinball": _pinball,
    "hinge": _hinge,
    "squared_hinge": _squared_hinge,
    "logistic": lambda problem: _falling(problem, losses.logistic(), separation, "The classes are separable"),
    "softmax": lambda problem: _falling(problem, losses.softmax(), class_separation, "Classes are separable"),
    "poisson": lambda problem: _falling(
        problem, losses.poisson(), count_separation, "Rows with count 0 stand apart"
    ),
}
