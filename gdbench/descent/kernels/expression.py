"""Scalars that record arithmetic: run a formula once on them and they hold it as a graph.

Equal subexpressions are one node, so what a formula and its derivative share is computed once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Container, Dict, List, Optional, Sequence, Tuple, Union

from gdbench.descent.errors import GdbenchError
from gdbench.descent.limits import OPERATION_BYTES, OPERATIONS, as_bytes, too_much

Operand = Union["Expression", float, int]


class TraceError(GdbenchError):
    """A formula did something with a traced value that cannot be recorded."""


def _too_long() -> str:
    what, most = f"a function of more than {OPERATIONS:,} operations", f"{OPERATIONS:,}"
    remedy = "Take fewer features, a smaller model or fewer dimensions."
    return too_much(what, as_bytes(OPERATION_BYTES * OPERATIONS), most, remedy)


class Trace:
    """One recording: every node in the order of its making, arguments before results."""

    def __init__(self) -> None:
        self.nodes: List[Expression] = []
        self._known: Dict[str, Dict[object, Expression]] = defaultdict(dict)

    def variable(self, name: str) -> Expression:
        """An input, called `name` in the printed function."""
        return self._node("variable", (), (), name, name)

    def variables(self, prefix: str, count: int) -> List[Expression]:
        """prefix0, prefix1, …"""
        return [self.variable(f"{prefix}{i}") for i in range(count)]

    def constant(self, value: float) -> Expression:
        # the key is the text, because 0.0 == -0.0 although they are different numbers
        label = repr(float(value))
        return self._node("constant", (), (), label, label)

    def operation(self, name: str, *operands: object) -> Expression:
        """The node for `name` applied to operands; the same one when it exists already."""
        if len(operands) != 2:
            arguments = tuple([self.lift(o) for o in operands])
            inputs = tuple([a.index for a in arguments])
            return self._node(name, arguments, inputs, inputs if len(inputs) > 1 else inputs[0])
        left, right = operands
        if left.__class__ is not Expression:
            left = self.lift(left)
        if right.__class__ is not Expression:
            right = self.lift(right)
        same = _without_effect(name, left, right)
        if same is not None:
            return same
        # most have two, and a number is a key that a cold PyPy does not begin to compile a hash function for
        return self._node(name, (left, right), (left.index, right.index), left.index << 31 | right.index)

    def lift(self, operand: object) -> Expression:
        if isinstance(operand, Expression):
            return operand
        if isinstance(operand, (int, float)):
            return self.constant(operand)
        raise TraceError(
            f"a traced formula met {type(operand).__name__} where a number was expected; "
            "use plain arithmetic and the functions of gdbench.descent.functions."
        )

    def _node(
        self,
        operation: str,
        arguments: Tuple[Expression, ...],
        inputs: Tuple[int, ...],
        key: object,
        label: str = "",
    ) -> Expression:
        """key: what tells it from all other nodes of this operation."""
        known = self._known[operation]
        node = known.get(key)
        if node is None:
            if len(self.nodes) >= OPERATIONS:
                raise TraceError(_too_long())
            node = known[key] = Expression(self, operation, arguments, inputs, label)
            self.nodes.append(node)
        return node


class Expression:
    """A recorded scalar: an operation on earlier ones, a variable (`label` its name), or a constant (its text).

    inputs: the indices of its arguments.
    """

    __slots__ = ("arguments", "index", "inputs", "label", "operation", "trace")

    def __init__(
        self,
        trace: Trace,
        operation: str,
        arguments: Tuple[Expression, ...],
        inputs: Tuple[int, ...],
        label: str,
    ) -> None:
        self.trace = trace
        self.operation = operation
        self.arguments = arguments
        self.inputs = inputs
        self.label = label
        self.index = len(trace.nodes)

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


def _without_effect(name: str, left: Expression, right: Expression) -> Optional[Expression]:
    """What 1·x, x·1, x/1 and x − 0 leave: x, bit for bit. (x + 0 is not among them: −0 + 0 = 0.)"""
    if right.operation == "constant":
        if name == "subtract":
            return left if right.label == "0.0" else None
        if right.label == "1.0" and name in ("multiply", "divide"):
            return left
    return right if left.operation == "constant" and left.label == "1.0" and name == "multiply" else None


def needed(outputs: Sequence[Expression], given: Container[int] = ()) -> List[Expression]:
    """The nodes that the outputs rest on, arguments before results; `given` ones (by index) rest on nothing."""
    wanted = {output.index for output in outputs}
    nodes = []
    for node in reversed(outputs[0].trace.nodes if outputs else ()):
        if node.index in wanted:
            nodes.append(node)
            if node.index not in given:
                wanted.update(node.inputs)
    nodes.reverse()
    return nodes
