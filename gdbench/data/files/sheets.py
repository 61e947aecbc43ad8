"""A file as a sheet: named columns of cells that know their row, read block by block and within bounds."""

from __future__ import annotations

import csv
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gdbench.data.files import USUAL, Reading
from gdbench.data.files.cells import Cells, Form, Numbers, unit_in
from gdbench.data.files.layout import (
    PARQUET,
    Layout,
    Obstacle,
    Obstructed,
    holds_anything,
    lay_out,
    open_file,
    suffix_of,
)
from gdbench.descent.errors import BadParameter, GdbenchError, nearest
from gdbench.descent.limits import TABLE_COLUMNS, TABLE_NUMBERS, too_much

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

    from gdbench.data.files.frames import Parquet

#: Rows that are read at a time. What has no more of them is never given to pandas, which is slow to import.
BLOCK = 8192

#: Columns of cells, or arrays of floats that were read at once.
Block = Sequence[Sequence[object]]


class NotAtOnce(Exception):
    """The rest of a long file is not as its beginning: it has to be read cell by cell."""


@dataclass
class Column:
    """What is known of a column so far. said: the unit in its name.  texts: its cells, where all were kept."""

    said: str = ""
    values: array[float] = field(default_factory=lambda: array("d"))
    bad: list[int] = field(default_factory=list)
    gaps: int = 0
    units: set[str] = field(default_factory=set)
    texts: list[object] | None = field(default_factory=list)

    def add(self, cells: Sequence[object], reader: Cells) -> None:
        """The next cells; clean ones of a long column need not be kept."""
        start = len(self.values)
        if isinstance(cells, array):
            self.values.extend(cells)
            self.units.add("")
            self.texts = None
            return
        found = reader.read(cells, self.said)
        self.values.extend(found.values)
        self.bad.extend(start + i for i in found.bad)
        self.gaps += found.gaps
        self.units.add(found.unit)
        if self.texts is not None and (found.bad or found.unit or not start):
            self.texts.extend(cells)
        else:
            self.texts = None

    @property
    def numbers(self) -> Numbers:
        return Numbers(self.values, self.bad, self.gaps, next(iter(self.units), ""))


class Content(NamedTuple):
    """The columns of a sheet that were wanted. empty: rows of nothing but separators, which are left out."""

    sheet: Sheet
    length: int
    columns: dict[str, Column]
    empty: int

    def numbers(self, name: str) -> Numbers:
        column = self.columns[name]
        if len(column.units) > 1:  # blocks disagree on the unit: look at all of it at once
            return Cells(Form.of(self.sheet.reading)).read(self.cells(name), unit_in(name))
        return column.numbers

    def cells(self, name: str) -> Sequence[object]:
        """As they stand in the file."""
        kept = self.columns[name].texts
        return kept if kept is not None else self.sheet.cells_of(name)

    def row(self, i: int) -> int:
        return self.sheet.place(i)


@dataclass(frozen=True)
class Sheet:
    """A file, open at its first row, with its names made different from one another.

    nameless: columns that are called by their place as the file does not name them.
    repeated: what a column is called → the name that the file gives to another one as well.
    """

    path: Path
    reading: Reading
    names: tuple[str, ...]
    nameless: frozenset[str]
    repeated: dict[str, str]
    source: Layout | Parquet

    def check_there(self, wanted: Iterable[str]) -> None:
        """Raise GdbenchError where one of these columns is not."""
        absent = [name for name in wanted if name not in self.names]
        if absent:
            others = f" (and {len(absent) - 1} more)" if len(absent) > 1 else ""
            there = [name for name in self.names if name not in wanted]
            hint = nearest(absent[0], there) if there else ""
            raise GdbenchError(f"{self.path}: the column '{absent[0]}' is missing{others}. {hint}".rstrip())

    def read(self, wanted: Iterable[str]) -> Content:
        """Read these columns; raises Obstructed and GdbenchError."""
        names = list(wanted)
        position = {name: j for j, name in enumerate(self.names)}
        places = [position[name] for name in names]
        reader = Cells(Form.of(self.reading))
        plain = reader.form == Form()
        try:
            return self._read(names, self._blocks(places, at_once=plain), reader)
        except NotAtOnce:
            return self._read(names, self._blocks(places, at_once=False), reader)

    def _blocks(self, places: Sequence[int], *, at_once: bool) -> Iterator[tuple[Block, int]]:
        if isinstance(self.source, Layout):
            return _text_blocks(self.source, self.reading, places, at_once=at_once)
        return ((block, 0) for block in self.source.blocks(places))

    def _read(self, names: list[str], blocks: Iterator[tuple[Block, int]], reader: Cells) -> Content:
        columns = {name: Column(unit_in(name)) for name in names}
        length = empty = 0
        for block, left_out in blocks:
            empty += left_out
            for name, cells in zip(names, block, strict=True):
                columns[name].add(cells, reader)
            length += len(block[0]) if block else 0
            check_extent(self.path, length, len(names))
        return Content(self, length, columns, empty)

    def cells_of(self, name: str) -> Sequence[object]:
        """A column's cells, read for themselves."""
        blocks = self._blocks([self.names.index(name)], at_once=False)
        return [cell for block, _ in blocks for cell in block[0]]

    def last_rows(self) -> list[tuple[int, list[str]]]:
        """Some rows at the end of a text file, all of a short one; none of a Parquet file."""
        if not isinstance(self.source, Layout):
            return []
        return self.source.last_records()

    def place(self, i: int) -> int:
        """The line on which the i-th row begins; of a Parquet file its number."""
        if not isinstance(self.source, Layout):
            return i + 1
        with self.source.open_rows() as text:
            return next(
                islice((line for line, _ in self.source.lines.records(text, self.source.before)), i, None)
            )


def open_sheet(path: Path, reading: Reading = USUAL) -> Sheet:
    """Read the names of a file's columns; raises Obstructed, BadParameter and GdbenchError."""
    source: Layout | Parquet
    if suffix_of(path) in PARQUET:
        kind, _ = _frames()
        with open_file(path) as file:
            source = kind.of(path, file)
    else:
        source = lay_out(path, reading)
    given = source.names

    if len(given) > TABLE_COLUMNS:
        most, remedy = f"{TABLE_COLUMNS:,}", "Keep those that matter, in a file of their own."
        raise BadParameter("file", f"{path}: {too_much('the table', f'{len(given):,} columns', most, remedy)}")
    names, nameless, repeated = _different(given)
    return Sheet(path, reading, names, nameless, repeated, source)


def _different(given: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str], dict[str, str]]:
    """Names as pandas tells equal ones apart, x and x.1; a column without one is called by its place."""
    taken, names, nameless = set(given), list[str](), set[str]()
    seen, repeated, count = set[str](), dict[str, str](), dict[str, int]()
    for j, name in enumerate(given, start=1):
        called = name or f"column{j}"
        while called in seen or (called in taken and not name):
            count[name] = count.get(name, 0) + 1
            called = f"{name or f'column{j}'}.{count[name]}"
        if not name:
            nameless.add(called)
        elif called != name:
            repeated[called] = name
        seen.add(called)
        names.append(called)
    return tuple(names), frozenset(nameless), repeated


def check_extent(path: Path, rows: int, columns: int) -> None:
    if rows * columns > TABLE_NUMBERS:
        found = f"{rows:,} rows of {columns:,} columns or more"
        remedy = "Take a part of the rows, or fewer columns with 'columns:'."
        raise BadParameter(
            "file", f"{path}: {too_much('the table', found, f'{TABLE_NUMBERS:,} cells', remedy)}"
        )


# --- text, block by block


def _text_blocks(
    layout: Layout, reading: Reading, places: Sequence[int], *, at_once: bool
) -> Iterator[tuple[Block, int]]:
    """Columns of cells, and how many rows of nothing were left out beside them.

    at_once: whether pandas may read what follows the first block, as floats where that holds numbers.
    """
    last = reading.skip_last or 0
    with layout.open_rows() as text:
        reader = layout.lines.reader(text)
        held: list[list[str]] = []
        more = True
        while more:
            rows, more, empty = _next_rows(layout, reader)
            held.extend(rows)
            end = max(len(held) - last, 0)
            ready, held = _fitting(held[:end], layout, last), held[end:]
            columns = list(zip(*ready, strict=True)) or [()] * len(layout.names)
            block = [list(columns[j]) for j in places]
            yield block, empty
            if at_once and more and not last and layout.lines.comment is None:
                _, rest = _frames()
                plain = [not Cells(Form()).read(cells).strange for cells in block]
                yield from ((following, 0) for following in rest(text, layout, places, plain))
                return


def _frames() -> tuple[type[Parquet], Callable[..., Iterator[Block]]]:
    from gdbench.data.files.frames import Parquet, rest  # noqa: PLC0415  pandas and Arrow are slow to import

    return Parquet, rest


def _next_rows(layout: Layout, reader: CsvReader) -> tuple[list[list[str]], bool, int]:
    """The next rows, whether there may be more, and how many of them held nothing but separators."""
    try:
        rows = list(islice(reader, BLOCK))
    except (csv.Error, UnicodeError):
        _find_fault(layout)
        raise
    more = len(rows) == BLOCK
    if all(row and row[0] for row in rows):
        return rows, more, 0
    filled = [row for row in rows if holds_anything(row)]
    return filled, more, sum(len(row) > 1 and not holds_anything(row) for row in rows)


def _fitting(rows: list[list[str]], layout: Layout, last: int) -> list[list[str]]:
    """Rows as long as the names; raises Obstructed where one cannot be."""
    if set(map(len, rows)) <= {len(layout.names)}:
        return rows
    found = [_fitted(row, layout.names) for row in rows]
    if None in found:
        _find_fault(layout, last)
    return [row for row in found if row]


def _fitted(row: list[str], names: Sequence[str]) -> list[str] | None:
    """A row as long as the names: separators at its end name nothing. None where that cannot be."""
    width = len(names)
    if len(row) == width:
        return row
    if len(row) > width:
        return None if holds_anything(row[width:]) else row[:width]
    return None if any(names[len(row) :]) else row + [""] * (width - len(row))


def _find_fault(layout: Layout, last: int = 0) -> None:
    """Raise Obstructed with the line that cannot be read, or is of another length. last: rows left out."""
    waiting: deque[tuple[int, list[str]]] = deque()
    with layout.open_rows() as text:
        for place in layout.lines.records(text, layout.before):
            waiting.append(place)
            line, record = waiting.popleft() if len(waiting) > last else (0, layout.names)
            if _fitted([*record], layout.names) is None:
                found = f"{len(record)} value{'s' if len(record) > 1 else ''} for {len(layout.names)} columns"
                raise Obstructed(Obstacle("ragged", line, "", found))
