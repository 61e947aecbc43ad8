"""Minimisers where straight pieces meet, to the last bit: the equations that hold there, in fifty digits.

A solver finds which rows lie on their kinks; of the point itself it has fifteen digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext

import numpy as np

from gdbench.descent.registry import Choice
from gdbench.reference.digits.fifty import FIFTY, Fifty
from gdbench.reference.digits.sharpening import FLAT, NEGLIGIBLE
from gdbench.reference.solvers.design import Array, Design
from gdbench.reference.solvers.exact import ExactRows

#: The equations' unknowns, at most: a second or so.
MOST_UNKNOWNS = 200
MOST_STEPS = 12
#: Equations hold where no side is off by more than this share of the largest.
MET = Decimal("1e-30")
#: Steps end when one is this small beside the largest unknown, and what is smaller still is 0.
ENOUGH, NOTHING = Decimal("1e-24"), Decimal("1e-26")

Rows = Sequence[Sequence[Decimal]]


def corner(
    exact: ExactRows, kinks: Sequence[float], on: Sequence[bool], support: Sequence[bool]
) -> list[Decimal] | None:
    """w with w·x = kink where a row is on its own, 0 outside the support; None where that is no one point."""
    with localcontext(FIFTY):
        columns = [j for j, kept in enumerate(support) if kept]
        chosen = [i for i, kept in enumerate(on) if kept]
        rows = [[Decimal(exact.rows[i][j]) / exact.scales[j] for j in columns] for i in chosen]
        found = solved(rows, [Decimal(kinks[i]) for i in chosen])
        if found is None:
            return None
        w = [Decimal(0)] * len(exact.scales)
        for j, value in zip(columns, found, strict=True):
            w[j] = value
        return w


def margin(
    exact: ExactRows,
    signs: Sequence[float],
    ridge: Sequence[float],
    free: Sequence[bool],
    full: Sequence[bool],
) -> list[Decimal] | None:
    """(w, b) of a support vector machine, from the rows on the margin (free) and those inside it (full).

    λw = Σ αᵢsᵢxᵢ, Σ αᵢsᵢ = 0 and sᵢ(w·xᵢ + b) = 1 where free; αᵢ = 1/n where full, else 0.
    ridge: λ of each parameter, 0 of the bias, whose equation so is Σ αᵢsᵢ = 0.
    """
    with localcontext(FIFTY):
        n, width = len(signs), len(exact.scales)
        turned = _turned(exact, signs, free)
        pulls = [sum(column, Decimal(0)) / n for column in zip(*_turned(exact, signs, full), strict=True)]
        given = pulls or [Decimal(0)] * width
        diagonal = [Decimal(extra) for extra in ridge]
        system = [
            [diagonal[i] if i == j else Decimal(0) for j in range(width)] + [-row[i] for row in turned]
            for i in range(width)
        ]
        system += [[*row, *[Decimal(0)] * len(turned)] for row in turned]
        found = solved(system, [*given, *[Decimal(1)] * len(turned)])
        slack = Decimal("1e-20")
        if found is None or not all(-slack <= n * alpha <= 1 + slack for alpha in found[width:]):
            return None
        return found[:width]


def _turned(exact: ExactRows, signs: Sequence[float], kept: Sequence[bool]) -> list[list[Decimal]]:
    """sᵢ(xᵢ, 1) of the rows that are kept."""
    return [
        [Decimal(int(sign) * value) / scale for value, scale in zip(row, exact.scales, strict=True)]
        for row, sign, keep in zip(exact.rows, signs, kept, strict=True)
        if keep
    ]


def solved(rows: Rows, right: Sequence[Decimal]) -> list[Decimal] | None:
    """The solution of linear equations, more of them than unknowns or as many; None where there is not one.

    A factor in floats finds each step, fifty digits tell what is left (iterative refinement, Wilkinson 1963).
    """
    width = len(rows[0]) if rows else 0
    if not 0 < width <= min(len(rows), MOST_UNKNOWNS) or len(rows) > 2 * MOST_UNKNOWNS:
        return None
    known = _inverse(rows)
    if known is None:
        return None
    inverse, columns = known
    x, rest = [Decimal(0)] * width, list(right)
    for _ in range(MOST_STEPS):
        step = inverse(rest)
        x = [a + Decimal(b) for a, b in zip(x, step, strict=True)]
        rest = [r - sum(map(Decimal.__mul__, row, x), Decimal(0)) for row, r in zip(rows, right, strict=True)]
        largest = max(abs(value) * column for value, column in zip(x, columns, strict=True))
        if max(abs(Decimal(b)) * column for b, column in zip(step, columns, strict=True)) <= ENOUGH * largest:
            break
    if max(map(abs, rest)) > MET * (largest + max(map(abs, right))):
        return None
    return [
        value if abs(value) * column > NOTHING * largest else Decimal(0)
        for value, column in zip(x, columns, strict=True)
    ]


def _inverse(rows: Rows) -> tuple[Callable[[list[Decimal]], list[float]], list[Decimal]] | None:
    """The pseudo-inverse, by way of columns and rows of one size, and the columns' sizes.

    None where the columns are not independent.
    """
    matrix = np.array([[float(value) for value in row] for row in rows])
    columns = np.abs(matrix).max(axis=0)
    if not np.all(np.isfinite(matrix)) or not np.all(columns > 0.0):
        return None
    matrix /= columns
    heights = np.abs(matrix).max(axis=1)
    heights[heights == 0.0] = 1.0
    matrix /= heights[:, None]
    sizes = np.linalg.svd(matrix, compute_uv=False)
    if not sizes[-1] > FLAT * sizes[0]:
        return None
    inverse = np.linalg.pinv(matrix)

    def times(rest: list[Decimal]) -> list[float]:
        steps: list[float] = (inverse @ (np.array([float(r) for r in rest]) / heights) / columns).tolist()
        return steps

    return times, [Decimal(size) for size in columns.tolist()]


def cost_at(exact: ExactRows, design: Design, cost: Choice, w: Sequence[Decimal]) -> float:
    """f there, rounded once; what is nothing beside f at zero parameters is 0."""
    fifty = Fifty(exact, cost, design.targets.tolist(), design.l1.tolist(), design.l2.tolist())
    with localcontext(FIFTY):
        value, start = (fifty.at(fifty.point([v])).cost for v in (w, [Decimal(0)] * len(w)))
        return 0.0 if abs(value) <= Decimal(NEGLIGIBLE) * abs(start) else float(value)


def on_kinks(scores: Array, kinks: Array) -> list[bool]:
    """The rows that are on their kinks, as far as floats can tell."""
    on: list[bool] = (np.abs(scores - kinks) <= 1e-9 * (1.0 + np.abs(kinks))).tolist()
    return on
