"""Scalars that record arithmetic: run a formula once on them and they hold it as a graph.

Equal subexpressions are one node, so what a formula and its derivative share is computed once.
"""

from __future__ import annotations

from typing import Any, Container, Dict, Iterable, List, Optional, Tuple, Union

from gdbench.descent.errors import GdbenchError

Operand = Union["Expression", float, int]


class TraceError(GdbenchError):
    """A formula did something with a traced value that cannot be recorded."""


class Trace:
    """One recording: every node in the order of its making, arguments before results."""

    def __init__(self) -> None:
        self.nodes: List[Expression] = []
        self._known: Dict[Tuple[Any, ...], Expression] = {}

    def variable(self, name: str) -> Expression:
        """An input, called `name` in the printed function."""
        return self._node("variable", (), name)

    def variables(self, prefix: str, count: int) -> List[Expression]:
        """prefix0, prefix1, …"""
        return [self.variable(f"{prefix}{i}") for i in range(count)]

    def constant(self, value: float) -> Expression:
        # the key is the text, because 0.0 == -0.0 although they are different numbers
        return self._node("constant", (), repr(float(value)))

    def operation(self, name: str, *operands: Operand) -> Expression:
        """The node for `name` applied to operands; the same one when it exists already."""
        arguments = tuple([o if o.__class__ is Expression else self.lift(o) for o in operands])
        same = _without_effect(name, arguments)
        return self._node(name, arguments, None) if same is None else same

    def lift(self, operand: Operand) -> Expression:
        if isinstance(operand, Expression):
            return operand
        if isinstance(operand, (int, float)):
            return self.constant(operand)
        raise TraceError(
            f"a traced formula met {type(operand).__name__} where a number was expected; "
            "use plain arithmetic and the functions of gdbench.descent.functions."
        )

    def _node(self, operation: str, arguments: Tuple[Expression, ...], label: Any) -> Expression:
        key = (operation, label, *[a.index for a in arguments])
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Expression(self, operation, arguments, label, len(self.nodes))
            self.nodes.append(known)
        return known


class Expression:
    """A recorded scalar: an operation on earlier ones, a variable, or a constant (`label` its text)."""

    __slots__ = ("arguments", "index", "label", "operation", "trace")

    def __init__(
        self, trace: Trace, operation: str, arguments: Tuple[Expression, ...], label: Any, index: int
    ) -> None:
        self.trace = trace
        self.operation = operation
        self.arguments = arguments
        self.label = label
        self.index = index

    def is_constant(self, value: float) -> bool:
        return self.operation == "constant" and float(self.label) == value

    def __add__(self, other: Operand) -> Expression:
        return self.trace.operation("add", self, other)

    def __radd__(self, other: Operand) -> Expression:
        return self.trace.operation("add", other, self)

    def __sub__(self, other: Operand) -> Expression:
        return self.trace.operation("subtract", self, other)

    def __rsub__(self, other: Operand) -> Expression:
        return self.trace.operation("subtract", other, self)

    def __mul__(self, other: Operand) -> Expression:
        return self.trace.operation("multiply", self, other)

    def __rmul__(self, other: Operand) -> Expression:
        return self.trace.operation("multiply", other, self)

    def __truediv__(self, other: Operand) -> Expression:
        return self.trace.operation("divide", self, other)

    def __rtruediv__(self, other: Operand) -> Expression:
        return self.trace.operation("divide", other, self)

    def __neg__(self) -> Expression:
        return self.trace.operation("negate", self)

    def __pos__(self) -> Expression:
        return self

    def __abs__(self) -> Expression:
        return self.trace.operation("absolute", self)

    def __pow__(self, exponent: object) -> Expression:
        """Whole powers by repeated multiplication: `pow` rounds differently from one libm to the next."""
        if not isinstance(exponent, int) or isinstance(exponent, bool) or exponent < 1:
            raise TraceError(f"a traced power needs a whole exponent of 1 or more, not {exponent!r}.")
        power = self
        for _ in range(exponent - 1):
            power = power * self
        return power

    def __lt__(self, other: Operand) -> Expression:
        return self.trace.operation("less", self, other)

    def __gt__(self, other: Operand) -> Expression:
        return self.trace.operation("less", other, self)

    def __eq__(self, other: object) -> bool:
        raise TraceError(
            "a formula compares a traced value by == or !=, which says nothing about numbers near it: "
            "use where(a < b, …, …) with a margin, or give the rows another column."
        )

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TraceError(
            "a formula branches on a traced value (if, and, or, max, min): "
            "use where(condition, then, otherwise), maximum or minimum instead."
        )

    def __float__(self) -> float:
        raise TraceError(
            "a formula turns a traced value into a plain number (float(), math.*, NumPy): "
            "use the functions of gdbench.descent.functions instead."
        )

    __int__ = __float__


def _without_effect(name: str, arguments: Tuple[Expression, ...]) -> Optional[Expression]:
    """What 1·x, x·1, x/1 and x − 0 leave: x, bit for bit. (x + 0 is not among them: −0 + 0 = 0.)"""
    if len(arguments) != 2:
        return None
    left, right = arguments
    if right.operation == "constant":
        if name == "subtract":
            return left if right.label == "0.0" else None
        if right.label == "1.0" and name in ("multiply", "divide"):
            return left
    return right if name == "multiply" and left.operation == "constant" and left.label == "1.0" else None


def needed(outputs: Iterable[Expression], given: Container[int] = ()) -> List[Expression]:
    """The nodes that the outputs rest on, arguments before results; `given` ones (by index) rest on nothing."""
    found: Dict[int, Expression] = {}
    waiting = list(outputs)
    while waiting:
        node = waiting.pop()
        if node.index not in found:
            found[node.index] = node
            if node.index not in given:
                waiting.extend(node.arguments)
    return [found[index] for index in sorted(found)]
