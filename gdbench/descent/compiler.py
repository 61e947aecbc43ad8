"""From a definition to one straight-line Python function: trace, differentiate, print, compile.

The printed function loops over the rows with everything unrolled and fused, so that a definition of
three lines runs about as fast as Python allows, with an exact gradient. Read one with
`print(compile_definition(define({"linear": {}}, {"mse": {}}, features=2)).source)`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from types import ModuleType
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

from gdbench.descent.definition import Definition
from gdbench.descent.differentiate import factored_gradient_of, gradient_of
from gdbench.descent.expression import Expression, Trace
from gdbench.descent.printer import Printer
from gdbench.descent.table import Row

Vector = List[float]

_FUNCTIONS = ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "atan")


class Compiled(NamedTuple):
    """cost(w, rows), cost_and_gradient(w, rows), and the source that they were compiled from."""

    cost: Callable[[Vector, Sequence[Row]], float]
    cost_and_gradient: Callable[[Vector, Sequence[Row]], Tuple[float, Vector]]
    source: str


@lru_cache(maxsize=256)
def compile_definition(definition: Definition) -> Compiled:
    """Compile once per definition; the data is an argument, so that warm code serves every run."""
    trace = Trace()
    w = trace.variables("w", definition.size)
    x = trace.variables("x", definition.features)
    y = [trace.variable("y")] if definition.outputs == 1 else trace.variables("y", definition.outputs)
    row_cost = trace.lift(definition.cost_of_row(w, x, y[0] if definition.outputs == 1 else y))
    penalty = trace.lift(definition.penalty(w))
    row = [node.label for node in (*x, *y)]
    return _compile(w, row, row_cost, penalty)


def compile_surface(surface: Callable[[Sequence[Any]], Any], size: int) -> Compiled:
    """A function of the parameters alone; the compiled functions take no notice of their rows."""
    trace = Trace()
    w = trace.variables("w", size)
    return _compile(w, [], trace.constant(0.0), trace.lift(surface(w)))


def _compile(w: Sequence[Expression], row: List[str], row_cost: Expression, once: Expression) -> Compiled:
    """The mean of `row_cost` over the rows, plus `once`."""
    factor, row_slopes = factored_gradient_of(row_cost, w)
    once_slopes = gradient_of(once, w)
    sums = ["total", *(f"g{j}" for j in range(len(w)))]
    source = "\n\n".join(
        [
            _print("cost", w, row, sums[:1], [row_cost], [once], factor),
            _print("cost_and_gradient", w, row, sums, [row_cost, *row_slopes], [once, *once_slopes], factor),
        ]
    )
    namespace = load(source)
    return Compiled(namespace["cost"], namespace["cost_and_gradient"], source)


def _print(
    name: str,
    w: Sequence[Expression],
    row: List[str],
    sums: List[str],
    of_row: Sequence[Expression],
    once: Sequence[Expression],
    factor: float,
) -> str:
    """A function that adds up over the rows in their order, divides by n, and adds what comes once.

    factor: what all sums but the first are multiplied by.
    """
    printer = Printer(w)
    unpacked = ", ".join(printer.parameters) + ("," if len(w) == 1 else "")
    lines = [f"def {name}(w, rows):", f"    {unpacked} = w", f"    {' = '.join(sums)} = 0.0"]
    if row:
        before, inside = printer.statements(sums, of_row)
        lines += [f"    {line}" for line in before]
        lines += [f"    for {', '.join(row)} in rows:", *(f"        {line}" for line in inside)]
        lines += ["    n = len(rows)"]
    added = [(s, e) for s, e in zip(sums, once) if not e.is_constant(0.0)]
    scale = "" if factor == 1.0 else f"{factor!r} * "
    means = [f"{sums[0]} / n", *(f"{scale}{s} / n" for s in sums[1:])] if row else sums
    if added:
        if row:
            lines += [f"    {s} = {mean}" for s, mean in zip(sums, means)]
        before, inside = printer.statements([s for s, _ in added], [e for _, e in added])
        lines += [f"    {line}" for line in before + inside]
        means = sums
    result = means[0] if len(sums) == 1 else f"{means[0]}, [{', '.join(means[1:])}]"
    return "\n".join([*lines, f"    return {result}"]) + "\n"


def load(source: str) -> Dict[str, Any]:
    """The names that a printed source defines; it may call the elementary functions given here.

    They live in a module, because PyPy looks a name up once in a module's namespace, and in a dictionary
    each time it is used: exp, log1p and tanh are then called 2 to 5 times as fast.
    """
    namespace = ModuleType("gdbench_kernel").__dict__
    namespace.update({name: getattr(math, name) for name in _FUNCTIONS})
    exec(compile(source, "<gdbench kernel>", "exec"), namespace)  # noqa: S102  our own printer wrote it
    return namespace
