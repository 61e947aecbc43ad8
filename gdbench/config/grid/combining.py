"""Reads a grid: its axes, and what it says of them together: `zip:`, `when:`, `exclude:` and `include:`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gdbench.config.grid.axes import AXES, AXES_BY_NAME, Axis
from gdbench.config.grid.conditions import Condition, matches_nothing, read_condition
from gdbench.config.grid.grid import Grid, Values, Zip
from gdbench.config.grid.ranges import Range
from gdbench.config.yaml.mistakes import cut
from gdbench.config.yaml.places import ConfigPath, Mistakes, each
from gdbench.descent.domains import show
from gdbench.descent.errors import nearest
from gdbench.descent.limits import AXIS_VALUES, QUESTIONS, RUNS

if TYPE_CHECKING:
    from gdbench.config.grid.choice import Choice

Items = Sequence[tuple[object, ConfigPath]]

#: The keys of a grid that are no axes.
KEYS = ("zip", "exclude", "include")

EXAMPLES = {
    "zip": "{optimizer: [gradient_descent, adam], learning_rate: [0.1, 0.001]}",
    "exclude": "[{optimizer: adam, learning_rate: {above: 1}}]",
    "include": "[{optimizer: adam, learning_rate: 0.001}]",
}


def read_grid(grid: Mapping[str, object], data: Collection[str], mistakes: Mistakes) -> Grid:
    """The grid of a config; what is wrong goes to the mistakes. data: what the data may be called."""
    on_surface = "surface" in axes_given(grid)
    zips = _zips(grid, mistakes)
    zipped = {axis for zip_ in zips for axis in zip_.axes}
    _refuse_clashes(grid, zipped, on_surface=on_surface, mistakes=mistakes)
    read = {
        axis.name: _axis(axis, grid.get(axis.name, axis.default), data, mistakes)
        for axis in AXES
        if axis.name in grid or (axis.default and not axis.unsaid and axis.name not in zipped)
        if not (on_surface and axis.of_data)
    }
    when = {name: choices for name, choices in read.items() if any(choices.values())}
    result = Grid(
        values={name: tuple(choices) for name, choices in read.items()},
        zips=zips,
        when=when,
        defaults=_defaults(when, mistakes),
        exclude=_exclude(grid, data, mistakes),
        include=_include(grid, mistakes, on_surface=on_surface),
    )
    _refuse_chains(result, mistakes)
    if len(result.exclude) * sum(map(len, result.axes.values())) > QUESTIONS // 10:
        return result  # too many to doubt each of them
    return replace(result, doubts=tuple(_doubts(result, mistakes)))


def _defaults(names: Iterable[str], mistakes: Mistakes) -> Values:
    axes = [AXES_BY_NAME[name] for name in names]
    return {
        axis.name: tuple(axis.read(axis.default, ("grid", axis.name), mistakes))
        for axis in axes
        if axis.default
    }


def axes_given(grid: Mapping[str, object]) -> set[str]:
    """The axes that a grid names, on their own or within `zip:`."""
    zipped = [item for item, _ in each(grid.get("zip", []), ()) if isinstance(item, dict)]
    return {name for part in (grid, *zipped) for name in part if name in AXES_BY_NAME}


# --- one axis


def _axis(
    axis: Axis, value: object, data: Collection[str], mistakes: Mistakes
) -> dict[Choice, tuple[Condition, ...]]:
    """Choice → the conditions of which one must hold for it, () if it always applies."""
    path: ConfigPath = ("grid", axis.name)
    if value is None or (value == [] and not isinstance(value, Range)):
        mistakes.add(
            path, f"axis '{axis.name}' needs at least one value, for example {axis.name}: {axis.example}."
        )
        return {}
    found: dict[Choice, tuple[Condition, ...]] = {}
    for item, at in mistakes.firsts(each(value, path)):
        if isinstance(item, dict) and _is_block(item, axis):
            condition, choices = _block(axis, item, at, data, mistakes)
        else:
            condition, choices = None, axis.read(item, at, mistakes)
        for choice in choices:
            known = found.get(choice)
            found[choice] = (*(known or ()), condition) if condition and known != () else ()
        if len(found) > AXIS_VALUES:
            wrong = f"axis '{axis.name}' has more than {AXIS_VALUES:,} values. Take fewer, or split the grid."
            mistakes.add(path, wrong)
            break
    return found


def _is_block(item: Mapping[str, object], axis: Axis) -> bool:
    return "when" in item or ("values" in item and "values" not in axis.registry)


def _block(
    axis: Axis, item: Mapping[str, object], path: ConfigPath, data: Collection[str], mistakes: Mistakes
) -> tuple[Condition | None, list[Choice]]:
    """{values: …, when: {…}}: values that apply where the condition holds."""
    if set(item) != {"values", "when"}:
        example = f"{{values: {axis.example}, when: {{model: mlp}}}}"
        strange = next((key for key in item if key not in ("values", "when")), None)
        here, lacking = ("when", "values") if "when" in item else ("values", "when")
        wrong = f"'{here}' needs '{lacking}' beside it"
        if strange:
            wrong = f"'{cut(strange)}' cannot stand beside '{here}'"
        mistakes.add((*path, strange or here), f"{wrong}; write {example}.", at_key=True)
        return None, []
    condition = read_condition(item["when"], (*path, "when"), data, mistakes)
    if condition and axis.name in condition.tests:
        mistakes.add(
            (*path, "when", axis.name), f"'when' of '{axis.name}' must ask about other axes.", at_key=True
        )
    return condition, _read(axis, each(item["values"], (*path, "values")), mistakes)


def _read(axis: Axis, items: Iterable[tuple[object, ConfigPath]], mistakes: Mistakes) -> list[Choice]:
    """The choices of several values."""
    found: list[Choice] = []
    for item, path in mistakes.firsts(items):
        found += axis.read(item, path, mistakes)
        if len(found) > AXIS_VALUES:
            wrong = f"axis '{axis.name}' has more than {AXIS_VALUES:,} values here. Take fewer."
            mistakes.add(path, wrong)
            break
    return found


# --- several axes


def _items(grid: Mapping[str, object], key: str, what: str, mistakes: Mistakes) -> Items:
    """What stands under `zip:`, `exclude:` or `include:`, with its places."""
    value = grid.get(key)
    if key in grid and value in (None, []):
        mistakes.add(("grid", key), f"'{key}' needs {what}, for example {key}: {EXAMPLES[key]}.")
    return [] if value is None else each(value, ("grid", key))


def _zips(grid: Mapping[str, object], mistakes: Mistakes) -> tuple[Zip, ...]:
    items = _items(grid, "zip", "axes", mistakes)
    read = [_zip(item, path, mistakes) for item, path in items]
    zips = tuple(zip_ for zip_ in read if zip_)
    for axis, times in Counter(axis for zip_ in zips for axis in zip_.axes).items():
        if times > 1:
            mistakes.add(("grid", "zip"), f"axis '{axis}' is zipped twice. Put it in one place.", at_key=True)
    return zips


def _zip(item: object, path: ConfigPath, mistakes: Mistakes) -> Zip | None:
    if not isinstance(item, dict) or len(item) < 2:
        mistakes.add(path, f"'zip' joins two axes or more, for example zip: {EXAMPLES['zip']}.")
        return None
    columns = {axis: _column("zip", axis, value, (*path, axis), mistakes) for axis, value in item.items()}
    lengths = {axis: len(column) for axis, column in columns.items()}
    if all(lengths.values()) and len(set(lengths.values())) > 1:
        counts = ", ".join(f"{axis} has {length}" for axis, length in lengths.items())
        mistakes.add(path, f"axes that move together need equally many values, but {counts}. Add some.")
        return None
    order = [axis.name for axis in AXES if axis.name in columns]
    return Zip(tuple(order), tuple(zip(*(columns[axis] for axis in order), strict=False)))


def _column(where: str, axis: str, value: object, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """The choices that `zip` or `include` gives for one axis."""
    if axis not in AXES_BY_NAME:
        mistakes.add(
            path, f"no axis is called '{cut(axis)}' in '{where}'. {nearest(axis, AXES_BY_NAME)}", at_key=True
        )
        return []
    items = each(value, path)
    if value is None or not items:
        mistakes.add(path, f"'{axis}' in '{where}' needs at least one value, for example {EXAMPLES[where]}.")
        return []
    for item, at in items:
        if isinstance(item, dict) and "when" in item:
            mistakes.add(at, f"'when' has no meaning within '{where}'. Remove it, or use 'exclude:'.")
            return []
    return _read(AXES_BY_NAME[axis], items, mistakes)


def _exclude(grid: Mapping[str, object], data: Collection[str], mistakes: Mistakes) -> tuple[Condition, ...]:
    items = _items(grid, "exclude", "at least one condition", mistakes)
    read = [read_condition(item, at, data, mistakes) for item, at in items]
    return tuple(condition for condition in read if condition)


def _include(grid: Mapping[str, object], mistakes: Mistakes, *, on_surface: bool) -> tuple[Values, ...]:
    found: list[Values] = []
    combinations = 0
    for item, at in _items(grid, "include", "at least one mapping", mistakes):
        if not isinstance(item, dict) or not item:
            instead = "" if isinstance(item, dict) else f", not {show(item)}"
            example = f"for example include: {EXAMPLES['include']}"
            mistakes.add(at, f"'include' takes mappings of axes, {example}{instead}.")
            continue
        columns = {axis: _column("include", axis, inner, (*at, axis), mistakes) for axis, inner in item.items()}
        for axis in columns.keys() & AXES_BY_NAME.keys():
            _refuse_foreign(AXES_BY_NAME[axis], at, mistakes, on_surface=on_surface)
        found.append({axis: tuple(dict.fromkeys(column)) for axis, column in columns.items()})
        combinations += math.prod(map(len, found[-1].values()))
        if combinations > RUNS:
            break  # it is too many whatever follows, as the grid's size will tell
    return tuple(found)


def _refuse_foreign(axis: Axis, path: ConfigPath, mistakes: Mistakes, *, on_surface: bool) -> None:
    """A grid on a surface has no axes of data, and one on data no surface."""
    if axis.of_data if on_surface else axis.name == "surface":
        reason = "a surface has none" if on_surface else "this grid is on data"
        wrong = f"'include' cannot add a {axis.name}: {reason}. Remove it."
        mistakes.add((*path, axis.name), wrong, at_key=True)


# --- what does not go together


def _refuse_clashes(
    grid: Mapping[str, object], zipped: Collection[str], *, on_surface: bool, mistakes: Mistakes
) -> None:
    for axis in AXES:
        if axis.name in grid and axis.name in zipped:
            wrong = f"axis '{axis.name}' stands in 'zip:' as well. Keep one."
            mistakes.add(("grid", axis.name), wrong, at_key=True)
        if on_surface and axis.of_data and (axis.name in grid or axis.name in zipped):
            wrong = f"a surface has no {axis.name}: it is minimised as it is. Remove '{axis.name}:'."
            at: ConfigPath = ("grid", axis.name) if axis.name in grid else ("grid", "zip", axis.name)
            mistakes.add(at, wrong, at_key=True)


def _refuse_chains(grid: Grid, mistakes: Mistakes) -> None:
    """A `when` asks about axes that have none of their own, so that the order does not matter."""
    for axis, choices in grid.when.items():
        for condition in dict.fromkeys(c for conditions in choices.values() for c in conditions):
            for other in condition.tests:
                if other in grid.when and other != axis:
                    wrong = f"'when' of '{axis}' asks about '{other}', which has a 'when' of its own."
                    mistakes.add(
                        (*condition.path, other), f"{wrong} Ask about an axis without one.", at_key=True
                    )


def _doubts(grid: Grid, mistakes: Mistakes) -> list[str]:
    asked = [c for choices in grid.when.values() for conditions in choices.values() for c in conditions]
    found = []
    for condition in dict.fromkeys((*grid.exclude, *asked)):
        axis = matches_nothing(condition, grid.axes)
        if axis:
            told = f"no value of '{axis}' is {' or '.join(t.said for t in condition.tests[axis])}"
            place = mistakes.places.value((*condition.path, axis))
            found.append(str(place.mistake(f"{told}, so this condition never holds.")))
    return found
