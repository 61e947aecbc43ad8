"""One table of what several have in the same rows: their columns side by side, of which the reader chooses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gdbench.record.columns import Column
from gdbench.report.tables.table import Cell, Row, Table

#: Columns of the first table that are shown from the start; more do not fit a page.
SHOWN = 9


@dataclass(frozen=True)
class Place:
    """Where a column comes from. table: the id, and so the file's name.  group: what a page calls its table.

    shown: whether it is there before the reader asks for it.
    """

    table: str
    column: Column
    group: str
    shown: bool


@dataclass(frozen=True)
class Joined(Table):
    """A table whose columns come from several. first: the table that begins it, which other voices tell.

    places: where each column comes from.
    """

    first: Table | None = None
    places: tuple[Place, ...] = ()

    @property
    def groups(self) -> dict[str, list[int]]:
        """What a page calls a table → the places of its columns that can be hidden."""
        found: dict[str, list[int]] = {}
        for number, place in enumerate(self.places):
            if place.group:
                found.setdefault(place.group, []).append(number)
        return found


def joined(tables: Sequence[Table], keys: int, same: Sequence[str] = (), hidden: Sequence[str] = ()) -> Table:
    """The first of these tables with the columns of the others; those that have no such rows are left out.

    keys: how many of the first columns name a row.  same: columns that say in each table what the first says.
    hidden: columns of the first that are not shown at once.
    """
    first, *others = tables
    parts = [first, *(table for table in others if not table.absent and _fits(first, table, keys))]
    if first.absent or len(parts) == 1:
        return first
    places = list(_places(parts, keys, same, hidden))
    rows = {table.id: {_key(row): row for row in table.rows} for table in parts}
    names = {table.id: _columns(table) for table in parts}
    wanted = [(place.table, names[place.table].index(place.column.name)) for place in places]
    made = tuple(
        replace(row, cells=tuple(_cell(rows[id_].get(_key(row)), at) for id_, at in wanted))
        for row in first.rows
    )
    notes = dict.fromkeys(table.note for table in parts if table.note)
    columns = tuple(place.column for place in places)
    return Joined(first.id, first.title, columns, made, " ".join(notes), "", first, tuple(places))


def _places(tables: Sequence[Table], keys: int, same: Sequence[str], hidden: Sequence[str]) -> Iterator[Place]:
    first, *others = tables
    for number, column in enumerate(first.columns):
        shown = number < keys or (column.name not in hidden and number < SHOWN)
        yield Place(first.id, column, "" if number < keys else first.title, shown)
    known = {*_columns(first)[:keys], *same}
    for table in others:
        new = (column for column in table.columns if column.name not in known)
        yield from (Place(table.id, column, table.title, shown=False) for column in new)


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _fits(first: Table, other: Table, keys: int) -> bool:
    """Whether it has the same kind of rows, each once."""
    named = {column.name for column in first.columns[:keys]}
    found = [_key(row) for row in other.rows]
    return named <= set(_columns(other)) and len(set(found)) == len(found)


def _key(row: Row) -> int | str:
    return row.cells[0].text if row.setting is None else row.setting


def _cell(row: Row | None, place: int) -> Cell:
    return Cell("", None, "number") if row is None else row.cells[place]
