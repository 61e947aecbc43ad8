"""The domains of a config's own settings, in addition to those that components use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gdbench.descent.domains import Domain

if TYPE_CHECKING:
    from collections.abc import Callable

_LARGEST_SEED = 2**63 - 1  # what a column of 64-bit integers holds


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _line(value: Any) -> str:
    if not _text(value) or not value.isprintable():
        raise ValueError
    return str(value)


def _folder_name(value: Any) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}", _text(value)):
        raise ValueError
    return str(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _number(holds: Callable[[float], bool]) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not holds(value):
            raise ValueError
        return float(value)

    return read


def _whole(least: int, most: int) -> Callable[[Any], int]:
    number = _number(lambda value: least <= value <= most and value == int(value))

    def read(value: Any) -> int:
        number(value)
        return int(value)  # not by way of float: a seed may have more digits than one holds

    return read


def _two_labels(value: Any) -> list[str | int]:
    if not isinstance(value, list) or len(value) != 2 or value[0] == value[1]:
        raise ValueError
    if any(isinstance(label, bool) or not isinstance(label, (str, int)) for label in value):
        raise TypeError
    return value


text = Domain("text (in quotes, if it looks like something else)", {"type": "string"}, _text)
line = Domain(
    "a name as text (in quotes, if it looks like something else)", {"type": "string", "minLength": 1}, _line
)
boolean = Domain("true or false", {"type": "boolean"}, _boolean)
folder_name = Domain(
    "1 to 100 letters, digits, '-', '_' or '.' (it names a folder, so no dot in front)",
    {"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$"},
    _folder_name,
)
repeats = Domain(
    "a whole number from 1 to 10000", {"type": "integer", "minimum": 1, "maximum": 10_000}, _whole(1, 10_000)
)
seed = Domain(
    f"a whole number from 0 to {_LARGEST_SEED}",
    {"type": "integer", "minimum": 0, "maximum": _LARGEST_SEED},
    _whole(0, _LARGEST_SEED),
)
fraction = Domain(
    "a number between 0 and 1, both excluded",
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    _number(lambda value: 0 < value < 1),
)
multiple = Domain(
    "a finite number above 1",
    {"type": "number", "exclusiveMinimum": 1},
    _number(lambda value: 1 < value < float("inf")),
)
two_labels = Domain(
    "a list of two different class labels, each text or a whole number",
    {
        "type": "array",
        "items": {"type": ["string", "integer"]},
        "minItems": 2,
        "maxItems": 2,
        "uniqueItems": True,
    },
    _two_labels,
)
