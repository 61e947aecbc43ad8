"""The evidence of a run as plain data: worked out once, after the loop, outside its seconds.

start: w_0, where it is short enough to keep; start_gradient_norm: ‖∇f(w_0)‖.
parameter_norm: ‖w‖ at the end.
steps: [k, η_k, sᵀΔg/sᵀs] of some steps and of the last ones, where each step went along −∇f.
not_finite: the first quantity at the end that is no finite number, with its component.
units: [layer, width, different units at the start, at the end] of hidden layers.
gradient: ∇f where it ended, where it is short enough to keep.
start_curvature: the largest at the start, where the first step went far or out of the finite numbers.
names: of a formula's parameters.
saturated: [layer, width, units that pass no slope on for nearly any row] of hidden layers.
spread: the mean of ‖∇fᵢ − ∇f‖² over rows where it ended, of runs by batches.
curvature: both ends of the Hessian's spectrum at the end, of costs not known to be convex.
sharpness: [k, λ]: the largest curvature on the way, where the steps were long for it.
"""

from __future__ import annotations

import math
from typing import Any, Dict, List, Optional, Tuple

from gdbench.descent.activations import ACTIVATIONS
from gdbench.descent.diagnosis.probe import ends, sharpness
from gdbench.descent.diagnosis.trail import Trail, not_finite, secant
from gdbench.descent.functions import Function, Scalar
from gdbench.descent.iterate import Iterate
from gdbench.descent.models import formula_parameters
from gdbench.descent.numerics.vectors import Vector, norm
from gdbench.descent.problems.problem import Problem
from gdbench.descent.problems.shape import Layer, Shape
from gdbench.descent.registry import Spec
from gdbench.descent.theory.curvature import is_convex
from gdbench.descent.theory.updates import full_and_unclipped, steps_along_gradient, undisturbed

#: Starts of up to so many parameters are kept.
LONGEST_START = 150
#: A unit whose activation rises by less than this share of a step is saturated; the step.
LEVEL, STRIDE = 1e-3, 0.01
#: On so large a share of the rows it then passes no slope on.
NEARLY = 0.9
#: A first step whose rate times curvature is below this has not left where it began.
LEAP = 0.9
#: The gradients of about so many rows at most are compared.
ROWS = 100
#: Sharpness is followed from runs of so many iterations on, at so many points before the end.
LEAST_ITERATIONS, POINTS = 200, 4


def gather(spec: Spec, problem: Problem, first: Optional[Iterate], trail: Trail, end: Iterate) -> Any:
    """What a diagnosis needs of a run besides its curve. end: the last iterate, finite or not."""
    found: Dict[str, Any] = {}
    lost, last = not_finite(end), trail.last
    if lost:
        found["not_finite"] = lost
    if first is None or last is None:
        return found
    found["start_gradient_norm"] = first.gradient_norm
    found["parameter_norm"] = norm(last.w)
    if len(first.w) <= LONGEST_START:
        found["start"], found["gradient"] = list(first.w), list(last.gradient)
    if "rows" in spec.get("batch_size", {}):
        found.update(_spread(problem, last))
    if steps_along_gradient(spec):
        found["steps"] = [s for s in (secant(*pair) for pair in trail.steps) if s]
    found.update(_at_the_start(spec, problem, first, found.get("steps", [])))
    if "formula" in spec.get("model", {}) and problem.table is not None:
        found["names"] = formula_parameters(spec["model"], problem.table.features)
    found.update(_saturated(spec, problem, last.w))
    units = hidden_units(problem.shape, first.w, last.w)
    if units:
        found["units"] = units
    if _may_bend_both_ways(spec, problem) and undisturbed(spec):
        found.update(_curvature(problem, trail, found.get("steps", [])))
    return found


def _at_the_start(spec: Spec, problem: Problem, first: Iterate, steps: List[List[float]]) -> Dict[str, Any]:
    """Where the slope was gone after one step, or nothing finite came of it: how the cost bends there."""
    near = steps and steps[0][0] == 0 and steps[0][1] * steps[0][2] < LEAP
    if problem.quadratic or near or not full_and_unclipped(spec) or first.gradient_norm == 0.0:
        return {}
    bends = sharpness(lambda w: problem.objective.cost_and_gradient(w)[1], first.w)
    return {} if bends is None else {"start_curvature": bends[0]}


def _spread(problem: Problem, last: Iterate) -> Dict[str, Any]:
    """Of some rows, evenly chosen."""
    on, table = problem.objective.on, problem.table
    if on is None or table is None:
        return {}
    rows = table.rows[:: 1 + len(table.rows) // ROWS]
    squares = []
    for row in rows:
        try:
            _, gradient = on([row])(last.w)
        except (ArithmeticError, ValueError):
            return {}
        away = norm([a - b for a, b in zip(gradient, last.gradient)])
        squares.append(away * away)
    mean = math.fsum(squares) / len(squares)
    return {"spread": mean} if math.isfinite(mean) else {}


def _saturated(spec: Spec, problem: Problem, w: Vector) -> Dict[str, Any]:
    """Units whose activation is level on nearly all of some rows, evenly chosen."""
    activation = spec.get("model", {}).get("mlp", {}).get("activation")
    if activation not in ACTIVATIONS or problem.table is None:
        return {}
    table, layers = problem.table, problem.shape.layers
    act = ACTIVATIONS[activation]
    rows = [list(row[: table.features]) for row in table.rows[:: 1 + len(table.rows) // ROWS]]
    found = []
    for number, layer in enumerate(layers[:-1], start=1):
        scores = [layer_scores(layer, w, row) for row in rows]
        level = [sum(1 for z in unit if _level(act, z)) for unit in zip(*scores)]
        found.append([number, layer.fan_out, sum(1 for many in level if many >= NEARLY * len(rows))])
        rows = [[_float(act(z)) for z in row] for row in scores]
    return {"saturated": found}


def layer_scores(layer: Layer, w: Vector, row: List[float]) -> List[float]:
    """W x + b of one layer."""
    found = []
    for k in range(layer.fan_out):
        weights = layer.weights[k * layer.fan_in : (k + 1) * layer.fan_in]
        found.append(math.fsum(w[i] * x_j for i, x_j in zip(weights, row)) + w[layer.biases[k]])
    return found


def _float(value: Scalar) -> float:
    assert isinstance(value, float)
    return value


def _level(activation: Function, z: float) -> bool:
    return abs(_float(activation(z + STRIDE)) - _float(activation(z - STRIDE))) <= 2.0 * STRIDE * LEVEL


def _may_bend_both_ways(spec: Spec, problem: Problem) -> bool:
    if "surface" in spec:
        return not problem.quadratic
    return not is_convex(spec["model"], spec["cost"], spec.get("penalty", {"none": {}}))


def _curvature(problem: Problem, trail: Trail, steps: List[List[float]]) -> Dict[str, Any]:
    """By gradients that are not counted as the run's: as many as a few dozen iterations need."""

    def gradient(w: List[float]) -> List[float]:
        return problem.objective.cost_and_gradient(w)[1]

    last = trail.last
    assert last is not None
    both = ends(gradient, last.w)
    if both is None:
        return {}
    found: Dict[str, Any] = {"curvature": {"largest": both.largest, "least": both.least}}
    rate = steps[-1][1] if steps else 0.0
    if last.k >= LEAST_ITERATIONS and rate * both.largest > 1.0:
        found["sharpness"] = _followed(gradient, trail, both.direction) + [[last.k, both.largest]]
    return found


def _followed(gradient: Any, trail: Trail, direction: List[float]) -> List[List[float]]:
    """The sharpness at the last powers of two before the end, each search begun from the one after it."""
    points: List[List[float]] = []
    for now in reversed(trail.sampled[:-1][-POINTS:]):
        seen = sharpness(gradient, now.w, direction)
        if seen is not None:
            points.insert(0, [now.k, seen[0]])
            direction = seen[1]
    return points


def hidden_units(shape: Shape, start: Vector, end: Vector) -> List[List[int]]:
    """[layer, width, different units at the start, at the end] of each hidden layer of two units and more."""
    found = []
    for number, (layer, following) in enumerate(zip(shape.layers, shape.layers[1:]), start=1):
        if layer.fan_out > 1:
            counts = [len(set(_units(layer, following, w))) for w in (start, end)]
            found.append([number, layer.fan_out, *counts])
    return found


def _units(layer: Layer, following: Layer, w: Vector) -> List[Tuple[float, ...]]:
    """Each unit's incoming weights, its bias, and its outgoing weights."""
    return [
        (
            *(w[i] for i in layer.weights[k * layer.fan_in : (k + 1) * layer.fan_in]),
            w[layer.biases[k]],
            *(w[following.weights[m * following.fan_in + k]] for m in range(following.fan_out)),
        )
        for k in range(layer.fan_out)
    ]
