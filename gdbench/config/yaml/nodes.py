"""YAML text to a tree of nodes that remember their places, within bounds set before anything is walked.

The tree is built from the parser's events rather than by PyYAML's composer: that one recurses without
a limit, and it cannot tell how much its aliases expand to until somebody walks them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from gdbench.config.yaml.mistakes import ConfigError
from gdbench.config.yaml.places import ConfigText, Spot

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_NODES = 20_000  # twice what the longest axis needs, with each alias counted as what it stands for
_DEEPEST = 50

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser is 15 times faster

#: Where a value begins that is no alias.
_Begins = yaml.ScalarEvent | yaml.CollectionStartEvent


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
        index, message = _explained(error, padded)
        raise ConfigError([text.mistake(index, message)]) from None


class _Composer:
    """One pass over the parser's events; `_open` and `_used` keep it within its bounds."""

    def __init__(self, text: ConfigText, events: Iterator[yaml.Event]) -> None:
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

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            node = self._alias(event)
        else:
            assert isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent))
            node = self._fresh(event, depth)
        if depth + node.height - 1 > _DEEPEST:
            self._refuse(event, f"this is nested more than {_DEEPEST} levels deep; a config needs about five.")
        return node

    def _alias(self, event: yaml.AliasEvent) -> Node:
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

    def _fresh(self, event: _Begins, depth: int) -> Node:
        self._count(event, 1)
        if event.anchor:
            self._anchors[event.anchor] = None  # known, and not yet complete
        node = self._read(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _read(self, event: _Begins, depth: int) -> Node:
        spot = self._spot(event)
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

    def _count(self, event: yaml.Event, nodes: int) -> None:
        self._used += nodes
        if self._used > _MOST_NODES:
            self._refuse(
                event, f"the config grows beyond {_MOST_NODES:,} values here, aliases counted in full."
            )

    def _refuse(self, event: yaml.Event, message: str) -> NoReturn:
        raise self._spot(event).error(message)

    def _spot(self, event: yaml.Event) -> Spot:
        assert event.start_mark is not None
        return Spot(self._text, event.start_mark.index)


# --- what the parser complains of, in a user's words

# (what the parser says, what we say, with the remedy). The first that is found is taken: libyaml and PyYAML's
# own parser word some differently.
_WORDS = [
    (r"tab character|'\\t'", "a tab cannot indent YAML. Use spaces."),
    (r"nesting depth", "this is nested more than 50 levels deep; a config needs about five."),
    (r"mapping values are not allowed",
     "a ':' cannot stand here. Indent the line like its neighbours, or quote text that contains ': '."),
    (r"while scanning a (double-|single-)?quoted scalar.*unexpected end", "this quote is never closed."),
    (r"unknown escape|hexadecimal|escape code",
     "this is no escape sequence that YAML knows. Use single quotes for text with backslashes."),
    (r"could not find expected ':'", "the line before has no ':' after its key, or no '-' before its value."),
    (r"flow sequence.*expected ',' or '\]'", "this list lacks a ',' or its closing ']'."),
    (r"flow mapping.*expected ',' or '\}'", "this mapping lacks a ',' or its closing '}'."),
    (r"<document start>", "nothing may follow here: the document has ended."),
    (r"block (mapping|collection).*(expected key|expected '-'|<block end>)",
     "this does not fit what stands before it. Indent the line like its neighbours; look for a missing quote."),
    (r"node content", "a value is missing here, or a bracket or comma is too many. Add or remove one."),
    (r"scanning an (alias|anchor)",
     "'*' and '&' begin an alias or an anchor. Quote the text if it is meant as such."),
    (r"\btag\b", "'!' begins a tag, and this one is not complete. Quote the text if it is meant as such."),
    (r"incompatible YAML document|directive",
     "this is no directive that YAML knows. Remove the line that begins with '%'."),
    (r"cannot start any token", "text cannot begin with this character. Quote it."),
]  # fmt: skip

#: What was opened is the better place to look at than where its end was missed.
_OPENED = re.compile(r"quoted scalar|flow sequence|flow mapping")


def _explained(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    """(index of the character, sentence) for a text that is not YAML.

    The parser says what is wrong in words alone, so words are what is read here.
    """
    complaint = f"{error.context or ''} {error.problem or ''}"
    at = error.problem_mark.index if error.problem_mark else 0
    if _OPENED.search(complaint) and error.context_mark and not re.search("escape", complaint):
        return error.context_mark.index, _sentence(complaint)
    if "cannot start any token" in complaint and text[at : at + 1] == "\t":
        complaint = "tab character"
    return at, _sentence(complaint)


def _sentence(complaint: str) -> str:
    known = (sentence for pattern, sentence in _WORDS if re.search(pattern, complaint))
    return f"this is not YAML: {next(known, complaint.strip() + '.')}"
