"""The grid of an experiment: its axes, and which of their combinations it asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from gdbench.config.grid.axes import AXES

if TYPE_CHECKING:
    from gdbench.config.grid.choice import Choice
    from gdbench.config.grid.conditions import Condition

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
