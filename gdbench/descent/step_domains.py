"""What the parameters of optimizers and learning rates may be, beyond the common domains."""

from __future__ import annotations

from typing import Any, Callable, Tuple

from gdbench.descent.domains import Domain, natural, naturals, non_negative, number


def _number_where(holds: Callable[[float], bool]) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        result: float = number.read(value)
        if not holds(result):
            raise ValueError
        return result

    return read


def _count(value: Any) -> int:
    return 0 if non_negative.read(value) == 0 else int(natural.read(value))


def _one_or_two(value: Any) -> int:
    result: int = natural.read(value)
    if result > 2:
        raise ValueError
    return result


def _rising(value: Any) -> Tuple[int, ...]:
    whole: Tuple[int, ...] = naturals.read(value)
    if list(whole) != sorted(set(whole)):
        raise ValueError
    return whole


memory = Domain(
    "a number of 0 or more and below 1",
    {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
    _number_where(lambda v: 0.0 <= v < 1.0),
)
part = Domain(
    "a number above 0 and at most 1",
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    _number_where(lambda v: 0.0 < v <= 1.0),
)
above_one = Domain(
    "a number above 1", {"type": "number", "exclusiveMinimum": 1}, _number_where(lambda v: v > 1.0)
)
count = Domain("a whole number of 0 or more", {"type": "integer", "minimum": 0}, _count)
one_or_two = Domain("1 or 2", {"enum": [1, 2]}, _one_or_two)
rising = Domain(
    "a list of rising whole numbers of 1 or more, such as [30, 80]", naturals.schema, _rising, sequence=True
)
