"""Exact arithmetic on the floats of a design: signs that prove, and least squares to the last bit (or by SVD).

Every float is a whole number times a power of two, so rows become integers and nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import is_, mul
from typing import Any, NamedTuple

import numpy as np

from gdbench.descent.problems.table import Table
from gdbench.reference.solvers.design import Array, Design

Vector = Sequence[float]

#: A direction with a singular value between these shares of the largest is neither present nor absent.
ABSENT, PRESENT = 1e-14, 1e-10


class ExactRows(NamedTuple):
    """The rows (basis(x), 1) as integers; column j of them is 2^k_j times the real one."""

    rows: list[tuple[int, ...]]
    scales: tuple[int, ...]

    def scores(self, *directions: Vector) -> list[list[int]]:
        """For each direction its product with every row, all multiplied by one positive number."""
        exact = [[Fraction(d) / s for d, s in zip(v, self.scales, strict=True)] for v in directions]
        common = max((f.denominator for v in exact for f in v), default=1)
        whole = [[f.numerator * (common // f.denominator) for f in v] for v in exact]
        return [[sum(map(mul, row, v)) for row in self.rows] for v in whole]


class ExactFit(NamedTuple):
    """The minimiser, and the mean square of its residuals with the ridge's share, both rounded once."""

    parameters: tuple[float, ...]
    mean_square: float


def exact_rows(expand: Callable[[Sequence[Any]], Sequence[Any]], table: Table) -> ExactRows:
    """The design without rounding: powers are exact as well."""
    rows = [[*_expanded(expand, row[: table.features]), 1.0] for row in table.rows]
    columns, scales = zip(*(_integers(column) for column in zip(*rows, strict=True)), strict=True)
    return ExactRows(list(zip(*columns, strict=True)), scales)


def exact_least_squares(design: ExactRows, y: Sequence[float], ridge: Sequence[float]) -> ExactFit:
    """argmin (1/n) ‖Gw − y‖² + Σⱼ ridgeⱼ wⱼ², by the normal equations (GᵀG + n·diag(ridge)) w = Gᵀy.

    Their condition is of no concern where nothing is rounded. A column that depends on earlier ones
    gets parameter 0, which costs nothing.
    """
    n, columns = len(y), list(zip(*design.rows, strict=True))
    targets, scale = _integers([Fraction(v) for v in y])
    added = [Fraction(r) * n * s * s for r, s in zip(ridge, design.scales, strict=True)]
    common = max(f.denominator for f in added)
    system = [[common * sum(map(mul, a, b)) for b in (*columns, targets)] for a in columns]
    for j, extra in enumerate(added):
        system[j][j] += int(extra * common)
    moments = [row[-1] for row in system]
    u = solve(system)
    explained = sum((m * u_j for m, u_j in zip(moments, u, strict=True)), Fraction(0)) / common
    rest = (sum(map(mul, targets, targets)) - explained) / (n * scale * scale)
    w = tuple(float(u_j * s / scale) for u_j, s in zip(u, design.scales, strict=True))
    return ExactFit(w, float(rest))


def solve(system: list[list[int]]) -> list[Fraction]:
    """A solution of a positive semidefinite system [A b] of integers, without fractions (Bareiss 1968)."""
    size, previous = len(system), 1
    for k, row in enumerate(system):
        pivot = row[k]
        if pivot == 0:
            continue  # then its row and column are 0: the unknown is free
        for i in range(k + 1, size):
            factor = system[i][k]
            system[i] = [(a * pivot - factor * b) // previous for a, b in zip(system[i], row, strict=True)]
        previous = pivot
    unknowns = [Fraction(0)] * size
    for k in reversed(range(size)):
        if system[k][k] != 0:
            known = sum(
                (a * u for a, u in zip(system[k][k + 1 :], unknowns[k + 1 :], strict=False)), Fraction(0)
            )
            unknowns[k] = (system[k][-1] - known) / system[k][k]
    return unknowns


def null_space(rows: Sequence[Sequence[int]], width: int) -> list[list[Fraction]]:
    """A basis of the vectors that every row maps to 0, by Gauss–Jordan elimination; stops at full rank."""
    reduced: dict[int, list[Fraction]] = {}
    for row in rows:
        rest = _eliminate([Fraction(v) for v in row], reduced)
        lead = next((j for j, v in enumerate(rest) if v), None)
        if lead is not None:
            unit = [v / rest[lead] for v in rest]
            for other, earlier in reduced.items():
                reduced[other] = [a - earlier[lead] * b for a, b in zip(earlier, unit, strict=True)]
            reduced[lead] = unit
        if len(reduced) == width:
            return []
    free = [j for j in range(width) if j not in reduced]
    return [[_entry(i, j, reduced) for i in range(width)] for j in free]


def _entry(i: int, free: int, reduced: dict[int, list[Fraction]]) -> Fraction:
    return -reduced[i][free] if i in reduced else Fraction(i == free)


def _eliminate(row: list[Fraction], reduced: dict[int, list[Fraction]]) -> list[Fraction]:
    for lead, unit in reduced.items():
        if row[lead]:
            row = [a - row[lead] * b for a, b in zip(row, unit, strict=True)]
    return row


def _expanded(expand: Callable[[Sequence[Any]], Sequence[Any]], x: Vector) -> Sequence[float | Fraction]:
    """basis(x) without rounding; where that is x itself, nothing needs a fraction."""
    plain = expand(x)
    return plain if all(map(is_, plain, x)) else expand([Fraction(v) for v in x])


def _integers(values: Sequence[float | Fraction]) -> tuple[list[int], int]:
    """values · scale, where scale is the largest denominator; all are powers of two."""
    ratios = [v.as_integer_ratio() for v in values]
    scale = max(denominator for _, denominator in ratios)
    return [numerator * (scale // denominator) for numerator, denominator in ratios], scale


def least_squares(design: Design, ridge: Array) -> Array | None:
    """argmin (1/n) ‖Gw − y‖² + Σⱼ ridgeⱼ wⱼ², of least norm in scaled columns.

    None where rounding hides whether the columns are independent: the minimum then cannot be vouched for.
    """
    rows = np.vstack([design.Z, np.sqrt(len(design.Z) * ridge)[:, None] * design.T])
    y = np.append(design.targets[:, 0], np.zeros(len(ridge)))
    lengths = np.linalg.norm(rows, axis=0)
    lengths[lengths == 0.0] = 1.0
    U, values, Vt = np.linalg.svd(rows / lengths, full_matrices=False)
    shares = values / values[0]
    if np.any((shares > ABSENT) & (shares < PRESENT)):
        return None
    kept = shares >= PRESENT
    v = Vt[kept].T @ ((U[:, kept].T @ y) / values[kept]) / lengths
    return np.asarray(design.T @ v)
