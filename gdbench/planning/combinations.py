"""The grid unrolled: every combination of one choice from each axis, and those that are left out, with why."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from gdbench.config.grid.axes import AXES_BY_NAME
from gdbench.config.grid.grid import Grid, Zip
from gdbench.config.wording import label

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from gdbench.config.experiment import Experiment
    from gdbench.config.grid.choice import Choice, Choices
    from gdbench.config.grid.conditions import Condition
    from gdbench.config.grid.grid import Values


class Combination(NamedTuple):
    """Axis → choice. reason: why it is left out, "" if it is not."""

    choices: Choices
    reason: str = ""


def combinations(experiment: Experiment, data: Collection[str] = ()) -> Iterator[Combination]:
    """In the order of the config, the last axis fastest (after it those with `when`), includes at the end.

    data: what the data at hand is called.
    """
    yield from _walk(experiment, experiment.combining, list(experiment.grid), data)
    yield from included(experiment, data)


def included(experiment: Experiment, data: Collection[str]) -> Iterator[Combination]:
    """Those under `include:` alone."""
    grid = experiment.combining
    for given in grid.include:
        yield from _walk(experiment, _given(grid, given), list(experiment.grid), data)


def _given(grid: Grid, given: Values) -> Grid:
    """The grid with some of its axes given, which nothing excludes."""
    return Grid(
        {**{axis: choices for axis, choices in grid.values.items() if axis not in given}, **given},
        tuple(left for zip_ in grid.zips if (left := _without(zip_, given)).axes),
        {axis: choices for axis, choices in grid.when.items() if axis not in given},
        grid.defaults,
    )


def _without(zip_: Zip, axes: Collection[str]) -> Zip:
    """What is left of axes that move together when some are given."""
    kept = [i for i, axis in enumerate(zip_.axes) if axis not in axes]
    rows = dict.fromkeys(tuple(row[i] for i in kept) for row in zip_.rows)
    return Zip(tuple(zip_.axes[i] for i in kept), tuple(rows))


def _walk(
    experiment: Experiment, grid: Grid, order: Sequence[str], data: Collection[str]
) -> Iterator[Combination]:
    for firm in product(*dimensions(grid, order)):
        chosen = {axis: choice for part in firm for axis, choice in part}
        alternatives = []
        for axis in grid.when:
            fitting, barred = applying(experiment, grid, axis, chosen, data), _barred(grid, axis, chosen, data)
            alternatives.append([(axis, choice) for choice in fitting])
            for choice, reason in barred:
                yield Combination({**chosen, axis: choice}, reason)
        for soft in product(*alternatives):
            whole = {**chosen, **dict(soft)}
            found = {axis: whole[axis] for axis in order if axis in whole}
            yield Combination(found, excluded(grid.exclude, found, data))


def dimensions(grid: Grid, order: Sequence[str]) -> Iterator[list[tuple[tuple[str, Choice], ...]]]:
    """What varies on its own: an axis, or the axes of a zip together, where the first of them stands."""
    for axis in order:
        for zip_ in grid.zips:
            if axis == zip_.axes[0]:
                yield [tuple(zip(zip_.axes, row, strict=True)) for row in zip_.rows]
        if axis in grid.values and axis not in grid.when:
            yield [((axis, choice),) for choice in grid.values[axis]]


def applying(
    experiment: Experiment, grid: Grid, axis: str, chosen: Choices, data: Collection[str]
) -> Sequence[Choice]:
    """The choices of an axis that apply beside those chosen, or its default; raises ConfigError for none."""
    holding = [c for c, conditions in grid.when[axis].items() if _holds(conditions, chosen, data)]
    fitting = holding or grid.defaults.get(axis, ())
    if not fitting:
        raise experiment.error(("grid", axis), _nothing_applies(axis, chosen, experiment))
    return fitting


def _holds(conditions: Sequence[Condition], chosen: Choices, data: Collection[str]) -> bool:
    return not conditions or any(condition.holds(chosen, data) for condition in conditions)


def _barred(grid: Grid, axis: str, chosen: Choices, data: Collection[str]) -> Iterator[tuple[Choice, str]]:
    """The choices of an axis that do not apply, with why."""
    for choice, conditions in grid.when[axis].items():
        if not _holds(conditions, chosen, data):
            wanted = " or ".join(map(str, conditions))
            yield choice, f"{axis} {label(choice.to_plain())} applies when {wanted}"


def excluded(conditions: Sequence[Condition], choices: Choices, data: Collection[str]) -> str:
    for condition in conditions:
        if condition.holds(choices, data):
            return f"excluded: {condition}"
    return ""


def _nothing_applies(axis: str, chosen: Choices, experiment: Experiment) -> str:
    varying = {name: choice for name, choice in chosen.items() if len(experiment.grid[name]) > 1}
    where = ", ".join(f"{name} is {label(choice.to_plain())}" for name, choice in varying.items())
    return (
        f"no value of '{axis}' applies where {where or 'the others are as they are'}. Add one without 'when', "
        f"for example {AXES_BY_NAME[axis].example}."
    )
