"""Settings given beside the config: `grid.learning_rate=[0.1, 0.2]` replaces or adds that key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gdbench.config.extending import KEY as EXTENDS
from gdbench.config.extending import is_named
from gdbench.config.yaml.nodes import MappingNode, Node, ScalarNode, compose
from gdbench.config.yaml.places import ConfigText, Spot
from gdbench.config.yaml.reading import checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ORIGIN = "--set"


def apply(root: MappingNode, overrides: Iterable[str]) -> MappingNode:
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
    if keys[0] == EXTENDS:
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
