"""A cost for Newton's method, and the easier costs that lead to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gdbench.descent import costs
from gdbench.descent.costs import COSTS, CostFacts, cost_facts
from gdbench.descent.kernels.differentiate import gradient_of
from gdbench.descent.kernels.expression import Expression, Trace, needed
from gdbench.descent.registry import Choice, find
from gdbench.reference.solvers import losses
from gdbench.reference.solvers.design import Array
from gdbench.reference.solvers.losses import Loss

#: A definition → the same written by hand for arrays, which the optima on record rest on to the bit.
_BY_HAND: Mapping[Any, Callable[..., Loss]] = {
    costs.huber: losses.huber,
    costs.log_cosh: losses.log_cosh,
    costs.logistic: losses.logistic,
    costs.softmax: losses.softmax,
    costs.squared_hinge: losses.squared_hinge,
    costs.poisson: losses.poisson,
}
#: (scale, parameters) → `widened` of those, likewise; and how far from the target they are nearly quadratic.
_WIDENED_BY_HAND: Mapping[Any, Callable[..., Loss]] = {
    costs.huber: lambda scale, delta: losses.huber(delta * scale),
    costs.log_cosh: losses.log_cosh,
}
_WIDTHS: Mapping[Any, Callable[..., float]] = {costs.huber: lambda delta: delta, costs.log_cosh: lambda: 1.0}


def loss_of(cost: Choice, outputs: int = 1) -> Loss:
    """A cost in config form, of so many scores, on all rows at once."""
    entry, parameters = find(COSTS, cost)
    written = _BY_HAND.get(entry.function)
    return written(**parameters) if written else traced(cost, outputs)


def path_to(cost: Choice, targets: Array) -> list[Loss]:
    """From nearly least squares down to the cost itself: far from the targets its curvature may be scarce.

    Of costs that look at scores, which know no such distance, there is the cost alone.
    """
    entry, parameters = find(COSTS, cost)
    facts, loss = cost_facts(cost), loss_of(cost, targets.shape[1])
    if facts.on == "score":
        return [loss]
    spread = float(np.abs(targets - np.median(targets)).max())
    known = _WIDTHS.get(entry.function)
    width = known(**parameters) if known else _width(loss, facts, targets, spread)
    farthest = max(int(np.ceil(np.log(max(spread / width, 1.0)) / np.log(4.0))), 0)
    by_hand = _WIDENED_BY_HAND.get(entry.function)
    scales = [4.0**k for k in range(farthest, -1, -1)]
    return [by_hand(scale, **parameters) if by_hand else widened(loss, scale) for scale in scales]


def widened(loss: Loss, scale: float) -> Loss:
    """s² φ(y + (p − y)/s): as curved where p = y as φ is there, and s times as wide."""
    if scale == 1.0:
        return loss

    def inner(z: Array, y: Array) -> Array:
        return np.asarray(y + (z - y) / scale)

    return Loss(
        lambda z, y: np.asarray(scale * scale * loss.value(inner(z, y), y)),
        lambda z, y: np.asarray(scale * loss.slope(inner(z, y), y)),
        lambda z, y: loss.bend(inner(z, y), y),
    )


def _width(loss: Loss, facts: CostFacts, targets: Array, spread: float) -> float:
    """How far from the targets it still bends a quarter of its most."""
    bound, width, ones = facts.smooth_curvature or 0.0, max(spread, 1e-300), np.ones_like(targets)
    for _ in range(60):
        bends = [loss.bend(targets + side * width, targets)(ones) for side in (-1.0, 1.0)]
        if min(float(b.min()) for b in bends) >= 0.25 * bound:
            break
        width *= 0.5
    return width


# --- Any smooth cost as Newton's method wants it: traced, differentiated twice, evaluated on all rows at once


LOG_2 = 0.6931471805599453


def traced(cost: Choice, outputs: int = 1) -> Loss:
    """Value, slope and curvature of a cost in config form; outputs: scores of a row."""
    entry, parameters = find(COSTS, cost)
    trace = Trace()
    z, y, u = (trace.variables(name, outputs) for name in "zyu")
    many = outputs > 1
    value = trace.lift(entry.function(z if many else z[0], y if many else y[0], **parameters))
    slopes = gradient_of(value, z)
    along = trace.lift(0.0)
    for slope, u_k in zip(slopes, u, strict=True):
        along = along + slope * u_k
    bends = gradient_of(along, z)

    def bend(scores: Array, targets: Array) -> Callable[[Array], Array]:
        return lambda direction: _columns(bends, scores, targets, direction)

    return Loss(
        lambda scores, targets: _columns([value], scores, targets)[:, 0],
        lambda scores, targets: _columns(slopes, scores, targets),
        bend,
    )


def _columns(outputs: Sequence[Expression], *given: Array) -> Array:
    """Each output on every row; given: the columns of z, of y, and where they are asked for of u."""
    inputs = {f"{name}{k}": columns[:, k] for name, columns in zip("zyu", given, strict=False)
              for k in range(columns.shape[1])}  # fmt: skip
    values: dict[int, Array] = {}
    with np.errstate(all="ignore"):  # a branch that is not taken may be any number
        for node in needed(outputs):
            if node.operation == "variable":
                values[node.index] = inputs[node.label]
            elif node.operation == "constant":
                values[node.index] = np.array(float(node.label))
            else:
                arguments = [values[i] for i in node.inputs]
                values[node.index] = np.asarray(_OPERATIONS[node.operation](*arguments))
    columns = [np.broadcast_to(values[output.index], len(given[0])) for output in outputs]
    return np.stack(columns, axis=1).astype(float)


#: What the primitive operations of a trace are for arrays.
_OPERATIONS: Mapping[str, Callable[..., object]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "negate": np.negative,
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "atan": np.arctan,
    "absolute": np.abs,
    "less": np.less,
    "where": np.where,
    "maximum": lambda x, y: np.where(x > y, x, y),
    "hold": lambda x: x,
    "softplus": lambda z, t: np.log1p(t) + np.where(z > 0.0, z, 0.0),
    "sigmoid": lambda z, t: np.where(z < 0.0, t, 1.0) / (1.0 + t),
    "log_cosh": lambda r, t: np.abs(r) + np.log1p(t) - LOG_2,
}
