"""Formulas of one variable with their derivatives in closed form: oracles for differentiation."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from gdbench.descent.functions import (
    absolute,
    exp,
    log,
    log1p,
    maximum,
    minimum,
    sigmoid,
    softplus,
    sqrt,
    where,
)


class Formula(NamedTuple):
    name: str
    value: Callable[[Any], Any]
    slope: Callable[[float], float]
    low: float = -3.0
    high: float = 3.0


def _sigma(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


FORMULAS = [
    Formula("sum and difference", lambda x: 3.0 + x - (1.0 - x), lambda x: 2.0),
    Formula("cube", lambda x: x * x * x, lambda x: 3.0 * x * x),
    Formula("fourth power", lambda x: (x * x) * (x * x), lambda x: 4.0 * x * x * x),
    Formula(
        "quotient", lambda x: (x + 1.0) / (x * x + 2.0), lambda x: (2.0 - 2.0 * x - x * x) / (x * x + 2.0) ** 2
    ),
    Formula("reciprocal", lambda x: 1.0 / x, lambda x: -1.0 / (x * x), 0.1, 3.0),
    Formula("negation", lambda x: -x * 2.0, lambda x: -2.0),
    Formula("exp", lambda x: exp(2.0 * x), lambda x: 2.0 * math.exp(2.0 * x)),
    Formula("log", log, lambda x: 1.0 / x, 0.1, 3.0),
    Formula("log1p", lambda x: log1p(x * x), lambda x: 2.0 * x / (1.0 + x * x)),
    Formula("sqrt", sqrt, lambda x: 0.5 / math.sqrt(x), 0.1, 3.0),
    Formula("absolute", absolute, lambda x: math.copysign(1.0, x), 0.1, 3.0),
    Formula("absolute, left", absolute, lambda x: math.copysign(1.0, x), -3.0, -0.1),
    Formula("maximum", lambda x: maximum(x * x, x), lambda x: 1.0, 0.1, 0.9),
    Formula("minimum", lambda x: minimum(x * x, x), lambda x: 2.0 * x, 0.1, 0.9),
    Formula("where", lambda x: where(x > 1.0, x * x, 5.0 * x), lambda x: 5.0, -3.0, 0.9),
    Formula("softplus", softplus, _sigma),
    Formula("sigmoid", sigmoid, lambda x: _sigma(x) * (1.0 - _sigma(x))),
    Formula(
        "composition",
        lambda x: exp(-absolute(x * x - 9.5)) * x,
        lambda x: math.exp(x * x - 9.5) * (1 + 2 * x * x),
    ),
]
