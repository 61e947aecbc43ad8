"""Any smooth cost as Newton's method wants it: traced, differentiated twice, evaluated on all rows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gdbench.descent.costs import COSTS
from gdbench.descent.kernels.differentiate import gradient_of
from gdbench.descent.kernels.expression import Expression, Trace, needed
from gdbench.descent.registry import Choice, find
from gdbench.reference.solvers.design import Array
from gdbench.reference.solvers.losses import Loss

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
