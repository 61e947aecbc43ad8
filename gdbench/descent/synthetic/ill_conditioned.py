"""A linear problem whose condition number is chosen, not found."""

from __future__ import annotations

import math
from random import Random
from typing import List

from gdbench.descent.domains import at_least_two, fraction, natural, non_negative, one_or_more, whole
from gdbench.descent.errors import BadParameter
from gdbench.descent.numerics.householder import orthonormal
from gdbench.descent.problems.table import Row, Table
from gdbench.descent.synthetic.generators import contamination, generator, normals


def _enough_rows(rows: int, features: int, **others: object) -> None:
    if rows <= features:
        raise BadParameter(
            "rows",
            f"'rows' of generator 'ill_conditioned' must be above 'features', but {rows} ≤ {features}: "
            f"more columns cannot be orthogonal to the bias and to one another. Give {features + 1} or more.",
        )


@generator(
    "ill_conditioned",
    facts={"check": _enough_rows, "multiplications": lambda rows, features: 2 * rows * features * features},
    rows=at_least_two,
    features=natural,
    kappa=one_or_more,
    noise=non_negative,
    seed=whole,
    outliers=fraction,
    outlier_scale=non_negative,
)
def ill_conditioned(
    rows: int = 100,
    features: int = 2,
    kappa: float = 100.0,
    noise: float = 0.1,
    seed: int = 0,
    outliers: float = 0.0,
    outlier_scale: float = 10.0,
) -> Table:
    """y = b + Σ gⱼ uⱼ + noise · ε + outlier, xⱼ = uⱼ √λⱼ, where GᵀG/n = diag(λ₁, …, λ_d, 1) for G = [X 1].

    The columns uⱼ have mean 0 and mean square 1 and are orthogonal; λⱼ = κ^(−(j−1)/(d−1)) falls from 1 to
    1/κ (for d = 1, λ₁ = 1/κ). So the Gram matrix has the condition number κ, with the bias and, from
    d = 2 on, without it; gradient descent at rate 1/L on half the mean squared error shrinks the error
    along the last column by 1 − 1/κ a step. Each direction carries a like share of y: wⱼ = gⱼ/√λⱼ.
    Standardizing undoes the scaling; rotating the features hides the axes and keeps κ.

    Drawn in this order, all N(0, 1) and independent: the columns before they are made orthogonal, g
    (one per feature), b, and ε row by row.
    rows: n > d.  features: d ≥ 1.  kappa: κ ≥ 1.  noise: ≥ 0, in units of y.  seed: ≥ 0, a whole number.
    outliers, outlier_scale: as in linear_data.
    """
    _enough_rows(rows, features)
    random = Random(seed)
    drawn = [normals(random, rows) for _ in range(features)]
    # the column of ones first: what is orthogonal to it has mean 0
    columns = orthonormal([[1.0] * rows, *drawn])[1:]
    g = normals(random, features)
    b = random.gauss(0.0, 1.0)
    length = math.sqrt(rows)
    scales = [length * math.sqrt(share) for share in spectrum(features, kappa)]
    added = contamination(seed, rows, outliers, outlier_scale)
    table: List[Row] = []
    for i in range(rows):
        y = b
        for g_j, column in zip(g, columns):
            y += g_j * (length * column[i])
        y += noise * random.gauss(0.0, 1.0)
        x = [scale * column[i] for scale, column in zip(scales, columns)]
        table.append((*x, y + added[i] if added else y))
    return Table(table, features)


def spectrum(size: int, kappa: float) -> List[float]:
    """κ^(−j/(size−1)) for j = 0 … size − 1: from 1 to 1/κ in equal ratios; [1/κ] for size 1."""
    if size == 1:
        return [1.0 / kappa]
    step = math.log(kappa) / (size - 1)
    return [math.exp(-step * j) for j in range(size - 1)] + [1.0 / kappa]
