"""Tables: typed cells under defined columns, which the page, Markdown, LaTeX, CSV and notebooks all print."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdbench.config.outside import html, sheet
from gdbench.judgement.numerals import MISSING, count, exact, figure
from gdbench.judgement.settings import Spread
from gdbench.record.columns import Column

if TYPE_CHECKING:
    import pandas as pd

#: Why a table of settings has no rows before any run has finished.
NOTHING_YET = "No run has finished yet."


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    text: what people read; never empty where something was measured or could not be.
    value: the same for machines, in full precision; ∞ for a target that was never reached, None for none.
    kind: CSS classes: "number", "number censored", "outcome".  note: small print beneath.
    rank: what it sorts by, where that is not its value.  best: to be set off in its row.
    spread: over starts and seeds, never over problems: what stands behind ± where there is room for it.
    """

    text: str
    value: float | str | None = None
    kind: str = ""
    note: str = ""
    rank: float | None = None
    best: bool = False
    spread: str = ""

    @property
    def order(self) -> str:
        """What it sorts by, as text: a float's shortest exact form, or the words; censored values come last."""
        number = self.rank if self.rank is not None else self.value
        if isinstance(number, int | float):
            return "1e308" if math.isinf(number) else exact(float(number))
        return "" if self.numeric else self.text

    @property
    def sorts(self) -> str | None:
        """What it sorts by; None where a page shows just that."""
        return None if self.order == (self.full or self.text) else self.order

    @property
    def full(self) -> str:
        """The number in full precision; "" where the text says it all."""
        return exact(self.value) if isinstance(self.value, float) and math.isfinite(self.value) else ""

    @property
    def plain(self) -> str:
        """The number in full, as '409.0', or the words, as '> 5000' and 'not measured': never a blank."""
        number = isinstance(self.value, int | float) and math.isfinite(self.value)
        return repr(self.value) if number else self.text

    @property
    def numeric(self) -> bool:
        return self.kind.startswith("number")


@dataclass(frozen=True)
class Row:
    """One row. best: to be set off.  outcome: for its badge.  setting: its number in the study."""

    cells: tuple[Cell, ...]
    best: bool = False
    outcome: str = ""
    setting: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows under columns. absent: why the table does not apply here; then there are no rows.

    id: unique in a report, usable as an HTML id and a file name.  note: how to read it, in sentences.
    """

    id: str
    title: str
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    note: str = ""
    absent: str = ""

    @property
    def headers(self) -> list[str]:
        return [column.heading for column in self.columns]

    def frame(self) -> pd.DataFrame:
        """The values as a typed frame; a target never reached is ∞ there."""
        from gdbench.record.frames import frame  # noqa: PLC0415  a page needs no pandas, which is slow to import

        names = [column.name for column in self.columns]
        rows = ({name: cell.value for name, cell in zip(names, row.cells, strict=True)} for row in self.rows)
        return frame(rows, self.columns)

    def texts(self) -> pd.DataFrame:
        """What people read, cell by cell, under the columns' headings."""
        import pandas as pd  # noqa: PLC0415  as above

        return pd.DataFrame([[cell.text for cell in row.cells] for row in self.rows], columns=self.headers)

    def csv(self) -> str:
        """The rows under their columns' names; of a table that does not apply the one column 'absent'."""
        names, rows = [column.name for column in self.columns], [row.cells for row in self.rows]
        lines = [[cell.plain for cell in cells] for cells in rows]
        written = io.StringIO()
        rows_of_text = [["absent"], [self.absent]] if self.absent else [names, *lines]
        csv.writer(written, lineterminator="\n").writerows([*map(sheet, row)] for row in rows_of_text)
        return written.getvalue()

    def to_html(self, rows: int | None = None) -> str:
        """The table for a notebook, its first `rows` rows."""
        title = f"<h4>{html(self.title)}</h4>"
        if self.absent:
            return f"{title}<p>{html(self.absent)}</p>"
        shown = len(self.rows) if rows is None else rows
        grid = self.texts().head(shown).to_html(index=False, border=0)
        left = len(self.rows) - shown
        more = f"<p>… and {count(left)} more rows</p>" if left > 0 else ""
        return f"{title}{grid}{more}<p><small>{html(self.note)}</small></p>"

    def _repr_html_(self) -> str:
        return self.to_html()


def rows_of(cells: Iterable[Mapping[str, Cell]], columns: Iterable[Column]) -> tuple[Row, ...]:
    """Rows from cells by column name; a name that is missing shows as '–'."""
    names = [column.name for column in columns]
    return tuple(Row(tuple(row.get(name, Cell(MISSING)) for name in names)) for row in cells)


def words(text: str, kind: str = "", note: str = "") -> Cell:
    """A cell of words, which are its value too."""
    return Cell(text, text, kind, note)


def counted(value: float | None, note: str = "") -> Cell:
    """A number of things."""
    return Cell(count(value), value, "number", note)


def measured(value: float | None, digits: int = 4, note: str = "") -> Cell:
    """A measured number."""
    return Cell(figure(value, digits), value, "number", note)


def unknown(text: str) -> Cell:
    """In words why there is no number: 'not measured', '–'."""
    return Cell(text, None, "number censored")


def censored(text: str, note: str = "") -> Cell:
    """A target that was never reached: '> 5000'; no number, and after all numbers."""
    return Cell(text, math.inf, "number censored", note)


def middle_of(known: Spread | None, digits: int = 4) -> Cell:
    """A median, with the quartiles beneath where they differ."""
    if known is None:
        return Cell(MISSING, None, "number")
    low, high = figure(known.low, 3), figure(known.high, 3)
    return measured(known.median, digits, "" if low == high else f"{low} to {high}")
