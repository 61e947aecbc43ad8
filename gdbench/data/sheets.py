"""CSV and Parquet files as sheets: named columns of raw cells that know their place in the file."""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from gdbench.descent.domains import show
from gdbench.descent.errors import BadParameter, GdbenchError


class Sheet(NamedTuple):
    """column(name) → its cells, as text or as Python values; place(i) → where row i is, for a message."""

    path: Path
    names: tuple[str, ...]
    length: int
    column: Callable[[str], Sequence[object]]
    place: Callable[[int], str]


def read_sheet(path: Path) -> Sheet:
    """Read a .csv or .parquet file; raises GdbenchError with the place of whatever is wrong."""
    suffix = path.suffix.lower()
    if path.is_dir():
        raise BadParameter("file", f"{path}: is a folder; expected a CSV or Parquet file. Name a file in it.")
    if not path.exists():
        hint = " Write / between folders, which works everywhere." if "\\" in path.name else ""
        raise BadParameter(
            "file", f"{path}: there is no such file. A relative path is taken from the config's folder.{hint}"
        )
    if suffix not in _READERS:
        raise BadParameter("file", f"{path}: expected a file that ends in {' or '.join(_READERS)}.")
    try:
        return _READERS[suffix](path)
    except OSError as error:
        raise GdbenchError(f"{path}: cannot be read: {error.strerror or error}.") from error


# --- CSV


def _read_csv(path: Path) -> Sheet:
    records = _records(path, _text(path))
    header = next(records, None)
    if header is None:
        raise GdbenchError(f"{path}: is empty; expected column names in the first line and numbers below.")
    names = tuple(name.strip() for name in header[1])
    _check_names(f"{path}, line {header[0]}", names)
    lines, rows = [], []
    for line, row in records:
        if len(row) != len(names):
            raise GdbenchError(
                f"{path}, line {line}: {_count(len(row), 'value')} for {_count(len(names), 'column')}. "
                "Add or remove values, or quote those that hold a comma."
            )
        lines.append(line)
        rows.append(row)
    columns = {name: [row[j] for row in rows] for j, name in enumerate(names)}
    return Sheet(path, names, len(rows), columns.__getitem__, lambda i: f"{path}, line {lines[i]}")


def _text(path: Path) -> str:
    content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise GdbenchError(
            f"{path}, line {line}: byte 0x{content[error.start]:02x} is not UTF-8 text. Save the file as UTF-8."
        ) from None


def _records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise GdbenchError(
                f"{path}, line {line}: not well-formed CSV ({error}). Look for a stray quote."
            ) from None
        if record is None:
            return
        if any(cell.strip() for cell in record) or len(record) > 1:
            yield line, record


# --- Parquet


def _read_parquet(path: Path) -> Sheet:
    from pyarrow import ArrowException, parquet  # noqa: PLC0415  slow to import, and most commands need no data

    with path.open("rb") as file:  # so that a file that cannot be opened is told from one that is corrupt
        try:
            table = parquet.ParquetFile(file).read()
            table.validate(full=True)
        except (ArrowException, OSError) as error:
            raise _corrupt(path, error) from None
    # pandas writes its index as a column of this name, and hides it when it reads
    names = tuple(name for name in table.schema.names if not name.startswith("__index_level_"))
    _check_names(str(path), names)

    def column(name: str) -> Sequence[object]:
        try:
            cells: Sequence[object] = table.column(name).to_pylist()
        except (ArrowException, ValueError, OverflowError) as error:  # a date beyond Python's, say
            raise _corrupt(path, error) from None
        return cells

    return Sheet(path, names, table.num_rows, column, lambda i: f"{path}, row {i + 1}")


def _corrupt(path: Path, error: Exception) -> GdbenchError:
    reason = str(error).partition("\n")[0].rstrip(".")
    return GdbenchError(f"{path}: is not a Parquet file that can be read ({reason}). Write it anew.")


_READERS: dict[str, Callable[[Path], Sheet]] = {".csv": _read_csv, ".parquet": _read_parquet}


def _check_names(where: str, names: tuple[str, ...]) -> None:
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise GdbenchError(f"{where}: one column, {shown(names[0])}; expected columns separated by commas.")
    for position, name in enumerate(names):
        if not name:
            raise GdbenchError(
                f"{where}: column {position + 1} has no name. Give it one, or remove it "
                "(pandas leaves out its index with to_csv(…, index=False))."
            )
        if name in names[:position]:
            both = f"columns {names.index(name) + 1} and {position + 1}"
            raise GdbenchError(f"{where}: {both} are both called {shown(name)}. Rename or remove one.")


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


#: How files write "no value"; letter case does not matter.
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null"})

#: Thousands separators, decimal commas, currencies, percents: a number in a dress that float() refuses.
_DRESSING = re.compile(r"[\s,'_$€£¥%]")


def shown(cell: object) -> str:
    """A cell as a message shows it: on one line, cut where it is long."""
    if isinstance(cell, str):
        return show(" ".join("".join(c if c.isprintable() else " " for c in cell).split()))
    return " ".join(show(cell).split())


def is_missing(cell: object) -> bool:
    if isinstance(cell, str):
        return cell.strip().lower() in MISSING
    return cell is None or (isinstance(cell, (float, Decimal)) and math.isnan(cell))


def number(cell: object) -> float:
    """The finite number that a cell holds; otherwise ValueError says, in words, what it holds."""
    if is_missing(cell):
        raise ValueError(f"the value is missing ({shown(cell)})" if cell else "the value is missing")
    try:
        value = _parsed(cell)
    except (TypeError, ValueError):
        raise ValueError(f"{shown(cell)} is not a number") from None
    except OverflowError:
        value = math.inf
    if math.isinf(value):
        raise ValueError(f"{shown(cell)} is not a finite number")
    return value


def is_label(cell: object) -> bool:
    """Whether a cell names a class: text that is no number, not even a dressed one such as "1,200"."""
    if not isinstance(cell, str) or is_missing(cell):
        return False
    try:
        float(_DRESSING.sub("", cell))
    except ValueError:
        return True
    return False


def _parsed(cell: object) -> float:
    if isinstance(cell, str):
        if "_" in cell or not cell.isascii():  # Python reads 1_000 and ١٢; no other program does
            raise ValueError
        return float(cell)
    if isinstance(cell, (bool, int, float, Decimal)):
        return float(cell)
    raise TypeError
