"""Whether a cost that only ever flattens out has a minimiser: a direction of endless descent disproves it.

Linear programs (HiGHS) and a lightly penalised fit look for such a direction; what they find is verified
in exact arithmetic on the floats, so a direction that is returned is a proof.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from gdbench.reference.solvers.design import Design
from gdbench.reference.solvers.exact import ExactRows, null_space

Array = NDArray[np.float64]

#: HiGHS lets a constraint be missed by this much.
LP_TOLERANCE = 1e-7


class Separation(NamedTuple):
    """verdict: separable (`direction` proves it), overlapping, or undecided."""

    verdict: str
    direction: tuple[float, ...] = ()


def separation(design: Design, exact: ExactRows) -> Separation:
    """Whether some (w, b) leaves no row of two classes on the wrong side (Albert & Anderson 1984)."""
    y = design.targets[:, 0]
    signed = (2.0 * y - 1.0)[:, None] * design.Z
    by_sum = largest_sum(signed)
    for direction in (largest_margin(signed), by_sum):
        found = tuple(map(float, design.T @ direction))
        if separates(found, exact, y.tolist()):
            return Separation("separable", found)
    return _verdict(signed, by_sum)


def separates(direction: Sequence[float], exact: ExactRows, y: Sequence[float]) -> bool:
    """Whether (w, b) leaves no row on the wrong side, and not all on the boundary; exactly."""
    if not all(map(math.isfinite, direction)):
        return False
    (scores,) = exact.scores(direction)
    margins = [s if y_i == 1.0 else -s for s, y_i in zip(scores, y, strict=True)]
    return min(margins) >= 0 and max(margins) > 0


def count_separation(design: Design, exact: ExactRows) -> Separation:
    """For Σ e^z − y z: rows with y > 0 hold z in place, rows with y = 0 let it fall for ever.

    A direction of endless descent has score 0 on the former and ≤ 0, somewhere < 0, on the latter.
    The former decide in rationals which directions are left at all; for the most part none is.
    """
    y = design.targets[:, 0].tolist()
    width = len(exact.scales)
    left = null_space([row for row, y_i in zip(exact.rows, y, strict=True) if y_i > 0.0], width)
    falling = [row for row, y_i in zip(exact.rows, y, strict=True) if y_i == 0.0]
    if not left or not falling:
        return Separation("overlapping")
    reduced = np.array(
        [[float(-sum(map(Fraction.__mul__, v, map(Fraction, r)))) for v in left] for r in falling]
    )
    sizes = np.abs(reduced).max(axis=0)
    reduced /= np.where(sizes > 0.0, sizes, 1.0)
    by_sum = largest_sum(reduced)
    for direction in (largest_margin(reduced), by_sum, np.round(by_sum)):
        if not np.all(np.isfinite(direction)):
            continue
        shares = [
            Fraction(c) / Fraction(s or 1.0) for c, s in zip(direction.tolist(), sizes.tolist(), strict=True)
        ]
        parts = (sum((c * v[j] for c, v in zip(shares, left, strict=True)), Fraction(0)) for j in range(width))
        found = tuple(float(part * scale) for part, scale in zip(parts, exact.scales, strict=True))
        if lets_counts_fall(found, exact, y):
            return Separation("separable", found)
    return _verdict(reduced, by_sum)


def lets_counts_fall(direction: Sequence[float], exact: ExactRows, y: Sequence[float]) -> bool:
    """Whether scores are 0 where y > 0, and ≤ 0 but not always 0 where y = 0; exactly."""
    (scores,) = exact.scores(direction)
    held = all(s == 0 for s, y_i in zip(scores, y, strict=True) if y_i > 0.0)
    return held and max(scores) <= 0 and min(scores) < 0


def largest_margin(signed: Array) -> Array:
    """argmax t  with  signed · v ≥ t, in the box |vⱼ| ≤ 1."""
    rows, width = signed.shape
    objective = np.append(np.zeros(width), -1.0)
    constraints = np.hstack([-signed, np.ones((rows, 1))])
    return _maximise(objective, constraints, [(-1.0, 1.0)] * width + [(0.0, None)])[:-1]


def largest_sum(signed: Array | sparse.csr_array) -> Array:
    """argmax Σ signed · v  with  signed · v ≥ 0, in the box: for classes that touch."""
    return _maximise(-np.asarray(signed.sum(axis=0)), -signed, [(-1.0, 1.0)] * signed.shape[1])


def _maximise(
    objective: Array, constraints: Array | sparse.csr_array, bounds: Sequence[tuple[float, float | None]]
) -> Array:
    """The solution of one linear program; NaN, which claims nothing, where the solver found none."""
    limits = np.zeros(constraints.shape[0])
    found = linprog(objective, A_ub=constraints, b_ub=limits, bounds=bounds, method="highs")
    return np.asarray(found.x if found.success else np.full(len(objective), np.nan))


def _verdict(signed: Array | sparse.csr_array, by_sum: Array) -> Separation:
    """Overlapping where every direction leaves some row on the wrong side, within the solver's tolerance."""
    total = float((signed @ by_sum).sum())
    return Separation("overlapping" if total <= LP_TOLERANCE * signed.shape[0] else "undecided")
