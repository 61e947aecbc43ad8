"""The grid of an experiment: its axes, and which of their combinations it asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from gdbench.config.grid.axes import AXES
from gdbench.config.grid.spans import has_spans
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.limits import QUESTIONS, RUN_BYTES, RUNS, as_bytes, too_much

if TYPE_CHECKING:
    from gdbench.config.grid.choice import Choice
    from gdbench.config.grid.conditions import Condition
    from gdbench.config.yaml.places import Mistakes

Values = Mapping[str, tuple["Choice", ...]]


class Sampled(NamedTuple):
    """So many combinations of a grid, on each data set, chosen by the seed."""

    runs: int
    seed: int


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

    @cached_property
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


def check_size(
    grid: Grid, repeats: int, sources: int, mistakes: Mistakes, sample: Sampled | None = None
) -> None:
    """Refuse more runs than a plan can hold, and more questions than can be asked, before there is any.

    sample: combinations that are taken instead of all.
    """
    drawn = repeats > 1 and _is_any_drawn(grid)
    parts = {
        "combination": sample.runs if sample else grid.size,
        "data set": max(1, sources),
        "repeat": repeats if drawn else 1,
    }
    runs = math.prod(parts.values())
    asked = len(grid.exclude) * parts["combination"] * max(1, sources)
    if runs > RUNS:
        factors = " × ".join(f"{count:,} {part}s" for part, count in parts.items() if count > 1)
        what, need = f"a plan of {runs:,} runs ({factors})", as_bytes(RUN_BYTES * runs)
        remedy = "Split the experiment, or take fewer values on an axis."
        mistakes.add(("grid",), too_much(what, need, f"{RUNS:,} runs", remedy), at_key=True)
    elif asked > QUESTIONS:
        need, remedy = f"{asked:,} comparisons", "Exclude several values with one condition."
        mistakes.add(("grid", "exclude"), too_much("this", need, f"{QUESTIONS:,}", remedy), at_key=True)


def check_ranges(grid: Grid, mistakes: Mistakes) -> None:
    """Refuse continuous ranges: only where a sample is taken may there be some."""
    for choice in (c for choices in grid.axes.values() for c in choices if has_spans([c])):
        wrong = "a continuous range stands for no list of values: it needs 'sample:' beside 'grid:', as in"
        mistakes.add(choice.path, f"{wrong} sample: {{runs: 50}}.")


def _is_any_drawn(grid: Grid) -> bool:
    """Whether some start, or the order of some batches, is random: only then are runs repeated."""
    starts, batches = (grid.axes.get(axis, ()) for axis in ("initialization", "batch_size"))
    drawn = (INITIALIZERS[choice.name].facts.get("random") for choice in starts)
    return any(drawn) or any(choice.name != "full" for choice in batches)
