"""From expressions to Python statements: shared nodes get a variable, the others stand in place."""

from __future__ import annotations

import sys
from typing import Callable, Container, Dict, List, Mapping, NamedTuple, Sequence, Set, Tuple

from gdbench.descent.kernels.expression import Expression, needed
from gdbench.descent.kernels.operations import ATOM, OPERATIONS, PRODUCT, SIGN, SUM

#: Operations in one printed expression: beyond that, deep nesting strains Python's own compiler.
LONGEST = 40

_REPEATING = frozenset(name for name, operation in OPERATIONS.items() if operation.repeats)

#: (Python text, its binding strength, the operations in it).
Text = Tuple[str, int, int]


class Statement(NamedTuple):
    """The lines that give `names` the values of `nodes`."""

    nodes: Sequence[Expression]
    names: Sequence[str]
    lines: Sequence[str]


class Printed(NamedTuple):
    """Statements before the loop over rows, statements inside it, and a text for each output."""

    before: List[Statement]
    inside: List[Statement]
    outputs: List[Text]

    @property
    def lines(self) -> Tuple[List[str], List[str]]:
        """(before the loop, inside it)."""
        before, inside = ([line for s in part for line in s.lines] for part in (self.before, self.inside))
        return before, inside


class Printer:
    """Prints what depends on the row inside the loop over rows, and all else once before it.

    given: what the names hold that the loop already gives a value, by the index of the node.
    branches: softplus and sigmoid of one number become an `if` statement of several lines.
    """

    def __init__(
        self,
        parameters: Sequence[Expression],
        given: Mapping[int, str] | None = None,
        *,
        branches: bool = False,
    ) -> None:
        self.parameters = [node.label for node in parameters]
        self.given = given or {}
        self.branches = branches

    def adding(self, sums: Sequence[str], outputs: Sequence[Expression]) -> Tuple[List[str], List[str]]:
        """Lines (before the loop, inside it): assignments, then `sum += output` for each output.

        A sum that is named several times gets its outputs in one statement, from left to right.
        """
        printed = self.printed(outputs)
        shares: Dict[str, List[Text]] = {}
        for total, text in zip(sums, printed.outputs):
            shares.setdefault(total, []).append(text)
        before, inside = printed.lines
        return before, inside + [_adding(total, parts) for total, parts in shares.items()]

    def printed(self, outputs: Sequence[Expression]) -> Printed:
        """Assignments, and the texts of the outputs that rest on them."""
        nodes = needed(outputs, self.given)
        varying = _varying(nodes, self.parameters, self.given)
        kept = _kept(nodes, outputs, varying)
        groups = branching(nodes, outputs, varying) if self.branches else {}
        before: List[Statement] = []
        inside: List[Statement] = []
        texts: Dict[int, Text] = {index: (name, ATOM, 0) for index, name in self.given.items()}
        count = 0
        for node in nodes:
            index = node.index
            if index in texts:
                continue
            if index in groups:
                group = groups[index]
                names = [f"t{count + i}" for i in range(len(group))]
                lines = branches(group, names, lambda e: _enclosed(texts[e.index], PRODUCT + 1))
                statement = Statement([part.node for part in group], names, lines)
            else:
                text = texts[index] = _text(node, texts)
                if index not in kept and text[2] <= LONGEST:
                    continue
                statement = Statement([node], [f"t{count}"], [f"t{count} = {text[0]}"])
            (inside if index in varying else before).append(statement)
            texts.update({n.index: (name, ATOM, 0) for n, name in zip(statement.nodes, statement.names)})
            count += len(statement.names)
        return Printed(before, inside, [texts[output.index] for output in outputs])


def written(expression: Expression, names: Mapping[str, str]) -> str:
    """The whole expression as one text. names: of its variables → what is written for them."""
    texts: Dict[int, Text] = {}
    for node in needed([expression]):
        if node.operation == "variable":
            name = names.get(node.label, node.label)
            texts[node.index] = name, SIGN if name[0] == "-" else ATOM, 0
        else:
            texts[node.index] = _text(node, texts)
    return texts[expression.index][0]


def _varying(nodes: Sequence[Expression], parameters: Sequence[str], given: Mapping[int, str]) -> Set[int]:
    """The nodes that change from row to row."""
    constant = set(parameters)
    varying: Set[int] = set()
    for node in nodes:
        if node.index in given:
            varying.add(node.index)
        elif node.operation == "variable":
            if node.label not in constant:
                varying.add(node.index)
        elif not varying.isdisjoint(node.inputs):
            varying.add(node.index)
    return varying


def _kept(nodes: Sequence[Expression], outputs: Sequence[Expression], varying: Set[int]) -> Set[int]:
    """The nodes worth a variable: used twice, repeated in the text, or constant inside the loop."""
    used: Set[int] = set()
    kept: Set[int] = set()
    for output in outputs:
        (kept if output.index in used else used).add(output.index)
    for node in nodes:
        repeats, changes = node.operation in _REPEATING, node.index in varying
        for i in node.inputs:
            if i in used or repeats or (changes and i not in varying):
                kept.add(i)
            used.add(i)
    return {node.index for node in nodes if node.arguments and node.index in kept}


def _text(node: Expression, texts: Mapping[int, Text]) -> Text:
    if not node.arguments:
        # a negative literal binds like a sign: -1.0 * x is fine, but 2.0 - -1.0 must stay readable
        return node.label, SIGN if node.label[0] == "-" else ATOM, 0
    operation = OPERATIONS[node.operation]
    binding = operation.binding
    if operation.infix:
        # left to right: the left side keeps its parentheses only when weaker, the right side also when
        # equal, because a + (b + c) and (a + b) + c round differently
        left, right = texts[node.inputs[0]], texts[node.inputs[1]]
        shown = f"{_enclosed(left, binding)} {operation.infix} {_enclosed(right, binding + 1)}"
        return shown, binding, 1 + left[2] + right[2]
    weakest, length, parts = SIGN if binding == SIGN else SUM, 1, []
    for i in node.inputs:
        part = texts[i]
        parts.append(_enclosed(part, weakest))
        length += part[2]
    return operation.text.format(*parts), binding, length


def _adding(total: str, parts: Sequence[Text]) -> str:
    if len(parts) == 1:
        return f"{total} += {parts[0][0]}"
    return f"{total} = " + " + ".join([total, *(_enclosed(part, SUM + 1) for part in parts)])


def _enclosed(part: Text, weakest: int) -> str:
    """The text, in parentheses where it binds less than `weakest`."""
    text, binding, _ = part
    return text if binding >= weakest else f"({text})"


# --- softplus and sigmoid of one number z in the two branches of one `if`, as one would write them by hand


#: Operation → its text before the question, for z > 0, and otherwise; {z} is z, {t} is t, {own} its name.
_APART = {
    "exp": ("", "exp(-{z})", "exp({z})"),
    "softplus": ("", "log1p({t}) + {z}", "log1p({t})"),
    "sigmoid": ("", "1.0 / (1.0 + {t})", "{t} / (1.0 + {t})"),
}
#: The same bits, a tenth faster under PyPy, which compiles each branch on its own to the end of the loop.
_TOGETHER = {
    "exp": ("exp(-abs({z}))", "", ""),
    "softplus": ("log1p({t})", "{own} + {z}", ""),
    "sigmoid": _APART["sigmoid"],
}
_SIDES = _TOGETHER if sys.implementation.name == "pypy" else _APART


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
    for side, (question, margin) in enumerate((("", ""), (f"if {z} > 0.0:", "    "), ("else:", "    "))):
        asked = [question] if question else []
        for (_, operation, by), name in zip(group, names):
            text = _SIDES[operation][side].format(z=z, t=names[0], own=name)
            if text:
                lines += [*asked, f"{margin}{name} = {text}{'' if by is None else f' * {text_of(by)}'}"]
                asked = []
    return lines
