"""A plane with noise about it, and outliers where asked for."""

from __future__ import annotations

import hashlib
from random import Random
from typing import List

from gdbench.descent.domains import at_least_two, fraction, natural, non_negative, whole
from gdbench.descent.problems.table import Row, Table
from gdbench.descent.synthetic.registry import generator, normals


@generator(
    "linear_data",
    rows=at_least_two,
    features=natural,
    noise=non_negative,
    seed=whole,
    outliers=fraction,
    outlier_scale=non_negative,
)
def linear_data(
    rows: int = 100,
    features: int = 2,
    noise: float = 0.1,
    seed: int = 0,
    outliers: float = 0.0,
    outlier_scale: float = 10.0,
) -> Table:
    """y = w·x + b + noise · ε + outlier, with ε ~ N(0, 1).

    Drawn in this order, all N(0, 1) and independent: w (one per feature), b, then for each row x and ε.
    The same seed therefore gives the same w, b, x and ε under any noise and any outliers.
    rows: n ≥ 2.  features: d ≥ 1.  noise: ≥ 0, standard deviation about the plane, in units of y.
    seed: ≥ 0, a whole number.  outliers: in [0, 1], a row's chance of being one; outlier_scale: ≥ 0, the
    standard deviation of what is added to y there (the contaminated normal of Tukey 1960).
    """
    random = Random(seed)
    w = normals(random, features)
    b = random.gauss(0.0, 1.0)
    added = contamination(seed, rows, outliers, outlier_scale)
    table: List[Row] = []
    for i in range(rows):
        x = normals(random, features)
        y = b
        for w_j, x_j in zip(w, x):
            y += w_j * x_j
        y += noise * random.gauss(0.0, 1.0)
        table.append((*x, y + added[i] if added else y))
    return Table(table, features)


def contamination(seed: int, rows: int, share: float, scale: float) -> List[float]:
    """For each row 0, or with probability `share` a draw from N(0, scale²); [] where share is 0.

    Drawn from a generator of its own, so that nothing else depends on it: for each row u and δ; the row
    is an outlier where u < share.  The outliers of a smaller share are among those of a larger.
    """
    if share == 0.0:
        return []
    random = Random(int.from_bytes(hashlib.sha256(b"outliers %d" % seed).digest(), "big"))
    draws = [(random.random(), random.gauss(0.0, 1.0)) for _ in range(rows)]
    return [scale * delta if u < share else 0.0 for u, delta in draws]
