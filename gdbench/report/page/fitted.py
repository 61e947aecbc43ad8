"""A table for a terminal, however narrow: numbers stay whole, texts are folded, what has no room is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

#: Letters of a word that is not broken where it need not be; columns of a text below which others are left out
#: instead, and below which a row becomes a paragraph.
_WORD, _COMFORTABLE, _LEAST = 30, 16, 8


@dataclass(frozen=True)
class FittedColumn:
    """number: its cells are never broken.  spare: where there is no room, the most spare is left out first.

    least: columns of a text that read as one thing, such as a sign with its word.
    """

    heading: str = ""
    number: bool = False
    spare: int = 0
    least: int = 0
    style: str = ""


class Fitted:
    """Rows under their headings. where: what has the columns that are left out; gap: between two columns."""

    def __init__(
        self,
        columns: Sequence[FittedColumn],
        rows: Sequence[Sequence[str | Text]],
        where: str = "",
        *,
        left_out: Sequence[str] = (),
        gap: int = 1,
        styles: Sequence[str] = (),
    ) -> None:
        self._columns = columns
        self._rows = [[cell if isinstance(cell, Text) else Text(cell) for cell in row] for row in rows]
        self._where, self._left_out, self._gap = where, left_out, gap
        self._styles = styles or [""] * len(rows)
        cells: list[list[Text]] = [[row[place] for row in self._rows] for place in range(len(columns))]
        self._cells = [[line for cell in column for line in cell.plain.splitlines()] for column in cells]

    @property
    def natural(self) -> int:
        """Columns in which nothing needs to be folded."""
        places = range(len(self._columns))
        return self._total([self._whole(place) for place in places])

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(min(options.max_width, _LEAST), min(options.max_width, self.natural))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        kept = self._kept(options.max_width)
        if self._total([self._tightest(place, _LEAST) for place in kept]) > options.max_width:
            yield from self._paragraphs()
            kept = range(len(self._columns))
        else:
            yield self._table(kept, self._widths(kept, options.max_width))
        missing = [c.heading for place, c in enumerate(self._columns) if place not in kept]
        names = ", ".join([*self._left_out, *missing])
        if names:
            yield Text(f"… {names}: see {self._where}", "dim")

    # --- which columns, and how wide

    def _kept(self, room: int) -> Sequence[int]:
        """The columns for which there is room, the most spare ones left out first."""
        kept = list(range(len(self._columns)))
        spare = sorted((p for p in kept if self._columns[p].spare), key=lambda p: -self._columns[p].spare)
        for place in spare:
            if self._total([self._tightest(p, _COMFORTABLE) for p in kept]) <= room:
                break
            kept.remove(place)
        return kept

    def _widths(self, kept: Sequence[int], room: int) -> list[int]:
        """Texts give way between words, the widest first; then headings of numbers; then texts within words."""
        widths = [self._whole(place) for place in kept]
        for least in (_WORD, _COMFORTABLE, _LEAST):
            texts = [place for place in kept if not self._columns[place].number]
            limits = {place: self._tightest(place, least) for place in texts}
            while self._total(widths) > room:
                wider = [i for i, place in enumerate(kept) if widths[i] > limits.get(place, widths[i])]
                if not wider:
                    break
                widths[max(wider, key=widths.__getitem__)] -= 1
            if self._total(widths) > room and least == _WORD:
                widths = [
                    self._tightest(place, 0) if self._columns[place].number else width
                    for place, width in zip(kept, widths, strict=True)
                ]
                widths = self._given_back(kept, widths, room)
        return widths

    def _given_back(self, kept: Sequence[int], widths: list[int], room: int) -> list[int]:
        """Headings again on one line, from the left, where that still has room."""
        for i, place in enumerate(kept):
            more = self._whole(place) - widths[i]
            if self._columns[place].number and 0 < more <= room - self._total(widths):
                widths[i] += more
        return widths

    def _total(self, widths: Sequence[int]) -> int:
        return sum(widths) + self._gap * (len(widths) - 1)

    def _whole(self, place: int) -> int:
        return max(map(cell_len, [self._columns[place].heading, *self._cells[place]]))

    def _tightest(self, place: int, least: int) -> int:
        """A number needs its digits; a text its longest word, and no more than `least`."""
        heading = max(map(cell_len, self._columns[place].heading.split()), default=0)
        if self._columns[place].number:
            return max([heading, *map(cell_len, self._cells[place])])
        words = (word for line in self._cells[place] for word in line.split())
        tightest = min(max([heading, *map(cell_len, words)]), least)
        return min(max(tightest, self._columns[place].least), self._whole(place))

    # --- what is shown

    def _table(self, kept: Sequence[int], widths: Sequence[int]) -> Table:
        headed = any(column.heading for column in self._columns)
        padding = (0, self._gap, 0, 0)
        table = Table(
            box=None, pad_edge=False, padding=padding, header_style="dim", show_edge=False, show_header=headed
        )
        for place, width in zip(kept, widths, strict=True):
            column = self._columns[place]
            table.add_column(
                column.heading,
                justify="right" if column.number else "left",
                overflow="fold",
                style=column.style,
                width=width,
            )
        for row, style in zip(self._rows, self._styles, strict=True):
            table.add_row(*(row[place] for place in kept), style=style)
        return table

    def _paragraphs(self) -> RenderResult:
        """A row in words, where not even its numbers have room beside one another."""
        for row, style in zip(self._rows, self._styles, strict=True):
            parts = [
                Text(" ").join([Text(column.heading, "dim"), cell]) if column.heading else cell
                for column, cell in zip(self._columns, row, strict=True)
                if cell.plain
            ]
            yield Text(" ", style).join(parts)
