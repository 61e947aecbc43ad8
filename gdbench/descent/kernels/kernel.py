"""How an objective is evaluated: by a compiled straight-line function, or by loops that one can read."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Callable, Mapping, NamedTuple, Sequence

from gdbench.descent.errors import BadPairing
from gdbench.descent.functions import Number
from gdbench.descent.kernels.along import along_affine, along_any
from gdbench.descent.kernels.blocks import blocks
from gdbench.descent.kernels.centred import centred
from gdbench.descent.kernels.compiler import compile_definition
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.qr import qr
from gdbench.descent.kernels.reference import reference as by_loops
from gdbench.descent.kernels.tiles import tiles
from gdbench.descent.problems.objective import CostAndGradient, Functions, NumericCost, Objective
from gdbench.descent.problems.table import Row, Table
from gdbench.descent.registry import Registry

KERNELS: Registry[Objective] = Registry("kernel", "kernels", given=2)
kernel = KERNELS.register

#: Straight-line code of more parameters than this overruns PyPy's tracer, which then runs it 100 times
#: slower than tiles. CPython has no such limit; there tiles are 1.4 times slower. The bits are the same.
WIDEST = 100 if sys.implementation.name == "pypy" else float("inf")

#: Rows laid out in blocks make CPython up to a fifth faster; PyPy gains nothing.
BLOCKS = sys.implementation.name == "cpython"

#: Laying out rows for tiles pays from so many rows on, if they serve one evaluation and several outputs.
ROWS_FOR_TILES = 16

kernel("qr", facts={"affine": True, "squared": True})(qr)


def measures_gaps(spec: Mapping[str, Mapping[str, object]]) -> bool:
    """Whether a run carries a gap f − f* that resolves more than its cost does; surfaces have no kernel."""
    kernel = next(iter(spec.get("kernel", ())), "")
    return (
        "analytic" in spec.get("gradient", ()) and kernel in KERNELS and bool(KERNELS[kernel].facts.get("gap"))
    )


class Prepared(NamedTuple):
    """whole: for rows that serve many evaluations.  batch: for rows that serve one update."""

    whole: Callable[[Sequence[Row]], Functions]
    batch: Callable[[Sequence[Row]], CostAndGradient]


@lru_cache(maxsize=256)
def prepare_kernel(definition: Definition) -> Prepared:
    """All that the compiled kernel does before it sees data: trace, differentiate, print."""
    if definition.terms is not None and definition.size > WIDEST:
        return _prepare_tiles(definition)
    if definition.terms is not None and BLOCKS:
        return Prepared(blocks(definition), lambda rows: _straight(definition, rows)[1])
    compile_definition(definition)
    return Prepared(lambda rows: _straight(definition, rows), lambda rows: _straight(definition, rows)[1])


def _straight(definition: Definition, rows: Sequence[Row]) -> Functions:
    compiled = compile_definition(definition)
    both = compiled.cost_and_gradient
    return lambda w: compiled.cost(w, rows), lambda w: both(w, rows)


def _prepare_tiles(definition: Definition) -> Prepared:
    whole = tiles(definition)

    def batch(rows: Sequence[Row]) -> CostAndGradient:
        worthwhile = definition.outputs > 1 and len(rows) >= ROWS_FOR_TILES
        return whole(rows)[1] if worthwhile else by_loops(definition, rows)

    return Prepared(whole, batch)


@kernel("compiled")
def compiled(definition: Definition, table: Table) -> Objective:
    """The definition traced, differentiated and printed as one function, unrolled over the features."""
    prepared, rows = prepare_kernel(definition), table.rows
    cost, both = prepared.whole(rows)
    return Objective(
        cost=cost,
        cost_and_gradient=both,
        size=definition.size,
        rows=len(rows),
        complex_cost=on_numbers(definition, rows),
        along=along_affine(definition, rows) if definition.terms else along_any(both),
        on=prepared.batch,
    )


@kernel("centred", facts={"affine": True, "squared": True, "batches": True, "gap": True})
def centred_with_batches(definition: Definition, table: Table) -> Objective:
    """f(w) = f* + ½ ‖R (w − c) + e‖² about points c where it is known exactly, whatever n; squared error."""
    return centred(definition, table, lambda rows: prepare_kernel(definition).batch(rows))


@kernel("reference", facts={"affine": True})
def reference(definition: Definition, table: Table) -> Objective:
    """Plain loops over rows and features, as a learner writes them; for models affine in their parameters."""
    if definition.terms is None:
        raise BadPairing("kernel 'reference' needs a model of the form w · x + b; use kernel 'compiled'.")
    return Objective(
        cost=on_numbers(definition, table.rows),
        cost_and_gradient=by_loops(definition, table.rows),
        size=definition.size,
        rows=len(table.rows),
        complex_cost=on_numbers(definition, table.rows),
        along=along_affine(definition, table.rows),
        on=lambda rows: by_loops(definition, rows),
    )


def on_numbers(definition: Definition, rows: Sequence[Row]) -> NumericCost:
    """w → the cost by the definition itself, on floats or on complex numbers."""

    def cost(w: Sequence[Number]) -> Number:
        total: Number = 0.0
        for row in rows:
            total += definition.cost_of_row(w, row[: definition.features], definition.target(row))
        return total / len(rows) + definition.penalty(w)

    return cost
