"""How an objective is evaluated: by a compiled straight-line function, or by loops that one can read."""

from __future__ import annotations

from typing import Tuple

from gdbench.descent.compiler import compile_definition
from gdbench.descent.definition import Definition
from gdbench.descent.objective import Objective, Vector
from gdbench.descent.reference import reference
from gdbench.descent.registry import Registry
from gdbench.descent.table import Table

KERNELS = Registry("kernel", "kernels", given=2)
kernel = KERNELS.register

kernel("reference")(reference)


@kernel("compiled")
def compiled(definition: Definition, table: Table) -> Objective:
    """The definition traced, differentiated and printed as one function, unrolled over the features."""
    functions, rows = compile_definition(definition), table.rows

    def cost(w: Vector) -> float:
        return functions.cost(w, rows)

    def cost_and_gradient(w: Vector) -> Tuple[float, Vector]:
        return functions.cost_and_gradient(w, rows)

    return Objective(cost, cost_and_gradient, definition.size, len(rows))
