"""Reverse-mode differentiation of a recorded expression: the gradient, as expressions of its own.

Walk the graph from the cost to the variables; at each node hand the slope on to the arguments
(the chain rule), adding up where several paths meet (Linnainmaa 1970; Griewank & Walther 2008).
"""

from __future__ import annotations

import math
from typing import Dict, List, Optional, Sequence, Tuple

from gdbench.descent.kernels.expression import Expression, needed
from gdbench.descent.kernels.operations import OPERATIONS


def factored_gradient_of(cost: Expression, variables: Sequence[Expression]) -> Tuple[float, List[Expression]]:
    """(factor, slopes) with ∂cost/∂v = factor · slope; of c r² they are 2c and r ∂r/∂v.

    What adds up slopes over the rows can then multiply once at the end. The factor is a power of two, so
    that it changes no bit unless a slope is below 10⁻³⁰⁷ or above 10³⁰⁷, where doubling would overflow.
    """
    square = _square(cost)
    if square is None:
        return 1.0, gradient_of(cost, variables)
    c, r = square
    return 2.0 * c, gradient_of(r, variables, seed=r)


def _square(cost: Expression) -> Optional[Tuple[float, Expression]]:
    """(c, r) of r * r or c * r * r, if c is a power of two."""
    if cost.operation != "multiply":
        return None
    left, r = cost.arguments
    if left is r:
        return 1.0, r
    if left.operation == "multiply" and left.arguments[1] is r and left.arguments[0].operation == "constant":
        c = float(left.arguments[0].label)
        return (c, r) if math.frexp(c)[0] == 0.5 else None
    return None


def gradient_of(
    cost: Expression, variables: Sequence[Expression], seed: Optional[Expression] = None
) -> List[Expression]:
    """[∂cost/∂v for v in variables], simplified only where no bit can change.

    seed: what each is multiplied by, the slope of something with respect to the cost.
    """
    trace = cost.trace
    nodes = needed([cost])
    active = {v.index for v in variables}
    for node in nodes:
        if not active.isdisjoint(node.inputs):
            active.add(node.index)
    slopes: Dict[int, Expression] = {cost.index: trace.constant(1.0) if seed is None else seed}
    for node in reversed(nodes):
        if node.index not in slopes or not node.arguments:
            continue
        shares = OPERATIONS[node.operation].pull(node, slopes[node.index], *node.arguments)
        for argument, share in zip(node.arguments, shares):
            if share is not None and argument.index in active:
                slopes[argument.index] = _sum(slopes.get(argument.index), share)
    zero = trace.constant(0.0)
    return [slopes.get(v.index, zero) for v in variables]


def _sum(earlier: Expression | None, share: Expression) -> Expression:
    return share if earlier is None else earlier + share
