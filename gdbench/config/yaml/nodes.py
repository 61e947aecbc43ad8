"""YAML text to a tree of nodes that remember their places, within bounds set before anything is walked.

The tree is built from the parser's events rather than by PyYAML's composer: that one recurses without
a limit, and it cannot tell how much its aliases expand to until somebody walks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from gdbench.config.yaml.mistakes import ConfigError
from gdbench.config.yaml.places import ConfigText, Spot
from gdbench.config.yaml.syntax import explain

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_NODES = 20_000  # twice what the longest axis needs, with each alias counted as what it stands for
_DEEPEST = 50

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser is 15 times faster


@dataclass(frozen=True, eq=False)
class Node:
    """size: nodes in it, aliases expanded.  height: levels in it."""

    spot: Spot
    tag: str | None
    size: int = 1
    height: int = 1


@dataclass(frozen=True, eq=False)
class ScalarNode(Node):
    text: str = ""
    plain: bool = True


@dataclass(frozen=True, eq=False)
class ListNode(Node):
    items: tuple[Node, ...] = ()


@dataclass(frozen=True, eq=False)
class MappingNode(Node):
    pairs: tuple[tuple[Node, Node], ...] = ()


def compose(text: ConfigText) -> Node | None:
    """The tree of the only document in a text, or None where there is nothing; raises `ConfigError`."""
    padded = " " * text.skip + text.text[text.skip :]
    try:
        return _Composer(text, yaml.parse(padded, Loader=_Loader)).document()
    except yaml.MarkedYAMLError as error:
        index, message = explain(error, padded)
        raise ConfigError([text.mistake(index, message)]) from None


class _Composer:
    """One pass over the parser's events; `_open` and `_used` keep it within its bounds."""

    def __init__(self, text: ConfigText, events: Iterator[Any]) -> None:
        self._text, self._events = text, events
        self._anchors: dict[str, Node | None] = {}
        self._used = 0

    def document(self) -> Node | None:
        node = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if node:
                    self._refuse(event, "a second document begins here; a config is one. Remove the '---'.")
                node = self._node(next(self._events), depth=1)
        return node

    def _node(self, event: Any, depth: int) -> Node:
        node = self._alias(event) if isinstance(event, yaml.AliasEvent) else self._fresh(event, depth)
        if depth + node.height - 1 > _DEEPEST:
            self._refuse(event, f"this is nested more than {_DEEPEST} levels deep; a config needs about five.")
        return node

    def _alias(self, event: Any) -> Node:
        if event.anchor not in self._anchors:
            self._refuse(
                event, f"no anchor is called '&{event.anchor}' above this line. Define it, or quote the '*'."
            )
        node = self._anchors[event.anchor]
        if node is None:
            self._refuse(
                event, f"the alias '*{event.anchor}' stands within what it stands for, without end. Remove it."
            )
        self._count(event, node.size)
        return node

    def _fresh(self, event: Any, depth: int) -> Node:
        self._count(event, 1)
        if event.anchor:
            self._anchors[event.anchor] = None  # known, and not yet complete
        node = self._read(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _read(self, event: Any, depth: int) -> Node:
        spot = Spot(self._text, event.start_mark.index)
        if isinstance(event, yaml.ScalarEvent):
            return ScalarNode(spot, event.tag, text=event.value, plain=not event.style)
        if depth > _DEEPEST:
            return Node(spot, event.tag)  # refused by the caller before it is looked into
        children = self._children(depth)
        size = 1 + sum(child.size for child in children)
        height = 1 + max((child.height for child in children), default=0)
        if isinstance(event, yaml.SequenceStartEvent):
            return ListNode(spot, event.tag, size, height, tuple(children))
        pairs = tuple(zip(children[::2], children[1::2], strict=True))
        return MappingNode(spot, event.tag, size, height, pairs)

    def _children(self, depth: int) -> list[Node]:
        children = []
        while not isinstance(event := next(self._events), yaml.CollectionEndEvent):
            children.append(self._node(event, depth + 1))
        return children

    def _count(self, event: Any, nodes: int) -> None:
        self._used += nodes
        if self._used > _MOST_NODES:
            self._refuse(
                event, f"the config grows beyond {_MOST_NODES:,} values here, aliases counted in full."
            )

    def _refuse(self, event: Any, message: str) -> NoReturn:
        raise Spot(self._text, event.start_mark.index).error(message)
