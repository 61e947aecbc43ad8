"""Named columns of numbers: what every source of data becomes before it is a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gdbench.descent.errors import BadParameter, nearest


class Note(NamedTuple):
    """What was done on the way that nobody asked for in so many words, to be told.

    kind: `unit` (left off), `nameless` (an empty column without a name), `empty_rows`, `rows` (dropped for a
    gap), `target_rows` (dropped as the target has one), `text` (a dropped column), `sentinel` (a number that
    looks as if it meant "no value"), `title` (names that look like values), `unseen` (a label that no training
    row has).
    """

    kind: str
    column: str = ""
    text: str = ""
    times: int = 0


@dataclass(frozen=True)
class Columns:
    """Feature columns by name, in order, and one target; all of one length.

    name: of the source ("houses.csv").  title: with what was chosen of it ("houses.csv → price").
    features: numbers, of a column of text the codes 0, 1, … of its labels; NaN where there is a gap.
    labels: of the columns of text, the names of their codes.
    classes: the names of the target's codes 0, 1, … where it is categorical, else empty.
    parameters: of the generator, where there is one.
    notes: what is to be told of the reading.
    """

    name: str
    title: str
    features: Mapping[str, Sequence[float]]
    target_name: str
    target: Sequence[float]
    classes: tuple[str, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


class Rows(NamedTuple):
    """columns: those that were wanted.  cells: all columns of the file, as they stand there."""

    columns: Columns
    cells: Mapping[str, Sequence[object]]


def choose_features(
    where: str, names: Sequence[str], target: str, wanted: Sequence[str] | None
) -> tuple[str, ...]:
    """The feature columns, in the order wanted, or all but the target; `where` begins an error."""
    available = {name: None for name in names if name != target}
    chosen = tuple(available if wanted is None else wanted)
    if not chosen:
        cause = "no column is left but the target" if wanted is None else "'features:' is empty"
        raise BadParameter("features", f"{where}: {cause}; expected at least one feature column.")
    seen = set()
    for name in chosen:
        if name == target:
            raise BadParameter(
                "features", f"{where}: '{name}' is the target, so it cannot be a feature as well."
            )
        if name not in available:
            raise BadParameter("features", f"{where}: no column is called '{name}'. {nearest(name, available)}")
        if name in seen:
            raise BadParameter("features", f"{where}: 'features:' names '{name}' twice; once is enough.")
        seen.add(name)
    return chosen


def choose_target(where: str, names: Sequence[str], wanted: str | None) -> str:
    """The target column among `names`: the one wanted, or else the first."""
    if wanted is None:
        return names[0]
    if wanted not in names:
        raise BadParameter("target", f"{where}: no target is called '{wanted}'. {nearest(wanted, names)}")
    return wanted


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


def coded_by(columns: Columns, rows: Sequence[int]) -> Columns:
    """The classes in order, those of these rows first: a class that only others have moves no code."""
    first = {int(columns.target[i]) for i in rows} if columns.classes else set()
    order = sorted(range(len(columns.classes)), key=lambda code: (code not in first, code))
    if order == list(range(len(order))):
        return columns
    target = [float(order.index(int(code))) for code in columns.target]
    return replace(columns, classes=tuple(columns.classes[code] for code in order), target=target)


def alike(found: Columns, columns: Columns, where: str) -> Columns:
    """Rows found elsewhere, with the codes that the classes have in `columns`; `where` begins an error."""
    if found.classes == columns.classes:
        return found
    strange = [name for name in found.classes if name not in columns.classes]
    if strange or not found.classes:
        unknown = f"holds '{strange[0]}'" if strange else "holds numbers"
        known = ", ".join(columns.classes) if columns.classes else "numbers"
        wrong = f"{where}: '{columns.target_name}' {unknown}, and the rows to train on hold {known}."
        raise BadParameter("test.file", wrong)
    codes = [float(columns.classes.index(name)) for name in found.classes]
    return replace(found, classes=columns.classes, target=[codes[int(code)] for code in found.target])


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
