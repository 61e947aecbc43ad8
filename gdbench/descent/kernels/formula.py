"""A model written as text, such as `b1 * (1 - exp(-b2 * x))`: read by `ast`, checked, and never evaluated.

The text becomes a tree of closures once; they work on floats, complex numbers and traced scalars alike.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import unicodedata
import warnings
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, NoReturn, Sequence, Tuple, Union

from gdbench.descent import functions
from gdbench.descent.errors import BadParameter, near_names, nearest
from gdbench.descent.functions import Scalar

Value = Callable[[Sequence[Scalar], Sequence[Scalar]], Scalar]
Part = Union[float, Value]
#: On one or two scalars; floats give a float.
Operation = Callable[..., Any]

#: Limits that no formula for people reaches; they keep reading and tracing quick.
LONGEST, MOST_NODES, DEEPEST, HIGHEST_POWER = 2000, 200, 50, 32

_SPACE = re.compile(r"\s")
_BEYOND = re.compile(r"[^\w\s.+\-*/()]")
_ALLOWED = (
    "Allowed are names, numbers, pi, + - * / **, parentheses, and the functions "
    "exp, log, sqrt, sin, cos, tan, atan, tanh, abs."
)

_UNREADABLE = f"this cannot be read; is an operator missing, such as *? {_ALLOWED}"


@dataclass(frozen=True)
class Formula:
    """A formula of parameters and variables.

    parameters: the names that are neither variables nor functions, in natural order (b1, b2, b10).
    """

    text: str
    variables: Tuple[str, ...]
    parameters: Tuple[str, ...]
    value: Value = field(compare=False, repr=False)

    def evaluate(self, w: Sequence[Scalar], x: Sequence[Scalar]) -> Scalar:
        """The value at parameters w and variables x, each in the order of its names."""
        return self.value(w, x)


def parse_formula(text: str, variables: Sequence[str]) -> Formula:
    """The formula that a text holds; raises `BadParameter` with the column of what is not allowed.

    text: an expression in Python's syntax, ≤ 200 nodes.  variables: what the data gives; a variable
    hides a function or constant of its name.  A whole power is a repeated multiplication, any other is
    x^y = exp(y · log x), defined for x > 0.
    """
    tree = _parse(text)
    known = {unicodedata.normalize("NFKC", name): i for i, name in enumerate(variables)}
    reader = _Reader(text, known, _parameters(tree, known))
    value = reader.read(tree)
    if not reader.parameters or isinstance(value, float):
        _refuse(text, 0, "a model needs a parameter to fit, such as b1, and this formula has none.")
    return Formula(text, tuple(variables), tuple(reader.parameters), value)


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _refuse(text: str, offset: int, complaint: str) -> NoReturn:
    shown = " ".join(_shown(text).split())
    shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
    raise BadParameter("expression", f"formula '{shown}', column {offset + 1}: {complaint}") from None


# --- text to tree, with its size checked first


def _parse(text: str) -> ast.expr:
    _check_text(text)
    # in parentheses, so that a formula may be folded over several lines of YAML and be indented
    line = f"({_SPACE.sub(' ', text)})"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(line, mode="eval").body
    except SyntaxError as error:
        _refuse(text, max(error.offset or 0, 2) - 2, _UNREADABLE)
    except (ValueError, MemoryError, RecursionError):
        _refuse(text, 0, _UNREADABLE)
    count = len([node for node in ast.walk(tree) if isinstance(node, ast.expr)])
    if count > MOST_NODES:
        _refuse(text, 0, f"it has {count} parts; {MOST_NODES} are allowed at most.")
    return tree


def _check_text(text: str) -> None:
    if not text.strip():
        _refuse(text, 0, "it is empty; expected one such as b1 * x + b2.")
    if len(text) > LONGEST:
        _refuse(text, LONGEST, f"it has {len(text)} characters; {LONGEST} are allowed at most.")
    strange = _BEYOND.search(text)
    if strange:
        hint = {"^": "Write ** for a power. ", "[": "Write ( and ). "}.get(strange.group(), "")
        _refuse(text, strange.start(), f"'{_shown(strange.group())}' is not allowed. {hint}{_ALLOWED}")
    _check_parentheses(text)


def _check_parentheses(text: str) -> None:
    opened: List[int] = []
    for i, character in enumerate(text):
        if character == "(":
            opened.append(i)
        elif character == ")" and not opened:
            _refuse(text, i, "this ) closes nothing; remove it or open one before.")
        elif character == ")":
            opened.pop()
        if len(opened) > DEEPEST:
            _refuse(text, i, f"parentheses may be nested {DEEPEST} deep at most.")
    if opened:
        _refuse(text, opened[-1], "this ( is never closed; write the ) that belongs to it.")


def _parameters(tree: ast.expr, variables: Dict[str, int]) -> List[str]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called}
    return sorted(names - set(variables) - set(FUNCTIONS) - set(_CONSTANTS), key=_natural)


def _natural(name: str) -> List[Tuple[int, int, str]]:
    """b2 before b10: runs of digits compare as numbers."""
    return [(1, int(p), p) if p[0] in "0123456789" else (2, 0, p) for p in re.findall(r"[0-9]+|[^0-9]+", name)]


# --- tree to closures


def _tan(z: Scalar) -> Scalar:
    """tan z = sin z / cos z."""
    return functions.sin(z) / functions.cos(z)


FUNCTIONS: Dict[str, functions.Function] = {
    "exp": functions.exp,
    "log": functions.log,
    "sqrt": functions.sqrt,
    "sin": functions.sin,
    "cos": functions.cos,
    "tan": _tan,
    "atan": functions.atan,
    "arctan": functions.atan,
    "tanh": functions.tanh,
    "abs": functions.absolute,
}
_CONSTANTS = {"pi": math.pi}
_BINARY: Dict[type, Operation] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_UNARY: Dict[type, Operation] = {ast.USub: operator.neg, ast.UAdd: operator.pos}


class _Reader:
    """Reads each kind of node; what is constant becomes a float at once, and must have a value."""

    def __init__(self, text: str, variables: Dict[str, int], parameters: List[str]) -> None:
        self.text, self.variables, self.parameters = text, variables, parameters

    def read(self, node: ast.expr) -> Part:
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return self._constant(node, float, [node.value])
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
            return self._join(node, _UNARY[type(node.op)], self.read(node.operand))
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            return self._binary(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            return self._power(node, self.read(node.left), self.read(node.right))
        if isinstance(node, ast.Call):
            return self._call(node)
        return self._refuse(node, f"{_KINDS.get(type(node), 'this')} is not allowed. {_ALLOWED}")

    def _name(self, node: ast.Name) -> Part:
        if node.id in self.variables:
            i = self.variables[node.id]
            return lambda w, x: x[i]
        if node.id in FUNCTIONS:
            return self._refuse(
                node, f"{node.id} is a function; write {node.id}(…) with what it is applied to."
            )
        if node.id in _CONSTANTS:
            return _CONSTANTS[node.id]
        j = self.parameters.index(node.id)
        return lambda w, x: w[j]

    def _binary(self, node: ast.BinOp) -> Part:
        left, right = self.read(node.left), self.read(node.right)
        if isinstance(node.op, ast.Div) and right == 0.0:
            return self._refuse(node.right, "this divides by zero.")
        return self._join(node, _BINARY[type(node.op)], left, right)

    def _power(self, node: ast.BinOp, base: Part, exponent: Part) -> Part:
        if not isinstance(exponent, float) or exponent != math.floor(exponent):
            logarithm = self._join(node.left, functions.log, base)
            return self._join(node, functions.exp, self._join(node, operator.mul, exponent, logarithm))
        times = int(exponent)
        if abs(times) > HIGHEST_POWER:
            return self._refuse(node.right, f"a whole power may be from -{HIGHEST_POWER} to {HIGHEST_POWER}.")
        return self._join(node, lambda z: _whole_power(z, times), base)

    def _call(self, node: ast.Call) -> Part:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name is None:
            return self._refuse(node, f"only a function's name may stand before parentheses. {_ALLOWED}")
        if name not in FUNCTIONS:
            product = "" if near_names(name, FUNCTIONS) else f" For a product write {name} * (…)."
            return self._refuse(node, f"no function is called '{name}'. {nearest(name, FUNCTIONS)}{product}")
        if len(node.args) != 1 or node.keywords:
            return self._refuse(node, f"{name} takes one number in parentheses.")
        return self._join(node, FUNCTIONS[name], self.read(node.args[0]))

    def _join(self, node: ast.expr, function: Operation, *parts: Part) -> Part:
        """function(parts), at once where they are all numbers."""
        numbers = [part for part in parts if isinstance(part, float)]
        if len(numbers) == len(parts):
            return self._constant(node, function, numbers)
        first, *others = (_always(part) if isinstance(part, float) else part for part in parts)
        if not others:
            return lambda w, x: function(first(w, x))
        second = others[0]
        return lambda w, x: function(first(w, x), second(w, x))

    def _constant(self, node: ast.expr, function: Operation, numbers: Sequence[object]) -> float:
        try:
            value: float = function(*numbers)
        except (ArithmeticError, ValueError):
            value = math.nan
        return value if math.isfinite(value) else self._refuse(node, "this has no finite value.")

    def _refuse(self, node: ast.expr, complaint: str) -> NoReturn:
        # ast counts bytes from the parenthesis that was put in front
        before = _SPACE.sub(" ", self.text).encode()[: max(node.col_offset - 1, 0)]
        _refuse(self.text, len(before.decode(errors="ignore")), complaint)


_KINDS: Dict[type, str] = {
    ast.Attribute: "a dot after a name",
    ast.Constant: "this constant",
    ast.BinOp: "this operator",
    ast.UnaryOp: "this operator",
    ast.BoolOp: "'and' or 'or'",
    ast.IfExp: "'if'",
    ast.Compare: "a comparison",
    ast.Tuple: "an empty pair of parentheses",
    ast.GeneratorExp: "'for'",
}


def _always(number: float) -> Value:
    return lambda w, x: number


def _whole_power(z: Scalar, times: int) -> Scalar:
    """zᵏ by repeated multiplication, from the left; z⁰ = 1, z⁻ᵏ = 1 / zᵏ."""
    if times == 0:
        return 1.0
    power = z
    for _ in range(abs(times) - 1):
        power = power * z
    return power if times > 0 else 1.0 / power
