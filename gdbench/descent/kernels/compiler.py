"""From a definition to one straight-line Python function: trace, differentiate, print, compile.

The printed function loops over the rows with everything unrolled and fused, so that a definition of
three lines runs about as fast as Python allows, with an exact gradient. Read one with
`print(compile_definition(define({"linear": {}}, {"mse": {}}, features=2)).source)`.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.differentiate import factored_gradient_of, gradient_of
from gdbench.descent.kernels.expression import Expression, Trace
from gdbench.descent.kernels.printer import Printer
from gdbench.descent.numerics.vectors import Vector

_FUNCTIONS = ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "atan")


class Loop(NamedTuple):
    """A printed loop over `data`, whose items hold the `row` variables of as many rows as there are `costs`.

    slopes: of each cost, ∂cost/∂w = factor · slopes.  given: what else the row holds, by node.
    """

    data: str
    row: List[str]
    costs: List[Expression]
    slopes: List[List[Expression]]
    factor: float
    given: Mapping[int, str] = {}

    @property
    def length(self) -> str:
        """The printed number of rows."""
        return f"{len(self.costs)} * len({self.data})" if len(self.costs) > 1 else f"len({self.data})"


class Compiled:
    """cost(w, rows), cost_and_gradient(w, rows), and the source that they are compiled from.

    Of blocks (`compile_blocks`) they are functions of (w, blocks, rows). The cost alone is compiled when it
    is first asked for, because many a run never asks.
    """

    def __init__(self, w: Sequence[Expression], loops: Sequence[Loop], once: Expression) -> None:
        """The mean of the rows' costs, plus `once`."""
        self._traced = w, loops, once
        self._both = _printed("cost_and_gradient", w, loops, once, slopes=True)
        self.cost_and_gradient: Callable[..., Tuple[float, Vector]] = load(self._both)["cost_and_gradient"]

    @cached_property
    def cost(self) -> Callable[..., float]:
        function: Callable[..., float] = load(self._cost)["cost"]
        return function

    @cached_property
    def _cost(self) -> str:
        return _printed("cost", *self._traced, slopes=False)

    @property
    def source(self) -> str:
        return f"{self._cost}\n\n{self._both}"


@lru_cache(maxsize=256)
def compile_definition(definition: Definition) -> Compiled:
    """Compile once per definition; the data is an argument, so that warm code serves every run."""
    trace = Trace()
    w = trace.variables("w", definition.size)
    loop = traced_loop(definition, trace, w, "rows", [""])
    return Compiled(w, [loop], trace.lift(definition.penalty(w)))


def traced_loop(
    definition: Definition, trace: Trace, w: Sequence[Expression], data: str, endings: Sequence[str]
) -> Loop:
    """The definition traced for as many rows as there are endings, which tell the rows' variables apart."""
    row: List[str] = []
    costs, slopes, factor = [], [], 1.0
    for ending in endings:
        x = [trace.variable(f"x{j}{ending}") for j in range(definition.features)]
        names = ["y"] if definition.outputs == 1 else [f"y{k}" for k in range(definition.outputs)]
        y = [trace.variable(f"{name}{ending}") for name in names]
        cost = trace.lift(definition.cost_of_row(w, x, y[0] if definition.outputs == 1 else y))
        factor, slopes_of_row = factored_gradient_of(cost, w)
        costs.append(cost)
        slopes.append(slopes_of_row)
        row += [node.label for node in (*x, *y)]
    return Loop(data, row, costs, slopes, factor)


def compile_surface(surface: Callable[[Sequence[Any]], Any], size: int) -> Compiled:
    """A function of the parameters alone; the compiled functions take no notice of their rows."""
    trace = Trace()
    w = trace.variables("w", size)
    return Compiled(w, [], trace.lift(surface(w)))


def _printed(
    name: str, w: Sequence[Expression], loops: Sequence[Loop], once: Expression, *, slopes: bool
) -> str:
    """A function that adds up over the rows in their order, divides by n, and adds what comes once."""
    parameters = [node.label for node in w]
    sums = ["total", *(f"g{j}" for j in range(len(w) if slopes else 0))]
    unpacked = ", ".join(parameters) + ("," if len(w) == 1 else "")
    arguments = ", ".join(loop.data for loop in loops) or "rows"
    lines = [f"def {name}(w, {arguments}):", f"    {unpacked} = w", f"    {' = '.join(sums)} = 0.0"]
    means = sums
    for loop in loops:
        lines += _loop(loop, w, sums)
        scale = "" if loop.factor == 1.0 else f"{loop.factor!r} * "
        means = [f"{sums[0]} / n", *(f"{scale}{s} / n" for s in sums[1:])]
    if loops:
        lines += [f"    n = {' + '.join(loop.length for loop in loops)}"]
    if not once.is_constant(0.0):
        added = [once, *gradient_of(once, w)] if slopes else [once]
        wanted = [(s, e) for s, e in zip(sums, added) if not e.is_constant(0.0)]
        lines += [f"    {s} = {mean}" for s, mean in zip(sums, means) if s != mean]
        printer = Printer(w, branches=True)
        before, inside = printer.statements([s for s, _ in wanted], [e for _, e in wanted])
        lines += [f"    {line}" for line in before + inside]
        means = sums
    result = f"{means[0]}, [{', '.join(means[1:])}]" if slopes else means[0]
    return "\n".join([*lines, f"    return {result}"]) + "\n"


def _loop(loop: Loop, w: Sequence[Expression], sums: Sequence[str]) -> List[str]:
    """The lines that add up over the rows."""
    outputs: List[Expression] = []
    for cost, slopes in zip(loop.costs, loop.slopes):
        outputs += [cost, *slopes] if len(sums) > 1 else [cost]
    printer = Printer(w, loop.given, branches=True)
    before, inside = printer.statements([*sums] * len(loop.costs), outputs)
    row = ", ".join(loop.row) + ("," if len(loop.row) == 1 else "")
    lines = [*before, f"for {row} in {loop.data}:", *(f"    {line}" for line in inside)]
    return [f"    {line}" for line in lines]


def load(source: str) -> Dict[str, Any]:
    """The names that a printed source defines; it may call the elementary functions given here.

    They live in a module, because PyPy looks a name up once in a module's namespace, and in a dictionary
    each time it is used: exp, log1p and tanh are then called 2 to 5 times as fast.
    """
    namespace = ModuleType("gdbench_kernel").__dict__
    namespace.update({name: getattr(math, name) for name in _FUNCTIONS})
    exec(compile(source, "<gdbench kernel>", "exec"), namespace)  # noqa: S102  our own printer wrote it
    return namespace
