"""Exact arithmetic on the floats of a design: signs that prove; least squares by SVD where that is too slow.

Every float is a whole number times a power of two, so rows become integers and nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul
from typing import NamedTuple

import numpy as np

from gdbench.descent.numerics.exact import integers
from gdbench.descent.problems.quadratic import expanded
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms
from gdbench.reference.solvers.design import Array, Design

Vector = Sequence[float]

#: A direction with a singular value between these shares of the largest is neither present nor absent.
ABSENT, PRESENT = 1e-14, 1e-10


class ExactRows(NamedTuple):
    """The rows of the scores' terms as integers; column j of them is 2^k_j times the real one."""

    rows: list[tuple[int, ...]]
    scales: tuple[int, ...]

    def scores(self, *directions: Vector) -> list[list[int]]:
        """For each direction its product with every row, all multiplied by one positive number."""
        exact = [[Fraction(d) / s for d, s in zip(v, self.scales, strict=True)] for v in directions]
        common = max((f.denominator for v in exact for f in v), default=1)
        whole = [[f.numerator * (common // f.denominator) for f in v] for v in exact]
        return [[sum(map(mul, row, v)) for row in self.rows] for v in whole]


def exact_rows(expand: Terms, table: Table) -> ExactRows:
    """The design without rounding: powers are exact as well."""
    rows = [expanded(expand, row[: table.features]) for row in table.rows]
    columns, scales = zip(*(integers(column) for column in zip(*rows, strict=True)), strict=True)
    return ExactRows(list(zip(*columns, strict=True)), scales)


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
