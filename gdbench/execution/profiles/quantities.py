"""Spans of time and sizes of memory as a person writes them: 30s, 500ms, 2GB, 512MiB."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, ByteSize, TypeAdapter

_SECONDS = {"": 1.0, "ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_SPAN = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*([a-z]*)\s*")

#: Bytes below which a worker cannot even start.
_LEAST_MEMORY = 100_000_000

_bytes = TypeAdapter(ByteSize)


def seconds(value: Any) -> float:
    """Seconds of a text with a unit, or of a bare number; raises ValueError unless finite and above 0."""
    if isinstance(value, str):
        match = _SPAN.fullmatch(value)
        if not match or match[2] not in _SECONDS:
            raise ValueError(value)
        value = float(match[1]) * _SECONDS[match[2]]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(value)
    return float(value)


def memory(value: Any) -> int:
    """Bytes of a text with a unit, or of a bare number; raises ValueError where no worker could live on it."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(value)  # noqa: TRY004  pydantic turns it into our own sentence
    size = int(_bytes.validate_python(value))
    if size < _LEAST_MEMORY:
        raise ValueError(value)
    return size


Seconds = Annotated[float, BeforeValidator(seconds)]
Memory = Annotated[int, BeforeValidator(memory)]

#: What is expected, for messages.
A_SPAN = "a time above 0, as 30s, 500ms, 5min or 1h (a bare number: seconds)"
A_SIZE = "a size of 100MB or more, as 2GB or 512MiB (a bare number: bytes)"
