"""How much a cost of an affine score bends: L from above, μ from below, and what its score is linear in.

∇f is L-Lipschitz: ‖∇f(v) − ∇f(w)‖ ≤ L ‖v − w‖. Where f is convex, every constant rate below 2/L leads
down (Nesterov 2004). f is μ-strongly convex where f − ½ μ ‖·‖² is convex still.
"""

from __future__ import annotations

import math
from operator import mul
from typing import NamedTuple, Optional, Sequence

from gdbench.descent.costs import cost_facts
from gdbench.descent.models import model_facts
from gdbench.descent.numerics.eigenvalues import Matrix, largest_eigenvalue, smallest_eigenvalue
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.penalties import strengths
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms
from gdbench.descent.registry import Choice, Spec

#: Up to this many columns λ_max is computed; beyond, it is bounded from above, at n·p a pass.
MOST_COLUMNS = 150
PASSES = 20

#: An eigenvalue below this share of the largest cannot be told from 0: it is what rounding leaves.
ROUNDING = 1e-12


class Smoothness(NamedTuple):
    """value: L > 0.  exact: whether it is λ_max to rounding, not an upper bound of it.  how: in words."""

    value: float
    exact: bool
    how: str


def smoothness(model: Choice, cost: Choice, penalty: Choice, table: Table) -> Optional[Smoothness]:
    """L = λ_max( (c/n) GᵀG + D ); None where no L holds everywhere.

    G: n rows of the score's terms.  c: the cost's `curvature`.  D: the penalty's Hessian, λ for each penalised
    parameter. No L exists for costs with kinks or exponential growth, for the 1-norm, and in general
    for models that are not linear in their parameters.
    """
    expand, added = terms(model, cost), strengths(penalty)
    curvature = cost_facts(cost).smooth_curvature
    if expand is None or curvature is None or added is None or added.l1 > 0.0:
        return None
    columns = _columns(expand, table)
    method = _computed if len(columns) <= MOST_COLUMNS else _bounded
    try:
        found = method(columns, curvature, expand.ridge(added, len(columns)))
    except (OverflowError, ValueError):  # of ∞ − ∞, which fsum refuses
        return None
    return found if math.isfinite(found.value) else None


def lipschitz(model: Choice, cost: Choice, penalty: Choice, table: Table) -> Optional[float]:
    """M = (1/n) Σ c ‖row‖ + λ₁ √p, which no subgradient is longer than; None where there is none, or unknown.

    c: the cost's `steepest`.  λ₁: of the penalty's 1-norm, p: how many parameters it is on.
    """
    expand, added, steepest = terms(model, cost), strengths(penalty), cost_facts(cost).steepest
    if expand is None or steepest is None or added is None or added.l2 > 0.0 or not table.rows:
        return None
    rows = [expand(row[: table.features]) for row in table.rows]
    try:
        mean = math.fsum(norm(row) for row in rows) / len(rows)
    except (OverflowError, ValueError):
        return None
    found = steepest * mean + added.l1 * math.sqrt(sum(expand.penalised(added, len(rows[0]))))
    return found if math.isfinite(found) else None


def smooth_part(penalty: Choice) -> Optional[Choice]:
    """The penalty without its 1-norm; None where it is not known what is left."""
    added = strengths(penalty)
    if added is None or not added.l1:
        return None if added is None else penalty
    return {"l2": {"strength": added.l2, "bias": added.bias}}


def smoothness_of_smooth_part(spec: Spec, table: Optional[Table]) -> Optional[float]:
    """L of the cost without the penalty's 1-norm, below which proximal steps go down."""
    left = smooth_part(spec.get("penalty", {"none": {}}))
    if table is None or left is None:
        return None
    known = smoothness(spec["model"], spec["cost"], left, table)
    return known.value if known else None


def is_smooth_besides(model: Choice, cost: Choice, penalty: Choice) -> bool:
    """Whether the cost without the penalty's 1-norm has an L, as `smoothness` finds it."""
    curved = terms(model, cost) is not None and cost_facts(cost).smooth_curvature is not None
    return curved and smooth_part(penalty) is not None


def strong_convexity(model: Choice, cost: Choice, penalty: Choice, table: Table) -> Optional[float]:
    """μ: of a quadratic λ_min, else what a squared penalty on every parameter gives; None where it may be 0.

    None also where λ_min is lost in the rounding of λ_max, and beyond `MOST_COLUMNS` columns.
    """
    expand, added, facts = terms(model, cost), strengths(penalty), cost_facts(cost)
    if expand is None or added is None or added.l1 > 0.0:
        return None
    if not facts.quadratic or facts.curvature is None:
        everywhere = added.bias or not expand.bias
        return added.l2 if facts.convex and everywhere and added.l2 > 0.0 else None
    columns = _columns(expand, table)
    if len(columns) > MOST_COLUMNS:
        return None
    try:
        hessian = _hessian(columns, facts.curvature, expand.ridge(added, len(columns)))
        most, least = largest_eigenvalue(hessian), smallest_eigenvalue(hessian)
    except (OverflowError, ValueError):  # of ∞ − ∞, which fsum refuses
        return None
    return least if math.isfinite(most) and least > ROUNDING * len(columns) * most else None


def is_convex(model: Choice, cost: Choice, penalty: Choice) -> Optional[bool]:
    """Whether the mean cost is convex: a convex cost of an affine score; no for a network; None: not known."""
    if terms(model, cost) is not None and cost_facts(cost).convex and strengths(penalty) is not None:
        return True
    return False if model_facts(model).convex is False else None


def is_quadratic(model: Choice, cost: Choice, penalty: Choice) -> bool:
    """Whether the objective is known to be a quadratic of its parameters: squared error of an affine model."""
    added = strengths(penalty)
    straight = terms(model, cost) is not None and cost_facts(cost).quadratic
    return straight and added is not None and added.l1 == 0.0


def terms(model: Choice, cost: Choice) -> Optional[Terms]:
    """x → the row that what the cost looks at is w · row of; None where it is not known to be of any."""
    facts = model_facts(model)
    straight = facts.affine and (cost_facts(cost).on == "score" or facts.responds_as_is)
    return facts.terms if straight else None


def _columns(expand: Terms, table: Table) -> Matrix:
    return [list(c) for c in zip(*(expand(row[: table.features]) for row in table.rows))]


def _computed(columns: Matrix, curvature: float, ridge: Sequence[float]) -> Smoothness:
    """λ_max of the matrix itself, whose entries are correctly rounded sums."""
    largest = largest_eigenvalue(_hessian(columns, curvature, ridge))
    return Smoothness(largest, True, "the largest eigenvalue, by bisection")


def _hessian(columns: Matrix, curvature: float, ridge: Sequence[float]) -> Matrix:
    """(c/n) GᵀG + D, each pair of columns once: the matrix is symmetric to the last bit."""
    n, size = len(columns[0]), len(columns)
    hessian = [[0.0] * size for _ in columns]
    for i, a in enumerate(columns):
        for j in range(i + 1):
            hessian[i][j] = hessian[j][i] = curvature * math.fsum(map(mul, a, columns[j])) / n
    for j, extra in enumerate(ridge):
        hessian[j][j] += extra
    return hessian


def _bounded(columns: Matrix, curvature: float, ridge: Sequence[float]) -> Smoothness:
    """The lesser of two bounds on λ_max(GᵀG): its trace, and max (Mx)ⱼ/xⱼ with M = |G|ᵀ|G| and any x > 0.

    Power iterations improve x (Collatz 1942; Wielandt 1950).
    """
    n, sizes = len(columns[0]), [[abs(value) for value in column] for column in columns]
    squares = math.fsum(math.fsum(map(mul, column, column)) for column in columns)
    best, x = squares, [1.0] * len(columns)
    for _ in range(PASSES):
        scores = [math.fsum(map(mul, row, x)) for row in zip(*sizes)]
        image = [math.fsum(map(mul, column, scores)) for column in sizes]
        best = min(best, max(m / x_j for m, x_j in zip(image, x)))
        top = max(image)
        x = [max(m / top, 1e-9) for m in image]
    value = (curvature * best / n + max(ridge)) * (1.0 + 1e-12)
    return Smoothness(value, False, f"an upper bound, by trace or positive vector: {len(columns)} columns")
