"""YAML 1.2's core schema: which plain words are numbers, booleans or null, and which stay text.

PyYAML follows YAML 1.1, where `1e-3` is text, `on` is true, `010` is eight and `1:30` is ninety.
"""

from __future__ import annotations

import re

Scalar = None | bool | int | float | str

_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], float("nan")),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")

_MOST_DIGITS = 400  # beyond every float, and well below the length from which Python refuses to convert


def read_scalar(text: str) -> Scalar:
    """The value of a plain (unquoted) scalar; raises ValueError for a number too long to be meant."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text) or _OTHER_BASE.fullmatch(text):
        if len(text) > _MOST_DIGITS:
            raise ValueError(f"a whole number of {len(text)} digits is too long; write {_MOST_DIGITS} at most.")
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITY.fullmatch(text):
        return float(text.replace(".", ""))
    return text
