"""What a config compares and what it tunes: `compare:` and `tune:`, checked against the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdbench.config.grid.axes import AXES, DEFINING
from gdbench.config.yaml.places import each
from gdbench.descent.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gdbench.config.grid.grid import Values
    from gdbench.config.yaml.places import Mistakes

COMPARE, TUNE = KEYS = ("compare", "tune")

#: The axes that say how to descend.
HOW = tuple(axis.name for axis in AXES if axis.name not in DEFINING)
#: What is the same for every method.
_SHARED = ("seed", "seeds", "repeats", "replicate", "replicates", "fold", "folds", "targets", "test")


def read_methods(config: Mapping[str, object], axes: Values, mistakes: Mistakes) -> Mapping[str, Sequence[str]]:
    """Key → the axes and parameters that stand under it, where it is given. axes: those of the grid."""
    found: dict[str, list[str]] = {}
    for key in (key for key in KEYS if key in config):
        given = [(name, path) for name, path in each(config[key], (key,)) if isinstance(name, str)]
        for name, path in given:
            wrong = _wrong(key, name, axes) or _twice(name, found)
            if wrong:
                mistakes.add(path, wrong)
        found[key] = list(dict.fromkeys(name for name, _ in given))
    if config.get(COMPARE) == []:
        mistakes.add((COMPARE,), "'compare' needs at least one axis, for example compare: optimizer.")
    return found


def _wrong(key: str, name: str, axes: Values) -> str:
    """What is wrong with a name, in a sentence; "" where nothing is."""
    axis, _, parameter = name.partition(".")
    if axis in DEFINING:
        return (
            f"'{key}' takes what says how to descend, and '{axis}' says what is minimised. "
            f"Known: {', '.join(HOW)}."
        )
    if axis in _SHARED:
        return f"'{axis}' is the same for all methods; '{key}' takes one of: {', '.join(HOW)}."
    if axis not in HOW:
        return f"no axis is called '{axis}'. {nearest(axis, HOW)}"
    known = sorted({name for choice in axes.get(axis, ()) for name, _ in choice.items})
    if parameter and axis in axes and parameter not in known:
        what = f"no {axis.replace('_', ' ')} of the grid has a parameter '{parameter}'."
        return f"{what} {nearest(parameter, known)}"
    return ""


def _twice(name: str, found: Mapping[str, Sequence[str]]) -> str:
    if name in found.get(COMPARE, ()):
        return f"'{name}' is compared, so it cannot be tuned as well. Keep one of the two."
    return ""
