"""From expressions to Python statements: shared nodes get a variable, the others stand in place."""

from __future__ import annotations

from collections import Counter
from typing import Dict, List, Sequence, Set, Tuple

from gdbench.descent.expression import Expression, needed
from gdbench.descent.operations import ATOM, OPERATIONS, REPEATING, SIGN, SUM

_INFIX = ("add", "subtract", "multiply", "divide")

#: Operations in one printed expression: beyond that, deep nesting strains Python's own compiler.
LONGEST = 40


class Printer:
    """Prints what depends on the row inside the loop over rows, and all else once before it."""

    def __init__(self, parameters: Sequence[Expression]) -> None:
        self.parameters = [node.label for node in parameters]

    def statements(self, sums: Sequence[str], outputs: Sequence[Expression]) -> Tuple[List[str], List[str]]:
        """(before the loop, inside it): assignments, then `sum += output` for each output.

        A sum that is named several times gets its outputs in one statement, from left to right.
        """
        nodes = needed(outputs)
        varying = _varying(nodes, set(self.parameters))
        kept = _kept(nodes, outputs, varying)
        before: List[str] = []
        inside: List[str] = []
        texts: Dict[int, Tuple[str, int, int]] = {}
        for node in nodes:
            text, binding, length = _text(node, texts)
            if node.index in kept or length > LONGEST:
                name = f"t{len(before) + len(inside)}"
                (inside if node.index in varying else before).append(f"{name} = {text}")
                text, binding, length = name, ATOM, 0
            texts[node.index] = (text, binding, length)
        shares: Dict[str, List[Tuple[str, int, int]]] = {}
        for total, output in zip(sums, outputs):
            shares.setdefault(total, []).append(texts[output.index])
        return before, inside + [_adding(total, parts) for total, parts in shares.items()]


def _varying(nodes: Sequence[Expression], constant: Set[str]) -> Set[int]:
    """The nodes that change from row to row."""
    found: Set[int] = set()
    for node in nodes:
        is_row_variable = node.operation == "variable" and node.label not in constant
        if is_row_variable or any(a.index in found for a in node.arguments):
            found.add(node.index)
    return found


def _kept(nodes: Sequence[Expression], outputs: Sequence[Expression], varying: Set[int]) -> Set[int]:
    """The nodes worth a variable: used twice, repeated in the text, or constant inside the loop."""
    uses = Counter(a.index for node in nodes for a in node.arguments)
    uses.update(output.index for output in outputs)
    kept = {node.index for node in nodes if uses[node.index] > 1}
    for node in nodes:
        if node.operation in REPEATING:
            kept.update(a.index for a in node.arguments)
        if node.index in varying:
            kept.update(a.index for a in node.arguments if a.index not in varying)
    return {node.index for node in nodes if node.index in kept and node.arguments}


def _text(node: Expression, texts: Dict[int, Tuple[str, int, int]]) -> Tuple[str, int, int]:
    """(Python text, its binding strength, the operations in it)."""
    if not node.arguments:
        # a negative literal binds like a sign: -1.0 * x is fine, but 2.0 - -1.0 must stay readable
        return str(node.label), SIGN if str(node.label).startswith("-") else ATOM, 0
    operation = OPERATIONS[node.operation]
    parts = [texts[argument.index] for argument in node.arguments]
    if node.operation in _INFIX:
        # left to right: the left side keeps its parentheses only when weaker, the right side also when
        # equal, because a + (b + c) and (a + b) + c round differently
        left, right = parts
        shown = [_enclosed(left, operation.binding), _enclosed(right, operation.binding + 1)]
    else:
        shown = [_enclosed(part, SIGN if operation.binding == SIGN else SUM) for part in parts]
    return operation.text.format(*shown), operation.binding, 1 + sum(part[2] for part in parts)


def _adding(total: str, parts: Sequence[Tuple[str, int, int]]) -> str:
    if len(parts) == 1:
        return f"{total} += {parts[0][0]}"
    return f"{total} = " + " + ".join([total, *(_enclosed(part, SUM + 1) for part in parts)])


def _enclosed(part: Tuple[str, int, int], weakest: int) -> str:
    text, binding, _ = part
    return text if binding >= weakest else f"({text})"
