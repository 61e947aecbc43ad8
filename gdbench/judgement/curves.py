"""Curves by the million: Arrow tables, run after run, so that no more than a few runs are in memory at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from gdbench.judgement.study import Study
from gdbench.record.columns import CURVES
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.record.thinning import thinned
from gdbench.reference.problem import ProblemRecord

_TYPES = {"string": pa.string(), "Int64": pa.int64(), "float64": pa.float64()}
SCHEMA = pa.schema([pa.field(c.name, _TYPES[c.dtype], metadata={"description": c.meaning}) for c in CURVES])

#: Rows that are put together before they are handed on.
_BATCH = 200_000


def curves_table(about: Study, store: Store, limit: int | None = None) -> pa.Table:
    """All of a study's curves. limit: points of one run at most, log-spaced, crossings and the best kept."""
    return pa.Table.from_batches(curve_batches(about, store, limit), SCHEMA)


def curve_batches(about: Study, store: Store, limit: int | None = None) -> Iterator[pa.RecordBatch]:
    """The same in batches of about `_BATCH` rows."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for run in about.with_curves(store):
        if not run.result.curve.iteration:
            continue
        waiting.append(_batch(run, about.problems[run.problem], limit))
        rows += waiting[-1].num_rows
        if rows >= _BATCH:
            yield pa.concat_batches(waiting)
            waiting, rows = [], 0
    if waiting:
        yield pa.concat_batches(waiting)


def _batch(run: RunRecord, problem: ProblemRecord, limit: int | None) -> pa.RecordBatch:
    curve, best = run.result.curve, problem.optimum.cost
    places: slice | list[int] = slice(None)
    if limit is not None:
        places = thinned(curve.iteration, limit, keep_of(run))
    iteration, cost = np.asarray(curve.iteration)[places], np.asarray(curve.cost)[places]
    nothing = np.full(len(cost), np.nan)
    norm = np.asarray(curve.gradient_norm)[places] if curve.gradient_norm else nothing
    gap = nothing if best is None else cost - best
    measurable = best is not None and problem.baseline is not None and problem.baseline > best
    # the arithmetic of ProblemRecord.relative_gap, a column at a time
    relative = gap / (problem.baseline - best) if measurable else nothing  # type: ignore[operator]
    key = pa.array([run.key]).take(pa.array(np.zeros(len(cost), dtype=np.int64)))
    columns = [key, *map(pa.array, (iteration, cost, norm, gap, relative))]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def keep_of(run: RunRecord) -> list[int]:
    """The iterations that a thinned curve must not lose."""
    kept = (run.result.best_iteration, *run.result.iterations_to.values())
    return [iteration for iteration in kept if iteration is not None]
