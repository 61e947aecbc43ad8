"""What pandas and Arrow read: Parquet files, and the rest of long text files. Both are slow to import."""

from __future__ import annotations

import warnings
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO, cast

import numpy as np
import pandas as pd
from pyarrow import ArrowException, parquet

from gdbench.data.files import BLANKS
from gdbench.data.files.layout import Layout, open_file
from gdbench.data.files.sheets import BLOCK, Block, NotAtOnce, check_extent
from gdbench.descent.errors import GdbenchError

#: Older versions round numbers in the last digit unless they are asked not to; later ones know no such option.
_EXACT = {"float_precision": "round_trip"} if int(pd.__version__.partition(".")[0]) < 4 else {}


_read_csv = cast("Callable[..., Iterable[pd.DataFrame]]", pd.read_csv)


class _After:
    """A line, and then the rest of a text: pandas learns the number of columns from the first line it sees."""

    def __init__(self, line: str, text: TextIO) -> None:
        self._line, self._text = line, text

    def read(self, size: int = -1) -> str:
        line, self._line = self._line, ""
        return line or self._text.read(size)

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError  # pandas only asks whether it is there


def rest(text: TextIO, layout: Layout, places: Sequence[int], plain: Sequence[bool]) -> Iterator[Block]:
    """What follows of these columns, as floats where they are plain; raises NotAtOnce where that cannot be.

    A column more than there is and the last one are looked at too: pandas fills a row that is too short
    without a word.
    """
    width = len(layout.names)
    kinds: dict[int, str] = {width: "str", width - 1: "str"}
    kinds.update({j: "float64" if ok else "str" for j, ok in zip(places, plain, strict=True)})
    separator = r"\s+" if layout.lines.separator == BLANKS else layout.lines.separator
    first = (" " if separator == r"\s+" else separator).join(["0"] * (width + 1)) + "\n"
    options = {
        "sep": separator,
        "header": None,
        "names": range(width + 1),
        "usecols": sorted(kinds),
        "dtype": kinds,
        "na_filter": False,
        "skipinitialspace": True,
        "chunksize": 8 * BLOCK,
        **_EXACT,
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the option's end in pandas 4
            frames = _read_csv(_After(first, text), **options)
        skipped = 1
        for frame in frames:
            yield _checked(frame.iloc[skipped:], places, width)
            skipped = 0
    except (ValueError, OverflowError, UnicodeError):  # pandas' own errors are ValueErrors
        raise NotAtOnce from None


def _checked(frame: pd.DataFrame, places: Sequence[int], width: int) -> Block:
    if (frame[width] != "").any() or (frame[width - 1].dtype != np.float64 and (frame[width - 1] == "").any()):
        raise NotAtOnce
    return [_values(frame, j) for j in places]


def _values(frame: pd.DataFrame, j: int) -> Sequence[object]:
    column = frame[j]
    if column.dtype != np.float64:
        return column.tolist()
    values = column.to_numpy()
    if not np.isfinite(values).all():
        raise NotAtOnce
    return array("d", values.tobytes())


# --- Parquet


class Parquet(NamedTuple):
    """A Parquet file, of which the names are known."""

    path: Path
    names: tuple[str, ...]
    rows: int

    @classmethod
    def of(cls, path: Path, file: BinaryIO) -> Parquet:
        with _told_as_corrupt(path):
            found = parquet.ParquetFile(file)
            return cls(path, tuple(filter(_is_column, found.schema_arrow.names)), found.metadata.num_rows)

    def blocks(self, places: Sequence[int]) -> Iterator[Block]:
        """These columns, whole, as Python has their cells."""
        check_extent(self.path, self.rows, len(places))
        wanted = [self.names[j] for j in places]
        with open_file(self.path) as file, _told_as_corrupt(self.path):
            only = wanted if len(set(self.names)) == len(self.names) else None
            table = parquet.ParquetFile(file).read(columns=only)
            table.validate(full=True)
            kept = [j for j, name in enumerate(table.schema.names) if _is_column(name)]
            positions = (
                [table.schema.names.index(name) for name in wanted] if only else [kept[j] for j in places]
            )
            block = [table.column(j).to_pylist() for j in positions]
        yield block


def _is_column(name: str) -> bool:
    """pandas writes its index as a column of such a name, and hides it when it reads."""
    return not name.startswith("__index_level_")


@contextmanager
def _told_as_corrupt(path: Path) -> Iterator[None]:
    try:
        yield
    except (ArrowException, OSError, ValueError, OverflowError) as error:  # a date beyond Python's, say
        reason = str(error).partition("\n")[0].rstrip(".")
        raise GdbenchError(
            f"{path}: is not a Parquet file that can be read ({reason}). Write it anew."
        ) from None
