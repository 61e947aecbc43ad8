"""One YAML document as plain values, each with its place; whatever YAML can do beyond that is refused.

Which plain words are numbers, booleans or null is as in YAML 1.2's core schema. PyYAML follows YAML 1.1, where
`1e-3` is text, `on` is true, `010` is eight and `1:30` is ninety.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdbench.config.yaml.nodes import ListNode, MappingNode, Node, ScalarNode, compose
from gdbench.config.yaml.places import ConfigPath, ConfigText, Mistakes, Places, Spot
from gdbench.descent.domains import show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Scalar = None | bool | int | float | str

_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], float("nan")),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")

_MOST_DIGITS = 400  # beyond every float, and well below the length from which Python refuses to convert


def read_scalar(text: str) -> Scalar:
    """The value of a plain (unquoted) scalar; raises ValueError for a number too long to be meant."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text) or _OTHER_BASE.fullmatch(text):
        if len(text) > _MOST_DIGITS:
            raise ValueError(f"a whole number of {len(text)} digits is too long; write {_MOST_DIGITS} at most.")
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITY.fullmatch(text):
        return float(text.replace(".", ""))
    return text


_YAML = "tag:yaml.org,2002:"
_TAGS = {f"{_YAML}null": type(None), f"{_YAML}bool": bool, f"{_YAML}int": int, f"{_YAML}float": float}

Entries = dict[str, tuple[Node, Node]]


@dataclass(frozen=True)
class Document:
    """A config's keys and values, plain, and where they stand."""

    value: Mapping[str, object]
    places: Places


def read_mapping(text: ConfigText) -> MappingNode:
    """The root node of a text, which must be a mapping; raises `ConfigError`."""
    root = compose(text)
    if isinstance(root, MappingNode):
        return root
    if root is None or (isinstance(root, ScalarNode) and root.plain and not root.text):
        raise Spot(text, 0).error("the config is empty; it needs at least name, data and grid.")
    kind = "a list" if isinstance(root, ListNode) else "a single value"
    raise root.spot.error(f"a config is a mapping with keys such as name, data and grid, not {kind}.")


def plain_document(root: MappingNode) -> Document:
    """Plain values and places from nodes; raises `ConfigError` with all that is wrong."""
    mistakes = Mistakes(Places(root.spot))
    value = _Builder(mistakes).mapping(root, ())
    mistakes.raise_any()
    return Document(value, mistakes.places)


class _Builder:
    """Walks the nodes once, filling in the places and collecting mistakes."""

    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes

    def mapping(self, node: MappingNode, path: ConfigPath) -> dict[str, object]:
        self._expect_tag(node, "map")
        return {
            key: self._value(value, (*path, key), key_node.spot)
            for key, (key_node, value) in self._entries(node).items()
        }

    def _value(self, node: Node, path: ConfigPath, key: Spot | None = None) -> object:
        self._mistakes.places.put(path, node.spot, key)
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        assert isinstance(node, ListNode)
        self._expect_tag(node, "seq")
        return [self._value(item, (*path, i)) for i, item in enumerate(node.items)]

    def _entries(self, node: MappingNode) -> Entries:
        """Keys with their nodes. Those written here win over those merged in by `<<`."""
        own: Entries = {}
        merged: Entries = {}
        for key_node, value in node.pairs:
            if is_merge(key_node):
                for source in self._merged(value):
                    for name, entry in self._entries(source).items():
                        merged.setdefault(name, entry)  # the first of several sources wins
            elif (key := self._key(key_node)) is not None:
                if key in own:
                    line = own[key][0].spot.mistake("").line
                    self._refuse(key_node, f"the key '{key}' is there already, on line {line}. Keep one.")
                own[key] = (key_node, value)
        return {**merged, **own}

    def _merged(self, value: Node) -> Iterator[MappingNode]:
        for node in value.items if isinstance(value, ListNode) else (value,):
            if isinstance(node, MappingNode):
                yield node
            else:
                self._refuse(
                    node, "'<<' merges a mapping, or a list of them; this is neither. Write <<: *name."
                )

    def _key(self, node: Node) -> str | None:
        key = self._scalar(node) if isinstance(node, ScalarNode) else None
        if isinstance(key, str):
            return key
        what = show(key) if isinstance(node, ScalarNode) else "a list or a mapping"
        self._refuse(node, f"a key must be text, not {what}. Quote it if it is meant as such.")
        return None

    def _scalar(self, node: ScalarNode) -> Scalar:
        """The value, or None and the mistakes say why."""
        tag = node.tag
        if tag == f"{_YAML}str" or (tag in (None, "!") and not node.plain):
            return node.text
        if tag not in {None, "!", *_TAGS}:
            self._unknown_tag(node)
            return None
        try:
            value = read_scalar(node.text)
        except ValueError as error:
            self._refuse(node, str(error))
            return None
        if tag in _TAGS and not isinstance(value, _TAGS[tag]):
            self._refuse(node, f"'{node.text}' is not what its tag {_written(tag)} says. Remove the tag.")
            return None
        return value

    def _expect_tag(self, node: Node, kind: str) -> None:
        if node.tag not in (None, "!", f"{_YAML}{kind}"):
            self._unknown_tag(node)

    def _unknown_tag(self, node: Node) -> None:
        self._refuse(node, f"the tag {_written(node.tag)} is not allowed: a config is plain YAML. Remove it.")

    def _refuse(self, node: Node, message: str) -> None:
        self._mistakes.all.append(node.spot.mistake(message))


def is_merge(node: Node) -> bool:
    """Whether a key is the `<<` that merges a mapping in."""
    return (
        isinstance(node, ScalarNode)
        and node.plain
        and node.text == "<<"
        and node.tag in (None, f"{_YAML}merge")
    )


def _written(tag: str | None) -> str:
    """A tag as one writes it: !!python/name rather than tag:yaml.org,2002:python/name."""
    return str(tag).replace(_YAML, "!!")
