"""Numbers as little-endian bytes, the same on every machine: how tables and curves are kept and sent."""

from __future__ import annotations

import base64
import sys
from array import array
from typing import Any, Iterable, List


def pack(code: str, numbers: Iterable[float]) -> bytes:
    """code: "q" for whole numbers of 64 bits, "d" for doubles."""
    packed = array(code, numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def unpack(code: str, packed: bytes) -> List[Any]:
    """The inverse of `pack`."""
    numbers = array(code)
    numbers.frombytes(packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


def pack_text(code: str, numbers: Iterable[float]) -> str:
    """The same as text for JSON, a quarter of the length of the numbers written out."""
    return base64.b64encode(pack(code, numbers)).decode()


def unpack_text(code: str, text: str) -> List[Any]:
    """The inverse of `pack_text`."""
    return unpack(code, base64.b64decode(text))
