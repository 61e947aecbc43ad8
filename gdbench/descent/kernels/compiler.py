"""From a definition to one straight-line Python function: trace, differentiate, print, compile.

The printed function loops over the rows with everything unrolled and fused, so that a definition of
three lines runs about as fast as Python allows, with an exact gradient. Read one with
`print(compile_definition(define({"linear": {}}, {"mse": {}}, features=2)).source)`.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Sequence, Tuple

from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.differentiate import factored_gradient_of, gradient_of
from gdbench.descent.kernels.expression import Expression, Trace
from gdbench.descent.kernels.printer import Printer
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.table import Row

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
        self._both = _source("cost_and_gradient", w, loops, once, slopes=True)
        self.cost_and_gradient: Callable[..., Tuple[float, Vector]] = load(self._both)["cost_and_gradient"]

    @cached_property
    def cost(self) -> Callable[..., float]:
        return load(self._cost)["cost"]

    @cached_property
    def _cost(self) -> str:
        return _source("cost", *self._traced, slopes=False)

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


@lru_cache(maxsize=64)
def compile_scores(definition: Definition) -> Callable[[Vector, Sequence[Row]], List[Row]]:
    """The model alone: (w, rows of features) → a row of scores for each, one or one a class.

    What has no value raises ArithmeticError or ValueError.
    """
    return load(printed_scores(definition))["scores"]


def printed_scores(definition: Definition) -> str:
    """The source of `scores(w, rows)`, as `compile_scores` loads it; it calls functions of `math`."""
    trace = Trace()
    w = trace.variables("w", definition.size)
    x = trace.variables("x", definition.features)
    score = definition.score(w, x)
    outputs = [trace.lift(one) for one in (score if isinstance(score, (list, tuple)) else [score])]
    printed = Printer(w).printed(outputs)
    before, inside = printed.lines
    found = f"found.append(({together(text for text, *_ in printed.outputs)}))"
    body = [
        f"{together(w_j.label for w_j in w)} = w",
        "found = []",
        *before,
        f"for {together(x_j.label for x_j in x)} in rows:",
        *indented([*inside, found]),
    ]
    return function("scores(w, rows)", body, "found")


def printed_function(name: str, of: Callable[[Expression], object]) -> str:
    """The source of a function of one number, called `name`."""
    trace = Trace()
    printed = Printer([]).printed([trace.lift(of(trace.variable("z")))])
    before, inside = printed.lines
    return function(f"{name}(z)", [*before, *inside], printed.outputs[0][0])


@lru_cache(maxsize=64)
def compile_function(of: Callable[[Expression], object]) -> Callable[[float], float]:
    """A function of one number as its printed source computes it: a power is then what it is in a kernel."""
    return load(printed_function("f", of))["f"]


#: What a printed source needs to stand alone.
PREAMBLE = f"from math import {', '.join(_FUNCTIONS)}\n"


def compile_surface(surface: Callable[[Sequence[Expression]], object], size: int) -> Compiled:
    """A function of the parameters alone; the compiled functions take no notice of their rows."""
    trace = Trace()
    w = trace.variables("w", size)
    return Compiled(w, [], trace.lift(surface(w)))


def _source(
    name: str, w: Sequence[Expression], loops: Sequence[Loop], once: Expression, *, slopes: bool
) -> str:
    """A function that adds up over the rows in their order, divides by n, and adds what comes once."""
    sums = ["total", *(f"g{j}" for j in range(len(w) if slopes else 0))]
    body = [f"{together(v.label for v in w)} = w", f"{' = '.join(sums)} = 0.0"]
    for loop in loops:
        body += _loop(loop, w, sums)
    if loops:
        body.append(f"n = {' + '.join(loop.length for loop in loops)}")
    means = _means(loops, sums)
    if not once.is_constant(0.0):
        body += [f"{s} = {mean}" for s, mean in zip(sums, means) if s != mean] + adding_once(once, w, sums)
        means = sums
    result = f"{means[0]}, [{', '.join(means[1:])}]" if slopes else means[0]
    return function(f"{name}(w, {', '.join(loop.data for loop in loops) or 'rows'})", body, result)


def _loop(loop: Loop, w: Sequence[Expression], sums: Sequence[str]) -> List[str]:
    """The lines that add up over the rows."""
    outputs: List[Expression] = []
    for cost, slopes in zip(loop.costs, loop.slopes):
        outputs += [cost, *slopes] if len(sums) > 1 else [cost]
    before, inside = Printer(w, loop.given, branches=True).adding([*sums] * len(loop.costs), outputs)
    return [*before, f"for {together(loop.row)} in {loop.data}:", *indented(inside)]


def _means(loops: Sequence[Loop], sums: List[str]) -> List[str]:
    """The texts of the sums divided by the number of rows; without rows the sums themselves."""
    if not loops:
        return sums
    factor = loops[-1].factor
    scale = "" if factor == 1.0 else f"{factor!r} * "
    return [f"{sums[0]} / n", *(f"{scale}{s} / n" for s in sums[1:])]


def adding_once(once: Expression, w: Sequence[Expression], sums: Sequence[str]) -> List[str]:
    """The lines that add `once` to the first sum, and its slopes to the others if there are any."""
    terms = [once, *gradient_of(once, w)] if len(sums) > 1 else [once]
    added = {s: term for s, term in zip(sums, terms) if not term.is_constant(0.0)}
    before, inside = Printer(w, branches=True).adding([*added], [*added.values()])
    return before + inside


def together(names: Iterable[str]) -> str:
    """The names as a tuple that values are unpacked into."""
    listed = [*names]
    return ", ".join(listed) + ("," if len(listed) == 1 else "")


def indented(lines: Iterable[str]) -> List[str]:
    return [f"    {line}" for line in lines]


def function(signature: str, body: Sequence[str], result: str) -> str:
    """The source of a function."""
    return "\n".join([f"def {signature}:", *indented(body), f"    return {result}"]) + "\n"


def load(source: str, given: Mapping[str, object] = {}) -> Dict[str, Callable[..., Any]]:
    """The functions that a printed source defines; it may call the elementary ones, and use what is given.

    They live in a module, because PyPy looks a name up once in a module's namespace, and in a dictionary
    each time it is used: exp, log1p and tanh are then called 2 to 5 times as fast.
    """
    namespace = ModuleType("gdbench_kernel").__dict__
    namespace.update({name: getattr(math, name) for name in _FUNCTIONS})
    namespace.update(given)
    exec(compile(source, "<gdbench kernel>", "exec"), namespace)  # noqa: S102  our own printer wrote it
    return namespace
