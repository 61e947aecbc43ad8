"""The registry of generators, with what their parameters may be."""

from __future__ import annotations

from random import Random
from typing import Any, List

from gdbench.descent.domains import Domain, number
from gdbench.descent.registry import Registry

GENERATORS = Registry("generator", "generators")
generator = GENERATORS.register

#: Classes are the target's 0 and 1.
BINARY = {"classes": ("0", "1")}


def _at_least(least: int) -> Domain:
    def read(value: Any) -> int:
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or value < least
            or value != int(value)
        ):
            raise ValueError
        return int(value)

    return Domain(f"a whole number of {least} or more", {"type": "integer", "minimum": least}, read)


def _one_or_more(value: Any) -> float:
    read: float = number(value)
    if read < 1.0:
        raise ValueError
    return read


whole = _at_least(0)
at_least_two = _at_least(2)
one_or_more = Domain("a number of 1 or more", {"type": "number", "minimum": 1}, _one_or_more)


def normals(random: Random, size: int) -> List[float]:
    return [random.gauss(0.0, 1.0) for _ in range(size)]
