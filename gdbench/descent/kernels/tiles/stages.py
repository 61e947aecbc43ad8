"""The costs of all rows and their slopes, from columns of scores and targets, in several loops over the rows.

A trace follows one way through its branches, so the nine maxima of a softmax over ten classes in one loop are
up to 512 traces, each with all that comes after. The statements for a row are therefore cut into stages of
few branches, a loop each, which hand on in columns what later ones need. Rows do not look at one another,
and the costs are still added in their order: no bit changes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Callable, Dict, Iterator, List, NamedTuple, Set, Tuple

from gdbench.descent.kernels.compiler import load
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.differentiate import factored_gradient_of
from gdbench.descent.kernels.expression import Trace
from gdbench.descent.kernels.printer import Printer

#: Of one stage. More branches warm up slowly; more statements overrun the tracer, which has to follow
#: a row's columns as well.
BRANCHES, STATEMENTS = 2, 50

Columns = Dict[str, List[float]]
#: (columns, n) → Σ c(z, y) over n rows, from columns z0, z1, … and y0, y1, …; fills s0, s1, … if wanted.
Pointwise = Callable[[Columns, int], float]


class Statement(NamedTuple):
    """A line that gives a value to `name` from what the names in `reads` hold."""

    text: str
    name: str
    reads: Set[str]


@lru_cache(maxsize=128)
def pointwise(definition: Definition, *, slopes: bool) -> Tuple[Pointwise, float]:
    """Σ c(z, y) over the rows, with sₖ of each row if `slopes`; and the factor with ∂c/∂zₖ = factor · sₖ."""
    constants, statements, columns, factor = _printed(definition, slopes=slopes)
    functions: List[Callable[[Columns, int], float]] = []
    stages = list(_stages(statements))
    for number, stage in enumerate(stages):
        later = {name for after in stages[number + 1 :] for statement in after for name in statement.reads}
        handed = [s.name for s in stage if s.name in later]
        functions.append(load(_source(stage, constants, columns, handed))["stage"])
        columns.update(handed)

    def total(columns: Columns, n: int) -> float:
        found = 0.0
        for function in functions:
            found = function(columns, n)
        return found

    return total, factor


def _printed(definition: Definition, *, slopes: bool) -> Tuple[List[str], List[Statement], Set[str], float]:
    """(constants, statements for a row, columns that are there at the start, factor of the slopes)."""
    trace, outputs = Trace(), definition.outputs
    z, y = trace.variables("z", outputs), trace.variables("y", outputs)
    cost = trace.lift(definition.pointwise(z[0], y[0]) if outputs == 1 else definition.pointwise(z, y))
    factor, gradient = factored_gradient_of(cost, z)
    wanted = {f"s{k}": slope for k, slope in enumerate(gradient)} if slopes else {}
    constants, lines = Printer([]).statements([*wanted, "total"], [*wanted.values(), cost])
    return constants, [_statement(line) for line in lines], {v.label for v in (*z, *y)}, factor


def _statement(line: str) -> Statement:
    name, _, value = re.split(r" (\+?=) ", line, maxsplit=1)
    # a slope belongs to its row; the cost, which comes last, is added up
    return Statement(line if name == "total" else f"{name} = {value}", name, set(re.findall(r"\w+", value)))


def _stages(statements: List[Statement]) -> Iterator[List[Statement]]:
    """The statements in their order, cut before what would be too much for one loop."""
    stage: List[Statement] = []
    branches = 0
    for statement in statements:
        more = statement.text.count(" if ")
        if stage and (branches + more > BRANCHES or len(stage) == STATEMENTS):
            yield stage
            stage, branches = [], 0
        stage.append(statement)
        branches += more
    yield stage


def _source(stage: List[Statement], constants: List[str], columns: Set[str], handed: List[str]) -> str:
    """One loop over the rows; a column is called like its value, with an s at the end."""
    read = sorted({name for statement in stage for name in statement.reads} & columns)
    slopes = [s.name for s in stage if s.name.startswith("s")]
    lines = [f'{name}s = columns["{name}"]' for name in read + slopes]
    lines += [f'{name}s = columns["{name}"] = [0.0] * n' for name in handed]
    lines += [*constants, "total = 0.0", "for i in range(n):"]
    lines += [f"    {name} = {name}s[i]" for name in read]
    lines += [f"    {statement.text}" for statement in stage]
    lines += [f"    {name}s[i] = {name}" for name in handed + slopes]
    text = "\n    ".join(lines)
    return f"def stage(columns, n):\n    {text}\n    return total\n"
