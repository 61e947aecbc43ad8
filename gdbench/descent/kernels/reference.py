"""The objective as a learner would write it: one pass over the rows, a loop over the features.

It gives the compiled kernel's bits, because it does the same arithmetic in the same order. What it
needs besides the definition is the slope of the cost on one row with respect to the scores.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Callable, List, NamedTuple, Sequence, Tuple

from gdbench.descent.kernels.compiler import adding_once, function, load, together
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.differentiate import factored_gradient_of
from gdbench.descent.kernels.expression import Expression, Trace
from gdbench.descent.kernels.printer import Printer
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.objective import CostAndGradient
from gdbench.descent.problems.table import Row


class Pointwise(NamedTuple):
    """cost_and_slopes: score (a list for several outputs) and target of a row → its cost c, a slope an output.

    ∂c/∂zₖ = factor · slope.
    """

    cost_and_slopes: Callable[[float | List[float], float | Row], Tuple[float, List[float]]]
    factor: float


def reference(definition: Definition, rows: Sequence[Row]) -> CostAndGradient:
    """f(w) = (1/n) Σ c(z, y) + penalty(w) with z = w · x;  ∂f/∂wⱼ = (1/n) Σ c′(z, y) xⱼ + ∂penalty/∂wⱼ.

    Where there is a bias, the last xⱼ is 1: b · 1 is b, and its slope is c′(z, y).
    """
    assert definition.terms is not None
    pairs = [(definition.terms(row[: definition.features]), definition.target(row)) for row in rows]
    n, d = len(rows), len(pairs[0][0])
    cost_and_slopes, factor = pointwise_of(definition)
    penalize = penalty_and_gradient_of(definition)

    def cost_and_gradient(w: Vector) -> Tuple[float, Vector]:
        total, gradient = 0.0, [0.0] * len(w)
        for x, y in pairs:
            cost, slopes = cost_and_slopes(scores(w, x, definition.outputs), y)
            total += cost
            for k, slope in enumerate(slopes):
                start = k * d
                for j in range(d):
                    gradient[start + j] += slope * x[j]
        return penalize(w, total / n, [factor * g / n for g in gradient])

    return cost_and_gradient


def scores(w: Vector, x: Sequence[float], outputs: int) -> float | List[float]:
    """zₖ = wₖ · x, a plain number for a single output; x: the row of the score's terms."""
    of_outputs = []
    for k in range(outputs):
        start = k * len(x)
        z = w[start] * x[0]
        for j in range(1, len(x)):
            z += w[start + j] * x[j]
        of_outputs.append(z)
    return of_outputs[0] if outputs == 1 else of_outputs


class TracedPoint(NamedTuple):
    """The cost of one row, and of each score ∂cost/∂z = factor · slope."""

    z: List[Expression]
    y: List[Expression]
    cost: Expression
    factor: float
    slopes: List[Expression]


def traced_pointwise(definition: Definition) -> TracedPoint:
    """The definition's cost, from its scores on."""
    trace, outputs = Trace(), definition.outputs
    z, y = trace.variables("z", outputs), trace.variables("y", outputs)
    cost = trace.lift(definition.pointwise(z[0], y[0]) if outputs == 1 else definition.pointwise(z, y))
    return TracedPoint(z, y, cost, *factored_gradient_of(cost, z))


@lru_cache(maxsize=64)
def pointwise_of(definition: Definition) -> Pointwise:
    """The cost of one row and its slopes, differentiated from the one definition of the cost."""
    z, y, cost, factor, slopes = traced_pointwise(definition)
    printed = Printer([]).printed([cost, *slopes])
    names = ["cost", *(f"s{k}" for k in range(len(slopes)))]
    before, inside = printed.lines
    body = [f"{', '.join(v.label for v in of)} = {name}" for name, of in (("z", z), ("y", y))]
    body += [*before, *inside, *(f"{name} = {text}" for name, (text, *_) in zip(names, printed.outputs))]
    return Pointwise(load(function("f(z, y)", body, f"cost, [{', '.join(names[1:])}]"))["f"], factor)


@lru_cache(maxsize=64)
def penalty_and_gradient_of(
    definition: Definition,
) -> Callable[[Vector, float, Vector], Tuple[float, Vector]]:
    """(w, cost, gradient) → both with the penalty added."""
    trace = Trace()
    w = trace.variables("w", definition.size)
    penalty = trace.lift(definition.penalty(w))
    if penalty.is_constant(0.0):
        return lambda w, cost, gradient: (cost, gradient)
    sums = [f"g{j}" for j in range(len(w))]
    body = [f"{together(v.label for v in w)} = w", f"{together(sums)} = gradient"]
    body += adding_once(penalty, w, ["total", *sums])
    return load(function("f(w, total, gradient)", body, f"total, [{', '.join(sums)}]"))["f"]
