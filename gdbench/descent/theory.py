"""What theory says of a problem before a step is taken: its smoothness L, and what its score is linear in.

∇f is L-Lipschitz: ‖∇f(v) − ∇f(w)‖ ≤ L ‖v − w‖. Where f is convex, every constant rate below 2/L leads
down (Nesterov 2004).
"""

from __future__ import annotations

import math
from functools import partial
from operator import mul
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence

from gdbench.descent.costs import COSTS
from gdbench.descent.definition import find
from gdbench.descent.functions import identity
from gdbench.descent.models import MODELS
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.table import Table

Choice = Mapping[str, Mapping[str, Any]]
Basis = Callable[[Sequence[Any]], List[Any]]
Matrix = List[List[float]]

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

#: Up to this many columns λ_max is computed; beyond, it is bounded from above, at n·p a pass.
MOST_COLUMNS = 150
PASSES = 20


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
    columns = [list(c) for c in zip(*([*expand(row[: table.features]), 1.0] for row in table.rows))]
    method = _computed if len(columns) <= MOST_COLUMNS else _bounded
    try:
        found = method(columns, curvature, added)
    except OverflowError:
        return None
    return found if math.isfinite(found.value) else None


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


def _computed(columns: Matrix, curvature: float, added: Strengths) -> Smoothness:
    """λ_max of the matrix itself, whose entries are correctly rounded sums."""
    n = len(columns[0])
    hessian = [[curvature * math.fsum(map(mul, a, b)) / n for b in columns] for a in columns]
    for j in range(len(columns) if added.bias else len(columns) - 1):
        hessian[j][j] += added.l2
    return Smoothness(largest_eigenvalue(hessian), True, "the largest eigenvalue, by bisection")


def largest_eigenvalue(symmetric: Matrix) -> float:
    """λ_max of a symmetric matrix, from above to the last bit of its tridiagonal form.

    λ_max < t exactly when all pivots of T − tI are negative (Sylvester 1852; Givens 1954). Needs a
    sixth of the arithmetic of Jacobi's rotations, and gives the same bits everywhere.
    """
    diagonal, beside = _tridiagonal([list(row) for row in symmetric])
    reach = [abs(a) + abs(b) for a, b in zip([0.0, *beside], [*beside, 0.0])]
    low, high = max(diagonal), max(d + r for d, r in zip(diagonal, reach))
    high += 1e-15 * abs(high)
    while True:
        middle = low + 0.5 * (high - low)
        if not low < middle < high:
            return high
        if _all_below(diagonal, beside, middle):
            high = middle
        else:
            low = middle


def _all_below(diagonal: List[float], beside: List[float], t: float) -> bool:
    pivot = diagonal[0] - t
    for d, e in zip(diagonal[1:], beside):
        if pivot >= 0.0:
            return False
        pivot = (d - t) - e * (e / pivot)
    return pivot < 0.0


def _tridiagonal(a: Matrix) -> tuple[List[float], List[float]]:
    """Householder's reduction (1958): A ← (I − βvvᵀ) A (I − βvvᵀ), column after column; uses `a` up."""
    size = len(a)
    beside = []
    for k in range(size - 1):
        rest = range(k + 1, size)
        v = [a[i][k] for i in rest]
        length = math.sqrt(math.fsum(map(mul, v, v)))
        beside.append(-length if v[0] > 0.0 else length)
        v[0] -= beside[-1]
        square = math.fsum(map(mul, v, v))
        if square > 0.0:
            _reflect(a, k + 1, v, 2.0 / square)
    return [a[i][i] for i in range(size)], beside


def _reflect(a: Matrix, first: int, v: List[float], beta: float) -> None:
    """A ← A − vqᵀ − qvᵀ on the block from `first` on, with p = βAv and q = p − ½β(pᵀv)v."""
    block = [row[first:] for row in a[first:]]
    p = [beta * math.fsum(map(mul, row, v)) for row in block]
    half = 0.5 * beta * math.fsum(map(mul, p, v))
    q = [p_i - half * v_i for p_i, v_i in zip(p, v)]
    for i, row in enumerate(block):
        v_i, q_i = v[i], q[i]
        a[first + i][first:] = [a_ij - v_i * q_j - q_i * v_j for a_ij, q_j, v_j in zip(row, q, v)]


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
