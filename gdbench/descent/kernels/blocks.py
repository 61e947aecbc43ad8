"""The compiled function over data that is laid out for it: in fewer operations, and no other bit.

CPython spends a good part of its time on moving numbers between names. A statement that adds four rows'
shares to a sum fetches and stores it once. The shares are added from left to right, which is the rows' order.
What depends on a row and on no parameter, such as a power of a feature, is worked out once, when the rows
are laid out: the same operations on the same numbers.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Callable, Container, List, NamedTuple, Sequence, Set, Tuple

from gdbench.descent.kernels.compiler import Compiled, Loop, function, indented, load, traced_loop
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.expression import Expression, Trace, needed
from gdbench.descent.kernels.operations import OPERATIONS
from gdbench.descent.kernels.printer import Printer
from gdbench.descent.problems.objective import Functions
from gdbench.descent.problems.table import Row

#: Rows in a block; of wide rows fewer, because the printed statements have to be compiled as well.
MOST, VALUES = 4, 48


class Blocks(NamedTuple):
    """work_out: rows → rows of what the functions want; `compiled` takes (w, blocks, rows) of these."""

    work_out: Callable[[Sequence[Row]], Sequence[Row]]
    compiled: Compiled


def blocks(definition: Definition) -> Callable[[Sequence[Row]], Functions]:
    """rows → (cost, cost_and_gradient), with the bits of the compiled function."""
    count = block_of(definition)
    work_out, compiled = compile_blocks(definition, count)
    both = compiled.cost_and_gradient

    def on(rows: Sequence[Row]) -> Functions:
        laid, rest = laid_out(work_out(rows), count)
        return lambda w: compiled.cost(w, laid, rest), lambda w: both(w, laid, rest)

    return on


def block_of(definition: Definition) -> int:
    """How many rows a block takes."""
    return max(1, min(MOST, VALUES // definition.size))


@lru_cache(maxsize=256)
def compile_blocks(definition: Definition, count: int) -> Blocks:
    """Functions that take first the blocks of `count` rows, then the rows that are left over."""
    trace = Trace()
    w = trace.variables("w", definition.size)
    several = traced_loop(definition, trace, w, "blocks", [f"_{i}" for i in range(count)])
    single = traced_loop(definition, trace, w, "rows", [""])
    loops = [_taking(loop, _values(loop)) for loop in (several, single)]
    return Blocks(_working_out(single), Compiled(w, loops, trace.lift(definition.penalty(w))))


def _values(loop: Loop) -> List[Expression]:
    """What the loop needs of its rows: variables, and what can be worked out from them alone, row after row."""
    outputs = [*loop.costs, *(slope for slopes in loop.slopes for slope in slopes)]
    nodes = needed(outputs)
    own: Set[int] = set()
    row = set(loop.row)
    wanted = {output.index for output in outputs}
    for node in nodes:
        if _own(node, own, row):
            own.add(node.index)
        else:
            wanted.update(argument.index for argument in node.arguments)
    return [node for node in nodes if node.index in own and node.index in wanted]


def _own(node: Expression, own: Set[int], row: Container[str]) -> bool:
    """Whether it depends on the row and on no parameter. What may raise an error must wait for its time."""
    if node.operation == "variable":
        return node.label in row
    of_row = [a for a in node.arguments if a.operation != "constant"]
    return bool(of_row) and OPERATIONS[node.operation].harmless and all(a.index in own for a in of_row)


def _taking(loop: Loop, values: Sequence[Expression]) -> Loop:
    """The loop over rows that hold these values."""
    given = {v.index: v.label or f"v{k}" for k, v in enumerate(values)}
    return loop._replace(row=list(given.values()), given=given)


def _working_out(loop: Loop) -> Callable[[Sequence[Row]], Sequence[Row]]:
    """rows → rows of the values that the loop needs."""
    values = _values(loop)
    if [v.label for v in values] == loop.row:
        return lambda rows: rows
    printed = Printer([]).printed(values)
    worked_out = f"laid.append(({', '.join(text for text, *_ in printed.outputs)},))"
    body = [f"for {', '.join(loop.row)} in rows:", *indented([*printed.lines[1], worked_out])]
    return load(function("work_out(rows)", ["laid = []", *body], "laid"))["work_out"]


def laid_out(rows: Sequence[Row], count: int) -> Tuple[List[Row], List[Row]]:
    """(blocks of `count` rows, each in one tuple; the rows left over)."""
    whole = len(rows) // count * count
    laid: List[Row] = [tuple(v for row in rows[i : i + count] for v in row) for i in range(0, whole, count)]
    return laid, list(rows[whole:])
