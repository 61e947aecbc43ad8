"""Seeded data whose truth is known: each generator draws a table from a formula, the same bits everywhere.

A generator uses one `random.Random(seed)` and draws what it documents in the order it documents, the
rows last: so the first rows of a longer table are the shorter table.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any, List

from gdbench.descent.domains import Domain, natural, non_negative
from gdbench.descent.registry import Registry
from gdbench.descent.table import Row, Table

GENERATORS = Registry("generator", "generators")
generator = GENERATORS.register


def _at_least(least: int) -> Domain:
    def read(value: Any) -> int:
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or value < least
            or value != int(value)
        ):
            raise ValueError
        return int(value)

    return Domain(f"a whole number of {least} or more", {"type": "integer", "minimum": least}, read)


whole = _at_least(0)
at_least_two = _at_least(2)


@generator("linear_data", rows=at_least_two, features=natural, noise=non_negative, seed=whole)
def linear_data(rows: int = 100, features: int = 2, noise: float = 0.1, seed: int = 0) -> Table:
    """y = w·x + b + noise · ε, with ε ~ N(0, 1).

    Drawn in this order, all N(0, 1) and independent: w (one per feature), b, then for each row x and ε.
    The same seed therefore gives the same w, b, x and ε under any noise.
    rows: n ≥ 2.  features: d ≥ 1.  noise: ≥ 0, standard deviation about the plane, in units of y.
    seed: ≥ 0, a whole number.
    """
    random = Random(seed)
    w = _normals(random, features)
    b = random.gauss(0.0, 1.0)
    table: List[Row] = []
    for _ in range(rows):
        x = _normals(random, features)
        y = b
        for w_j, x_j in zip(w, x):
            y += w_j * x_j
        table.append((*x, y + noise * random.gauss(0.0, 1.0)))
    return Table(table, features)


@generator(
    "classification",
    facts={"classes": ("0", "1")},
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
    u = _normals(random, features)
    length = math.sqrt(math.fsum(u_j * u_j for u_j in u))
    centre = [0.5 * separation * (u_j / length) for u_j in u]
    table: List[Row] = []
    for i in range(rows):
        label = float(i % 2)
        side = 2.0 * label - 1.0
        x = [side * c_j + z_j for c_j, z_j in zip(centre, _normals(random, features))]
        table.append((*x, label))
    return Table(table, features)


def _normals(random: Random, size: int) -> List[float]:
    return [random.gauss(0.0, 1.0) for _ in range(size)]
