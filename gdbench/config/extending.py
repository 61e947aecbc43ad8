"""`extends: base.yaml`: a config that says only what differs from another one.

The base's keys are kept where the config does not give its own; the axes of `grid`, and the keys of
`tracking` and `report`, one by one. Every value remembers the file that it stands in. What `--set` gives
beside the config wins over all of them: `grid.learning_rate=[0.1, 0.2]` replaces or adds that key.
"""

from __future__ import annotations

from dataclasses import replace
from os.path import realpath
from typing import TYPE_CHECKING, NamedTuple

from gdbench.config.yaml.document import is_merge, read_mapping
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.config.yaml.nodes import ListNode, MappingNode, Node, ScalarNode, compose
from gdbench.config.yaml.places import ConfigText, Spot
from gdbench.config.yaml.reading import checked, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

KEY = "extends"

_MERGED = ("grid", "tracking", "report")
_LONGEST_CHAIN = 10


class Whole(NamedTuple):
    """A config with all that it extends. texts: its own, then its base's, and so on."""

    root: MappingNode
    texts: tuple[ConfigText, ...]


def read_whole(path: Path, above: Sequence[Path] = ()) -> Whole:
    """Read a config and its bases; raises `ConfigError`. above: the configs that extend this one."""
    return whole_of(read_text(path), path, above)


def whole_of(text: ConfigText, path: Path, above: Sequence[Path] = ()) -> Whole:
    """The same of a text that has been read. path: where it stands, which the paths in it begin at."""
    root = read_mapping(text)
    found = next(((key, value) for key, value in root.pairs if is_named(key, KEY)), None)
    if found is None:
        return Whole(root, (text,))
    value = found[1]
    base = _base(value, path, (*above, path))
    own = replace(root, pairs=tuple(pair for pair in root.pairs if not is_named(pair[0], KEY)))
    return Whole(merged(own, base.root), (text, *base.texts))


def _base(value: Node, path: Path, chain: Sequence[Path]) -> Whole:
    if not isinstance(value, ScalarNode) or not value.text:
        raise value.spot.error("'extends' takes the path of one config, for example extends: base.yaml.")
    base = path.parent / value.text
    known, found = [realpath(other) for other in chain], _real(base)
    if found in known:
        circle = " → ".join([str(other) for other in chain[known.index(found) :]] + [str(base)])
        raise value.spot.error(f"'extends' goes round in a circle: {circle}. Remove one of them.")
    if len(chain) >= _LONGEST_CHAIN:
        raise value.spot.error(f"'extends' reaches over more than {_LONGEST_CHAIN} files. Merge some of them.")
    try:
        return read_whole(base, chain)
    except ConfigError as error:
        raise _placed(error, value.spot) from None


def _real(path: Path) -> str:
    """Where a path leads, "" where it cannot lead anywhere; links that go round lead to themselves."""
    try:
        return realpath(path)
    except ValueError:  # of a NUL
        return ""


def _placed(error: ConfigError, spot: Spot) -> ConfigError:
    """A file that cannot be read has no lines to point at: the line that names it is to blame."""
    return ConfigError(
        mistake if mistake.line else spot.mistake(f"{mistake.path}: {mistake.message}")
        for mistake in error.mistakes
    )


def merged(own: MappingNode, base: MappingNode) -> MappingNode:
    """The base's pairs behind those of the config, without those that it replaces."""
    names = set(_names(own))
    pairs = [
        (key, _within(key, value, base))
        if isinstance(key, ScalarNode) and key.text in _MERGED
        else (key, value)
        for key, value in own.pairs
    ]
    kept = [pair for pair in base.pairs if is_merge(pair[0]) or _text(pair[0]) not in names]
    return replace(own, pairs=(*pairs, *kept))


def _within(key: ScalarNode, value: Node, base: MappingNode) -> Node:
    below = next((inner for other, inner in base.pairs if is_named(other, key.text)), None)
    if isinstance(value, MappingNode) and isinstance(below, MappingNode):
        return merged(value, below)
    return value


def _names(node: MappingNode) -> Iterator[str]:
    """The keys of a mapping, those merged into it by `<<` as well."""
    for key, value in node.pairs:
        if is_merge(key):
            for source in value.items if isinstance(value, ListNode) else (value,):
                yield from _names(source) if isinstance(source, MappingNode) else ()
        elif (text := _text(key)) is not None:
            yield text


def _text(node: Node) -> str | None:
    return node.text if isinstance(node, ScalarNode) else None


def is_named(node: Node, key: str) -> bool:
    """Whether a node is this key, as a text."""
    return _text(node) == key and not is_merge(node)


_ORIGIN = "--set"


def apply_overrides(root: MappingNode, overrides: Iterable[str]) -> MappingNode:
    """The config's nodes with the overrides grafted in, the last winning; raises `ConfigError`."""
    for override in overrides:
        root = _graft_one(root, override)
    return root


def _graft_one(root: MappingNode, override: str) -> MappingNode:
    dotted, equals, _ = override.partition("=")
    keys = dotted.strip().split(".")
    text = checked(ConfigText(_ORIGIN, override, skip=len(dotted) + len(equals)))
    if not equals or not all(keys):
        raise Spot(text, 0).error(f"'{override}' is no setting. Write it as grid.learning_rate='[0.1, 0.2]'.")
    if keys[0] == KEY:
        raise Spot(text, 0).error("'extends' cannot be set from the shell. Write it into the config.")
    value = compose(text) or ScalarNode(Spot(text, text.skip), None)
    return _graft(root, keys, value, Spot(text, 0))


def _graft(node: Node, keys: Sequence[str], value: Node, spot: Spot) -> MappingNode:
    if not isinstance(node, MappingNode):
        raise spot.error(f"'{keys[0]}' would be a key of something that is not a mapping. Set the whole of it.")
    old = next((old for key, old in node.pairs if is_named(key, keys[0])), None)
    if len(keys) > 1:
        value = _graft(old or MappingNode(spot, None), keys[1:], value, spot)
    if old is None:
        return replace(node, pairs=(*node.pairs, (ScalarNode(spot, None, text=keys[0], plain=False), value)))
    return replace(node, pairs=tuple((k, value if is_named(k, keys[0]) else v) for k, v in node.pairs))
