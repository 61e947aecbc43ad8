"""How a text file could be read: its encoding, separator and header, and the lines around the table.

What is found is a Reading; `new` writes it, and a refusal says the difference to the one that was asked for.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, pairwise, takewhile
from pathlib import Path
from typing import NamedTuple

from gdbench.data.files import BLANKS, USUAL_ENCODING, Reading
from gdbench.data.files.cells import Cells, Form
from gdbench.data.files.layout import (
    EXCEL,
    PARQUET,
    SEPARATORS,
    Lines,
    encoding_of,
    holds_anything,
    lay_out,
    open_file,
    suffix_of,
)
from gdbench.data.files.marks import FOR_MISSING, is_dressed

_CANDIDATES = (",", ";", "\t", "|", BLANKS)
_COMMENTS = ("#", "%", "//")
#: Lines at the beginning of a file that are looked at.
_LINES = 2000


def detect_layout(path: Path, given: Reading) -> Reading:
    """Encoding, separator, comments, names and the lines around the table, each as given where that can be."""
    if suffix_of(path) in PARQUET:
        return given
    given, encoding = _with_encoding(path, given)
    lines, usual = _head(path, encoding), SEPARATORS[suffix_of(path)]
    above = int(bool(lines) and lines[0][:-1].lower() == EXCEL)
    if above:
        usual = lines.pop(0)[-1]
    given = replace(given, comment=given.comment or _comment(lines))
    lines = ["" if given.comment and line.lstrip().startswith(given.comment) else line for line in lines]
    separator = _separator(lines, given.separator or usual)
    if separator != (given.separator or usual):
        given = replace(given, separator=separator)
    return _with_header(path, _with_edges(given, _records(lines, separator), above))


def _with_encoding(path: Path, given: Reading) -> tuple[Reading, str]:
    """The encoding as well, by its name: as it is asked for, unless the file cannot be read so."""
    encoding = encoding_of(path, given)
    if encoding not in (USUAL_ENCODING, given.encoding) or _is_readable(path, encoding):
        return given, encoding
    guess = _guess_encoding(path)
    return replace(given, encoding=guess), guess


def _is_readable(path: Path, encoding: str) -> bool:
    try:
        with Lines(path, encoding, ",").open() as text:
            while text.read(1 << 20):
                pass
    except UnicodeError:
        return False
    return b"\0" not in _start(path) or "16" in encoding or "32" in encoding


def _start(path: Path) -> bytes:
    with open_file(path) as file:
        return file.read(2000)


def _guess_encoding(path: Path) -> str:
    """What the bytes of a whole file can be, the likeliest first."""
    with open_file(path) as file:
        content = file.read()
    if b"\0" in content[:2000]:
        return "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    for name in ("utf-8", "cp1252"):
        try:
            content.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def _head(path: Path, encoding: str) -> list[str]:
    """Whatever is in them: who reads the whole file says where it is not in its encoding."""
    with Lines(path, encoding, ",").open("replace") as text:
        return [line.rstrip("\r\n") for line in islice(text, _LINES)]


def _comment(lines: Sequence[str]) -> str | None:
    """What the first lines begin with, if it is a mark of comment and others do not begin with it."""
    filled = [line for line in lines if line.strip()]
    for mark in _COMMENTS:
        marked = [line.lstrip().startswith(mark) for line in filled]
        alone = (
            filled
            and len(filled[0]) > len(mark)
            and filled[0].lstrip()[len(mark) : len(mark) + 1] not in ",;\t|"
        )
        if any(marked) and not all(marked) and marked[0] and alone:
            return mark
        if any(marked) and not marked[0] and sum(marked) <= max(2, len(marked) // 4):
            return mark
    return None


class _Record(NamedTuple):
    """A record: the line on which it begins, how many cells it has, and how many hold anything."""

    line: int
    width: int
    filled: int


def _records(lines: Sequence[str], separator: str) -> list[_Record]:
    """Those that hold anything; none where quotes do not fit."""
    reader = Lines(Path(), USUAL_ENCODING, separator).reader(io.StringIO("\n".join(lines) + "\n", newline=""))
    found, start = [], 0
    try:
        for record in reader:
            if holds_anything(record):
                found.append(_Record(start, len(record), sum(map(bool, map(str.strip, record)))))
            start = reader.line_num
    except csv.Error:
        return found if start > len(lines) // 2 else []
    return found


def _separator(lines: Sequence[str], usual: str) -> str:
    """The one by which most lines have equally many cells, two or more; of several the usual one."""

    def merit(separator: str) -> tuple[float, bool, bool, int]:
        widths = [record.width for record in _records(lines, separator)]
        width, most = max(Counter(widths).items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if width < 2:
            return 0.0, False, False, 0
        return round(most / len(widths), 1), separator == usual, separator != BLANKS, width

    best = max(_CANDIDATES if usual in _CANDIDATES else (*_CANDIDATES, usual), key=merit)
    return best if merit(best)[0] > 0.0 else usual


def _with_edges(given: Reading, records: Sequence[_Record], above: int) -> Reading:
    """Leave out lines before and after the table: those of another length than most.

    above: lines that are not counted in those of the records.
    """
    if not records:
        return given
    usual = Counter(record.width for record in records).most_common(1)[0][0]
    titles = _titles(records, usual)
    if titles and not given.skip_first:
        given = replace(given, skip_first=records[titles].line + above)
    tail = sum(1 for _ in takewhile(lambda record: record.width == 1 < usual, reversed(records)))
    if tail and len(records) < _LINES and given.skip_last is None:
        given = replace(given, skip_last=tail)
    return given


def _titles(records: Sequence[_Record], usual: int) -> int:
    """How many records in front are none of the table: shorter than most, or with a single filled cell."""
    found = list(takewhile(lambda one: one.width != usual or (one.filled == 1 and usual > 2), records))
    if found and abs(found[-1].width - usual) == 1 and usual > 2:
        found.pop()  # the names of a table whose rows have names themselves, or a separator at their end
    short = len(found) < len(records) and all(one.width < usual or one.filled == 1 for one in found)
    return len(found) if short else 0


def _with_header(path: Path, given: Reading) -> Reading:
    """Whether the first line names the columns, and what they are called where it does so badly."""
    if not given.header or given.names is not None:
        return given
    layout = lay_out(path, given)
    with layout.open_rows() as text:
        rows = [record for _, record in islice(layout.lines.records(text, layout.before), 200)]
    names = layout.written
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    if width == len(names) + 1 and all(row[-1].strip() for row in rows if len(row) == width):
        return replace(given, names=("row", *names))
    if are_values(names, rows):
        return replace(given, header=False)
    if rows and _are_units(rows[0], rows[1:]):
        return replace(given, header=False, skip_first=layout.before + 1, names=names)
    return given


def are_values(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether what should be names are the first row of values. rows: those that follow, where known."""
    below = [_filled(rows[:20], j) for j in range(len(names))]
    looked_at = [
        name
        for name, cells in zip(names, below, strict=True)
        if name and (not rows or (cells and all(map(_is_number, cells))))
    ]
    if not looked_at or not all(map(_is_number, looked_at)):
        return False
    found = [number.value for name in looked_at if (number := Cells(Form()).number(name))]
    years = all(1800 <= value <= 2200 for value in found)
    counted = all(map(str.isdigit, looked_at)) and _count_on(found)
    return len(found) < len(looked_at) or not (years or counted)


def _filled(rows: Sequence[Sequence[str]], j: int) -> list[str]:
    """The cells of a column that hold anything."""
    return [row[j] for row in rows if j < len(row) and row[j].strip()]


def _count_on(values: Sequence[float]) -> bool:
    """Whether numbers are such as name columns: 0, 1, 2, …, or years."""
    return len(values) > 1 and all(b - a == 1.0 for a, b in pairwise(values))


def _are_units(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the line below the names holds units, or names once more."""
    if len(rows) < 2:
        return False
    below = [_filled(rows, j) for j in range(len(first))]
    told = [first[j].strip() for j, cells in enumerate(below) if cells and all(map(_is_number, cells))]
    if len(told) < 2 or any(map(_is_number, told)):
        return False
    return not all(text.lower() in FOR_MISSING or Cells(Form()).is_gap(text) for text in told)


def _is_number(text: str) -> bool:
    return any(map(str.isdigit, text)) and is_dressed(text)
