"""From expressions to Python statements: shared nodes get a variable, the others stand in place."""

from __future__ import annotations

from typing import Dict, List, Sequence, Set, Tuple

from gdbench.descent.expression import Expression, needed
from gdbench.descent.operations import ATOM, OPERATIONS, REPEATING, SIGN, SUM

_INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}

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
        if node.operation == "variable":
            if node.label not in constant:
                found.add(node.index)
        else:
            for argument in node.arguments:
                if argument.index in found:
                    found.add(node.index)
                    break
    return found


def _kept(nodes: Sequence[Expression], outputs: Sequence[Expression], varying: Set[int]) -> Set[int]:
    """The nodes worth a variable: used twice, repeated in the text, or constant inside the loop."""
    used: Set[int] = set()
    kept: Set[int] = set()
    for output in outputs:
        (kept if output.index in used else used).add(output.index)
    for node in nodes:
        repeating, changes = node.operation in REPEATING, node.index in varying
        for argument in node.arguments:
            i = argument.index
            if i in used or repeating or (changes and i not in varying):
                kept.add(i)
            used.add(i)
    return {node.index for node in nodes if node.arguments and node.index in kept}


def _text(node: Expression, texts: Dict[int, Tuple[str, int, int]]) -> Tuple[str, int, int]:
    """(Python text, its binding strength, the operations in it)."""
    if not node.arguments:
        # a negative literal binds like a sign: -1.0 * x is fine, but 2.0 - -1.0 must stay readable
        label: str = node.label
        return label, SIGN if label[0] == "-" else ATOM, 0
    text, binding, _ = OPERATIONS[node.operation]
    if node.operation in _INFIX:
        # left to right: the left side keeps its parentheses only when weaker, the right side also when
        # equal, because a + (b + c) and (a + b) + c round differently
        left, right = texts[node.arguments[0].index], texts[node.arguments[1].index]
        shown = f"{_enclosed(left, binding)} {_INFIX[node.operation]} {_enclosed(right, binding + 1)}"
        return shown, binding, 1 + left[2] + right[2]
    weakest, length, parts = SIGN if binding == SIGN else SUM, 1, []
    for argument in node.arguments:
        part = texts[argument.index]
        parts.append(_enclosed(part, weakest))
        length += part[2]
    return text.format(*parts), binding, length


def _adding(total: str, parts: Sequence[Tuple[str, int, int]]) -> str:
    if len(parts) == 1:
        return f"{total} += {parts[0][0]}"
    return f"{total} = " + " + ".join([total, *(_enclosed(part, SUM + 1) for part in parts)])


def _enclosed(part: Tuple[str, int, int], weakest: int) -> str:
    text, binding, _ = part
    return text if binding >= weakest else f"({text})"
