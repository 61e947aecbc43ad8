"""A user's own file as columns: the target that the config names, and the features beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gdbench.data.columns import Columns, Note, Rows, choose_features
from gdbench.data.files import USUAL, Reading
from gdbench.data.files.cells import Cells, Form, Numbers
from gdbench.data.files.judging import (
    TOO_MANY_CATEGORIES,
    kind_of,
    label_of,
    looks_like_names,
    looks_like_totals,
)
from gdbench.data.files.layout import Obstacle, Obstructed
from gdbench.data.files.marks import sentinels
from gdbench.data.files.remedies import Refusal, Remedy, remedy
from gdbench.data.files.sheets import Content, Sheet, open_sheet
from gdbench.descent.errors import BadParameter, GdbenchError, nearest

_FEWEST_ROWS = 2
#: Remedies that are tried one upon the other.
_TRIES = 3


def read_file(
    path: Path, target: str | None, features: Sequence[str] | None = None, reading: Reading = USUAL
) -> Columns:
    """Read a file as the config asks. All columns but the target are features, unless the config chooses.

    A target of text is read as classes: the labels in sorted order are 0, 1, ….
    Raises Refusal with what cannot be read and the line that reads it, BadParameter and GdbenchError.
    """
    try:
        return _read(path, target, features, reading)
    except Obstructed as error:
        raise Refusal(path, error.obstacles, _remedy(path, target, features, reading)) from None


def read_rows(path: Path, numbers: Sequence[str], texts: Sequence[str], reading: Reading = USUAL) -> Rows:
    """Rows of a file that need no target. numbers, texts: the columns of these that are wanted.

    Raises Refusal with what cannot be read, and GdbenchError for columns that are not there.
    """
    reading = replace(reading, columns=None, drop=())
    try:
        sheet = open_sheet(path, reading)
        sheet.check_there((*numbers, *texts))
        content = sheet.read(sheet.names)
    except Obstructed as error:
        raise Refusal(path, error.obstacles, {}) from None
    draft = _Draft(content, reading, explicit=True)
    for name in (*numbers, *texts):
        draft.take(name, text=name in texts)
    if draft.obstacles:
        raise Refusal(path, draft.obstacles, {})
    columns = Columns(path.name, path.name, draft.features, "", [0.0] * content.length, labels=draft.labels)
    return Rows(columns, {name: content.cells(name) for name in sheet.names})


def _remedy(
    path: Path, target: str | None, features: Sequence[str] | None, reading: Reading
) -> dict[str, object]:
    """What to write under `data:` so that a file is read, tried out; empty where nothing helps."""
    found = Remedy(reading, None if features is None else tuple(features))
    for _ in range(_TRIES):
        try:
            found = remedy(path, target or "", found.features, found.reading)
            _read(path, target, found.features, found.reading)
        except Obstructed:
            continue
        except GdbenchError:
            break
        return found.settings(reading, features)
    return {}


def _read(path: Path, target: str | None, features: Sequence[str] | None, reading: Reading) -> Columns:
    sheet = open_sheet(path, reading)
    target = _choose_target(sheet, target)
    chosen = choose_columns(sheet, target, features, reading)
    totals = looks_like_totals(sheet)
    if totals:
        raise Obstructed(totals)
    content = sheet.read([*chosen, target])
    if content.length < _FEWEST_ROWS:
        raise GdbenchError(f"{path}: rows of data: {content.length}; expected {_FEWEST_ROWS} or more.")
    draft = _Draft(content, reading, explicit=features is not None or reading.columns is not None)
    for name in chosen:
        draft.add(name)
    return draft.columns(target)


def _choose_target(sheet: Sheet, target: str | None) -> str:
    if target is None:
        known = ", ".join(sheet.names)
        raise BadParameter(
            "target", f"{sheet.path}: 'target:' must name the column to predict. Known: {known}."
        )
    if target not in sheet.names:
        if not looks_like_names(sheet):
            raise Obstructed(Obstacle("header", 1, "", ", ".join(sheet.names)))
        if len(sheet.names) == 1:
            raise Obstructed(Obstacle("one_column", 1, "", sheet.names[0]))
        raise BadParameter(
            "target", f"{sheet.path}: no column is called '{target}'. {nearest(target, sheet.names)}"
        )
    return target


def choose_columns(
    sheet: Sheet, target: str, features: Sequence[str] | None, reading: Reading
) -> tuple[str, ...]:
    """The features that are wanted, in order; raises BadParameter and Obstructed."""
    for key, names in (("columns", reading.columns or ()), ("drop", reading.drop)):
        for name in names:
            if name not in sheet.names:
                wrong = f"no column is called '{name}'. {nearest(name, sheet.names)}"
                raise BadParameter(key, f"{sheet.path}: {wrong}")
    if target in reading.drop:
        raise BadParameter("drop", f"{sheet.path}: '{target}' is the target, so it cannot be dropped.")
    wanted = features
    if wanted is None:
        dropped = {*reading.drop, target}
        wanted = [name for name in reading.columns or sheet.names if name not in dropped]
    if len(sheet.names) == 1:
        raise Obstructed(Obstacle("one_column", 1, "", sheet.names[0])) if _is_row(sheet) else _none_left(sheet)
    _check_repeated(sheet, {*wanted, target}, {*reading.drop, *(reading.columns or ()), *(features or ())})
    return choose_features(str(sheet.path), sheet.names, target, wanted)


def _is_row(sheet: Sheet) -> bool:
    return any(mark in sheet.names[0] for mark in ";\t| ")


def _none_left(sheet: Sheet) -> BadParameter:
    wrong = "no column is left but the target; expected at least one feature column."
    return BadParameter("features", f"{sheet.path}: {wrong}")


def _check_repeated(sheet: Sheet, wanted: set[str], mentioned: set[str]) -> None:
    """Two columns of one name are told apart by the config, or not at all."""
    found = [
        Obstacle("repeated", 1, called, name)
        for called, name in sheet.repeated.items()
        if called not in mentioned and not wanted.isdisjoint((called, name))
    ]
    if found:
        raise Obstructed(*found)


@dataclass
class _Draft:
    """Columns in the making. explicit: whether the config names the columns that it wants."""

    content: Content
    reading: Reading
    explicit: bool
    features: dict[str, Sequence[float]] = field(default_factory=dict)
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)

    def add(self, name: str) -> None:
        """A feature: its numbers, the codes of its labels, or what stands in the way."""
        kind, nameless = kind_of(self.content, name), name in self.content.sheet.nameless
        if nameless and kind == "empty" and not self.explicit:
            self.notes.append(Note("nameless", name))
            return
        if nameless and not self.explicit:
            self.obstacles.append(Obstacle("nameless", 1, name))
        numbers, text = self.content.numbers(name), kind in ("text", "date")
        if text and self.reading.categories == "drop":
            self.notes.append(Note("text", name, str(self.content.cells(name)[numbers.bad[0]])))
        elif kind == "number":
            self._gaps(name, numbers)
            self.features[name] = numbers.values
            if numbers.unit:
                self.notes.append(Note("unit", name, numbers.unit))
        elif kind == "empty":
            self.obstacles.append(Obstacle("empty", 0, name))
        elif kind == "text" and self.reading.categories == "one_hot":
            self._gaps(name, numbers)
            self._code(name)
            if len(self.labels[name]) > max(TOO_MANY_CATEGORIES, self.content.length / 2):
                self._bad(name, "words", numbers)
        else:
            self._bad(name, {"mixed": "number"}.get(kind, kind), numbers)
            self._gaps(name, numbers)

    def take(self, name: str, *, text: bool) -> None:
        """A feature whose kind is known: whatever its cells look like, they are numbers, or labels."""
        numbers = self.content.numbers(name)
        self._gaps(name, numbers)
        self.features[name] = numbers.values
        if text:
            self._code(name)
        elif numbers.bad:
            self._bad(name, "number", numbers)

    def _code(self, name: str) -> None:
        cells, reader = self.content.cells(name), Cells(Form.of(self.reading))
        texts = [None if reader.is_gap(cell) else label_of(cell) for cell in cells]
        self.labels[name] = tuple(sorted({text for text in texts if text is not None}))
        code = {label: float(i) for i, label in enumerate(self.labels[name])}
        self.features[name] = [float("nan") if text is None else code[text] for text in texts]

    def _bad(self, name: str, kind: str, numbers: Numbers) -> None:
        """Note the first cell that cannot be read, and how many more there are."""
        cells, first = self.content.cells(name), numbers.bad[0]
        self.obstacles.append(
            Obstacle(kind, self.content.row(first), name, str(cells[first]), len(numbers.bad) - 1)
        )

    def _gaps(self, name: str, numbers: Numbers) -> None:
        if numbers.gaps and self.reading.missing == "refuse":
            bad = set(numbers.bad)
            first = next(i for i, value in enumerate(numbers.values) if value != value and i not in bad)
            text = self.content.cells(name)[first]
            shown = "" if text is None else str(text).strip()
            self.obstacles.append(Obstacle("gap", self.content.row(first), name, shown, numbers.gaps - 1))

    def columns(self, target: str) -> Columns:
        """All of it; raises Obstructed with everything that stands in the way."""
        values, classes = self._target(target)
        if self.obstacles:
            raise Obstructed(*self.obstacles)
        if not self.features:
            raise _none_left(self.content.sheet)
        path, empty = self.content.sheet.path, self.content.empty
        self.notes += [Note("empty_rows", times=empty)] if empty else []
        self._note_sentinels(target, values)
        kept = self._kept_rows(values)
        if kept is not None:
            self.features = {name: [column[i] for i in kept] for name, column in self.features.items()}
            values = [values[i] for i in kept]
        if len(values) < _FEWEST_ROWS:
            raise GdbenchError(
                f"{path}: rows without a gap: {len(values)}; expected {_FEWEST_ROWS} or more. "
                "Fill gaps with 'missing: median', or leave out columns that have many."
            )
        return Columns(
            path.name,
            f"{path.name} → {target}",
            self.features,
            target,
            list(values),
            classes,
            labels=self.labels,
            notes=tuple(self.notes),
        )

    def _target(self, name: str) -> tuple[Sequence[float], tuple[str, ...]]:
        """The target's numbers, and the names of its classes where it is text."""
        numbers, kind = self.content.numbers(name), kind_of(self.content, name)
        if kind == "empty":
            raise Obstructed(Obstacle("empty_target", 0, name))
        self._gaps(name, numbers)
        if kind == "date":
            self._bad(name, "date_target", numbers)
        elif kind == "text" and len(numbers.bad) == self.content.length - numbers.gaps:
            self._code(name)
            classes, values = self.labels.pop(name), self.features.pop(name)
            if len(classes) == 1:
                found = f"column '{name}' holds one class only, '{classes[0]}'; expected two or more."
                raise BadParameter("target", f"{self.content.sheet.path}: {found}")
            return values, classes
        elif numbers.bad:
            self._bad(name, "number", numbers)
        elif numbers.unit:
            self.notes.append(Note("unit", name, numbers.unit))
        return numbers.values, ()

    def _note_sentinels(self, target: str, values: Sequence[float]) -> None:
        found = {name: column for name, column in self.features.items() if name not in self.labels}
        for text in sentinels({**found, target: values}):
            where = [name for name, column in found.items() if float(text) in column]
            self.notes.append(
                Note(
                    "sentinel",
                    ", ".join(where or [target]),
                    text,
                    sum(c.count(float(text)) for c in found.values()),
                )
            )

    def _kept_rows(self, target: Sequence[float]) -> list[int] | None:
        """The rows that stay, None for all."""
        looked_at = [target, *self.features.values()] if self.reading.missing == "drop" else [target]
        gone = {i for column in looked_at for i, value in enumerate(column) if value != value}
        if not gone:
            return None
        self.notes.append(Note("rows" if self.reading.missing == "drop" else "target_rows", times=len(gone)))
        return [i for i in range(len(target)) if i not in gone]
