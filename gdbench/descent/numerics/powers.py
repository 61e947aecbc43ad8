"""Powers that round alike on every machine, and polynomials made of them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Dict, Mapping, Sequence, Tuple, Union


def whole_power(x: float, n: int) -> float:
    """xⁿ by repeated squaring (Knuth, The Art of Computer Programming 2, §4.6.3).

    n: ≥ 0. The relative error grows to about n · 10⁻¹⁶; what overflows is infinite.
    """
    result = 1.0
    while n:
        if n & 1:
            result *= x
        x, n = x * x, n >> 1
    return result


def power(x: float, y: float) -> float:
    """xʸ as the product of the roots x^(1/2), x^(1/4), … that y's binary fraction names.

    x: ≥ 0.  y: ≥ 0. The relative error of the fractional part is below 2 · 10⁻¹⁴.
    """
    result, root, rest = whole_power(x, int(y)), x, y - int(y)
    while rest > 0.0:
        root, rest = math.sqrt(root), 2.0 * rest
        if rest >= 1.0:
            result, rest = result * root, rest - 1.0
    return result


# --- Polynomials in named variables, with exact rational coefficients: what a basis makes of other units


#: A product of powers of variables: ((0, 2), (3, 1)) is x₀² x₃; () is 1.
Monomial = Tuple[Tuple[int, int], ...]

_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Polynomial:
    """Σ coefficient · monomial. It can be added, subtracted, multiplied, and divided by a number; no rounding.

    A basis is evaluated on it like on floats, so that one definition tells its terms and what becomes of them.
    What is no polynomial raises a TypeError: division by another, a root, a comparison.
    """

    def __init__(self, terms: Mapping[Monomial, Fraction]) -> None:
        self.terms: Dict[Monomial, Fraction] = {m: c for m, c in terms.items() if c}

    @classmethod
    def variable(cls, place: int, slope: float = 1.0, constant: float = 0.0) -> Polynomial:
        """slope · x + constant, of the variable at this place."""
        return cls({((place, 1),): Fraction(slope), (): Fraction(constant)})

    @classmethod
    def number(cls, value: float) -> Polynomial:
        return cls({(): Fraction(value)})

    def __add__(self, other: Operand) -> Polynomial:
        total = dict(self.terms)
        for monomial, coefficient in _terms(other).items():
            total[monomial] = total.get(monomial, Fraction(0)) + coefficient
        return Polynomial(total)

    def __mul__(self, other: Operand) -> Polynomial:
        product: Dict[Monomial, Fraction] = {}
        for first, a in self.terms.items():
            for second, b in _terms(other).items():
                both = _times(first, second)
                product[both] = product.get(both, Fraction(0)) + a * b
        return Polynomial(product)

    def __truediv__(self, other: Union[float, Fraction]) -> Polynomial:
        return self * (1 / Fraction(other))

    def __pow__(self, exponent: int) -> Polynomial:
        power = Polynomial.number(1.0)
        for _ in range(exponent):
            power = power * self
        return power

    def __neg__(self) -> Polynomial:
        return Polynomial({monomial: -coefficient for monomial, coefficient in self.terms.items()})

    def __pos__(self) -> Polynomial:
        return self

    def __sub__(self, other: Operand) -> Polynomial:
        return self + -1 * other

    def __rsub__(self, other: Operand) -> Polynomial:
        return -self + other

    __radd__, __rmul__ = __add__, __mul__

    def text(self, names: Sequence[str]) -> str:
        """The monomials joined by +, with a factor where it is not 1: 'area²', 'area·bedrooms'."""
        return " + ".join(
            written(monomial, names) if c == 1 else f"{float(c):g}·{written(monomial, names)}"
            for monomial, c in self.terms.items()
        )


Operand = Union[Polynomial, float, Fraction]


def written(monomial: Monomial, names: Sequence[str]) -> str:
    """'area²·bedrooms'; '' for the constant."""
    return "·".join(
        names[place] if power == 1 else f"{names[place]}{str(power).translate(_DIGITS)}"
        for place, power in monomial
    )


def _terms(value: Operand) -> Mapping[Monomial, Fraction]:
    return value.terms if isinstance(value, Polynomial) else {(): Fraction(value)}


def _times(first: Monomial, second: Monomial) -> Monomial:
    powers = dict(first)
    for place, power in second:
        powers[place] = powers.get(place, 0) + power
    return tuple(sorted(powers.items()))
