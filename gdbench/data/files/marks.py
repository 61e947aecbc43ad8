"""What the cells of a file seem to mean: dates, numbers in other marks than asked for, stand-ins for gaps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain

from gdbench.data.files import Reading
from gdbench.data.files.cells import Cells, Form, clean
from gdbench.data.files.sheets import Content

#: Different cells of a column that are looked at.
_TEXTS = 3000

#: In the order in which they are tried; where several do, the first is taken.
_POINT = ((".", None), (".", ","), (".", " "), (".", "'"), (".", "_"))
_COMMA = ((",", None), (",", "."), (",", " "), (",", "'"), (",", "_"))

_MONTH = r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zä]*\.?"
_ANY_DATE = (
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|\d{4}[-/]\d{1,2}|\d{4}-?Q[1-4]"
    rf"|\d{{1,2}}\.?[- ]?{_MONTH},?[- ]?\d{{2,4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
    rf"|{_MONTH}[- ]\d{{2,4}}|\d{{1,2}}\.?[- ]{_MONTH}"
)
_ANY_TIME = r"(?:\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?|\d{1,2}\.\d{2}\.\d{2})(?: ?[ap]m)?"
_DATE = re.compile(rf"(?:(?:{_ANY_DATE})(?:[T ]{_ANY_TIME}(?:Z|[+-]\d\d:?\d\d)?)?|{_ANY_TIME})", re.IGNORECASE)

#: What people write for "no value", besides what is always read so.
FOR_MISSING = frozenset(
    {
        *("?", "??", "-", "--", "---", ".", "..", "*", "x", "n.a.", "n.a", "n/d", "nd", "n.d.", "none", "nil"),
        *("k.a.", "k. a.", "keine angabe", "missing", "not available", "no data", "unknown"),
        *("#div/0!", "#value!", "#ref!", "#null!", "#num!", "#n/v"),
    }
)
#: Of these some may be a label as well.
_LABELS_TOO = frozenset({"-", ".", "none", "nil", "x", "*", "unknown", "nd"})
_FEW = 5


def is_date(cell: object) -> bool:
    """Whether a cell holds a date or a time of day."""
    if isinstance(cell, str):
        return _DATE.fullmatch(clean(cell)) is not None
    return hasattr(cell, "isoformat")


def is_dressed(cell: object) -> bool:
    """Whether a cell is a number in some marks, be they those asked for or not."""
    return isinstance(cell, str) and not is_date(cell) and any(reader.number(cell) for reader in _readers())


@cache
def _readers() -> list[Cells]:
    """Of all forms; their patterns take a while, and most commands read no file."""
    return [Cells(Form(*form)) for form in (*_POINT, *_COMMA)]


def detect_form(content: Content, given: Reading) -> Reading:
    """Decimal and thousands marks, and the cells that mean "no value", from what was read as asked for."""
    names = tuple(content.columns)
    decimal, thousands = _best_form(content, given, names)
    reading = replace(given, decimal=decimal, thousands=thousands)
    return replace(reading, missing_values=_missing_values(content, reading, names))


def texts_of(content: Content, name: str) -> list[str]:
    """Different texts of a column's cells that are no numbers, at most so many."""
    bad, cells = content.numbers(name).bad, content.cells(name)
    texts = (cell for i in bad[: 50 * _TEXTS] if isinstance(cell := cells[i], str))
    return list(dict.fromkeys(texts))[:_TEXTS]


def _best_form(content: Content, given: Reading, names: Sequence[str]) -> tuple[str, str | None]:
    dressed = [text for name in names for text in texts_of(content, name) if is_dressed(text)]
    asked = (given.decimal, given.thousands)
    if not dressed:
        return asked
    good = [text for name in names for text in _good(content, name)]
    european = given.separator == ";"
    several = _decided(dressed)
    order = dict.fromkeys((asked, *(_COMMA if european and not several else _POINT), *_POINT, *_COMMA))

    def wrong(form: tuple[str, str | None]) -> int:
        cells = Cells(Form(*form))
        return sum(cells.number(text) is None for text in dressed) + sum(
            cells.number(text) is None for text in good
        )

    return min(order, key=wrong)


def _decided(texts: Sequence[str]) -> bool:
    """Whether some text has a mark twice, as only thousands are: 1,234,567."""
    return any(max(text.count(","), text.count(".")) > 1 for text in texts)


def _good(content: Content, name: str) -> list[str]:
    """Numbers of a column that hold a mark, as they are written or as they could be."""
    numbers = content.numbers(name)
    if content.columns[name].texts is not None:
        cells, bad = content.cells(name)[:_TEXTS], set(numbers.bad)
        return [
            cell
            for i, cell in enumerate(cells)
            if isinstance(cell, str) and i not in bad and not cell.strip().isdigit() and cell.strip()
        ]
    point = content.sheet.reading.decimal
    return [
        repr(value).replace(".", point)
        for value in numbers.values[:_TEXTS]
        if value == value and value != int(value)
    ]


def _missing_values(content: Content, reading: Reading, names: Sequence[str]) -> tuple[str, ...]:
    """Those given, and texts in columns of numbers."""
    cells = Cells(Form.of(reading))
    words = (word for name in names for word in _words(content, cells, name))
    return tuple(dict.fromkeys((*reading.missing_values, *words)))


def detect_sentinels(content: Content, given: Reading) -> Reading:
    """Numbers as well that mean "no value", in columns that hold numbers alone."""
    columns = {name: content.numbers(name) for name in content.columns}
    found = sentinels({name: numbers.values for name, numbers in columns.items() if not numbers.bad})
    return replace(given, missing_values=tuple(dict.fromkeys((*given.missing_values, *found))))


def _words(content: Content, cells: Cells, name: str) -> list[str]:
    """Texts of a column that stand where a value is missing."""
    bad = content.numbers(name).bad
    if not bad:
        return []
    texts = list(map(clean, texts_of(content, name)))
    wrong = [text for text in texts if not (cells.number(text) or cells.is_gap(text))]
    words = [text for text in dict.fromkeys(wrong) if not is_date(text)]
    known = [text for text in words if text.lower() in FOR_MISSING]
    right = len(content.columns[name].values) - content.numbers(name).gaps - len(bad) + len(texts) - len(wrong)
    if right >= max(len(words), 2) and (len(words) <= _FEW or len(known) == len(words)):
        return words
    labels = [text for text in known if text.lower() not in _LABELS_TOO]
    return labels if len(words) > len(labels) else []


def sentinels(columns: Mapping[str, Sequence[float]]) -> list[str]:
    """Numbers that seem to mean "no value": -999, 9999, -200 and the like, far from all others of their column.

    A round one that is not all nines must occur twice.
    """
    found: Counter[float] = Counter()
    for values in columns.values():
        for value in _outlying(values):
            found[value] += sum(other == value for other in values)
    return [f"{value:g}" for value, count in sorted(found.items()) if count > 1 or "9" in f"{value:g}"]


def _outlying(values: Sequence[float]) -> Iterator[float]:
    if not any(_is_round(end) for end in _ends(values)):
        return
    present = sorted({value for value in values if value == value})
    for end, rest in ((present[0], present[1:]), (present[-1], present[:-1])):
        if len(rest) < 2 or not _is_round(end):
            continue
        span, gap = rest[-1] - rest[0], min(abs(rest[0] - end), abs(end - rest[-1]))
        if end < 0.0 <= rest[0] or gap > 2.0 * span > 0.0:
            yield end


def _ends(values: Sequence[float]) -> tuple[float, ...]:
    """The least and the largest; a gap in front would stay the least of all."""
    first = [value for value in values[:1] if value == value] or [value for value in values if value == value][
        :1
    ]
    return (min(chain(first, values)), max(chain(first, values))) if first else ()


def _is_round(value: float) -> bool:
    """Whether a number is one that people choose: 99, -999, 9999, -200, -1000."""
    text = f"{abs(value):.15g}"
    if re.fullmatch(r"9{2,}(?:\.9+)?", text):
        return value < 0.0 or len(text) >= 3
    return value < 0.0 and value % 100.0 == 0.0
