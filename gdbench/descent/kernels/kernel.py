"""How an objective is evaluated: by a compiled straight-line function, or by loops that one can read."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Callable, List, Mapping, NamedTuple, Sequence, Tuple

from gdbench.descent.errors import BadPairing
from gdbench.descent.functions import Number
from gdbench.descent.kernels.blocks import blocks
from gdbench.descent.kernels.centred import centred
from gdbench.descent.kernels.compiler import compile_definition
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.qr import qr
from gdbench.descent.kernels.reference import penalty_and_gradient_of, pointwise_of, scores
from gdbench.descent.kernels.reference import reference as by_loops
from gdbench.descent.kernels.tiles import tiles
from gdbench.descent.numerics.vectors import Vector, dot
from gdbench.descent.problems.objective import Along, CostAndGradient, Functions, NumericCost, Objective, Ray
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


# --- The cost along a ray, for line searches: φ(α) = f(w + αd) with its slope φ′(α) = ∇f(w + αd) · d


def along_any(cost_and_gradient: CostAndGradient) -> Along:
    """φ by the whole objective."""

    def along(w: Vector, d: Vector) -> Ray:
        def ray(alpha: float) -> Tuple[float, float]:
            cost, gradient = cost_and_gradient(_moved(w, d, alpha))
            return cost, dot(gradient, d)

        return ray

    return along


def along_affine(definition: Definition, rows: Sequence[Row]) -> Along:
    """φ by the scores of an affine model."""
    (cost_and_slopes, factor), outputs = pointwise_of(definition), definition.outputs
    penalize, nothing = penalty_and_gradient_of(definition), [0.0] * definition.size

    def along(w: Vector, d: Vector) -> Ray:
        lines = [_line(definition, w, d, row) for row in rows]

        def ray(alpha: float) -> Tuple[float, float]:
            total = slope = 0.0
            for z, t, y in lines:
                moved = [z_k + alpha * t_k for z_k, t_k in zip(z, t)]
                cost, slopes = cost_and_slopes(moved[0] if outputs == 1 else moved, y)
                total += cost
                for s_k, t_k in zip(slopes, t):
                    slope += s_k * t_k
            cost, penalty_slopes = penalize(_moved(w, d, alpha), total / len(rows), nothing)
            return cost, factor * slope / len(rows) + dot(penalty_slopes, d)

        return ray

    return along


def _line(
    definition: Definition, w: Vector, d: Vector, row: Row
) -> Tuple[List[float], List[float], float | Row]:
    """(z, t, y) of a row: its scores at w, their change along d, and its target."""
    assert definition.terms is not None
    x = definition.terms(row[: definition.features])
    z, t = (scores(v, x, definition.outputs) for v in (w, d))
    return _listed(z), _listed(t), definition.target(row)


def _listed(z: float | List[float]) -> List[float]:
    return z if isinstance(z, list) else [z]


def _moved(w: Vector, d: Vector, alpha: float) -> Vector:
    return [w_j + alpha * d_j for w_j, d_j in zip(w, d)]
