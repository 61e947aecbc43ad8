"""Data as a config names it (bundled, file or synthetic), ready for descent and for the record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from gdbench.config.grid.choice import Choice
from gdbench.config.wording import label
from gdbench.data.bundled import read_bundled
from gdbench.data.columns import Columns, Note, alike, choose_features, choose_target, coded_by, keep_classes
from gdbench.data.held_out import HeldOutRows
from gdbench.data.nist import NIST
from gdbench.data.perturbation import Perturbation
from gdbench.data.preparation import Preparation, Treatment, fit
from gdbench.data.source import Source
from gdbench.data.split import split
from gdbench.data.tabular import read_file
from gdbench.descent.errors import BadParameter, GdbenchError
from gdbench.descent.limits import (
    DRAWN_NUMBERS,
    MULTIPLICATIONS,
    NUMBER_BYTES,
    TABLE_COLUMNS,
    as_bytes,
    as_count,
    as_whole,
    too_much,
)
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Entry
from gdbench.descent.synthetic import GENERATORS

_FEATURES_IN_LABEL = 3

_FEATURES_IN_PLANE = 2


@dataclass(frozen=True)
class Dataset:
    """A table with the names that people know it by.

    name: of the source.  label: name and what was done to it, short.
    classes: names of the target's codes 0, 1, … where it is categorical, else empty.
    constant_columns: features that never vary; standardized, they are 0 throughout.
    means, stds: of the features before they were standardized, else empty.
    perturbation: of the features after that, where there is one.
    parameters: of the generator, where there is one.
    starts: starting points that the data set is published with.
    preparation: what was learned of the rows and done to them.  notes: what is to be told of the reading.
    held_out: rows of the same columns that are not in the table, prepared alike.
    """

    name: str
    label: str
    table: Table
    feature_names: tuple[str, ...]
    target_name: str
    classes: tuple[str, ...] = ()
    constant_columns: tuple[str, ...] = ()
    means: tuple[float, ...] = ()
    stds: tuple[float, ...] = ()
    perturbation: Perturbation | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    starts: tuple[tuple[float, ...], ...] = ()
    preparation: Preparation = field(default_factory=lambda: Preparation(()))
    held_out: HeldOutRows | None = None
    notes: tuple[Note, ...] = ()

    @cached_property
    def target_values(self) -> list[float]:
        """The different values of the target, in order."""
        return sorted({row[-1] for row in self.table.rows})

    @property
    def standardized(self) -> bool:
        return bool(self.stds)

    def describe(self) -> dict[str, object]:
        """What the record keeps of the data: JSON-plain, with the digest of the content."""
        return {
            "name": self.name,
            "rows": len(self.table.rows),
            "features": list(self.feature_names),
            "target": self.target_name,
            "classes": list(self.classes),
            "constant_columns": list(self.constant_columns),
            "standardized": self.standardized,
            **({"means": list(self.means), "stds": list(self.stds)} if self.standardized else {}),
            **({"perturb": self.perturbation.to_plain()} if self.perturbation else {}),
            **({"parameters": dict(self.parameters)} if self.parameters else {}),
            "digest": self.table.digest,
            **({"preparation": self.preparation.to_plain()} if self.preparation.inputs else {}),
            **({"test": self.held_out.describe()} if self.held_out else {}),
        }


def load(source: Source) -> Dataset:
    """Read the data, keep the rows and columns that are wanted, standardize, and lay it out as a table.

    What is learned of rows, such as means, is learned of those that are not held out.
    Raises GdbenchError; where a key of the config is to blame, BadParameter names it.
    """
    columns = _wanted(_read(source), source)
    if source.perturb and source.perturb.rotation:
        _check_rotation(columns)
    elsewhere = _elsewhere(source, columns)
    parts = split(source.test, columns.target) if source.test and elsewhere is None else None
    training = parts.training if parts else None
    columns = coded_by(columns, training) if training else columns
    preparation = fit(columns, _treatment(source), training)
    features = preparation.apply(columns, training)
    held_out, unseen = None, list[Note]()
    if source.test:
        rest, places = elsewhere or columns, parts.test if parts else None
        table = _table(preparation.apply(rest, places), rest.target, places)
        unseen = preparation.unseen(rest, places)
        positions, together = parts.digest if parts else "", ""
        if source.family:
            together = _label(columns, replace(source, test=replace(source.test, fold=None)))
        held_out = HeldOutRows(table, source.test, positions, source.family, together)
    return Dataset(
        name=columns.name,
        label=_label(columns, source),
        table=_table(features, columns.target, training),
        feature_names=tuple(features),
        target_name=columns.target_name,
        classes=columns.classes,
        constant_columns=preparation.constant,
        means=preparation.means,
        stds=preparation.stds,
        perturbation=preparation.perturbation,
        parameters=columns.parameters,
        starts=_starts(source),
        preparation=preparation,
        held_out=held_out,
        notes=(*columns.notes, *unseen),
    )


def _treatment(source: Source) -> Treatment:
    return Treatment(source.reading.missing, source.standardize, _perturbation(source))


def _table(
    features: Mapping[str, Sequence[float]], target: Sequence[float], rows: Sequence[int] | None
) -> Table:
    """The features of some rows, or of all, beside their targets."""
    targets = target if rows is None else [target[i] for i in rows]
    return Table(list(zip(*features.values(), targets, strict=True)), len(features))


def _wanted(columns: Columns, source: Source) -> Columns:
    return columns if source.classes is None else keep_classes(columns, source.classes)


def _elsewhere(source: Source, columns: Columns) -> Columns | None:
    """The rows of the file to test on, with the columns and classes of these; None where no file is named."""
    if source.test and source.dataset in NIST:
        wrong = f"{source.dataset}: NIST certifies the fit to all of its rows, so none is held out."
        raise BadParameter("test", wrong)
    if source.test_file is None:
        return None
    names, target = tuple(columns.features), columns.target_name
    reading = replace(source.reading, columns=None, drop=())
    there = replace(source, file=source.test_file, dataset=None, synthetic=None, target=target, features=names)
    there = replace(there, reading=reading)
    return alike(_wanted(_read(there), source), columns, str(source.test_file))


def _starts(source: Source) -> tuple[tuple[float, ...], ...]:
    """NIST's starting points, which are for its data as they are."""
    changed = source.standardize or source.features is not None or _perturbation(source)
    known = NIST.get(source.dataset or "")
    return known.starts if known and not changed else ()


def _read(source: Source) -> Columns:
    if source.file is not None:
        return read_file(source.file, source.target, source.features, source.reading)
    if source.synthetic is not None:
        return _generate(source.synthetic, source)
    if source.dataset is not None:
        return read_bundled(source.dataset, source.target, source.features)
    raise BadParameter("data", "no data is named; expected one of 'dataset:', 'file:' and 'synthetic:'.")


def _generate(choice: Choice, source: Source) -> Columns:
    """A generator's table, its columns called x1, x2, … and y."""
    entry = GENERATORS[choice.name]
    parameters = entry.resolve(choice.parameters)
    _check_extent(entry.name, parameters)
    table: Table = entry.function(**parameters)
    target = choose_target(entry.name, ["y"], source.target)
    *features, y = zip(*table.rows, strict=True)
    if not all(math.isfinite(value) for row in table.rows for value in row):
        raise GdbenchError(f"{entry.name}: some of its values overflow; choose parameters nearer to 1.")
    columns = {f"x{j}": values for j, values in enumerate(features, start=1)}
    chosen = choose_features(entry.name, [*columns, target], target, source.features)
    return Columns(
        name=entry.name,
        title=_generated(entry, f"{len(y)}×{len(columns)}", parameters),
        features={name: columns[name] for name in chosen},
        target_name=target,
        target=y,
        classes=entry.facts.get("classes", ()),
        parameters=parameters,
    )


def _generated(entry: Entry[object], size: str, parameters: Mapping[str, object]) -> str:
    """The generator, its size, and what is unusual of it: two data sets of a config differ in that."""
    told = [
        f"{p.name}={label(parameters[p.name])}"
        for p in entry.parameters
        if p.name not in ("rows", "features") and parameters[p.name] != p.default
    ]
    return f"{entry.name}({', '.join([size, *told])})"


def numbers_drawn(source: Source) -> int:
    """Numbers of the table that a generator would make, before it does; 0 of what is read."""
    if source.synthetic is None:
        return 0
    given: Mapping[str, Any] = source.synthetic.parameters
    return int(given.get("rows", 1) * (given.get("features", _FEATURES_IN_PLANE) + 1))


def _check_rotation(columns: Columns) -> None:
    """Refuse to draw a rotation of more columns than it is soon drawn and applied for."""
    size, rows = len(columns.features), len(columns.target)
    work = (2 * size + rows) * size * size
    if work > MULTIPLICATIONS:
        what, need = f"rotating {size:,} features", f"{as_count(work)} multiplications"
        told = too_much(what, need, as_count(MULTIPLICATIONS), "Choose fewer with 'features:'.")
        raise BadParameter("perturb.rotation", told)


def _check_extent(name: str, parameters: Mapping[str, Any]) -> None:
    """Refuse a table that would fill the memory before it is begun."""
    rows, features = parameters.get("rows", 1), parameters.get("features", _FEATURES_IN_PLANE)
    blamed = "rows" if rows >= features else "features"
    what, remedy = (
        f"{name}: a table of {as_whole(rows)} rows of {as_whole(features)} features",
        f"Lower '{blamed}'.",
    )
    numbers, work = rows * (features + 1), GENERATORS[name].facts.get("multiplications")
    multiplications = work(rows, features) if work else 0
    told = ""
    if numbers > DRAWN_NUMBERS:
        told = too_much(what, as_bytes(NUMBER_BYTES * numbers), f"{DRAWN_NUMBERS:,} numbers", remedy)
    elif features > TABLE_COLUMNS:
        told = too_much(what, f"{features:,} columns", f"{TABLE_COLUMNS:,}", remedy)
    elif multiplications > MULTIPLICATIONS:
        need = f"{as_count(multiplications)} multiplications"
        blamed, remedy = "features", "Lower 'features', or take linear_data."
        told = too_much(what, need, as_count(MULTIPLICATIONS), remedy)
    if told:
        raise BadParameter(f"synthetic.{name}.{blamed}", told)


def _label(columns: Columns, source: Source) -> str:
    parts = [columns.title]
    if source.features is not None:
        few = len(columns.features) <= _FEATURES_IN_LABEL
        parts.append(", ".join(columns.features) if few else f"{len(columns.features)} features")
    if source.reading.missing in ("mean", "median"):
        parts.append(f"gaps: {source.reading.missing}")
    if source.standardize:
        parts.append("standardized")
    perturbation = _perturbation(source)
    if perturbation:
        parts.append(str(perturbation))
    if source.test:
        parts.append(str(source.test))
    return " · ".join(parts)


def _perturbation(source: Source) -> Perturbation | None:
    """What the source asks for, or None where that changes nothing."""
    return source.perturb if source.perturb is not None and str(source.perturb) else None
