"""Elementary functions for formulas: the same name works on floats, complex numbers and traced scalars.

Piecewise ones look at the real part of a complex number, so that the complex step differentiates the
branch that the real number takes.
"""

from __future__ import annotations

import cmath
import math
from typing import Any, Callable, Protocol, Sequence, TypeVar, Union

from gdbench.descent.kernels.expression import Expression

LOG_2 = 0.6931471805599453

T = TypeVar("T")
#: A formula gives what its parameters are: a plain number of the same kind, or a traced one.
Number = TypeVar("Number", float, complex)
S = TypeVar("S", bound="Scalar")


class Scalar(Protocol):
    """What a formula calculates with: a float, a complex number or a traced `Expression`.

    It cannot be compared, because complex numbers cannot and traced ones have no value yet: write
    `where(below(x, y), …, …)`. Each kind takes its own kind and plain numbers for `other`.
    """

    def __add__(self, other: Any, /) -> Scalar: ...
    def __radd__(self, other: Any, /) -> Scalar: ...
    def __sub__(self, other: Any, /) -> Scalar: ...
    def __rsub__(self, other: Any, /) -> Scalar: ...
    def __mul__(self, other: Any, /) -> Scalar: ...
    def __rmul__(self, other: Any, /) -> Scalar: ...
    def __truediv__(self, other: Any, /) -> Scalar: ...
    def __rtruediv__(self, other: Any, /) -> Scalar: ...
    def __pow__(self, exponent: int, /) -> Scalar: ...
    def __neg__(self) -> Scalar: ...
    def __pos__(self) -> Scalar: ...
    def __abs__(self) -> Scalar: ...


#: What `where` asks: decided for numbers, recorded for traced scalars.
Condition = Union[bool, Expression]

Function = Callable[[Scalar], Scalar]


def _elementary(name: str, real: Callable[[Any], float], complex_: Callable[[complex], complex]) -> Function:
    def function(x: Scalar) -> Scalar:
        if isinstance(x, Expression):
            return x.trace.operation(name, x)
        return complex_(x) if isinstance(x, complex) else real(x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name} of a float, a complex number or a traced scalar."
    return function


exp = _elementary("exp", math.exp, cmath.exp)
log = _elementary("log", math.log, cmath.log)
sqrt = _elementary("sqrt", math.sqrt, cmath.sqrt)
sin = _elementary("sin", math.sin, cmath.sin)
cos = _elementary("cos", math.cos, cmath.cos)
tanh = _elementary("tanh", math.tanh, cmath.tanh)
atan = _elementary("atan", math.atan, cmath.atan)
# the complex step's imaginary part is below rounding, where log(1 + z) = log1p(x) + i·y/(1 + x) exactly
log1p = _elementary("log1p", math.log1p, lambda z: complex(math.log1p(z.real), z.imag / (1.0 + z.real)))


def identity(x: T) -> T:
    """x itself."""
    return x


def below(x: Scalar, y: Scalar) -> Condition:
    """x < y, as a condition for `where`; of complex numbers the real parts are compared."""
    condition: Condition = _real(x) < _real(y)
    return condition


def hold(x: Scalar) -> Scalar:
    """x, taken for a constant: no slope flows through it."""
    if isinstance(x, Expression):
        return x.trace.operation("hold", x)
    return x.real if isinstance(x, complex) else x


def absolute(x: Scalar) -> Scalar:
    """|x|; its slope at 0 is 0."""
    if isinstance(x, complex):
        return -x if x.real < 0.0 else x
    return abs(x)


def where(condition: Condition, then: Scalar, otherwise: Scalar) -> Scalar:
    """`then` where the condition holds, else `otherwise`: the branch that a traced formula may take."""
    if isinstance(condition, Expression):
        return condition.trace.operation("where", condition, then, otherwise)
    return then if condition else otherwise


def maximum(x: Scalar, y: Scalar) -> Scalar:
    """The larger of two; at a tie each gets half of the slope."""
    for operand in (x, y):
        if isinstance(operand, Expression):
            return operand.trace.operation("maximum", x, y)
    return x if _real(x) > _real(y) else y


def minimum(x: Scalar, y: Scalar) -> Scalar:
    """The smaller of two; at a tie each gets half of the slope."""
    return -maximum(-x, -y)


def dot(w: Sequence[Scalar], x: Sequence[Scalar]) -> Scalar:
    """Σ wⱼxⱼ over the entries of x, from left to right; w may be longer (a bias at its end)."""
    total = w[0] * x[0]
    for j in range(1, len(x)):
        total = total + w[j] * x[j]
    return total


def softplus(z: Scalar) -> Scalar:
    """log(1 + eᶻ) = log1p(t) + max(z, 0) with t = e^−|z|: the plain form overflows from z ≈ 710 on."""
    t = exp(-absolute(z))
    if isinstance(z, Expression):
        return z.trace.operation("softplus", z, t)
    # ≥ and not >: at 0 the complex step then sees 1 − ½, the slope of the smooth function
    return log1p(t) + (z if _real(z) >= 0.0 else 0.0)


def sigmoid(z: Scalar) -> Scalar:
    """1 / (1 + e⁻ᶻ) = (1 or t) / (1 + t) with t = e^−|z|: the plain form overflows below z ≈ −710."""
    t = exp(-absolute(z))
    if isinstance(z, Expression):
        return z.trace.operation("sigmoid", z, t)
    return (t if _real(z) < 0.0 else 1.0) / (1.0 + t)


def log_sum_exp(z: Sequence[Scalar]) -> Scalar:
    """log Σ e^(zₖ) = m + log Σ e^(zₖ − m) with m = max zₖ: the plain form overflows from zₖ ≈ 710 on.

    m cancels out, so it is held: the slopes are then e^(zₖ − m) / Σ, each between 0 and 1.
    """
    largest = z[0]
    for z_k in z[1:]:
        largest = maximum(largest, z_k)
    largest = hold(largest)
    total = exp(z[0] - largest)
    for z_k in z[1:]:
        total = total + exp(z_k - largest)
    return log(total) + largest


def log_cosh(r: Scalar) -> Scalar:
    """log cosh r = |r| + log1p(t) − log 2 with t = e^(−2|r|): cosh overflows from |r| ≈ 710 on."""
    t = exp(-2.0 * absolute(r))
    if isinstance(r, Expression):
        return r.trace.operation("log_cosh", r, t)
    return absolute(r) + log1p(t) - LOG_2


def _real(x: Scalar) -> Any:
    return x.real if isinstance(x, complex) else x
