"""Conditions on the axes of a grid, as `when:` and `exclude:` ask them: {model: mlp, cost: [mse, mae]}.

All of a condition's axes must match; of several values on one axis, one is enough.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from gdbench.config.grid.axes import AXES_BY_NAME, Axis
from gdbench.config.grid.components import Named, entry_of, is_several, named
from gdbench.config.grid.ranges import is_number
from gdbench.config.grid.spans import has_spans
from gdbench.config.wording import label
from gdbench.config.yaml.mistakes import cut
from gdbench.config.yaml.places import ConfigPath, Mistakes, each
from gdbench.descent.domains import show
from gdbench.descent.errors import BadParameter, nearest

if TYPE_CHECKING:
    from gdbench.config.grid.choice import Choice
    from gdbench.descent.registry import Entry, Parameter

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "above": operator.gt,
    "at_least": operator.ge,
    "below": operator.lt,
    "at_most": operator.le,
}

#: The axis of a condition that is no axis of the grid: what the data is called.
DATA = "data"

_EXAMPLE = "{model: mlp, learning_rate: {above: 1}}"

#: Whether one parameter's value, or a whole choice, is what a condition asks for.
Holds = Callable[[object], bool]


@dataclass(frozen=True, eq=False)
class Test:
    """One value that a condition asks for on an axis. said: as in "mlp" or "above 1"."""

    said: str
    holds: Callable[[Choice], bool]


@dataclass(frozen=True, eq=False)
class Condition:
    """tests: axis → what is asked for there, of which one must hold.  data: names of data, likewise."""

    tests: Mapping[str, tuple[Test, ...]]
    data: tuple[str, ...] = ()
    path: ConfigPath = ()

    def holds(self, choices: Mapping[str, Choice], data: Collection[str]) -> bool:
        """choices: those of a combination, at least on the axes that are asked about."""
        if self.data and not any(name in data for name in self.data):
            return False
        return all(
            axis in choices and any(test.holds(choices[axis]) for test in tests)
            for axis, tests in self.tests.items()
        )

    def __str__(self) -> str:
        """model mlp, learning_rate above 1"""
        said = {axis: [test.said for test in tests] for axis, tests in self.tests.items()}
        asked = {**({DATA: list(self.data)} if self.data else {}), **said}
        return ", ".join(f"{axis} {' or '.join(words)}" for axis, words in asked.items())


def read_condition(
    value: object, path: ConfigPath, data: Collection[str], mistakes: Mistakes
) -> Condition | None:
    """A condition; what is wrong goes to the mistakes. data: what the config's data may be called."""
    if not isinstance(value, dict) or not value:
        mistakes.add(path, f"a condition is a mapping of axes, for example {_EXAMPLE}, not {_shown(value)}.")
        return None
    before, tests = len(mistakes.all), {}
    names: tuple[str, ...] = ()
    for axis, wanted in value.items():
        at = (*path, axis)
        if wanted == [] or wanted is None:
            mistakes.add(at, f"'{cut(axis)}' of a condition needs at least one value, for example {_EXAMPLE}.")
        elif axis == DATA:
            names = _names(wanted, at, data, mistakes)
        elif axis not in AXES_BY_NAME:
            mistakes.add(
                at, f"no axis is called '{cut(axis)}'. {nearest(axis, [*AXES_BY_NAME, DATA])}", at_key=True
            )
        else:
            tests[axis] = tuple(_tests(AXES_BY_NAME[axis], wanted, at, mistakes))
    return Condition(tests, names, path) if len(mistakes.all) == before else None


def _names(wanted: object, path: ConfigPath, known: Collection[str], mistakes: Mistakes) -> tuple[str, ...]:
    names = []
    for item, at in each(wanted, path):
        if item in known and isinstance(item, str):
            names.append(item)
        else:
            mistakes.add(at, f"no data of this config is called {show(item)}. {nearest(str(item), known)}")
    return tuple(names)


def _tests(axis: Axis, wanted: object, path: ConfigPath, mistakes: Mistakes) -> Iterator[Test]:
    for item, at in each(wanted, path):
        yield from _test(axis, item, at, mistakes)


def _test(axis: Axis, item: object, path: ConfigPath, mistakes: Mistakes) -> Iterator[Test]:
    """One test, or none and the mistakes say why."""
    if isinstance(item, dict) and set(item) == {"not"}:
        refused = list(_tests(axis, item["not"], (*path, "not"), mistakes))
        said = f"not {' or '.join(test.said for test in refused)}"
        yield Test(said, lambda choice: not any(test.holds(choice) for test in refused))
    elif _is_comparison(item):
        holds = _comparison(item, path, mistakes)
        yield Test(_compared(item), lambda choice: any(holds(value) for _, value in choice.items[:1]))
    elif is_number(item) and axis.number:
        entry = axis.registry[axis.number]
        yield from _of_entry(entry, {entry.parameters[0].name: item}, path, mistakes, said=label(item))
    elif isinstance(item, str) and (item in axis.extra or item in (axis.searches or ())):
        yield Test(item, lambda choice: choice.name == item)
    elif given := named(item, path):
        yield from _of_name(axis, given, mistakes, said=label(item))
    else:
        expected = f"a name, {{name: {{parameter: value}}}} or {{above: 1}}{' or a number' * bool(axis.number)}"
        mistakes.add(path, f"a condition on '{axis.name}' takes {expected}, not {_shown(item)}.")


def _of_name(axis: Axis, given: Named, mistakes: Mistakes, *, said: str) -> Iterator[Test]:
    entry, parameters = entry_of(axis.registry, given, mistakes), given.parameters
    if entry is None:
        return
    if parameters is not None and not isinstance(parameters, dict):
        if not entry.parameters:
            mistakes.add(
                given.path, f"{entry.kind} '{given.name}' takes no parameter. Write {given.name} alone."
            )
            return
        parameters = {entry.parameters[0].name: parameters}
    yield from _of_entry(entry, parameters or {}, given.path, mistakes, said=said)


def _of_entry(
    entry: Entry[object], parameters: Mapping[str, object], path: ConfigPath, mistakes: Mistakes, *, said: str
) -> Iterator[Test]:
    """A test for a name, and for those of its parameters that are given."""
    asked: dict[str, list[Holds]] = {}
    unsaid = {known.name: known.default for known in entry.parameters}  # a choice may leave out its defaults
    for name, wanted in parameters.items():
        parameter = next((known for known in entry.parameters if known.name == name), None)
        if parameter is None:
            known = nearest(name, [known.name for known in entry.parameters])
            wrong = f"{entry.kind} '{entry.name}' has no parameter '{cut(name)}'. {known}"
            mistakes.add((*path, name), wrong, at_key=True)
            return
        asked[name] = list(_values(entry, parameter, wanted, (*path, name), mistakes))

    def holds(choice: Choice) -> bool:
        if choice.name != entry.name:
            # a tree of stopping rules is found by any of its rules
            return any(map(holds, choice.members))
        values = {**unsaid, **choice.parameters}
        return all(any(test(values[name]) for test in tests) for name, tests in asked.items())

    yield Test(said, holds)


def _values(
    entry: Entry[object], parameter: Parameter, wanted: object, path: ConfigPath, mistakes: Mistakes
) -> Iterator[Holds]:
    for item, at in each(wanted, path) if is_several(wanted, parameter) else [(wanted, path)]:
        if _is_comparison(item):
            yield _comparison(item, at, mistakes)
            continue
        try:
            yield _equals(parameter.domain(item))
        except ValueError as error:
            mistakes.add(at, str(BadParameter(parameter.name, f"'{parameter.name}' of {entry.name} {error}")))


def _equals(value: object) -> Holds:
    return lambda other: bool(other == value)


def _is_comparison(item: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(item, dict) and bool(item) and set(item) <= set(COMPARISONS)


def _comparison(item: Mapping[str, object], path: ConfigPath, mistakes: Mistakes) -> Holds:
    bounds = {word: bound for word, bound in item.items() if is_number(bound)}
    for word in [word for word in item if word not in bounds][:1]:
        mistakes.add((*path, word), f"'{word}' compares with a number, not {show(item[word])}.")

    def holds(value: object) -> bool:
        return is_number(value) and all(COMPARISONS[word](value, bound) for word, bound in bounds.items())

    return holds


def _compared(item: Mapping[str, object]) -> str:
    return " and ".join(f"{word.replace('_', ' ')} {label(bound)}" for word, bound in item.items())


def _shown(value: object) -> str:
    if isinstance(value, (dict, list)):
        return f"{'an empty' if not value else 'a'} {'mapping' if isinstance(value, dict) else 'list'}"
    return show(value)


def matches_nothing(condition: Condition, grid: Mapping[str, Sequence[Choice]]) -> str | None:
    """The first axis on which a condition asks for what is not there; None if there is none."""
    for axis, tests in condition.tests.items():
        choices = grid.get(axis, ())
        if not has_spans(choices) and not any(test.holds(choice) for test in tests for choice in choices):
            return axis
    return None
