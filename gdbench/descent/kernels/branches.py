"""softplus and sigmoid of one number z in the two branches of one `if`, as one would write them by hand.

In place each would ask for the sign of z, and t = e^−|z| would call abs. The bits are the same.
"""

from __future__ import annotations

from typing import Callable, Container, Dict, List, NamedTuple, Sequence

from gdbench.descent.kernels.expression import Expression

#: Operation → its text for z > 0, and otherwise; {z} is z and {t} is t.
_SIDES = {
    "exp": ("exp(-{z})", "exp({z})"),
    "softplus": ("log1p({t}) + {z}", "log1p({t})"),
    "sigmoid": ("1.0 / (1.0 + {t})", "{t} / (1.0 + {t})"),
}


class Part(NamedTuple):
    """What both branches give a value to: `node` is t, softplus or sigmoid, or a sigmoid times `by`."""

    node: Expression
    operation: str
    by: Expression | None = None


def branching(
    nodes: Sequence[Expression], outputs: Sequence[Expression], varying: Container[int]
) -> Dict[int, List[Part]]:
    """index of t → t, and what rests on z and t."""
    groups: Dict[int, List[Part]] = {}
    suited = [node for node in nodes if node.operation in ("softplus", "sigmoid")]
    users = _users(nodes, outputs) if suited else {}
    for node in suited:
        t = node.arguments[1]
        group = groups.setdefault(t.index, [Part(t, "exp")])
        product = t.index in varying and _product(node, users[node.index], before=t.index)
        group.append(product or Part(node, node.operation))
    return groups


def _users(nodes: Sequence[Expression], outputs: Sequence[Expression]) -> Dict[int, List[Expression]]:
    """index of a node → what it is an argument of; an output is its own user."""
    users: Dict[int, List[Expression]] = {output.index: [output] for output in outputs}
    for node in nodes:
        for argument in node.arguments:
            users.setdefault(argument.index, []).append(node)
    return users


def _product(node: Expression, users: Sequence[Expression], before: int) -> Part | None:
    """The product, if a sigmoid serves for nothing else and the other factor is there in time."""
    if node.operation == "sigmoid" and len(users) == 1 and users[0].operation == "multiply":
        left, right = users[0].arguments
        by = right if left is node else left
        return Part(users[0], node.operation, by) if by.index < before else None
    return None


def branches(group: Sequence[Part], names: Sequence[str], text_of: Callable[[Expression], str]) -> List[str]:
    """The `if` that gives the parts their names; text_of: of a node that stands before it."""
    lines, t = [], group[0].node
    z = text_of(t.arguments[0].arguments[0].arguments[0])  # t = exp(−|z|)
    for side, question in enumerate((f"if {z} > 0.0:", "else:")):
        lines.append(question)
        for (_, operation, by), name in zip(group, names):
            text = _SIDES[operation][side].format(z=z, t=names[0])
            lines.append(f"    {name} = {text}{'' if by is None else f' * {text_of(by)}'}")
    return lines
