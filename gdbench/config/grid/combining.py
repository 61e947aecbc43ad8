"""What a grid says of its axes together: `zip:`, `when:`, `exclude:` and `include:`."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gdbench.config.grid.axes import AXES, AXES_BY_NAME, Axis
from gdbench.config.grid.components import MOST_VALUES
from gdbench.config.grid.conditions import Condition, matches_nothing, read_condition
from gdbench.config.grid.ranges import Range
from gdbench.config.yaml.mistakes import cut
from gdbench.config.yaml.places import ConfigPath, Mistakes, each
from gdbench.descent.domains import show
from gdbench.descent.errors import nearest

if TYPE_CHECKING:
    from gdbench.config.grid.choice import Choice

#: The keys of a grid that are no axes.
KEYS = ("zip", "exclude", "include")

EXAMPLES = {
    "zip": "{optimizer: [gradient_descent, adam], learning_rate: [0.1, 0.001]}",
    "exclude": "[{optimizer: adam, learning_rate: {above: 1}}]",
    "include": "[{optimizer: adam, learning_rate: 0.001}]",
}

Values = Mapping[str, tuple["Choice", ...]]


@dataclass(frozen=True)
class Zip:
    """Axes that move together: each row holds a choice for every one of them."""

    axes: tuple[str, ...]
    rows: tuple[tuple[Choice, ...], ...]


@dataclass(frozen=True)
class Grid:
    """The axes of an experiment, and which of their combinations it asks for.

    values: axis → its own choices; those of zipped axes stand in `zips`.
    when: axis → choice → the conditions of which one must hold for it; () is "always".
    defaults: of the axes in `when`, for combinations to which none of their choices applies.
    exclude: combinations to leave out.  include: more of them, in each of which some axes are given.
    doubts: what is unwise about it, a sentence each.
    """

    values: Values
    zips: tuple[Zip, ...] = ()
    when: Mapping[str, Mapping[Choice, tuple[Condition, ...]]] = field(default_factory=dict)
    defaults: Values = field(default_factory=dict)
    exclude: tuple[Condition, ...] = ()
    include: tuple[Values, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def axes(self) -> Values:
        """Every axis with every choice on it, wherever it is written, in canonical order."""
        found: dict[str, dict[Choice, None]] = {}
        zipped = [(axis, row[i]) for zip_ in self.zips for row in zip_.rows for i, axis in enumerate(zip_.axes)]
        for values in (self.values, self.defaults, *self.include):
            for axis, choices in values.items():
                found.setdefault(axis, {}).update(dict.fromkeys(choices))
            for axis, choice in zipped if values is self.values else ():
                found.setdefault(axis, {})[choice] = None
        return {axis.name: tuple(found[axis.name]) for axis in AXES if axis.name in found}

    @property
    def size(self) -> int:
        """How many combinations there are at most."""
        own = math.prod(map(len, self.values.values())) * math.prod(len(zip_.rows) for zip_ in self.zips)
        more = [
            math.prod(len(choices) for axis, choices in self.axes.items() if axis not in given)
            * math.prod(map(len, given.values()))
            for given in self.include
        ]
        return own + sum(more)


def read_grid(grid: Mapping[str, Any], data: Collection[str], mistakes: Mistakes) -> Grid:
    """The grid of a config; what is wrong goes to the mistakes. data: what the data may be called."""
    on_surface = "surface" in axes_given(grid)
    zips = _zips(grid.get("zip"), mistakes) if "zip" in grid else ()
    zipped = [axis for zip_ in zips for axis in zip_.axes]
    _refuse_clashes(grid, zipped, on_surface=on_surface, mistakes=mistakes)
    values, when = {}, {}
    for axis in AXES:
        given = axis.name in grid or (axis.default and axis.name not in zipped)
        if given and not (on_surface and axis.of_data):
            read = _axis(axis, grid.get(axis.name, axis.default), data, mistakes)
            values[axis.name] = tuple(read)
            if any(read.values()):
                when[axis.name] = read
    exclude = _exclude(grid.get("exclude"), data, mistakes) if "exclude" in grid else ()
    include = _include(grid.get("include"), mistakes, on_surface=on_surface) if "include" in grid else ()
    defaults = {
        name: tuple(AXES_BY_NAME[name].read(AXES_BY_NAME[name].default, ("grid", name), mistakes))
        for name in when
        if AXES_BY_NAME[name].default
    }
    result = Grid(values, zips, when, defaults, exclude, include)
    _refuse_chains(result, mistakes)
    return Grid(values, zips, when, defaults, exclude, include, tuple(_doubts(result, mistakes)))


def axes_given(grid: Mapping[str, Any]) -> set[str]:
    """The axes that a grid names, on their own or within `zip:`."""
    zipped = [item for item, _ in each(grid.get("zip", []), ()) if isinstance(item, dict)]
    return {name for part in (grid, *zipped) for name in part if name in AXES_BY_NAME}


# --- one axis


def _axis(
    axis: Axis, value: Any, data: Collection[str], mistakes: Mistakes
) -> dict[Choice, tuple[Condition, ...]]:
    """Choice → the conditions of which one must hold for it, () if it always applies."""
    path: ConfigPath = ("grid", axis.name)
    if value is None or (value == [] and not isinstance(value, Range)):
        mistakes.add(
            path, f"axis '{axis.name}' needs at least one value, for example {axis.name}: {axis.example}."
        )
        return {}
    found: dict[Choice, tuple[Condition, ...]] = {}
    wrong: set[ConfigPath] = set()
    for item, at in each(value, path):
        if isinstance(item, dict) and ("when" in item or ("values" in item and "values" not in axis.registry)):
            condition, choices = _block(axis, item, at, data, mistakes)
        else:
            condition, choices = None, _read(axis, [(item, at)], mistakes, wrong)
        for choice in choices:
            known = found.get(choice)
            found[choice] = (*(known or ()), condition) if condition and known != () else ()
    if len(found) > MOST_VALUES:
        mistakes.add(
            path, f"axis '{axis.name}' has {len(found):,} values; it may have {MOST_VALUES:,} at most."
        )
    return found


def _block(
    axis: Axis, item: Mapping[str, Any], path: ConfigPath, data: Collection[str], mistakes: Mistakes
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


def _read(
    axis: Axis,
    items: Sequence[tuple[Any, ConfigPath]],
    mistakes: Mistakes,
    wrong: set[ConfigPath] | None = None,
) -> list[Choice]:
    """The choices of several values. wrong: places of mistakes; of a range's values, the first is told."""
    choices: list[Choice] = []
    wrong = set() if wrong is None else wrong
    for item, path in items:
        if path in wrong:
            continue
        before = len(mistakes.all)
        choices += axis.read(item, path, mistakes)
        if len(mistakes.all) > before:
            wrong.add(path)
    return choices


# --- several axes


def _zips(value: Any, mistakes: Mistakes) -> tuple[Zip, ...]:
    read = [_zip(item, path, mistakes) for item, path in each(value, ("grid", "zip"))]
    zips = [zip_ for zip_ in read if zip_]
    seen: set[str] = set()
    for zip_ in zips:
        for axis in zip_.axes:
            if axis in seen:
                mistakes.add(
                    ("grid", "zip"), f"axis '{axis}' is zipped twice. Put it in one place.", at_key=True
                )
        seen.update(zip_.axes)
    if not read:
        mistakes.add(("grid", "zip"), f"'zip' needs axes, for example zip: {EXAMPLES['zip']}.")
    return tuple(zips)


def _zip(item: Any, path: ConfigPath, mistakes: Mistakes) -> Zip | None:
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


def _column(where: str, axis: str, value: Any, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
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


def _exclude(value: Any, data: Collection[str], mistakes: Mistakes) -> tuple[Condition, ...]:
    path: ConfigPath = ("grid", "exclude")
    if value is None or value == []:
        mistakes.add(
            path, f"'exclude' needs at least one condition, for example exclude: {EXAMPLES['exclude']}."
        )
        return ()
    read = [read_condition(item, at, data, mistakes) for item, at in each(value, path)]
    return tuple(condition for condition in read if condition)


def _include(value: Any, mistakes: Mistakes, *, on_surface: bool) -> tuple[Values, ...]:
    path: ConfigPath = ("grid", "include")
    found: list[Values] = []
    if value is None or value == []:
        mistakes.add(path, f"'include' needs at least one mapping, for example include: {EXAMPLES['include']}.")
    for item, at in each(value, path):
        if not isinstance(item, dict) or not item:
            wrong = f"'include' takes mappings of axes, for example include: {EXAMPLES['include']}"
            mistakes.add(at, f"{wrong}, not {show(item)}." if not isinstance(item, dict) else f"{wrong}.")
            continue
        columns = {axis: _column("include", axis, inner, (*at, axis), mistakes) for axis, inner in item.items()}
        for axis in columns.keys() & AXES_BY_NAME.keys():
            if (on_surface and AXES_BY_NAME[axis].of_data) or (axis == "surface" and not on_surface):
                wrong = "a surface has none" if on_surface else "this grid is on data"
                mistakes.add((*at, axis), f"'include' cannot add a {axis}: {wrong}. Remove it.", at_key=True)
        found.append({axis: tuple(dict.fromkeys(column)) for axis, column in columns.items()})
    return tuple(found)


# --- what does not go together


def _refuse_clashes(
    grid: Mapping[str, Any], zipped: Sequence[str], *, on_surface: bool, mistakes: Mistakes
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
