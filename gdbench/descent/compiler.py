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

Vector = List[float]

_FUNCTIONS = ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "atan")


class Compiled(NamedTuple):
    """cost(w, rows), cost_and_gradient(w, rows), and the source that they were compiled from.

    Of blocks (`compile_blocks`) they are functions of (w, blocks, rows).
    """

    cost: Callable[..., float]
    cost_and_gradient: Callable[..., Tuple[float, Vector]]
    source: str


class Loop(NamedTuple):
    """A printed loop over `data`: each item holds the `row` variables of as many rows as there are `costs`."""

    data: str
    row: List[str]
    costs: List[Expression]

    @property
    def length(self) -> str:
        """The printed number of rows."""
        return f"{len(self.costs)} * len({self.data})" if len(self.costs) > 1 else f"len({self.data})"


@lru_cache(maxsize=256)
def compile_definition(definition: Definition) -> Compiled:
    """Compile once per definition; the data is an argument, so that warm code serves every run."""
    trace = Trace()
    w = trace.variables("w", definition.size)
    return compile_traced(
        w, [traced_loop(definition, trace, w, "rows", [""])], trace.lift(definition.penalty(w))
    )


def traced_loop(
    definition: Definition, trace: Trace, w: Sequence[Expression], data: str, endings: Sequence[str]
) -> Loop:
    """The definition traced for as many rows as there are endings, which tell the rows' variables apart."""
    row: List[str] = []
    costs = []
    for ending in endings:
        x = [trace.variable(f"x{j}{ending}") for j in range(definition.features)]
        names = ["y"] if definition.outputs == 1 else [f"y{k}" for k in range(definition.outputs)]
        y = [trace.variable(f"{name}{ending}") for name in names]
        costs.append(trace.lift(definition.cost_of_row(w, x, y[0] if definition.outputs == 1 else y)))
        row += [node.label for node in (*x, *y)]
    return Loop(data, row, costs)


def compile_surface(surface: Callable[[Sequence[Any]], Any], size: int) -> Compiled:
    """A function of the parameters alone; the compiled functions take no notice of their rows."""
    trace = Trace()
    w = trace.variables("w", size)
    return compile_traced(w, [], trace.lift(surface(w)))


def compile_traced(w: Sequence[Expression], loops: Sequence[Loop], once: Expression) -> Compiled:
    """The mean of the rows' costs, plus `once`."""
    source = f"{_printed('cost', w, loops, once, slopes=False)}\n\n"
    source += _printed("cost_and_gradient", w, loops, once, slopes=True)
    namespace = load(source)
    return Compiled(namespace["cost"], namespace["cost_and_gradient"], source)


def _printed(
    name: str, w: Sequence[Expression], loops: Sequence[Loop], once: Expression, *, slopes: bool
) -> str:
    """A function that adds up over the rows in their order, divides by n, and adds what comes once."""
    printer = Printer(w)
    sums = ["total", *(f"g{j}" for j in range(len(w) if slopes else 0))]
    unpacked = ", ".join(printer.parameters) + ("," if len(w) == 1 else "")
    arguments = ", ".join(loop.data for loop in loops) or "rows"
    lines = [f"def {name}(w, {arguments}):", f"    {unpacked} = w", f"    {' = '.join(sums)} = 0.0"]
    means = sums
    for loop in loops:
        printed, means = _loop(printer, loop, w, sums)
        lines += printed
    if loops:
        lines += [f"    n = {' + '.join(loop.length for loop in loops)}"]
    added = [once, *gradient_of(once, w)] if slopes else [once]
    wanted = [(s, e) for s, e in zip(sums, added) if not e.is_constant(0.0)]
    if wanted:
        lines += [f"    {s} = {mean}" for s, mean in zip(sums, means) if s != mean]
        before, inside = printer.statements([s for s, _ in wanted], [e for _, e in wanted])
        lines += [f"    {line}" for line in before + inside]
        means = sums
    result = f"{means[0]}, [{', '.join(means[1:])}]" if slopes else means[0]
    return "\n".join([*lines, f"    return {result}"]) + "\n"


def _loop(
    printer: Printer, loop: Loop, w: Sequence[Expression], sums: Sequence[str]
) -> Tuple[List[str], List[str]]:
    """(the lines that add up over the rows, what the means are then)."""
    outputs: List[Expression] = []
    factor = 1.0
    for cost in loop.costs:
        factor, slopes = factored_gradient_of(cost, w) if len(sums) > 1 else (1.0, [])
        outputs += [cost, *slopes]
    before, inside = printer.statements([*sums] * len(loop.costs), outputs)
    lines = [f"    {line}" for line in before]
    lines += [f"    for {', '.join(loop.row)} in {loop.data}:", *(f"        {line}" for line in inside)]
    scale = "" if factor == 1.0 else f"{factor!r} * "
    return lines, [f"{sums[0]} / n", *(f"{scale}{s} / n" for s in sums[1:])]


def load(source: str) -> Dict[str, Any]:
    """The names that a printed source defines; it may call the elementary functions given here.

    They live in a module, because PyPy looks a name up once in a module's namespace, and in a dictionary
    each time it is used: exp, log1p and tanh are then called 2 to 5 times as fast.
    """
    namespace = ModuleType("gdbench_kernel").__dict__
    namespace.update({name: getattr(math, name) for name in _FUNCTIONS})
    exec(compile(source, "<gdbench kernel>", "exec"), namespace)  # noqa: S102  our own printer wrote it
    return namespace
