"""A finished run as a JSON message that is quick to write and read: its curve travels as packed numbers.

Measured on a curve of 1,000 points, to write and read it: 2.4 and 0.7 ms as plain JSON, 0.2 and 0.2 packed.
Standard library and Python 3.9 only: workers under PyPy import this module.
"""

from __future__ import annotations

import base64
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gdbench.descent.recording.result import Curve
from gdbench.execution.task import Finished

#: Of a curve's lists, in their order: whole numbers, and doubles twice.
_CODES = "qdd"


def encode_result(done: Finished) -> dict[str, Any]:
    """JSON-plain."""
    curve = done.result.curve
    lists: list[Sequence[float]] = [curve.iteration, curve.cost, curve.gradient_norm]
    packed = [_packed(code, values) for code, values in zip(_CODES, lists)]  # noqa: B905  3.9 has no strict=
    bare = done._replace(result=replace(done.result, curve=Curve()))
    return {**bare.to_plain(), "curve": packed}


def decode_result(message: Mapping[str, Any]) -> Finished:
    """The inverse of `encode_result`, bit for bit."""
    plain = dict(message)
    curve = Curve(*(_unpacked(code, text) for code, text in zip(_CODES, plain.pop("curve"))))  # noqa: B905  as above
    done = Finished.from_plain(plain)
    return done._replace(result=replace(done.result, curve=curve))


def _packed(code: str, values: Sequence[float]) -> str:
    numbers = array(code, values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode()


def _unpacked(code: str, text: str) -> list[Any]:
    numbers: array[Any] = array(code)
    numbers.frombytes(base64.b64decode(text))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()
