"""From a definition to one straight-line Python function: trace, differentiate, print, compile.

The printed function loops over the rows with everything unrolled and fused, so that a definition of
three lines runs about as fast as Python allows, with an exact gradient. Read one with
`print(compile_definition(define({"linear": {}}, {"mse": {}}, features=2)).source)`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

from gdbench.descent.definition import Definition
from gdbench.descent.differentiate import gradient_of
from gdbench.descent.expression import Trace
from gdbench.descent.printer import Printer
from gdbench.descent.table import Row

Vector = List[float]


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
    y = trace.variable("y")
    cost = trace.lift(definition.cost_of_row(w, x, y))
    slopes = gradient_of(cost, w)
    printer = Printer(w)
    row = [node.label for node in x] + ["y"]
    source = "\n\n".join(
        [
            _print(printer, "cost", row, ["total"], [cost]),
            _print(printer, "cost_and_gradient", row, ["total", *_names("g", len(w))], [cost, *slopes]),
        ]
    )
    namespace = load(source)
    return Compiled(namespace["cost"], namespace["cost_and_gradient"], source)


def _print(printer: Printer, name: str, row: List[str], sums: List[str], outputs: List[Any]) -> str:
    """A function that adds the outputs up over the rows, in the order of the rows, and divides by n."""
    before, inside = printer.statements(sums, outputs)
    means = [f"{s} / n" for s in sums]
    result = means[0] if len(sums) == 1 else f"{means[0]}, [{', '.join(means[1:])}]"
    lines = [
        f"def {name}(w, rows):",
        f"    {', '.join(printer.parameters)}{',' if len(printer.parameters) == 1 else ''} = w",
        f"    {' = '.join(sums)} = 0.0",
        *(f"    {line}" for line in before),
        f"    for {', '.join(row)} in rows:",
        *(f"        {line}" for line in inside),
        "    n = len(rows)",
        f"    return {result}",
    ]
    return "\n".join(lines) + "\n"


def _names(prefix: str, count: int) -> List[str]:
    return [f"{prefix}{i}" for i in range(count)]


def load(source: str) -> Dict[str, Any]:
    """The names that a printed source defines; it may call the four functions given here."""
    namespace: Dict[str, Any] = {f: getattr(math, f) for f in ("exp", "log", "log1p", "sqrt")}
    exec(compile(source, "<gdbench kernel>", "exec"), namespace)  # noqa: S102  our own printer wrote it
    return namespace
