"""Reads `name`, `{name: value}` and `{name: {parameter: value}}` against a registry.

A list among the parameters is an axis of its own: `{normal: {std: [0.1, 1]}}` is two choices.
"""

from __future__ import annotations

import math
from dataclasses import replace
from difflib import get_close_matches
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from gdbench.config.grid.choice import Choice
from gdbench.config.grid.ranges import Range
from gdbench.config.yaml.mistakes import cut
from gdbench.config.yaml.places import each
from gdbench.descent.domains import show
from gdbench.descent.errors import BadParameter, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gdbench.config.yaml.places import ConfigPath, Mistakes
    from gdbench.descent.registry import Entry, Parameter, Registry

#: The most values that one axis may take, its nested axes multiplied out.
MOST_VALUES = 10_000

_T = TypeVar("_T")


class _Given(NamedTuple):
    """A parameter's value as the config gives it, and where."""

    value: Any
    path: ConfigPath


def read_choices(registry: Registry[object], value: Any, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """The choices that one config value stands for; what is wrong goes to the mistakes."""
    is_mapping = isinstance(value, dict) and len(value) == 1
    if not is_mapping and not isinstance(value, str):
        mistakes.add(
            path, f"{_article(registry.kind)} must be a name or {{name: {{parameter: value}}}}, {_but(value)}."
        )
        return []
    name, parameters = next(iter(value.items())) if is_mapping else (value, None)
    inner = (*path, name) if is_mapping else path
    try:
        entry = registry[cut(name)]
    except UnknownName as error:
        mistakes.add(inner, str(error), at_key=is_mapping)
        return []
    return [Choice(entry.name, items, path=path) for items in _items(entry, parameters, inner, mistakes)]


def combine(
    alternatives: Sequence[Sequence[_T]], path: ConfigPath, mistakes: Mistakes
) -> Iterator[tuple[_T, ...]]:
    """The product of nested axes, last fastest; refused before it is walked if it is too large."""
    count = math.prod(len(values) for values in alternatives)
    if count > MOST_VALUES:
        mistakes.add(path, f"this stands for {count:,} values; an axis may have {MOST_VALUES:,} at most.")
        return iter(())
    return product(*alternatives)


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _but(value: Any) -> str:
    """What was found instead, as the end of a sentence."""
    if isinstance(value, dict):
        names = ", ".join(map(str, value))
        return f"not several in one mapping ({names}); make them a list" if value else "not an empty mapping"
    return "not a list within a list" if isinstance(value, list) else f"not {show(value)}"


def _items(
    entry: Entry[object], parameters: Any, path: ConfigPath, mistakes: Mistakes
) -> Iterator[tuple[tuple[str, Any], ...]]:
    """All parameters with their values, once for each combination of the lists among them."""
    given = _given(entry, parameters, path)
    if given is None:
        mistakes.add(path, f"{entry.kind} '{entry.name}' takes no parameter. Write {entry.name} alone.")
        return
    names = [parameter.name for parameter in entry.parameters]
    meant: set[str] = set()  # misspelt, which is told; so it is not told that they are missing
    for name in given:
        if name not in names:
            mistakes.add((*path, name), _complaint(entry, {cut(name): None}), at_key=True)
            meant.update(get_close_matches(name, names, n=1))
    axes = [
        _values(entry, parameter, given.get(parameter.name), path, mistakes)
        for parameter in entry.parameters
        if parameter.name in given or parameter.name not in meant
    ]
    if len(axes) < len(names):
        return
    for values in combine(axes, path, mistakes):
        yield tuple(zip(names, values, strict=True))


def _given(entry: Entry[object], parameters: Any, path: ConfigPath) -> Mapping[str, _Given] | None:
    """The parameters by name; a value alone is the first one's. None if there is none to take it."""
    if parameters is None:
        return {}
    if isinstance(parameters, dict):
        return {name: _Given(value, (*path, name)) for name, value in parameters.items()}
    return {entry.parameters[0].name: _Given(parameters, path)} if entry.parameters else None


def _values(
    entry: Entry[object], parameter: Parameter, given: _Given | None, path: ConfigPath, mistakes: Mistakes
) -> list[Any]:
    """The values of one parameter, each checked by itself, so that every mistake is found."""
    alone = replace(entry, parameters=(parameter,))
    if given is None:
        return _resolved(alone, {}, path, mistakes)
    if not _is_several(parameter, given.value):
        return _resolved(alone, {parameter.name: given.value}, given.path, mistakes)
    if not given.value and not isinstance(given.value, Range):
        mistakes.add(given.path, f"'{parameter.name}' of {entry.kind} '{entry.name}' needs at least one value.")
    results: list[Any] = []
    wrong: set[ConfigPath] = set()
    for value, at in _alternatives(parameter, given):
        if at not in wrong:
            found = _resolved(alone, {parameter.name: value}, at, mistakes)
            results += found
            wrong.update([] if found else [at])  # of the values that one range made, the first is told
    return results


def _alternatives(parameter: Parameter, given: _Given) -> list[tuple[Any, ConfigPath]]:
    if parameter.domain.sequence:
        return [(value, (*given.path, i)) for i, value in enumerate(given.value)]
    return each(given.value, given.path)


def _is_several(parameter: Parameter, value: Any) -> bool:
    """Whether a list is an axis; of a parameter whose values are lists themselves, a list of lists is."""
    if not isinstance(value, list):
        return False
    return not parameter.domain.sequence or any(isinstance(item, list) for item in value)


def _resolved(
    entry: Entry[object], given: Mapping[str, Any], path: ConfigPath, mistakes: Mistakes
) -> list[Any]:
    try:
        return list(entry.resolve(given).values())
    except BadParameter as error:
        remedy = "" if given else f" Write {{{entry.name}: {{{error.parameter}: …}}}}."
        mistakes.add(path, f"{error}{remedy}", at_key=not given and path[-1] == entry.name)
        return []


def _complaint(entry: Entry[object], given: Mapping[str, Any]) -> str:
    try:
        entry.resolve(given)
    except BadParameter as error:
        return str(error)
    raise AssertionError("a parameter that the entry does not have is refused")
