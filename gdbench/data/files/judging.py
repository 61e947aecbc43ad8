"""What each column of a file is, and which ones a first model should take, with the reason for each."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gdbench.data.files.cells import Cells, Form, Numbers, clean
from gdbench.data.files.detection import are_values
from gdbench.data.files.layout import Obstacle
from gdbench.data.files.marks import is_date, is_dressed
from gdbench.data.files.sheets import Content, Sheet

#: A column of text has categories if they are this few, and each stands in two rows on average.
_MOST_CATEGORIES = 30
#: So many are refused where they are more than half of the rows.
TOO_MANY_CATEGORIES = 100
#: From so many rows on a column that gives the target, or another one, exactly, does not do so by chance.
_ENOUGH_ROWS = 10
_LINEAR = 1e-9
#: Reasons that count only where there are better columns.
_POOR = ("id", "leak")

_ID = re.compile(
    r"(?:.*[_\s.-])?(?:id|ids|nr|no|num|number|nummer|index|idx|key|uuid|guid|row|rownum|serial|lfd)\.?|#"
    r"|.*[a-z]I[Dd]|id[_\s-].*|unnamed.*|record.*|passengerid|customerid",
    re.IGNORECASE,
)
_TARGETS = (
    "target", "y", "label", "class", "outcome", "response", "price", "median_house_value", "medv", "saleprice",
    "rent", "miete", "kaltmiete", "preis", "salary", "income", "sales", "churn", "survived", "diagnosis",
    "quality", "bought", "purchased", "default", "species", "output", "result", "score", "charges", "cost",
)  # fmt: skip
_DATED = re.compile(r".*(?:date|datum|day|tag).*", re.IGNORECASE)
_TOTALS = re.compile(
    r"(?:(?:grand |sub)?totals?|sum(?:me|a)?|gesamt(?:summe)?|insgesamt|average|mittelwert|total général|Σ):?",
    re.IGNORECASE,
)


def looks_like_totals(sheet: Sheet) -> Obstacle | None:
    """The last row, where one of its cells says that it sums the others up; not if the config speaks of it."""
    if sheet.reading.skip_last is not None:
        return None
    rows = sheet.last_rows()
    if len(rows) < 3:
        return None
    line, last = rows[-1]
    for j, cell in enumerate(last):
        alone = not any(_TOTALS.fullmatch(clean(row[j])) for _, row in rows[:-1] if j < len(row))
        if _TOTALS.fullmatch(clean(cell)) and alone:
            return Obstacle("totals", line, "", cell)
    return None


class Facts(NamedTuple):
    """What a column holds.

    kind: `number`, `text`, `date`, `empty`, or `mixed` of numbers and text.
    distinct: how many different values.  low, high: of numbers.  unit: that stands beside them.
    labels: of text, how often each occurs.
    """

    name: str
    kind: str
    rows: int
    gaps: int
    distinct: int
    low: float = math.nan
    high: float = math.nan
    unit: str = ""
    labels: Mapping[str, int] = {}


class Judged(NamedTuple):
    """A column and what becomes of it. reason: why it is left out, if it is.  other: what it is a copy of."""

    facts: Facts
    reason: str = ""
    other: str = ""


def kind_of(content: Content, name: str) -> str:
    """`number`, `text`, `date`, `empty`, or `mixed`."""
    numbers, present = content.numbers(name), content.length - content.numbers(name).gaps
    if not present:
        return "empty"
    if not numbers.bad:
        return "number"
    cells = content.cells(name)
    bad = [cells[i] for i in numbers.bad]
    if sum(map(is_date, bad)) > 0.9 * present:
        return "date"
    return "mixed" if 2 * len(bad) <= present or 2 * sum(map(is_dressed, bad)) > present else "text"


def facts_of(content: Content, name: str) -> Facts:
    """What a column holds, as it is read."""
    numbers, kind = content.numbers(name), kind_of(content, name)
    if kind == "number":
        return _of_numbers(name, numbers, content.length)
    reader = Cells(Form.of(content.sheet.reading))
    labels = Counter(label_of(cell) for cell in content.cells(name) if not reader.is_gap(cell))
    return Facts(name, kind, content.length, numbers.gaps, len(labels), labels=labels)


def looks_like_names(sheet: Sheet) -> bool:
    """Whether what a file calls its columns are names, and no values."""
    return not are_values(sheet.names, [])


def label_of(cell: object) -> str:
    """What a cell is called as a category or a class."""
    return clean(cell) if isinstance(cell, str) else str(cell)


def _of_numbers(name: str, numbers: Numbers, rows: int) -> Facts:
    values = [value for value in numbers.values if value == value]
    return Facts(name, "number", rows, numbers.gaps, len(set(values)), min(values), max(values), numbers.unit)


# --- which to take


def judge(content: Content, target: str, names: Sequence[str]) -> list[Judged]:
    """Each column but the target, with the reason why it had better be left out."""
    seen, found = _Seen(content, target), list[Judged]()
    for name in names:
        if name != target:
            facts = facts_of(content, name)
            one = Judged(facts, _alone(facts, content))
            found.append(seen.judged(one) if facts.kind == "number" and not one.reason else one)
    if all(one.reason for one in found):  # a poor feature is better than none
        return [one._replace(reason="") if one.reason in _POOR else one for one in found]
    return found


def of_use(facts: Facts) -> bool:
    """Whether a column of text makes categories."""
    return facts.distinct > 1 and _as_categories(facts)


def _as_categories(facts: Facts) -> bool:
    few = facts.distinct <= _MOST_CATEGORIES and 2 * facts.distinct <= facts.rows - facts.gaps
    return few or facts.distinct == 2


def _alone(facts: Facts, content: Content) -> str:
    """Why a column is of no use, whatever else there is; "" if it may be."""
    if facts.kind in ("empty", "date", "mixed"):
        return facts.kind
    if facts.distinct == 1:
        return "constant"
    return _number(facts, content) if facts.kind == "number" else _text(facts)


def _number(facts: Facts, content: Content) -> str:
    if facts.low != int(facts.low) or facts.high != int(facts.high):
        return ""
    if _DATED.fullmatch(facts.name) and 18000101 <= facts.low <= facts.high <= 22001231:
        return "date"
    named = _ID.fullmatch(facts.name) is not None or facts.name in content.sheet.nameless
    return "id" if named and facts.distinct > facts.rows // 2 and facts.rows > 2 else ""


def _text(facts: Facts) -> str:
    if _as_categories(facts):
        return ""
    words = sum(len(label.split()) for label in facts.labels) / facts.distinct
    return "id" if _ID.fullmatch(facts.name) or (facts.distinct == facts.rows and words < 1.5) else "words"


class _Seen:
    """The columns of numbers so far, by what they hold: each is looked at once, however many there are."""

    def __init__(self, content: Content, target: str) -> None:
        self._content, self._target, self._known = content, target, dict[object, str]()
        self._enough = content.length >= _ENOUGH_ROWS
        if target and not content.numbers(target).bad:
            self._known.update(dict.fromkeys(self._keys(target), target))

    def judged(self, one: Judged) -> Judged:
        """Leave out a copy of the target, what gives it exactly, and the second of two that agree."""
        name = one.facts.name
        exact, *_ = keys = self._keys(name)
        other = next((self._known[key] for key in keys if key in self._known), None)
        self._known.update({key: name for key in keys if key not in self._known})
        if other is None:
            return one
        if other != self._target:
            return one._replace(reason="copy", other=other)
        return one._replace(reason="target" if self._known.get(exact) == other else "leak")

    def _keys(self, name: str) -> list[object]:
        """The column as it is, and up to scale and shift: equal ones have an equal key."""
        values = self._content.numbers(name).values
        keys: list[object] = [values.tobytes()]
        if self._enough and (shape := _shape(values)):
            keys.append(shape)
        return keys


def _shape(values: Sequence[float]) -> bytes:
    """A column moved and stretched to [0, 1], its first value in the lower half, to nine digits."""
    present = [value for value in values if value == value]
    low, high = min(present, default=0.0), max(present, default=0.0)
    if not math.isfinite(high - low) or low == high:
        return b""
    scaled = [(value - low) / (high - low) for value in values]
    turn = next((z > 0.5 for z in scaled if z == z and abs(z - 0.5) > _LINEAR), False)
    return array("d", (round(1.0 - z if turn else z, 9) + 0.0 for z in scaled)).tobytes()


def likely_target(content: Content, stem: str, names: Sequence[str]) -> str:
    """The column that is most likely to be predicted: by its name, or the last that can be."""
    facts = [facts_of(content, name) for name in names]
    able = [one.name for one in facts if not _alone(one, content) and one.kind in ("number", "text")]
    if not able:
        return names[-1]
    bare = {re.sub(r"\s*[(\[].*", "", name).strip().lower(): name for name in able}
    known = [bare[word] for word in (stem.lower(), *_TARGETS) if word in bare]
    return known[0] if known else able[-1]
