"""Two classes about two centres, of any number of features."""

from __future__ import annotations

import math
from random import Random
from typing import List

from gdbench.descent.domains import at_least_two, natural, non_negative, whole
from gdbench.descent.problems.table import Row, Table
from gdbench.descent.synthetic.registry import BINARY, generator, normals


@generator(
    "classification",
    facts=BINARY,
    rows=at_least_two,
    features=natural,
    separation=non_negative,
    seed=whole,
)
def classification(rows: int = 100, features: int = 2, separation: float = 1.0, seed: int = 0) -> Table:
    """x ~ N(±½ · separation · u, I): class 1 on the + side of a unit direction u, class 0 on the − side.

    Drawn in this order: u (d normals, scaled to length 1), then x row by row. Classes take turns,
    beginning with 0, so their shares are equal (an odd row is of class 0). No classifier can be right
    more often than Φ(separation / 2): 69 % of the time at 1, 98 % at 4.
    rows: n ≥ 2.  features: d ≥ 1.  separation: ≥ 0, distance of the centres in standard deviations.
    seed: ≥ 0, a whole number.
    """
    random = Random(seed)
    u = normals(random, features)
    length = math.sqrt(math.fsum(u_j * u_j for u_j in u))
    centre = [0.5 * separation * (u_j / length) for u_j in u]
    table: List[Row] = []
    for i in range(rows):
        label = float(i % 2)
        side = 2.0 * label - 1.0
        x = [side * c_j + z_j for c_j, z_j in zip(centre, normals(random, features))]
        table.append((*x, label))
    return Table(table, features)
