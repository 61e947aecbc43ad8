"""The objective as a learner would write it: one pass over the rows, a loop over the features.

It gives the compiled kernel's bits, because it does the same arithmetic in the same order. What it
needs besides the definition is the slope of the cost on one row with respect to the scores.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, List, NamedTuple, Sequence, Tuple

from gdbench.descent.kernels.compiler import load
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.differentiate import factored_gradient_of, gradient_of
from gdbench.descent.kernels.expression import Trace
from gdbench.descent.kernels.printer import Printer
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.objective import CostAndGradient
from gdbench.descent.problems.table import Row


class Pointwise(NamedTuple):
    """cost_and_slopes: score (a list for several outputs) and target of a row → its cost c, a slope an output.

    ∂c/∂zₖ = factor · slope.
    """

    cost_and_slopes: Callable[[Any, Any], Tuple[float, List[float]]]
    factor: float


def reference(definition: Definition, rows: Sequence[Row]) -> CostAndGradient:
    """f(w) = (1/n) Σ c(z, y) + penalty(w) with z = w · x + b;  ∂f/∂wⱼ = (1/n) Σ c′(z, y) xⱼ + ∂penalty/∂wⱼ."""
    assert definition.basis is not None
    pairs = [(definition.basis(row[: definition.features]), definition.target(row)) for row in rows]
    n, d = len(rows), len(pairs[0][0])
    cost_and_slopes, factor = pointwise_of(definition)
    penalize = penalty_and_gradient_of(definition)

    def cost_and_gradient(w: Vector) -> Tuple[float, Vector]:
        total, gradient = 0.0, [0.0] * len(w)
        for x, y in pairs:
            cost, slopes = cost_and_slopes(scores(w, x, definition.outputs), y)
            total += cost
            for k, slope in enumerate(slopes):
                start = k * (d + 1)
                for j in range(d):
                    gradient[start + j] += slope * x[j]
                gradient[start + d] += slope
        return penalize(w, total / n, [factor * g / n for g in gradient])

    return cost_and_gradient


def scores(w: Vector, x: Sequence[float], outputs: int) -> Any:
    """zₖ = wₖ · x + bₖ, a plain number for a single output."""
    found = []
    for k in range(outputs):
        start = k * (len(x) + 1)
        z = w[start] * x[0]
        for j in range(1, len(x)):
            z += w[start + j] * x[j]
        found.append(z + w[start + len(x)])
    return found[0] if outputs == 1 else found


@lru_cache(maxsize=64)
def pointwise_of(definition: Definition) -> Pointwise:
    """The cost of one row and its slopes, differentiated from the one definition of the cost."""
    trace, outputs = Trace(), definition.outputs
    z, y = trace.variables("z", outputs), trace.variables("y", outputs)
    cost = trace.lift(definition.pointwise(z[0], y[0]) if outputs == 1 else definition.pointwise(z, y))
    names = ["cost", *(f"s{k}" for k in range(outputs))]
    factor, slopes = factored_gradient_of(cost, z)
    before, inside = Printer([]).statements(names, [cost, *slopes])
    unpack = [f"{v.label} = z" if outputs == 1 else f"{', '.join(u.label for u in z)} = z" for v in z[:1]]
    unpack += [f"{v.label} = y" if outputs == 1 else f"{', '.join(u.label for u in y)} = y" for v in y[:1]]
    body = [*unpack, *(line.replace(" += ", " = ", 1) for line in before + inside)]
    text = "\n    ".join(body)
    function: Any = load(f"def f(z, y):\n    {text}\n    return cost, [{', '.join(names[1:])}]\n")["f"]
    return Pointwise(function, factor)


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
    names = ["total", *(f"g{j}" for j in range(len(w)))]
    added = [(s, e) for s, e in zip(names, [penalty, *gradient_of(penalty, w)]) if not e.is_constant(0.0)]
    before, inside = Printer(w).statements([s for s, _ in added], [e for _, e in added])
    body = [f"{', '.join(v.label for v in w)}, = w", f"{', '.join(names[1:])}, = gradient", *before, *inside]
    text = "\n    ".join(body)
    function: Any = load(
        f"def f(w, total, gradient):\n    {text}\n    return total, [{', '.join(names[1:])}]\n"
    )["f"]
    return function  # type: ignore[no-any-return]
