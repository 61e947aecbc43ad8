"""The registry of generators, what they draw from, and all of them: a plane, classes, ill-conditioned data."""

from __future__ import annotations

import hashlib
import math
from random import Random
from typing import List

from gdbench.descent.domains import (
    at_least_two,
    fraction,
    inner_fraction,
    natural,
    non_negative,
    one_or_more,
    whole,
)
from gdbench.descent.errors import BadParameter
from gdbench.descent.numerics.householder import orthonormal
from gdbench.descent.problems.table import Row, Table
from gdbench.descent.registry import Registry

GENERATORS: Registry[Table] = Registry("generator", "generators")
generator = GENERATORS.register

#: Classes are the target's 0 and 1.
BINARY = {"classes": ("0", "1")}


def normals(random: Random, size: int) -> List[float]:
    return [random.gauss(0.0, 1.0) for _ in range(size)]


# --- A plane with noise about it, and outliers where asked for


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


# --- Two classes: about two centres, or in the plane where no straight line separates them


@generator("moons", facts=BINARY, rows=at_least_two, noise=non_negative, seed=whole)
def moons(rows: int = 100, noise: float = 0.1, seed: int = 0) -> Table:
    """Half circles that interlock: class 0 at (cos t, sin t), class 1 at (1 − cos t, ½ − sin t), 0 ≤ t < π.

    To each coordinate noise · ε is added, ε ~ N(0, 1). Drawn for each row in this order: t (uniform), ε₁,
    ε₂. Classes take turns, beginning with 0. The shape is that of scikit-learn's make_moons.
    rows: n ≥ 2.  noise: ≥ 0, in units of the radius.  seed: ≥ 0, a whole number.
    """
    random = Random(seed)
    table: List[Row] = []
    for i in range(rows):
        t = math.pi * random.random()
        x1, x2 = math.cos(t), math.sin(t)
        if i % 2:
            x1, x2 = 1.0 - x1, 0.5 - x2
        table.append(_blurred(x1, x2, i % 2, noise, random))
    return Table(table, 2)


@generator("circles", facts=BINARY, rows=at_least_two, noise=non_negative, factor=inner_fraction, seed=whole)
def circles(rows: int = 100, noise: float = 0.1, factor: float = 0.5, seed: int = 0) -> Table:
    """Circles about 0: class 0 of radius 1, class 1 of radius `factor`, each at r · (cos t, sin t), 0 ≤ t < 2π.

    To each coordinate noise · ε is added, ε ~ N(0, 1). Drawn for each row in this order: t (uniform), ε₁,
    ε₂. Classes take turns, beginning with 0. The shape is that of scikit-learn's make_circles.
    rows: n ≥ 2.  noise: ≥ 0, in units of the outer radius.  factor: in (0, 1).  seed: ≥ 0, a whole number.
    """
    random = Random(seed)
    table: List[Row] = []
    for i in range(rows):
        t = 2.0 * math.pi * random.random()
        radius = factor if i % 2 else 1.0
        table.append(_blurred(radius * math.cos(t), radius * math.sin(t), i % 2, noise, random))
    return Table(table, 2)


@generator("xor", facts=BINARY, rows=at_least_two, noise=non_negative, seed=whole)
def xor(rows: int = 100, noise: float = 0.1, seed: int = 0) -> Table:
    """A square of four fields: class 1 where x₁ and x₂ have different signs, uniform on (−1, 1]².

    To each coordinate noise · ε is added afterwards, ε ~ N(0, 1). Drawn for each row in this order: |x₁|,
    |x₂|, the sign of x₁, ε₁, ε₂. Classes take turns, beginning with 0 (Minsky & Papert 1969: no line
    separates them).
    rows: n ≥ 2.  noise: ≥ 0, in units of x.  seed: ≥ 0, a whole number.
    """
    random = Random(seed)
    table: List[Row] = []
    for i in range(rows):
        x1, x2 = 1.0 - random.random(), 1.0 - random.random()  # never 0, which has no sign
        side = 1.0 if random.random() < 0.5 else -1.0
        table.append(_blurred(side * x1, -side * x2 if i % 2 else side * x2, i % 2, noise, random))
    return Table(table, 2)


def _blurred(x1: float, x2: float, label: int, noise: float, random: Random) -> Row:
    return x1 + noise * random.gauss(0.0, 1.0), x2 + noise * random.gauss(0.0, 1.0), float(label)


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


# --- A linear problem whose condition number is chosen, not found


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
