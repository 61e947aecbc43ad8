"""Parameters of a formula that are not determined apart: directions along which no prediction changes."""

from __future__ import annotations

import numpy as np

from gdbench.descent.problems.objective import Objective
from gdbench.descent.problems.table import Table
from gdbench.reference.solvers.design import Array

#: Problems of more parameters are not looked at; rows that are; draws, over so many powers of ten.
MOST_PARAMETERS, ROWS, DRAWS, DECADES = 30, 200, 14, 7
#: A singular value below this share of the largest is 0; an entry of a unit vector, likewise.
ZERO, ENTRY = 1e-13, 1e-6
#: A row's gradient below this share of the largest says nothing.
SEEN = 1e-9


def alike(table: Table, objective: Objective) -> tuple[tuple[int, ...], ...]:
    """Groups of parameters, by their places, along which the gradients of all rows vanish wherever one looks.

    The rank of the rows' gradients is greatest at almost every point: it is looked for at points of several
    sizes, so that one where an exponential underflows does not count.
    """
    size, on = objective.size, objective.on
    if on is None or not 1 < size <= MOST_PARAMETERS:
        return ()
    rows, numbers = table.rows[:: 1 + len(table.rows) // ROWS], np.random.default_rng(1)
    best: tuple[int, set[int]] | None = None
    for draw in range(DRAWS):
        w = numbers.normal(size=size) * 10.0 ** -(draw % DECADES)
        try:
            slopes = np.array([on([row])(w.tolist())[1] for row in rows])
        except (ArithmeticError, ValueError):
            continue
        if not np.all(np.isfinite(slopes)):
            continue
        sizes = np.linalg.norm(slopes / max(1e-300, float(np.abs(slopes).max())), axis=1)
        if int((sizes > SEEN).sum()) < max(size, len(rows) // 2):
            continue  # most rows say nothing there
        found = _null(slopes / float(np.abs(slopes).max()))
        if best is None or found[0] > best[0]:
            best = found
    return () if best is None or not best[1] else (tuple(sorted(best[1])),)


def _null(slopes: Array) -> tuple[int, set[int]]:
    """(rank, the places that take part in the directions of rank 0)."""
    sizes = np.linalg.norm(slopes, axis=0)
    scaled = slopes / np.where(sizes > 0.0, sizes, 1.0)
    _, values, directions = np.linalg.svd(scaled, full_matrices=True)
    rank = int((values > ZERO * values.max(initial=0.0)).sum())
    places = {int(j) for v in directions[rank:] for j in np.flatnonzero(np.abs(v) > ENTRY)}
    return rank, places
