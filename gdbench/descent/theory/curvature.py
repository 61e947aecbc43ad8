"""How much a cost of an affine score bends: L from above, μ from below, and what its score is linear in.

∇f is L-Lipschitz: ‖∇f(v) − ∇f(w)‖ ≤ L ‖v − w‖. Where f is convex, every constant rate below 2/L leads
down (Nesterov 2004). f is μ-strongly convex where f − ½ μ ‖·‖² is convex still.
"""

from __future__ import annotations

import math
from functools import partial
from operator import mul
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence

from gdbench.descent.costs import COSTS
from gdbench.descent.functions import identity
from gdbench.descent.models import MODELS
from gdbench.descent.numerics.eigenvalues import Matrix, largest_eigenvalue, smallest_eigenvalue
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import find

Choice = Mapping[str, Mapping[str, Any]]
Basis = Callable[[Sequence[Any]], List[Any]]

#: The largest second derivative of a row's cost in the model's score. logistic: σ' = ¼ at 0.
#: softmax: the largest eigenvalue that diag(π) − ππᵀ approaches (Böhning 1992).
CURVATURE: Dict[str, float] = {
    "mse": 2.0,
    "half_mse": 1.0,
    "huber": 1.0,
    "log_cosh": 1.0,
    "squared_hinge": 2.0,
    "logistic": 0.25,
    "softmax": 0.5,
}

#: Costs whose second derivative is that everywhere, so that the Hessian is one matrix.
QUADRATIC = ("mse", "half_mse")

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


class Strengths(NamedTuple):
    """A penalty as Σⱼ l1 |wⱼ| + ½ l2 wⱼ² over the weights, and over the biases if `bias`."""

    l1: float
    l2: float
    bias: bool


def smoothness(model: Choice, cost: Choice, penalty: Choice, table: Table) -> Optional[Smoothness]:
    """L = λ_max( (c/n) GᵀG + D ); None where no L holds everywhere.

    G: n rows of (basis(x), 1).  c: `CURVATURE`.  D: the penalty's Hessian, λ for each penalised
    parameter. No L exists for costs with kinks or exponential growth, for the 1-norm, and in general
    for models that are not linear in their parameters.
    """
    expand, added = basis(model, cost), strengths(penalty)
    (cost_name,) = cost
    curvature = CURVATURE.get(cost_name)
    if expand is None or curvature is None or added is None or added.l1 > 0.0:
        return None
    columns = _columns(expand, table)
    method = _computed if len(columns) <= MOST_COLUMNS else _bounded
    try:
        found = method(columns, curvature, added)
    except OverflowError:
        return None
    return found if math.isfinite(found.value) else None


def strong_convexity(model: Choice, cost: Choice, penalty: Choice, table: Table) -> Optional[float]:
    """μ: of a quadratic λ_min, else what a squared penalty on every parameter gives; None where it may be 0.

    None also where λ_min is lost in the rounding of λ_max, and beyond `MOST_COLUMNS` columns.
    """
    expand, added = basis(model, cost), strengths(penalty)
    (cost_name,) = cost
    if expand is None or added is None or added.l1 > 0.0:
        return None
    if cost_name not in QUADRATIC:
        return added.l2 if cost_name in CONVEX and added.bias and added.l2 > 0.0 else None
    columns = _columns(expand, table)
    if len(columns) > MOST_COLUMNS:
        return None
    try:
        hessian = _hessian(columns, CURVATURE[cost_name], added)
        most, least = largest_eigenvalue(hessian), smallest_eigenvalue(hessian)
    except OverflowError:
        return None
    return least if math.isfinite(most) and least > ROUNDING * len(columns) * most else None


#: The costs that are convex in the score, so that with an affine score f is convex.
CONVEX = (*CURVATURE, "mae", "pinball", "hinge", "poisson")


def is_convex(model: Choice, cost: Choice, penalty: Choice) -> Optional[bool]:
    """Whether the mean cost is convex: a convex cost of an affine score; no for a network; None: not known."""
    (cost_name,), (model_name,) = cost, model
    if basis(model, cost) is not None and cost_name in CONVEX and strengths(penalty) is not None:
        return True
    return False if model_name == "mlp" else None


def basis(model: Choice, cost: Choice) -> Optional[Basis]:
    """x → the numbers that what the cost looks at is affine in; None where it is not affine in any."""
    entry, parameters = find(MODELS, model)
    on_response = find(COSTS, cost)[0].facts["on"] == "response"
    if not entry.facts.get("affine") or (on_response and entry.facts["response"] is not identity):
        return None
    return partial(entry.facts["basis"], **parameters)


def strengths(penalty: Choice) -> Optional[Strengths]:
    """none, l1, l2 and elastic_net (Zou & Hastie 2005) in one form; None for other penalties."""
    entry, given = find(PENALTIES, penalty)
    share = {"none": 0.0, "l1": 1.0, "l2": 0.0, "elastic_net": given.get("ratio")}.get(entry.name)
    if share is None:
        return None
    strength = given.get("strength", 0.0)
    return Strengths(strength * share, strength * (1.0 - share), given.get("bias", False))


def _columns(expand: Basis, table: Table) -> Matrix:
    return [list(c) for c in zip(*([*expand(row[: table.features]), 1.0] for row in table.rows))]


def _computed(columns: Matrix, curvature: float, added: Strengths) -> Smoothness:
    """λ_max of the matrix itself, whose entries are correctly rounded sums."""
    largest = largest_eigenvalue(_hessian(columns, curvature, added))
    return Smoothness(largest, True, "the largest eigenvalue, by bisection")


def _hessian(columns: Matrix, curvature: float, added: Strengths) -> Matrix:
    """(c/n) GᵀG + D, each pair of columns once: the matrix is symmetric to the last bit."""
    n, size = len(columns[0]), len(columns)
    hessian = [[0.0] * size for _ in columns]
    for i, a in enumerate(columns):
        for j in range(i + 1):
            hessian[i][j] = hessian[j][i] = curvature * math.fsum(map(mul, a, columns[j])) / n
    for j in range(size if added.bias else size - 1):
        hessian[j][j] += added.l2
    return hessian


def _bounded(columns: Matrix, curvature: float, added: Strengths) -> Smoothness:
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
    value = (curvature * best / n + added.l2) * (1.0 + 1e-12)
    return Smoothness(value, False, f"an upper bound, by trace or positive vector: {len(columns)} columns")
