"""What one cell of a file holds: a number, a class label, or nothing that can be used."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from gdbench.descent.domains import show

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
