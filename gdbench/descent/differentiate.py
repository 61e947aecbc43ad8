"""Reverse-mode differentiation of a recorded expression: the gradient, as expressions of its own.

Walk the graph from the cost to the variables; at each node hand the slope on to the arguments
(the chain rule), adding up where several paths meet (Linnainmaa 1970; Griewank & Walther 2008).
"""

from __future__ import annotations

from typing import Dict, List, Sequence

from gdbench.descent.expression import Expression, needed
from gdbench.descent.operations import OPERATIONS


def gradient_of(cost: Expression, variables: Sequence[Expression]) -> List[Expression]:
    """[∂cost/∂v for v in variables], simplified only where no bit can change."""
    trace = cost.trace
    nodes = needed([cost])
    active = {v.index for v in variables}
    for node in nodes:
        if any(argument.index in active for argument in node.arguments):
            active.add(node.index)
    slopes: Dict[int, Expression] = {cost.index: trace.constant(1.0)}
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
