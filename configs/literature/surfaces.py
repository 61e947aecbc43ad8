"""Functions as books, courses and papers print them, for the configs beside this file."""

import math

from gdbench.descent.domains import number
from gdbench.descent.functions import cos, exp, log, sigmoid
from gdbench.descent.surfaces import surface


@surface(
    "parabola",
    center=number,
    height=number,
    facts={
        "dimension": 1,
        "start": [0.0],
        "minimum": lambda center, height: (height, [center]),
        "quadratic": True,
    },
)
def parabola(w, center=0.0, height=0.0):
    """(x − center)² + height."""
    (x,) = w
    return (x - center) * (x - center) + height


def bowl_minimum(a, b, c, d, e):
    """Where a x + b y = d and b x + c y = e, by Cramer's rule."""
    det = a * c - b * b
    x, y = (d * c - b * e) / det, (a * e - b * d) / det
    return -0.5 * (d * x + e * y), [x, y]


@surface(
    "bowl",
    a=number,
    b=number,
    c=number,
    d=number,
    e=number,
    facts={
        "dimension": 2,
        "start": [0.0, 0.0],
        "minimum": bowl_minimum,
        "quadratic": True,
    },
)
def bowl(w, a=1.0, b=0.0, c=1.0, d=0.0, e=0.0):
    """½ (a x² + 2b xy + c y²) − d x − e y, with a c > b²."""
    x, y = w
    return 0.5 * (a * x * x + 2.0 * b * x * y + c * y * y) - d * x - e * y


_Q = (
    (0.78, -0.02, -0.12, -0.14),
    (-0.02, 0.86, -0.04, 0.06),
    (-0.12, -0.04, 0.72, -0.08),
    (-0.14, 0.06, -0.08, 0.74),
)
_B = (0.76, 0.08, 1.12, 0.68)


@surface(
    "luenberger",
    facts={
        "dimension": 4,
        "start": [0.0, 0.0, 0.0, 0.0],
        "minimum": None,
        "quadratic": True,
    },
)
def luenberger(w):
    """½ xᵀQx − bᵀx in four dimensions, with eigenvalues from 0.52 to 0.94."""
    value = 0.0
    for i in range(4):
        for j in range(4):
            value = value + 0.5 * _Q[i][j] * w[i] * w[j]
        value = value - _B[i] * w[i]
    return value


@surface(
    "quartic",
    cubic=number,
    square=number,
    linear=number,
    constant=number,
    facts={
        "dimension": 1,
        "start": [0.0],
        "minimum": None,
    },
)
def quartic(w, cubic=0.0, square=0.0, linear=0.0, constant=0.0):
    """x⁴ + cubic x³ + square x² + linear x + constant."""
    (x,) = w
    return x * x * x * x + cubic * x * x * x + square * x * x + linear * x + constant


@surface(
    "x_less_log",
    facts={"dimension": 1, "start": [2.5], "minimum": (1.0, [1.0])},
)
def x_less_log(w):
    """x − log x: minimum 1 at 1."""
    (x,) = w
    return x - log(x)


@surface(
    "x_cos",
    facts={"dimension": 1, "start": [10.0], "minimum": None, "unbounded": True},
)
def x_cos(w):
    """x cos(0.15 π x): as many local minima as one likes, and no lowest."""
    (x,) = w
    return x * cos(0.15 * math.pi * x)


@surface(
    "square_and_fourth",
    facts={"dimension": 2, "start": [1.0, 1.0], "minimum": (0.0, [0.0, 0.0])},
)
def square_and_fourth(w):
    """x² + y⁴: along y the curvature vanishes at the minimum."""
    x, y = w
    return x * x + y * y * y * y


@surface(
    "three_equations",
    facts={"dimension": 3, "start": [0.0, 0.0, 0.0], "minimum": None},
)
def three_equations(w):
    """½ ‖G‖² with G = (3x − cos yz − 3/2, 4x² − 625y² + 2y − 1, 20z + e^(−xy) + (10π − 3)/3)."""
    x, y, z = w
    first = 3.0 * x - cos(y * z) - 1.5
    second = 4.0 * x * x - 625.0 * y * y + 2.0 * y - 1.0
    third = 20.0 * z + exp(0.0 - x * y) + (10.0 * math.pi - 3.0) / 3.0
    return 0.5 * (first * first + second * second + third * third)


@surface(
    "two_two_two",
    facts={
        "dimension": 8,
        "start": [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55],
        "minimum": None,
    },
)
def two_two_two(w):
    """½ Σ (target − output)² of a 2-2-2 network of logistic units on one row, its biases held fixed."""
    first = sigmoid(0.05 * w[0] + 0.10 * w[1] + 0.35)
    second = sigmoid(0.05 * w[2] + 0.10 * w[3] + 0.35)
    low = 0.01 - sigmoid(w[4] * first + w[5] * second + 0.60)
    high = 0.99 - sigmoid(w[6] * first + w[7] * second + 0.60)
    return 0.5 * (low * low + high * high)


@surface(
    "product",
    facts={"dimension": 2, "start": [3.0, 0.34], "minimum": (0.0, [1.0, 1.0])},
)
def product(w):
    """½ (uv − 1)²: a network of one linear unit after another; every point of uv = 1 is a minimum."""
    u, v = w
    return 0.5 * (u * v - 1.0) * (u * v - 1.0)
