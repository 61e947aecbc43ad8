"""Tables that people have: how a file is read, as a config says it, and what becomes of gaps and of text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from gdbench.descent.domains import Domain, boolean, list_of, one_of, optional, text, whole
from gdbench.descent.registry import Parameter, Registry

_OPTIONS: Registry[Reading] = Registry("data option", "data options")

#: A run of spaces and tabs, however long.
BLANKS = " "
#: How Python calls them; others that it knows are right as well.
USUAL_ENCODING = "utf-8"


def _separator(value: object) -> str:
    if not isinstance(value, str) or len(value) != 1 or value.isalnum() or value in "\"'.\n\r":
        raise ValueError
    return value


def _mark(value: object) -> str:
    if value not in (",", ".", "'", "’", "_", " "):
        raise ValueError
    return "'" if value == "’" else str(value)


def _encoding(value: object) -> str:
    if not isinstance(value, str) or not _is_text_encoding(value):
        raise ValueError
    return value


def _is_text_encoding(name: str) -> bool:
    try:
        "".encode(name)  # a LookupError as well of what is no encoding of text, such as base64
    except (LookupError, UnicodeError):
        return False
    return True


def _cell(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError
    return str(value)


_separators = Domain(
    'one character, such as ";" or "\\t" (" " is any run of blanks)',
    {"type": "string", "minLength": 1, "maxLength": 1},
    _separator,
)
_marks = Domain('one of "," "." "\'" "_" and " "', {"enum": [",", ".", "'", "_", " "]}, _mark)
_encodings = Domain(
    "an encoding of text that Python knows, such as utf-8, cp1252 or utf-16", {"type": "string"}, _encoding
)
_cells = list_of(
    Domain("a text or a number", {"type": ["string", "number"]}, _cell),
    'a list of texts or numbers, such as ["?", -999]',
)
_names = list_of(text, "a list of columns")


@_OPTIONS.register(
    "file",
    separator=optional(_separators),
    decimal=one_of(".", ","),
    thousands=optional(_marks),
    encoding=optional(_encodings),
    header=boolean,
    names=optional(_names),
    comment=optional(_separators),
    skip_first=whole,
    skip_last=optional(whole),
    missing_values=_cells,
    missing=one_of("refuse", "drop", "mean", "median"),
    categories=one_of("refuse", "one_hot", "drop"),
    columns=optional(_names),
    drop=_names,
)
@dataclass(frozen=True)
class Reading:
    """How a table is read from its file. What is None follows from the file, or is refused where it does not.

    separator: between columns; " " is any run of blanks.  decimal: the point or comma of a number.
    thousands: what groups its digits.  encoding: of the text.
    header: whether the first line names the columns.  names: what they are called instead.
    comment: what a line begins with that is none of the table.
    skip_first, skip_last: lines of the file that are none of the table; None: refused where the last looks so.
    missing_values: cells that mean "no value", besides the usual.
    missing: what becomes of gaps: rows that have one are dropped, or the mean or median of the training rows
    (of text the most frequent label) stands there.
    categories: what becomes of columns of text: a column of 0 and 1 for each label but the first, or dropped.
    columns: those that are read.  drop: those that are not.
    """

    separator: str | None = None
    decimal: str = "."
    thousands: str | None = None
    encoding: str | None = None
    header: bool = True
    names: tuple[str, ...] | None = None
    comment: str | None = None
    skip_first: int = 0
    skip_last: int | None = None
    missing_values: tuple[str, ...] = ()
    missing: str = "refuse"
    categories: str = "refuse"
    columns: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, object]:
        """In config form, with what goes without saying left out."""
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        }

    def changes_to(self, other: Reading) -> dict[str, object]:
        """What must be written, in config form, so that this becomes the other."""
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in fields(self)
            if (value := getattr(other, field.name)) != getattr(self, field.name)
        }


USUAL = Reading()


def read_options(given: Mapping[str, object]) -> Reading:
    """From the keys of a config that are options of a file; raises BadParameter, which names the key."""
    return Reading(**_OPTIONS["file"].resolve(given))


def reading_parameters() -> tuple[Parameter, ...]:
    """What may stand beside `file:`."""
    return _OPTIONS["file"].parameters


OPTIONS = tuple(parameter.name for parameter in reading_parameters())

#: A line for each, as the reference and editors show it.
ABOUT = {
    "separator": 'between the columns of a file, such as ";" or "\\t" (default: ",")',
    "decimal": 'the decimal mark of numbers: "." or ","',
    "thousands": 'what groups the digits of numbers, such as ","',
    "encoding": "of a text file (default: utf-8, or what its first bytes say)",
    "header": "false where the first line holds no names: columns are then called column1, column2, …",
    "names": "what the columns are called, in order, instead of what the file calls them",
    "comment": 'what lines begin with that are none of the table, such as "#"',
    "skip_first": "lines at the beginning of the file that are none of the table",
    "skip_last": "lines at its end that are none of the table, such as a row of totals",
    "missing_values": "cells that mean 'no value', such as [\"?\", -999], besides empty ones, NA and the like",
    "missing": "gaps: refuse, drop their rows, or fill them with the mean or median of the training rows",
    "categories": "columns of text: refuse, one_hot (a column for each label but the first) or drop",
    "columns": "the columns of a file to read (default: all)",
    "drop": "the columns of a file to leave out",
}


def config_text(settings: Mapping[str, object]) -> str:
    """Settings as they stand in a config: `thousands: ",", missing: median`."""
    return ", ".join(f"{key}: {config_value(value)}" for key, value in settings.items())


_PLAIN = re.compile(r"[A-Za-z_][\w./-]*(?: [\w./-]+)*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "_"}


def config_value(value: object) -> str:
    """A value as YAML has it, within brackets too: plain where that is read the same, in quotes elsewhere."""
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Sequence):
        return f"[{', '.join(map(config_value, value))}]"
    return json.dumps(value)
