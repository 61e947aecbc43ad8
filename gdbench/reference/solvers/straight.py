"""The optimum of a cost made of straight pieces: a solver's corner, then the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from gdbench.reference.digits.corners import corner, cost_at, margin, on_kinks
from gdbench.reference.digits.rank import independent
from gdbench.reference.digits.rounding import power_of_ten_above
from gdbench.reference.digits.sharpening import held_cost, held_parameters
from gdbench.reference.optimum import Optimum
from gdbench.reference.solvers.convex import SOLVED, ConvexProblem
from gdbench.reference.solvers.polyhedral import Bracket, Pieces, pieces_of, solve_pieces, stretched
from gdbench.reference.solvers.vector_machine import vector_machine

#: What a bound by duality is good for, as a share of the cost at zero.
CERTAIN = 1e-13


def straight(problem: ConvexProblem) -> Optimum:
    """Of a cost made of straight pieces."""
    pieces, added = pieces_of(problem.design, problem.facts, problem.loss), problem.added
    if pieces is None:
        return Optimum("unknown", "No trusted solver is known for a cost of more than two pieces.")
    if added.l2 == 0.0:
        found = solve_pieces(pieces, problem.design)
        found = found and _at_corner(problem, pieces, found)
        if found and pieces.one_sided:
            found = stretched(pieces, problem.design, found)
        return _bracketed(found, "Linear programming (HiGHS)")
    if not pieces.of_margins:
        return Optimum("unknown", "No trusted solver is known for absolute errors with a squared penalty.")
    if added.l1 > 0.0 or added.bias:
        return Optimum("unknown", "No trusted solver is known for the hinge with this penalty.")
    found = vector_machine(problem.design, pieces.signs, added.l2)
    return _bracketed(found and _on_margin(problem, pieces, found), "Support vector machine (libsvm)")


def _at_corner(problem: ConvexProblem, pieces: Pieces, found: Bracket) -> Bracket:
    """The vertex that a linear program found, to the last bit."""
    w, kinks = np.array(found.parameters), pieces.signs * pieces.c
    support = (w != 0.0) | (problem.design.l1 == 0.0)
    if not problem.penalised:
        support &= np.isin(np.arange(len(w)), independent(problem.exact.rows))
    on = on_kinks(problem.design.G @ w, kinks)
    return _sharper(problem, found, corner(problem.exact, kinks.tolist(), on, support.tolist()))


def _on_margin(problem: ConvexProblem, pieces: Pieces, found: Bracket) -> Bracket:
    """The plane between two classes, to the last bit."""
    free = [1e-8 < alpha < 1.0 - 1e-8 for alpha in found.multipliers]
    full = [alpha >= 1.0 - 1e-8 for alpha in found.multipliers]
    if not any(free):
        return _sharper(problem, found, None)
    return _sharper(problem, found, margin(problem.exact, pieces.signs.tolist(), problem.added.l2, free, full))


def _sharper(problem: ConvexProblem, found: Bracket, w: Sequence[Decimal] | None) -> Bracket:
    """With this point if it is as good, else rounded to the digits that hold."""
    gap = max(found.upper - found.lower, 0.0)
    if w is not None:
        cost = cost_at(problem.exact, problem.design, problem.cost, w)
        if abs(cost - found.upper) <= gap + 1e-12 * found.at_zero:
            return found._replace(parameters=tuple(map(float, w)), upper=cost)
    held = held_parameters(problem.design, np.array(found.parameters))
    return found._replace(parameters=held, upper=held_cost(found.upper, gap))


def _bracketed(found: Bracket | None, how: str) -> Optimum:
    if found is None:
        return Optimum("unknown", "The solver found no solution.")
    gap = found.upper - found.lower
    if not gap <= SOLVED * found.at_zero:
        return Optimum("unknown", f"The solver's duality gap is {gap:.1g}, not 0.")
    # both are rounding error, which no two solvers share: told as powers of ten that they stay below
    least = CERTAIN * found.at_zero
    gap, off = (power_of_ten_above(max(value, least)) for value in (gap, found.violation))
    explanation = f"{how}; by duality no cost is lower by more than {gap:.0e}."
    return Optimum("solver", explanation, found.upper, found.parameters, off)
