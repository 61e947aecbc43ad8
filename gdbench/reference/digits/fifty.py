"""A mean cost and its gradient in decimals of fifty digits, from the definition that the kernels compile."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cached_property
from operator import mul
from typing import Any, NamedTuple

from gdbench.descent.costs import COSTS
from gdbench.descent.kernels.differentiate import gradient_of
from gdbench.descent.kernels.expression import Expression, Trace, needed
from gdbench.descent.registry import Choice, find
from gdbench.reference.digits.gram import apart, side_by_side
from gdbench.reference.solvers.exact import ExactRows

#: A branch of a formula that is not taken may be any number, so nothing is trapped.
FIFTY = Context(prec=50, Emin=-999_999_999, Emax=999_999_999, traps=[])

#: Parameters are held to so many binary places beyond those that the rows have, and slopes below the largest.
PLACES = 200

_LOG_2 = Decimal(2).ln(FIFTY)


class At(NamedTuple):
    """cost: f there.  gradient: ∇f, one list for each output."""

    cost: Decimal
    gradient: list[list[Decimal]]

    @property
    def finite(self) -> bool:
        return self.cost.is_finite() and all(g.is_finite() for row in self.gradient for g in row)


#: Parameters as whole numbers, one list for each output: w_kj = point_kj · scale_j / 2^bits.
Point = list[list[int]]


@dataclass(frozen=True)
class Fifty:
    """The mean of a cost of scores over exact rows, with penalties l1·|w| + ½ l2·w² column by column.

    To be used within `localcontext(FIFTY)`.
    """

    design: ExactRows
    cost: Choice
    targets: Sequence[Sequence[float]]
    l1: Sequence[float]
    l2: Sequence[float]

    @property
    def outputs(self) -> int:
        return len(self.targets[0])

    def point(self, w: Sequence[Sequence[float | Decimal]]) -> Point:
        """The parameters in whole numbers."""
        return [[self._whole(w_j, s) for w_j, s in zip(row, self.design.scales, strict=True)] for row in w]

    def moved(self, point: Point, step: Sequence[Sequence[float]]) -> Point:
        """The point less a step."""
        return [
            [u - d for u, d in zip(*rows, strict=True)] for rows in zip(point, self.point(step), strict=True)
        ]

    def _whole(self, w: float | Decimal, scale: int) -> int:
        """w · 2^bits / scale, to the nearest below."""
        numerator, denominator = w.as_integer_ratio()
        return (numerator << self.bits) // (denominator * scale)

    @cached_property
    def bits(self) -> int:
        return PLACES + max(scale.bit_length() for scale in self.design.scales)

    @cached_property
    def _unit(self) -> Decimal:
        return Decimal(2) ** -self.bits

    def parameters(self, point: Point) -> list[list[Decimal]]:
        scales = [scale * self._unit for scale in self.design.scales]
        return [[u * s for u, s in zip(row, scales, strict=True)] for row in point]

    def at(self, point: Point) -> At:
        n, w = len(self.targets), self.parameters(point)
        values, slopes = self._rows(self._scores(point))
        cost = sum(values, Decimal(0)) / n
        gradient = self._moments(slopes)
        for k, row in enumerate(w):
            for j, (w_j, l1, l2) in enumerate(zip(row, self.l1, self.l2, strict=True)):
                if l1 or l2:
                    cost += Decimal(l1) * abs(w_j) + Decimal(l2) * w_j * w_j / 2
                    gradient[k][j] += Decimal(l1) * _sign(w_j) + Decimal(l2) * w_j
        return At(cost, gradient)

    def _scores(self, point: Point) -> list[list[Decimal]]:
        """One list for each output; the outputs' parameters stand side by side in one integer."""
        if len(point) == 1:
            return [[sum(map(mul, row, point[0])) * self._unit for row in self.design.rows]]
        room = self._room(max(abs(u).bit_length() for row in point for u in row), len(self.design.scales))
        packed = side_by_side(point, room)
        sums = (apart(sum(map(mul, row, packed)), room, len(point)) for row in self.design.rows)
        return [[score * self._unit for score in scores] for scores in zip(*sums, strict=True)]

    def _rows(self, scores: list[list[Decimal]]) -> tuple[list[Decimal], list[list[Decimal]]]:
        """The value of each row, and the slopes of all rows, one list for each output."""
        values, slopes = [], []
        for z, y in zip(zip(*scores, strict=True), self.targets, strict=True):
            value, *slope = self._formula(z, y)
            values.append(value)
            slopes.append(slope)
        return values, [list(column) for column in zip(*slopes, strict=True)]

    def _moments(self, slopes: list[list[Decimal]]) -> list[list[Decimal]]:
        """(1/n) Σᵢ slopeᵢ · xᵢ for each output."""
        n = len(self.targets)
        largest = max(abs(s) for column in slopes for s in column)
        if not largest.is_finite():
            return [[largest for _ in self.design.scales] for _ in slopes]
        up = Decimal(2) ** (PLACES - (10 * largest.adjusted()) // 3)  # log₂ 10 is a little above 10/3
        wholes = [[int(s * up) for s in column] for column in slopes]
        room = self._room(max(abs(s).bit_length() for column in wholes for s in column), n)
        packed = side_by_side(wholes, room)
        moments = []
        for column, scale in zip(zip(*self.design.rows, strict=True), self.design.scales, strict=True):
            sums = apart(sum(map(mul, column, packed)), room, len(slopes))
            moments.append([s / (up * scale * n) for s in map(Decimal, sums)])
        return [list(output) for output in zip(*moments, strict=True)]

    def _room(self, bits: int, terms: int) -> int:
        return bits + self._longest + terms.bit_length() + 1

    @cached_property
    def _longest(self) -> int:
        return max(abs(value).bit_length() for row in self.design.rows for value in row)

    @cached_property
    def _formula(self) -> Callable[[Sequence[Decimal], Sequence[float]], list[Decimal]]:
        """(scores, targets) of a row → its value and its slopes."""
        entry, parameters = find(COSTS, self.cost)
        trace, many = Trace(), self.outputs > 1
        z, y = (trace.variables(name, self.outputs) for name in "zy")
        value = trace.lift(entry.function(z if many else z[0], y if many else y[0], **parameters))
        return _program([value, *gradient_of(value, z)])


def _program(outputs: list[Expression]) -> Callable[[Sequence[Decimal], Sequence[float]], list[Decimal]]:
    nodes = needed(outputs)
    constants = {n.index: Decimal(float(n.label)) for n in nodes if n.operation == "constant"}
    steps = [(n.index, OPERATIONS[n.operation], n.inputs) for n in nodes if n.operation in OPERATIONS]
    inputs = {n.label: n.index for n in nodes if n.operation == "variable"}
    wanted = [output.index for output in outputs]

    def evaluate(z: Sequence[Decimal], y: Sequence[float]) -> list[Decimal]:
        values: dict[int, Any] = dict(constants)
        for name, given in (("z", z), ("y", map(Decimal, y))):
            for k, value in enumerate(given):
                if f"{name}{k}" in inputs:
                    values[inputs[f"{name}{k}"]] = value
        for index, operation, arguments in steps:
            values[index] = operation(*[values[i] for i in arguments])
        return [values[i] for i in wanted]

    return evaluate


def traceable(cost: Choice, outputs: int) -> bool:
    """Whether fifty digits know every operation of it."""
    entry, parameters = find(COSTS, cost)
    trace, many = Trace(), outputs > 1
    z, y = (trace.variables(name, outputs) for name in "zy")
    value = trace.lift(entry.function(z if many else z[0], y if many else y[0], **parameters))
    leaves = ("variable", "constant")
    return all(
        n.operation in OPERATIONS or n.operation in leaves for n in needed([value, *gradient_of(value, z)])
    )


def _sign(w: Decimal) -> int:
    return (w > 0) - (w < 0)


def _log1p(t: Decimal) -> Decimal:
    if abs(t) < Decimal("1e-12"):
        # 1 + t would lose t's digits
        return t * (1 - t * (Decimal(1) / 2 - t * (Decimal(1) / 3 - t * (Decimal(1) / 4 - t / 5))))
    return (1 + t).ln()


def _tanh(x: Decimal) -> Decimal:
    t = (-2 * abs(x)).exp()
    return ((1 - t) / (1 + t)).copy_sign(x)


#: What the primitive operations of a trace are for decimals; sines and arcs, which no convex cost has, are not.
OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "negate": operator.neg,
    "exp": Decimal.exp,
    "log": Decimal.ln,
    "log1p": _log1p,
    "sqrt": Decimal.sqrt,
    "tanh": _tanh,
    "absolute": abs,
    "less": operator.lt,
    "where": lambda condition, x, y: x if condition else y,
    "maximum": lambda x, y: max(y, x),
    "hold": lambda x: x,
    "softplus": lambda z, t: _log1p(t) + (max(0, z)),
    "sigmoid": lambda z, t: (t if z < 0 else 1) / (1 + t),
    "log_cosh": lambda r, t: abs(r) + _log1p(t) - _LOG_2,
}
