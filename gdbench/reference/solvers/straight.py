"""The optimum of a cost made of straight pieces: a solver's corner, then the last bit."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from gdbench.reference.digits.corners import corner, cost_at, margin, on_kinks
from gdbench.reference.digits.gram import independent
from gdbench.reference.digits.rounding import power_of_ten_above
from gdbench.reference.digits.sharpening import held_cost, held_parameters
from gdbench.reference.optimum import Optimum
from gdbench.reference.solvers.convex import SOLVED, ConvexProblem
from gdbench.reference.solvers.design import Array, Design, least_squares_step
from gdbench.reference.solvers.polyhedral import Bracket, Pieces, pieces_of, solve_pieces, stretched

#: What a bound by duality is good for, as a share of the cost at zero.
CERTAIN = 1e-13
#: Of libsvm.
MOST_STEPS = 1_000_000


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
    if added.l1 > 0.0 or (problem.expand.bias and added.bias):
        return Optimum("unknown", "No trusted solver is known for the hinge with this penalty.")
    fit = vector_machine if problem.expand.bias else machine_through_zero
    found = fit(problem.design, pieces.signs, added.l2)
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
    ridge = problem.design.l2.tolist()
    return _sharper(problem, found, margin(problem.exact, pieces.signs.tolist(), ridge, free, full))


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


# --- the hinge with ½λ‖w‖²: the support vector machine (Cortes & Vapnik 1995), solved in its dual by libsvm


def vector_machine(design: Design, signs: Array, strength: float) -> Bracket | None:
    """min ½λ‖w‖² + (1/n) Σ max(0, 1 − sᵢ(w·xᵢ + b)), the bias free; None where the dual is not solved.

    Its dual: max Σ αᵢ − (1/2λ)‖Σ αᵢsᵢxᵢ‖² with 0 ≤ αᵢ ≤ 1/n and Σ αᵢsᵢ = 0.
    """
    return _machine(design.G[:, :-1], signs, strength)


def machine_through_zero(design: Design, signs: Array, strength: float) -> Bracket | None:
    """The same without a bias: of rows and their mirror images (−x, −s), which cost alike where b is 0.

    With (w, b) those of the mirrored problem also allow (w, −b), so by convexity (w, 0): nothing is lower.
    """
    mirrored, turned = np.vstack([design.G, -design.G]), np.append(signs, -signs)
    found = _machine(mirrored, turned, strength)
    if found is None:
        return None
    *w, _ = found.parameters
    own, image = np.split(np.array(found.multipliers), 2)
    costs = np.maximum(0.0, 1.0 - signs * (design.G @ np.array(w)))
    upper = math.fsum(costs.tolist()) / len(signs) + 0.5 * strength * math.fsum(w_j * w_j for w_j in w)
    shares = tuple((0.5 * (own + image)).tolist())
    return found._replace(parameters=tuple(w), upper=upper, multipliers=shares)


def _machine(X: Array, signs: Array, strength: float) -> Bracket | None:
    n = len(X)
    if np.all(signs == signs[0]):
        return Bracket((*[0.0] * X.shape[1], float(signs[0])), 0.0, 0.0, 1.0, 0.0)
    from sklearn.svm import SVC  # noqa: PLC0415  a second and 100 MB, which no other problem needs

    machine = SVC(kernel="linear", C=1.0 / (n * strength), tol=1e-9, cache_size=500, max_iter=MOST_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its word that it gave up; the duality gap says so better
        machine.fit(X, signs)
    alpha = np.zeros(n)
    alpha[machine.support_] = np.abs(machine.dual_coef_[0]) * strength
    alpha = _sharp(X, signs, np.minimum(alpha, 1.0 / n), strength)
    w = (alpha * signs) @ X / strength
    b = _bias(signs * (X @ w), signs)
    upper = math.fsum(np.maximum(0.0, 1.0 - signs * (X @ w + b)).tolist()) / n + 0.5 * strength * float(w @ w)
    unbalanced = abs(math.fsum((alpha * signs).tolist()))
    lower = math.fsum(alpha.tolist()) - 0.5 * strength * float(w @ w) - 2.0 * unbalanced * abs(b)
    return Bracket((*map(float, w), b), upper, lower, 1.0, unbalanced, tuple((n * alpha).tolist()))


def _sharp(X: Array, signs: Array, alpha: Array, strength: float) -> Array:
    """Solve for the multipliers strictly inside (0, 1/n): their rows lie on the margin, s(w·x + b) = 1."""
    n = len(alpha)
    free = (alpha > 1e-8 / n) & (alpha < (1.0 - 1e-8) / n)
    if not free.any():
        return alpha
    fixed = np.where(free, 0.0, np.where(alpha > 0.5 / n, 1.0 / n, 0.0))
    rows = signs[:, None] * X
    inner, s = rows[free], signs[free]
    matrix = np.block([[inner @ inner.T / strength, s[:, None]], [s[None, :], np.zeros((1, 1))]])
    right = np.append(1.0 - inner @ (rows.T @ fixed) / strength, -float(fixed @ signs))
    fixed[free] = least_squares_step(matrix, right)[0][:-1]
    within = np.all((fixed >= -1e-12 / n) & (fixed <= (1.0 + 1e-12) / n))
    return np.clip(fixed if within else alpha, 0.0, 1.0 / n)


def _bias(margins: Array, signs: Array) -> float:
    """argmin over b of Σ max(0, 1 − mᵢ − sᵢb): piecewise linear, so one of its kinks."""
    kinks = np.unique((1.0 - margins) * signs)
    slopes = np.array([_slope_after(margins, signs, kink) for kink in kinks])
    return float(kinks[int(np.argmax(slopes >= 0.0))])


def _slope_after(margins: Array, signs: Array, b: float) -> float:
    """The slope just right of b."""
    rest = 1.0 - margins - signs * b
    return float(-signs[(rest > 0.0) | ((rest == 0.0) & (signs < 0.0))].sum())
