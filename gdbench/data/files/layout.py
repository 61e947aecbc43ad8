"""A text file before its cells are looked at: its bytes, their encoding, its lines, the names in the first."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TextIO

from gdbench.data.files import BLANKS, USUAL_ENCODING, Reading
from gdbench.data.files.cells import clean
from gdbench.descent.errors import BadParameter, GdbenchError
from gdbench.descent.limits import TABLE_BYTES, as_bytes
from gdbench.plugins.named_files import Unreadable, open_regular

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

    from typing_extensions import Buffer

#: What text files are called, with the separator that the name stands for.
SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": ",", ".dat": ",", ".data": ","}
PARQUET = (".parquet", ".pq")
SUFFIXES = (*SEPARATORS, *PARQUET)
_PACKED = ".gz"
_SPREADSHEETS = (".xls", ".xlsx", ".xlsm", ".ods", ".numbers")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
EXCEL = "sep="
#: Lines at the end of a file that are looked at for themselves.
_TAIL = 200


class Obstacle(NamedTuple):
    """What stands in the way of reading a file as it is asked for.

    kind: what it is.  row: the line of the file where it is first met, 0 if it is no matter of one.
    column, text: there.  more: how many more cells of the column are like it.
    """

    kind: str
    row: int = 0
    column: str = ""
    text: str = ""
    more: int = 0


class Obstructed(Exception):
    """A file that cannot be read as it is asked for, with everything that stands in the way."""

    def __init__(self, *obstacles: Obstacle) -> None:
        self.obstacles = obstacles
        super().__init__(*obstacles)


# --- bytes


def suffix_of(path: Path) -> str:
    """`.csv` of a.csv and of a.csv.gz; raises BadParameter for a file that cannot be a table."""
    if is_table(path):
        return _suffix(path)
    hint = " Save the sheet as CSV." if _suffix(path) in _SPREADSHEETS else ""
    known = f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
    raise BadParameter("file", f"{path}: expected a file that ends in {known}, or in .csv.gz.{hint}")


def is_table(path: Path) -> bool:
    """Whether a file is called like one that is read."""
    return _suffix(path) in SUFFIXES


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return next(iter(suffixes[-2:-1] if suffixes[-1:] == [_PACKED] else suffixes[-1:]), "")


def open_file(path: Path) -> BinaryIO:
    """A regular file of bounded size, unpacked; raises BadParameter and GdbenchError."""
    try:
        file = open_regular(path, TABLE_BYTES)
    except Unreadable as error:
        if error.kind not in ("missing", "folder", "special", "large"):
            raise GdbenchError(f"{path}: {error}") from None
        hint = " A relative path is taken from the config's folder." if error.kind == "missing" else ""
        hint += " Write / between folders, which works everywhere." if "\\" in path.name and hint else ""
        hint += " Take a part of its rows." if error.kind == "large" else ""
        raise BadParameter("file", f"{path}: {error}{hint}") from None
    magic = file.read(2)
    file.seek(0)
    if magic != b"\x1f\x8b":
        return file
    return io.BufferedReader(_Unpacked(path, file))


class _Unpacked(io.RawIOBase):
    """What a gzip file holds, up to the most that is read of a table."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file, self._left = path, file, TABLE_BYTES
        self._content = gzip.GzipFile(fileobj=file)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            content = self._content.read(len(view))
        except (EOFError, OSError, zlib.error) as error:
            raise GdbenchError(f"{self._path}: is not a gzip file that can be read ({error}).") from None
        self._left -= len(content)
        if self._left < 0:
            wrong = f"holds more than {as_bytes(TABLE_BYTES)}, the most that is read. Take a part of its rows."
            raise BadParameter("file", f"{self._path}: {wrong}")
        view[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._file.close()
        super().close()


def encoding_of(path: Path, reading: Reading) -> str:
    """As the config says, or the file's first bytes, or UTF-8."""
    with open_file(path) as file:
        start = file.read(4)
    told = next((name for mark, name in _BOMS if start.startswith(mark)), None)
    if reading.encoding is None:
        return told or USUAL_ENCODING
    known = codecs.lookup(reading.encoding).name
    return (
        told if told and known in ("utf-8", "utf-16", "utf-32", codecs.lookup(told).name) else reading.encoding
    )


def _bad_byte(path: Path, encoding: str) -> Obstacle:
    """Where a file is not in the encoding that it is read in."""
    with open_file(path) as file:
        content = file.read(TABLE_BYTES)
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Obstacle(
            "encoding", line, "", f"byte 0x{content[error.start]:02x} is not {encoding.upper()} text"
        )
    return Obstacle("encoding", 0, "", f"it is not {encoding.upper()} text")


# --- lines and records


class Lines(NamedTuple):
    """How the text of a file falls into records."""

    path: Path
    encoding: str
    separator: str
    comment: str | None = None

    def open(self, errors: str = "strict") -> TextIO:
        return io.TextIOWrapper(open_file(self.path), encoding=self.encoding, errors=errors, newline="")

    def reader(self, text: TextIO) -> CsvReader:
        """The records of a text, blank lines as empty ones."""
        plain = self.separator != BLANKS and self.comment is None
        return csv.reader(
            text if plain else self._tidied(text), strict=True, delimiter=self.separator, skipinitialspace=True
        )

    def records(self, text: TextIO, before: int = 0) -> Iterator[tuple[int, list[str]]]:
        """Each record that holds anything, with the line on which it begins. before: lines read already."""
        reader = self.reader(text)
        while True:
            line = before + reader.line_num + 1
            record = self.next(reader, line)
            if record is None:
                return
            if holds_anything(record):
                yield line, record

    def next(self, reader: CsvReader, line: int) -> list[str] | None:
        """The next record; raises Obstructed where the text cannot be read."""
        try:
            return next(reader, None)
        except csv.Error as error:
            raise Obstructed(Obstacle("quote", line, "", str(error))) from None
        except UnicodeError:
            raise Obstructed(_bad_byte(self.path, self.encoding)) from None

    def _tidied(self, text: TextIO) -> Iterator[str]:
        """Lines with any run of blanks made one where these separate, and of a comment nothing."""
        for line in text:
            if self.comment is not None and line.lstrip().startswith(self.comment):
                yield "\n"
            else:
                yield " ".join(line.split()) + "\n" if self.separator == BLANKS else line


def holds_anything(record: Sequence[str]) -> bool:
    return any(cell and not cell.isspace() for cell in record)


class Layout(NamedTuple):
    """names: of the columns, "" where there is none.  before: lines of the file before the first row.

    written: the cells of the line that named them, or of the first row where none does.
    """

    lines: Lines
    names: tuple[str, ...]
    before: int
    written: tuple[str, ...]

    def open_rows(self) -> TextIO:
        """The file, open at its first row."""
        return _opened(self.lines, self.before)

    def last_records(self) -> list[tuple[int, list[str]]]:
        """Records at the end of the file, with their lines; of a long one only those in its last part."""
        with self.open_rows() as text:
            tail: deque[str] = deque(maxlen=_TAIL)
            count = self.before
            try:
                for line in text:
                    tail.append(line)
                    count += 1
                found = self.lines.records(io.StringIO("".join(tail), newline=""), count - len(tail))
                return [(line, record) for line, record in found if len(record) == len(self.names)]
            except (UnicodeError, Obstructed):  # told where the rows are read
                return []


def _opened(lines: Lines, before: int) -> TextIO:
    text = lines.open()
    try:
        for _ in range(before):
            text.readline()
    except UnicodeError:
        text.close()
        raise Obstructed(_bad_byte(lines.path, lines.encoding)) from None
    return text


def lay_out(path: Path, reading: Reading) -> Layout:
    """Read up to the names of the columns; raises Obstructed, BadParameter and GdbenchError."""
    usual = SEPARATORS[suffix_of(path)]
    lines = Lines(path, encoding_of(path, reading), reading.separator or usual, reading.comment)
    described = _described(lines, reading.skip_first)
    if described and reading.separator is None:
        lines = lines._replace(separator=described)
    before = reading.skip_first + bool(described)
    with _opened(lines, before) as text:
        reader = lines.reader(text)
        record: Sequence[str] | None = []
        while record is not None and not holds_anything(record):
            start = before + reader.line_num
            record = lines.next(reader, start + 1)
        end = before + reader.line_num
    if record is None:
        raise GdbenchError(f"{path}: is empty; expected column names in the first line and numbers below.")
    if any("\0" in cell for cell in record):
        raise Obstructed(Obstacle("encoding", start + 1, "", "a byte 0 is no text, but stands in UTF-16"))
    written = tuple(map(clean, record))
    if reading.header:
        return Layout(lines, reading.names or written, end, written)
    numbered = tuple(f"column{j}" for j in range(1, len(record) + 1))
    return Layout(lines, reading.names or numbered, start, written)


def _described(lines: Lines, skipped: int) -> str:
    """The separator that Excel's own first line names, `sep=;`, or ""."""
    with _opened(lines, skipped) as text:
        try:
            first = text.readline().rstrip("\r\n")
        except UnicodeError:
            raise Obstructed(_bad_byte(lines.path, lines.encoding)) from None
    return first[-1] if first[:-1].lower() == EXCEL else ""
