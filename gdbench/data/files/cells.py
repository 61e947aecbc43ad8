"""From the text of a cell to a number: what counts as one, in which marks and units, and what is a gap."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from gdbench.data.files import Reading
from gdbench.descent.domains import show

#: How files write "no value"; letter case does not matter.
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null"})

#: Blanks as programs write them: no-break, thin and figure spaces; marks that nobody sees.
_BLANKS = str.maketrans(
    dict.fromkeys("\u00a0\u2007\u2009\u202f\t\r\n", " ") | dict.fromkeys("\ufeff\u200b\u200e", "")
)
#: Signs that look like a minus, and an apostrophe in another shape.
_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\ufe63": "-", "\uff0d": "-", "\u2019": "'"})

_MONEY = "$€£¥₹₽₺₩₪฿₫₴₦¢"
_CODES = (
    r"USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|RUB|TRY|KRW|SGD|HKD"
    r"|Rs\.?|Fr\.?|kr\.?|zł|Kč|Ft|лв|руб\.?"
)
_CURRENCY = re.compile(rf"[A-Z]{{0,3}}[{_MONEY}]|{_CODES}", re.IGNORECASE)
_UNIT = rf"(?:[^\W\d_]|[%‰°{_MONEY}])(?:[^\W\d_]|[/·.^*°%⁻¹²³ {_MONEY}-]){{0,14}}[23]?"
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]$")
#: Letters behind a number that are no unit of it.
_NO_UNIT = re.compile(
    r"st|nd|rd|th|x|e|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|okt|dez|mär)[a-zä]*\.?",
    re.IGNORECASE,
)
#: What stands in the place of no cents: 12.–
_NO_CENTS = re.compile(r"[.,](?:[–—]|--?)$")
_HEXADECIMAL = re.compile(r"[+-]?0[xX][0-9a-fA-F]+")


class Number(NamedTuple):
    """A number that a cell holds, and the unit beside it: "$", "%", "m²", or ""."""

    value: float
    unit: str = ""


class Form(NamedTuple):
    """How numbers are written, and which texts mean "no value" besides the usual: as in a Reading."""

    decimal: str = "."
    thousands: str | None = None
    missing: tuple[str, ...] = ()

    @classmethod
    def of(cls, reading: Reading) -> Form:
        return cls(reading.decimal, reading.thousands, reading.missing_values)


class Numbers(NamedTuple):
    """A column as numbers: NaN where there is a gap, and where a cell is no number.

    bad: the rows of these cells.  gaps: how many there are.  unit: what stands beside the numbers.
    """

    values: array[float]
    bad: Sequence[int] = ()
    gaps: int = 0
    unit: str = ""

    @property
    def strange(self) -> bool:
        """Whether any cell is not simply a number."""
        return bool(self.bad or self.gaps or self.unit)


def clean(text: str) -> str:
    """Without blanks around it, and with plain ones inside."""
    return text.translate(_BLANKS).strip()


def shown(cell: object) -> str:
    """A cell as a message shows it: on one line, cut where it is long."""
    if isinstance(cell, str):
        return show(" ".join("".join(c if c.isprintable() else " " for c in cell).split()))
    return " ".join(show(cell).split())


class Cells:
    """A reader of cells that are all written in one form."""

    def __init__(self, form: Form) -> None:
        self.form = form
        point, group = re.escape(form.decimal), re.escape(form.thousands or "")
        whole = rf"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}|[0-9]+" if group else "[0-9]+"
        digits = rf"(?:(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
        before = rf"(?:[A-Z]{{1,3}}[{_MONEY}]|[{_MONEY}]|{_CODES})?"
        self._pattern = re.compile(rf"([+-]?) ?({before}) ?([+-]?)({digits}) ?((?:{_UNIT})?)(-?)")
        self._gaps = MISSING | {clean(text).lower() for text in form.missing}

    @cached_property
    def _missing_numbers(self) -> frozenset[float]:
        """Numbers that mean "no value", however they are written."""
        found = (self.number(text) for text in self.form.missing)
        return frozenset(number.value for number in found if number)

    def is_gap(self, cell: object) -> bool:
        if isinstance(cell, str) and clean(cell).lower() in self._gaps:
            return True
        if cell is None or (isinstance(cell, (float, Decimal)) and math.isnan(cell)):
            return True
        found = self.number(cell) if self._missing_numbers else None
        return found is not None and found.value in self._missing_numbers

    def number(self, cell: object) -> Number | None:
        """The finite number that a cell holds, if it is one."""
        if isinstance(cell, str):
            text = _NO_CENTS.sub("", clean(cell)).translate(_SIGNS)
            if text[:1] == "(" and text[-1:] == ")":  # as bookkeepers write a minus
                found = self._written(text[1:-1].strip())
                return Number(-found.value, found.unit) if found and found.value >= 0.0 else None
            return self._written(text)
        if isinstance(cell, (bool, int, float, Decimal)):
            return _finite(cell)
        return None

    def _written(self, text: str) -> Number | None:
        if _HEXADECIMAL.fullmatch(text):
            return _finite(int(text, 16))
        found = self._pattern.fullmatch(text)
        if not found:
            return None
        sign, before, inner, digits, after, behind = found.groups()
        signs, unit = sign + inner + behind, before or after.strip()
        if len(signs) > 1 or (before and after) or _NO_UNIT.fullmatch(unit):
            return None
        plain = digits.replace(self.form.thousands, "") if self.form.thousands else digits
        return _finite(signs + plain.replace(self.form.decimal, "."), unit)

    def read(self, cells: Sequence[object], said: str = "") -> Numbers:
        """A column, or a part of it. said: the unit that stands in its name, which cells need not repeat."""
        return self._at_once(cells) or self._one_by_one(cells, said)

    def _at_once(self, cells: Sequence[object]) -> Numbers | None:
        """Where all cells are numbers as Python has them; else None."""
        texts = [cell for cell in cells if isinstance(cell, str)]
        if self.form.decimal != "." or self._missing_numbers or len(texts) < len(cells):
            return None
        try:
            values = array("d", map(float, texts))
        except ValueError:
            return None
        joined = "".join(texts)  # Python reads 1_000 and ١٢; no other program does
        plain = joined.isascii() and "_" not in joined and all(map(math.isfinite, values))
        return Numbers(values) if plain else None

    def _one_by_one(self, cells: Sequence[object], said: str) -> Numbers:
        parsed = self._parsed(cells)
        units = Counter(number.unit for number in parsed if number and number.value == number.value)
        unit = said if said and units.keys() <= {"", said} and units[said] else usual_unit(units)
        bad = [i for i, number in enumerate(parsed) if not (number and _fits(number, unit, said))]
        values = array("d", (number.value if number else math.nan for number in parsed))
        for i in bad:
            values[i] = math.nan
        gaps = sum(number is _GAP for number in parsed)
        return Numbers(values, bad, gaps, unit)

    def _parsed(self, cells: Sequence[object]) -> list[Number | None]:
        """Each cell; equal ones are looked at once."""
        known: dict[object, Number | None] = {}
        found = []
        for cell in cells:
            key = cell if isinstance(cell, str) else (type(cell), str(cell))
            if key not in known:
                known[key] = _GAP if self.is_gap(cell) else self.number(cell)
            found.append(known[key])
        return found


_GAP = Number(math.nan)


def usual_unit(counts: Counter[str]) -> str:
    """The most frequent; of equally frequent ones none."""
    if not counts:
        return ""
    unit, most = max(counts.items(), key=lambda item: (item[1], item[0] == ""))
    return unit if unit == "" or most > counts[""] else ""


def unit_in(name: str) -> str:
    """The unit in a column's name: m² of 'Living area (m²)' and of 'area [m²]'; "" of other names."""
    found = _IN_BRACKETS.search(clean(name))
    return found[1].strip() if found else ""


def _fits(number: Number, unit: str, said: str) -> bool:
    """Whether a number is of this unit; 0 may stand without it, so may money, and what the name says."""
    if number.unit == unit or number is _GAP:
        return True
    if number.unit == "":
        return number.value == 0.0 or unit == said or _CURRENCY.fullmatch(unit) is not None
    return False


def _finite(written: object, unit: str = "") -> Number | None:
    try:
        value = float(written)  # type: ignore[arg-type]
    except (OverflowError, ValueError):
        return None
    return Number(value, unit) if math.isfinite(value) else None


def all_numbers(cells: Iterable[object], form: Form) -> bool:
    """Whether every one of some cells is a number or a gap."""
    reader = Cells(form)
    return all(reader.is_gap(cell) or reader.number(cell) for cell in cells)
