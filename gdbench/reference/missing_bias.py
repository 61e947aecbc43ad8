"""What a model without a bias cannot do: how low the cost can go with one and without, worked out.

Without: by a solver with a bound of its own, or by the rows whose prediction no parameter changes; else by
descents from several starts, which is an estimate. With: a cost that was really reached.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gdbench.data.data import Dataset
from gdbench.descent.costs import cost_facts
from gdbench.descent.errors import GdbenchError
from gdbench.descent.kernels.definition import prepare
from gdbench.descent.kernels.formula import parse_formula
from gdbench.descent.models import model_facts, variables
from gdbench.descent.problems.objective import Objective
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.shape import BIAS
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Spec
from gdbench.reference.attempt import attempted
from gdbench.reference.digits.rounding import significant
from gdbench.reference.formula_bias import Biased, with_bias
from gdbench.reference.optimum import Optimum, reference_optimum
from gdbench.reference.solvers.continuation import loss_of
from gdbench.reference.solvers.design import Array, Design, least_squares_step
from gdbench.reference.solvers.polyhedral import pieces_of, solve_pieces
from gdbench.reference.solvers.scipy_later import optimize

#: With a bias the cost must fall to such a share, where that is proved, and where it is estimated.
WORTH, SURELY_WORTH = 0.5, 0.1
#: A cost of so small a share is 0.
NOTHING = 1e-9
#: Tables of more rows times parameters are not looked at; descents, and their iterations.
MOST_VALUES, STARTS, ITERATIONS = 20_000, 5, 300


#: An optimum of these kinds is one that no cost is below, by more than its solver's tolerance.
SURE = ("closed form", "solver", "certified")


class Lowest(NamedTuple):
    """A cost, and whether none below it exists. convex: descents that end elsewhere are not to be feared."""

    cost: float
    proved: bool
    convex: bool = False


def missing_bias(spec: Spec, dataset: Dataset, objective: Objective) -> Mapping[str, object]:
    """The numbers of a card's `bias`; empty where no bias is missing, or where it would change little.

    infimum: what the cost cannot get below.  with_bias: what was reached with one.  rows: whose prediction is
    always the same.  expression, name, place: of the formula with a bias.  proved: whether infimum is a bound.
    """
    table, given = dataset.table, spec["model"].get("formula")
    if not given or objective.size * len(table.rows) > MOST_VALUES or spec["penalty"] != {"none": {}}:
        return {}
    found = with_bias(given["expression"], variables(table.features))
    if found is None:
        return {}
    with np.errstate(all="ignore"):
        now, rows = attempted(lambda: _without(spec, table, objective), (None, 0))
        then = attempted(lambda: _with(spec, table, found), None)
    if now is None or then is None:
        return {}
    floor = _floor(spec, table)
    before, after = now.cost - floor, then - floor
    if not after < (WORTH if now.proved or now.convex else SURELY_WORTH) * before:
        return {}
    return {
        "infimum": significant(now.cost),
        "with_bias": significant(then, 4) if after > NOTHING * before else floor,
        "rows": rows,
        "proved": now.proved,
        **found._asdict(),
    }


def bias_left_out(spec: Spec, dataset: Dataset, optimum: Optimum) -> Mapping[str, object]:
    """The same of a model that was asked to have none, by the optima of both, penalties and all.

    model: the same with a bias.  places: of its biases among its parameters.  mean: of the targets, None of
    classes.
    """
    ((name, given),), table = spec["model"].items(), dataset.table
    if optimum.cost is None or optimum.kind not in SURE or not table.features:
        return {}
    model = {name: {key: value for key, value in given.items() if key != "bias"}}
    facts = model_facts(model)
    found = attempted(lambda: reference_optimum(model, spec["cost"], spec["penalty"], table), None)
    if facts.layers is None or not facts.bias or found is None or found.cost is None or found.kind not in SURE:
        return {}
    floor = _floor(spec, table)
    before, after = optimum.cost - floor, found.cost - floor
    if not after < WORTH * before:
        return {}
    ready, outputs = prepare(spec["cost"], table)
    classes = cost_facts(spec["cost"]).targets == "classes"
    targets = [row[ready.features] for row in ready.rows]
    return {
        "infimum": significant(optimum.cost),
        "with_bias": significant(found.cost, 4) if after > NOTHING * before else floor,
        "rows": 0,
        "proved": True,
        "name": BIAS,
        "model": model,
        "places": list(facts.layers(table.features, outputs)[0].biases),
        "mean": None if classes else significant(math.fsum(targets) / len(targets), 4),
    }


def _without(spec: Spec, table: Table, objective: Objective) -> tuple[Lowest | None, int]:
    columns = _columns(table, spec["model"]["formula"]["expression"])
    facts = cost_facts(spec["cost"])
    if columns is not None and facts.kinked and facts.curvature == 0.0:
        bound = _straight(spec, table, columns)
        return (None if bound is None else Lowest(bound, proved=True)), 0
    if columns is not None and facts.quadratic and facts.curvature is not None:
        return Lowest(_least_squares(columns, table, 0.5 * facts.curvature), proved=True), 0
    fixed = _fixed_rows(table, objective)
    if facts.quadratic and fixed:
        # no row costs less than nothing, and these cost what they cost
        return Lowest(math.fsum(fixed) / len(table.rows), proved=True), len(fixed)
    if facts.kinked is not False:
        return None, 0
    lowest = _descended(objective)
    convex = columns is not None and bool(facts.convex)
    return (None if lowest is None else Lowest(lowest, proved=False, convex=convex)), len(fixed)


def _floor(spec: Spec, table: Table) -> float:
    """What no model gets below: the mean of the rows' least costs, which for counts is below 0."""
    if cost_facts(spec["cost"]).targets != "counts":
        return 0.0
    loss = loss_of(spec["cost"], 1)

    def least(y: float) -> float:
        def cost(z: float) -> float:
            return float(loss.value(np.array([[z]]), np.array([[y]]))[0])

        # e^700 is nearly the largest float
        return float(optimize.minimize_scalar(cost, bounds=(-700.0, 700.0), method="bounded").fun)

    targets = [row[table.features] for row in table.rows]
    each = {y: least(y) for y in set(targets)}
    return math.fsum(each[y] for y in targets) / len(targets)


def _with(spec: Spec, table: Table, found: Biased) -> float | None:
    """The lowest cost that was reached with the bias."""
    model = {"formula": {"expression": found.expression}}
    facts = cost_facts(spec["cost"])
    try:
        objective = build_problem({**spec, "model": model}, table, ProblemConstants()).objective
    except GdbenchError:
        return None
    columns = _columns(table, found.expression)
    if columns is not None and facts.kinked and facts.curvature == 0.0:
        return _straight(spec, table, columns, upper=True)
    if columns is not None and facts.quadratic and facts.curvature is not None:
        return _least_squares(columns, table, 0.5 * facts.curvature)
    return _descended(objective) if facts.kinked is False else None


def _columns(table: Table, expression: str) -> Array | None:
    """The columns of which a formula is a sum, each times a parameter; None where it is no such sum."""
    formula = parse_formula(expression, variables(table.features))
    size = len(formula.parameters)

    def predicted(w: Sequence[float]) -> Array:
        return np.array([formula.evaluate(w, row[: table.features]) for row in table.rows], dtype=float)

    try:
        columns = np.array([predicted([float(i == j) for i in range(size)]) for j in range(size)]).T
        seen = [(w, predicted(w.tolist())) for w in (np.zeros(size), *_points(size))]
    except (ArithmeticError, ValueError):
        return None
    scale = float(np.abs(columns).max(initial=0.0))
    linear = all(np.all(np.abs(columns @ w - value) <= 1e-9 * scale) for w, value in seen)
    return columns if linear and np.isfinite(scale) else None


def _points(size: int) -> list[Array]:
    """A few points, the same everywhere."""
    steps = (0.6180339887498949, 0.7548776662466927, 0.8191725133961645)
    return [np.array([((j + 1) * step) % 1.0 - 0.5 for j in range(size)]) for step in steps]


def _fixed_rows(table: Table, objective: Objective) -> list[float]:
    """The costs of rows that no parameter changes."""
    if objective.on is None:
        return []
    fixed = []
    for row in table.rows:
        try:
            seen = [objective.on([row])(w.tolist()) for w in _points(objective.size)]
        except (ArithmeticError, ValueError):
            continue
        if all(not any(gradient) for _, gradient in seen) and len({cost for cost, _ in seen}) == 1:
            fixed.append(seen[0][0])
    return [cost for cost in fixed if cost > 0.0]


def _straight(spec: Spec, table: Table, columns: Array, *, upper: bool = False) -> float | None:
    """The bounds of a cost of straight pieces, by linear programming."""
    width = columns.shape[1]
    none = np.zeros(width)
    targets = np.array([row[table.features :] for row in table.rows])
    plain = Design(columns, columns, np.eye(width), none, none, targets)
    pieces = pieces_of(plain, cost_facts(spec["cost"]), loss_of(spec["cost"], 1))
    found = solve_pieces(pieces, plain) if pieces else None
    return None if found is None else found.upper if upper else found.lower


def _least_squares(columns: Array, table: Table, factor: float) -> float:
    targets = np.array([row[table.features] for row in table.rows])
    residuals = columns @ least_squares_step(columns, targets)[0] - targets
    return factor * math.fsum((residuals * residuals).tolist()) / len(targets)


def _descended(objective: Objective) -> float | None:
    """The lowest of several descents (BFGS)."""
    numbers = np.random.default_rng(0)
    starts = [np.zeros(objective.size), *(numbers.normal(size=objective.size) for _ in range(STARTS - 1))]
    costs = [_lowest_from(objective, start) for start in starts]
    return min((cost for cost in costs if np.isfinite(cost)), default=None)


def _lowest_from(objective: Objective, start: Array) -> float:
    def both(w: Array) -> tuple[float, Array]:
        try:
            cost, gradient = objective.cost_and_gradient(w.tolist())
        except (ArithmeticError, ValueError):
            return float("inf"), np.zeros(len(w))
        return cost, np.array(gradient)

    try:
        found = optimize.minimize(both, start, jac=True, method="BFGS", options={"maxiter": ITERATIONS})
    except (ArithmeticError, ValueError, IndexError):
        return float("inf")
    return float(found.fun)
