"""The objective as a learner would write it: one pass over the rows, a loop over the features.

It gives the compiled kernel's bits, because it does the same arithmetic in the same order. What it
needs besides the definition is the slope of the cost on one row with respect to the score.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, Tuple

from gdbench.descent.compiler import load
from gdbench.descent.definition import Definition
from gdbench.descent.differentiate import gradient_of
from gdbench.descent.expression import Trace
from gdbench.descent.objective import Objective, Vector
from gdbench.descent.printer import Printer
from gdbench.descent.table import Table


def reference(definition: Definition, table: Table) -> Objective:
    """f(w) = (1/n) Σ c(w·x + b, y);  ∂f/∂wⱼ = (1/n) Σ c′(w·x + b, y) xⱼ."""
    rows = [(row[:-1], row[-1]) for row in table.rows]
    n, score, cost_and_slope = len(rows), definition.score, _cost_and_slope(definition)

    def cost_and_gradient(w: Vector) -> Tuple[float, Vector]:
        total, gradient = 0.0, [0.0] * len(w)
        for x, y in rows:
            cost, slope = cost_and_slope(score(w, x), y)
            total += cost
            for j, x_j in enumerate(x):
                gradient[j] += slope * x_j
            gradient[-1] += slope
        return total / n, [g / n for g in gradient]

    def cost_only(w: Vector) -> float:
        total = 0.0
        for x, y in rows:
            total += definition.pointwise(score(w, x), y)
        return total / n

    return Objective(cost_only, cost_and_gradient, definition.size, n)


@lru_cache(maxsize=64)
def _cost_and_slope(definition: Definition) -> Callable[[float, float], Tuple[float, float]]:
    """(z, y) → (c, ∂c/∂z), differentiated from the one definition of the cost."""
    trace = Trace()
    z, y = trace.variable("z"), trace.variable("y")
    cost = trace.lift(definition.pointwise(z, y))
    before, inside = Printer([]).statements(["cost", "slope"], [cost, *gradient_of(cost, [z])])
    body = "\n    ".join(line.replace(" += ", " = ", 1) for line in before + inside)
    function: Any = load(f"def cost_and_slope(z, y):\n    {body}\n    return cost, slope\n")["cost_and_slope"]
    return function  # type: ignore[no-any-return]
