"""Reads `name`, `{name: value}` and `{name: {parameter: value}}` against a registry.

A list among the parameters is an axis of its own: `{normal: {std: [0.1, 1]}}` is two choices.
"""

from __future__ import annotations

import math
from dataclasses import replace
from difflib import get_close_matches
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, TypeGuard, TypeVar

from gdbench.config.grid.choice import Choice
from gdbench.config.grid.ranges import Range
from gdbench.config.grid.searches import SEARCH
from gdbench.config.grid.spans import Span
from gdbench.config.yaml.mistakes import cut
from gdbench.config.yaml.places import each
from gdbench.descent.domains import show
from gdbench.descent.errors import BadParameter, UnknownName
from gdbench.descent.limits import AXIS_VALUES
from gdbench.descent.registry import UNSAID
from gdbench.plugins.choices import meanings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gdbench.config.yaml.places import ConfigPath, Mistakes
    from gdbench.descent.registry import Entry, Parameter, Registry

_T = TypeVar("_T")


class _Given(NamedTuple):
    """A parameter's value as the config gives it, and where."""

    value: object
    path: ConfigPath


def read_choices(
    registry: Registry[object], value: object, path: ConfigPath, mistakes: Mistakes
) -> list[Choice]:
    """The choices that one config value stands for; what is wrong goes to the mistakes."""
    given = named(value, path)
    if given is None:
        kind = f"{'an' if registry.kind[0] in 'aeiou' else 'a'} {registry.kind}"
        mistakes.add(path, f"{kind} must be a name or {{name: {{parameter: value}}}}, {_but(value)}.")
        return []
    entry = entry_of(registry, given, mistakes)
    if entry is None:
        return []
    items = _items(entry, given.parameters, given.path, mistakes)
    return [Choice(entry.name, said(entry, each), path=path) for each in items]


def said(entry: Entry[object], parameters: Iterable[tuple[str, _T]]) -> tuple[tuple[str, _T], ...]:
    """Without those that go unsaid where they have their defaults."""
    silent = {p.name: p.default for p in entry.parameters if p.name in entry.facts.get(UNSAID, ())}
    return tuple((name, value) for name, value in parameters if name not in silent or value != silent[name])


class Named(NamedTuple):
    """A name with what stands under it, None where it stands alone. path: to the name."""

    name: str
    parameters: object
    path: ConfigPath
    is_key: bool = True


def named(value: object, path: ConfigPath) -> Named | None:
    """What `name` and `{name: …}` say; None of anything else."""
    if isinstance(value, str):
        return Named(value, None, path, is_key=False)
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((name, parameters),) = value.items()
    return Named(name, parameters, (*path, name))


def entry_of(registry: Registry[_T], given: Named, mistakes: Mistakes) -> Entry[_T] | None:
    """The choice of this name; what is wrong with the name goes to the mistakes."""
    try:
        return registry[cut(given.name)]
    except UnknownName as error:
        mistakes.add(given.path, error.meaning(meanings(error.name)), at_key=given.is_key)
        return None


def combine(
    alternatives: Sequence[Sequence[_T]], path: ConfigPath, mistakes: Mistakes
) -> Iterator[tuple[_T, ...]]:
    """The product of nested axes, last fastest; refused before it is walked if it is too large."""
    count = math.prod(len(values) for values in alternatives)
    if count > AXIS_VALUES:
        mistakes.add(path, f"this stands for {count:,} values; an axis may have {AXIS_VALUES:,} at most.")
        return iter(())
    return product(*alternatives)


def _but(value: object) -> str:
    """What was found instead, as the end of a sentence."""
    if isinstance(value, dict):
        names = ", ".join(map(str, value))
        return f"not several in one mapping ({names}); make them a list" if value else "not an empty mapping"
    return "not a list within a list" if isinstance(value, list) else f"not {show(value)}"


def _items(
    entry: Entry[object], parameters: object, path: ConfigPath, mistakes: Mistakes
) -> Iterator[tuple[tuple[str, object], ...]]:
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


def _given(entry: Entry[object], parameters: object, path: ConfigPath) -> Mapping[str, _Given] | None:
    """The parameters by name; a value alone is the first one's. None if there is none to take it."""
    if parameters is None:
        return {}
    if isinstance(parameters, dict):
        return {name: _Given(value, (*path, name)) for name, value in parameters.items()}
    return {entry.parameters[0].name: _Given(parameters, path)} if entry.parameters else None


def _values(
    entry: Entry[object], parameter: Parameter, given: _Given | None, path: ConfigPath, mistakes: Mistakes
) -> list[object]:
    """The values of one parameter, each checked by itself, so that every mistake is found."""
    alone = replace(entry, parameters=(parameter,))
    if given is None:
        return _resolved(alone, {}, path, mistakes)
    values, at = given
    if not is_several(values, parameter):
        return _resolved(alone, {parameter.name: values}, at, mistakes)
    if not values and not isinstance(values, Range):
        mistakes.add(at, f"'{parameter.name}' of {entry.kind} '{entry.name}' needs at least one value.")
    ways = each(values, at)
    if parameter.domain.sequence:
        ways = [(value, (*at, i)) for i, value in enumerate(values)]
    return [
        resolved
        for value, place in mistakes.firsts(ways)
        for resolved in _resolved(alone, {parameter.name: value}, place, mistakes)
    ]


def is_several(value: object, parameter: Parameter) -> TypeGuard[list[object]]:
    """Whether a list is an axis; of a parameter whose values are lists themselves, a list of lists is."""
    if not isinstance(value, list):
        return False
    return not parameter.domain.sequence or any(isinstance(item, list) for item in value)


def _resolved(
    entry: Entry[object], given: Mapping[str, object], path: ConfigPath, mistakes: Mistakes
) -> list[object]:
    try:
        values = list(
            entry.resolve({name: v.low if isinstance(v, Span) else v for name, v in given.items()}).values()
        )
        spans = [(name, value) for name, value in given.items() if isinstance(value, Span)]
        for name, span in spans:
            for value in span.checked:
                entry.resolve({name: value})
        return [span for _, span in spans] or values
    except BadParameter as error:
        remedy = "" if given else f" Write {{{entry.name}: {{{error.parameter}: …}}}}."
        if any(isinstance(value, dict) and SEARCH in value for value in given.values()):
            remedy = f" '{SEARCH}' stands for a whole learning rate, which is constant: {{{SEARCH}: critical}}."
        mistakes.add(path, f"{error}{remedy}", at_key=not given and path[-1] == entry.name)
        return []


def _complaint(entry: Entry[object], given: Mapping[str, object]) -> str:
    try:
        entry.resolve(given)
    except BadParameter as error:
        return str(error)
    raise AssertionError("a parameter that the entry does not have is refused")
