"""Two classes out of a categorical target, as 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gdbench.data.columns import Columns
from gdbench.descent.errors import BadParameter, nearest


def keep_classes(columns: Columns, wanted: Sequence[str | int]) -> Columns:
    """Keep the rows of two classes and code them 0.0 and 1.0, in the order wanted.

    A class is given by its name, or by its number in a target of numbers or in a bundled data set.
    """
    if len(wanted) != 2:
        raise BadParameter("classes", f"{columns.name}: 'classes:' must name two classes, not {len(wanted)}.")
    codes = [_code(columns, label) for label in wanted]
    if codes[0] == codes[1]:
        raise BadParameter(
            "classes", f"{columns.name}: 'classes:' names '{wanted[0]}' twice; expected two classes."
        )
    kept = [i for i, value in enumerate(columns.target) if value in codes]
    names = tuple(
        columns.classes[int(code)] if columns.classes else str(label)
        for code, label in zip(codes, wanted, strict=True)
    )
    return replace(
        columns,
        title=f"{columns.title} · {names[0]}/{names[1]}",
        features={name: [values[i] for i in kept] for name, values in columns.features.items()},
        target=[float(codes.index(columns.target[i])) for i in kept],
        classes=names,
    )


def _code(columns: Columns, label: str | int) -> float:
    """The value in the target that stands for a class."""
    if str(label) in columns.classes:
        return float(columns.classes.index(str(label)))
    if isinstance(label, int) and label in columns.target:
        return float(label)
    raise BadParameter(
        "classes",
        f"{columns.name}: no class of '{columns.target_name}' is called '{label}'. {_known(columns, label)}",
    )


def _known(columns: Columns, label: str | int) -> str:
    if columns.classes:
        return nearest(str(label), columns.classes)
    values = sorted(set(columns.target))
    shown = ", ".join(f"{value:g}" for value in values[:8])
    return f"It is a column of numbers: {shown}{', …' if len(values) > 8 else ''}."
