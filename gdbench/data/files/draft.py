"""Columns in the making: from the cells of a sheet to numbers and codes, with what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gdbench.data.columns import Columns, Note
from gdbench.data.files import Reading
from gdbench.data.files.cells import Cells, Form, Numbers
from gdbench.data.files.judging import TOO_MANY_CATEGORIES, kind_of, label_of
from gdbench.data.files.layout import Obstacle, Obstructed
from gdbench.data.files.marks import sentinels
from gdbench.data.files.sheets import Content, Sheet
from gdbench.data.preparation import Input
from gdbench.descent.errors import BadParameter, GdbenchError

FEWEST_ROWS = 2


def none_left(sheet: Sheet) -> BadParameter:
    wrong = "no column is left but the target; expected at least one feature column."
    return BadParameter("features", f"{sheet.path}: {wrong}")


@dataclass
class Draft:
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

    def add_like(self, one: Input) -> None:
        """A column of other rows, read as it was read before."""
        numbers = self.content.numbers(one.name)
        if one.fill is None:
            self._gaps(one.name, numbers, fills=False)
        if one.categories:
            self._code(one.name)
            return
        self.features[one.name] = numbers.values
        if numbers.bad:
            self._bad(one.name, "number", numbers)

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

    def _gaps(self, name: str, numbers: Numbers, *, fills: bool = True) -> None:
        """Note the first gap, where nothing is said of gaps, or nothing fills one."""
        if numbers.gaps and (self.reading.missing == "refuse" or not fills):
            bad = set(numbers.bad)
            first = next(i for i, value in enumerate(numbers.values) if value != value and i not in bad)
            text = self.content.cells(name)[first]
            shown = "" if text is None else str(text).strip()
            self.obstacles.append(Obstacle("gap", self.content.row(first), name, shown, numbers.gaps - 1))

    def check(self) -> None:
        """Raise Obstructed with everything that stands in the way so far."""
        if self.obstacles:
            raise Obstructed(*self.obstacles)

    def columns(self, target: str) -> Columns:
        """All of it; raises Obstructed with everything that stands in the way."""
        values, classes = self._target(target)
        self.check()
        if not self.features:
            raise none_left(self.content.sheet)
        path, empty = self.content.sheet.path, self.content.empty
        self.notes += [Note("empty_rows", times=empty)] if empty else []
        self._note_sentinels(target, values)
        kept = self._kept_rows(values)
        if kept is not None:
            self.features = {name: [column[i] for i in kept] for name, column in self.features.items()}
            values = [values[i] for i in kept]
        if len(values) < FEWEST_ROWS:
            raise GdbenchError(
                f"{path}: rows without a gap: {len(values)}; expected {FEWEST_ROWS} or more. "
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
