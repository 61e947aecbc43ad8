"""The primitive operations, each beside its derivative and its Python text.

`pull` takes the result, the cost's slope with respect to it (the adjoint a = ∂f/∂result), and the
arguments; it gives the arguments' shares of that slope. None stands for "no slope flows here".
"""

from __future__ import annotations

from typing import Callable, Dict, NamedTuple, Optional, Tuple

from gdbench.descent.kernels.expression import Expression

Shares = Tuple[Optional[Expression], ...]

#: Binding strength of the printed text: what binds less than its surroundings is put in parentheses.
SUM, PRODUCT, SIGN, ATOM = 1, 2, 3, 4


class Operation(NamedTuple):
    """text: format of the Python expression, {0} {1} … its arguments; binding: its outer strength.

    infix: of two arguments, the sign between them.  repeats: whether the text names an argument more than
    once, which is then kept in a variable.  asks: whether its value hangs on a question (an `if`).
    harmless: whether it raises nothing, whatever the numbers are, and may be done before it is asked for.
    """

    text: str
    binding: int
    pull: Callable[..., Shares]
    infix: str = ""
    repeats: bool = False
    asks: bool = False
    harmless: bool = False


def _step(x: Expression, at: float) -> Expression:
    """1 for x > 0, 0 for x < 0, `at` for x = 0."""
    where = x.trace.operation
    return where("where", x > 0.0, 1.0, where("where", x < 0.0, 0.0, at))


def _sign(x: Expression) -> Expression:
    """sgn x, with 0 at 0: the subgradient of |x| of least norm."""
    where = x.trace.operation
    return where("where", x > 0.0, 1.0, where("where", x < 0.0, -1.0, 0.0))


def _choose(condition: Expression, then: Expression | float, otherwise: Expression | float) -> Expression:
    return condition.trace.operation("where", condition, then, otherwise)


def _pull_maximum(out: Expression, a: Expression, x: Expression, y: Expression) -> Shares:
    """Each gets its slope where it is the larger; at a tie both get half (as torch.maximum)."""
    share = _step(x - y, 0.5)
    return a * share, a * (1.0 - share)


OPERATIONS: Dict[str, Operation] = {
    "add": Operation("{0} + {1}", SUM, lambda out, a, x, y: (a, a), infix="+", harmless=True),
    "subtract": Operation("{0} - {1}", SUM, lambda out, a, x, y: (a, -a), infix="-", harmless=True),
    "multiply": Operation("{0} * {1}", PRODUCT, lambda out, a, x, y: (a * y, a * x), infix="*", harmless=True),
    "divide": Operation("{0} / {1}", PRODUCT, lambda out, a, x, y: (a / y, -(a * out) / y), infix="/"),
    "negate": Operation("-{0}", SIGN, lambda out, a, x: (-a,), harmless=True),
    "exp": Operation("exp({0})", ATOM, lambda out, a, x: (a * out,)),
    "log": Operation("log({0})", ATOM, lambda out, a, x: (a / x,)),
    "log1p": Operation("log1p({0})", ATOM, lambda out, a, x: (a / (1.0 + x),)),
    "sqrt": Operation("sqrt({0})", ATOM, lambda out, a, x: (a / (out + out),)),
    "sin": Operation("sin({0})", ATOM, lambda out, a, x: (a * x.trace.operation("cos", x),)),
    "cos": Operation("cos({0})", ATOM, lambda out, a, x: (-(a * x.trace.operation("sin", x)),)),
    "tanh": Operation("tanh({0})", ATOM, lambda out, a, x: (a * (1.0 - out * out),)),
    "atan": Operation("atan({0})", ATOM, lambda out, a, x: (a / (1.0 + x * x),)),
    "absolute": Operation("abs({0})", ATOM, lambda out, a, x: (a * _sign(x),), harmless=True),
    # t = e^−|z| stands beside z so that value and slope share it; the slope flows through z alone
    "softplus": Operation(
        "log1p({1}) + ({0} if {0} > 0.0 else 0.0)",
        SUM,
        lambda out, a, z, t: (a * z.trace.operation("sigmoid", z, t), None),
        repeats=True,
        asks=True,
    ),
    "log_cosh": Operation(
        "abs({0}) + log1p({1}) - 0.6931471805599453",
        SUM,
        lambda out, a, r, t: (a * r.trace.operation("tanh", r), None),
        repeats=True,
    ),
    "sigmoid": Operation(
        "({1} if {0} < 0.0 else 1.0) / (1.0 + {1})",
        PRODUCT,
        lambda out, a, z, t: (a * (out * (1.0 - out)), None),
        repeats=True,
        asks=True,
    ),
    "maximum": Operation(
        "({0} if {0} > {1} else {1})", ATOM, _pull_maximum, repeats=True, asks=True, harmless=True
    ),
    "where": Operation(
        "({1} if {0} else {2})",
        ATOM,
        lambda out, a, c, x, y: (None, _choose(c, a, 0.0), _choose(c, 0.0, a)),
        asks=True,
        harmless=True,
    ),
    # kept like what repeats: nothing is gained by it, but the printed function stays as it was
    "hold": Operation("{0}", ATOM, lambda out, a, x: (None,), repeats=True, harmless=True),
    "less": Operation("({0} < {1})", ATOM, lambda out, a, x, y: (None, None), harmless=True),
}
