"""Which runs have which choices: what `--only` and an expectation's `where` ask of a run's axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Protocol

from gdbench.config.wording import label, shown
from gdbench.descent.errors import nearest
from gdbench.descent.registry import Spec

#: Axis → the values of which one must be there.
Asked = Mapping[str, Sequence[str]]


class Specified(Protocol):
    """A run that is planned, or one that is recorded."""

    @property
    def spec(self) -> Spec: ...


def matches(run: Specified, asked: Asked) -> bool:
    """Whether a run is all of it: several values of one axis are alternatives."""
    return all(any(is_so(run, axis, value) for value in values) for axis, values in asked.items())


def is_so(run: Specified, axis: str, value: str) -> bool:
    """Whether an axis has this value: as its label says, by the name of the choice, or as a number."""
    if axis not in run.spec:
        return False
    choice, name = run.spec[axis], label(run.spec[axis])
    if value in (name, label(shown(choice))) or fnmatchcase(name, value):
        return True
    if isinstance(choice, Mapping) and [*choice] == [value]:
        return True
    try:
        return float(value) == float(name)
    except ValueError:
        return False


def none_so(runs: Sequence[Specified], axes: Iterable[str], axis: str, value: str) -> str:
    """Why no run has this value on an axis, in a sentence; "" where one has. axes: all that there are."""
    known = list(dict.fromkeys(label(run.spec[axis]) for run in runs if axis in run.spec))
    if not known:
        there = [name for name in (*axes, "data", "replicate") if name in runs[0].spec]
        return f"no axis is called '{axis}'. {nearest(axis, there)}"
    if not any(is_so(run, axis, value) for run in runs):
        return f"no run is so. Values of {axis}: {', '.join(known[:20])}."
    return ""
