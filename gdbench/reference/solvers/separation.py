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

from gdbench.reference.solvers.design import Array, Design
from gdbench.reference.solvers.exact import ExactRows, null_space
from gdbench.reference.solvers.scipy_later import optimize, sparse

#: HiGHS lets a constraint be missed by this much.
LP_TOLERANCE = 1e-7


class Separation(NamedTuple):
    """verdict: separable (`direction` proves it), overlapping, or undecided."""

    verdict: str
    direction: tuple[float, ...] = ()


def separation(design: Design, exact: ExactRows, sides: Sequence[float]) -> Separation:
    """Whether some (w, b) lets the cost fall for ever; sides: which way each row's score must go for that.

    A row with side 0 holds its score in place. Where there is none this is whether a plane parts two classes
    (Albert & Anderson 1984).
    """
    if not all(sides):
        return _held_separation(exact, sides)
    signed = np.array(sides)[:, None] * design.Z
    by_sum = largest_sum(signed)
    for direction in (largest_margin(signed), by_sum):
        found = tuple(map(float, design.T @ direction))
        if falls_along(found, exact, sides):
            return Separation("separable", found)
    return _verdict(signed, by_sum)


def falls_along(direction: Sequence[float], exact: ExactRows, sides: Sequence[float]) -> bool:
    """Whether scores along it are 0 where the side is 0, never on the wrong side, and not always 0; exactly."""
    if not all(map(math.isfinite, direction)):
        return False
    (scores,) = exact.scores(direction)
    held = all(score == 0 for score, side in zip(scores, sides, strict=True) if side == 0.0)
    margins = [score if side > 0.0 else -score for score, side in zip(scores, sides, strict=True) if side]
    return held and min(margins, default=0) >= 0 and max(margins, default=0) > 0


def _held_separation(exact: ExactRows, sides: Sequence[float]) -> Separation:
    """Rows that hold decide in rationals which directions are left at all; for the most part none is."""
    width = len(exact.scales)
    left = null_space([row for row, side in zip(exact.rows, sides, strict=True) if side == 0.0], width)
    falling = [(row, side) for row, side in zip(exact.rows, sides, strict=True) if side]
    if not left or not falling:
        return Separation("overlapping")
    reduced = np.array([[_signed_product(v, row, side) for v in left] for row, side in falling])
    sizes = np.abs(reduced).max(axis=0)
    reduced /= np.where(sizes > 0.0, sizes, 1.0)
    by_sum = largest_sum(reduced)
    for direction in (largest_margin(reduced), by_sum, np.round(by_sum)):
        if not np.all(np.isfinite(direction)):
            continue
        found = _combined(direction.tolist(), sizes.tolist(), left, exact)
        if falls_along(found, exact, sides):
            return Separation("separable", found)
    return _verdict(reduced, by_sum)


def _signed_product(v: Sequence[Fraction], row: Sequence[int], side: float) -> float:
    product = sum(map(Fraction.__mul__, v, map(Fraction, row)))
    return float(product if side > 0.0 else -product)


def _combined(
    direction: Sequence[float], sizes: Sequence[float], left: Sequence[Sequence[Fraction]], exact: ExactRows
) -> tuple[float, ...]:
    """A direction in the null space's basis, in the user's units."""
    shares = [Fraction(c) / Fraction(size or 1.0) for c, size in zip(direction, sizes, strict=True)]
    parts = (
        sum((c * v[j] for c, v in zip(shares, left, strict=True)), Fraction(0))
        for j in range(len(exact.scales))
    )
    return tuple(float(part * scale) for part, scale in zip(parts, exact.scales, strict=True))


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
    found = optimize.linprog(objective, A_ub=constraints, b_ub=limits, bounds=bounds, method="highs")
    return np.asarray(found.x if found.success else np.full(len(objective), np.nan))


def _verdict(signed: Array | sparse.csr_array, by_sum: Array) -> Separation:
    """Overlapping where every direction leaves some row on the wrong side, within the solver's tolerance."""
    total = float((signed @ by_sum).sum())
    return Separation("overlapping" if total <= LP_TOLERANCE * signed.shape[0] else "undecided")
