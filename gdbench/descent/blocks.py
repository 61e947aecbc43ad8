"""The compiled function over a few rows at a time: fewer stores and fetches of the sums, and no other bit.

CPython spends a good part of its time on moving numbers between names. A statement that adds four rows'
shares to a sum fetches and stores it once. The shares are added from left to right, which is the rows' order.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Callable, List, Sequence, Tuple

from gdbench.descent.compiler import Compiled, compile_traced, traced_loop
from gdbench.descent.definition import Definition
from gdbench.descent.expression import Trace
from gdbench.descent.objective import CostAndGradient, Vector
from gdbench.descent.table import Row

Functions = Tuple[Callable[[Vector], float], CostAndGradient]

#: Rows in a block; of wide rows fewer, because the printed statements have to be compiled as well.
MOST, VALUES = 4, 48


def blocks(definition: Definition) -> Callable[[Sequence[Row]], Functions]:
    """rows → (cost, cost_and_gradient), with the bits of the compiled function."""
    count = block_of(definition)
    cost, both, _ = compile_blocks(definition, count)

    def on(rows: Sequence[Row]) -> Functions:
        laid, rest = laid_out(rows, count)
        return lambda w: cost(w, laid, rest), lambda w: both(w, laid, rest)

    return on


def block_of(definition: Definition) -> int:
    """How many rows a block takes."""
    return max(1, min(MOST, VALUES // definition.size))


@lru_cache(maxsize=256)
def compile_blocks(definition: Definition, count: int) -> Compiled:
    """Functions of (w, blocks, rows): first the blocks, then the rows that are left over."""
    trace = Trace()
    w = trace.variables("w", definition.size)
    loops = [
        traced_loop(definition, trace, w, "blocks", [f"_{i}" for i in range(count)]),
        traced_loop(definition, trace, w, "rows", [""]),
    ]
    return compile_traced(w, loops, trace.lift(definition.penalty(w)))


def laid_out(rows: Sequence[Row], count: int) -> Tuple[List[Row], List[Row]]:
    """(blocks of `count` rows, each in one tuple; the rows left over)."""
    whole = len(rows) // count * count
    laid = [tuple(v for row in rows[i : i + count] for v in row) for i in range(0, whole, count)]
    return laid, list(rows[whole:])
