"""What a parameter may be: each domain checks a plain value and says in words what it expects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable, Generic, Mapping, Optional, Tuple, Type, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Domain(Generic[T_co]):
    """A set of values: `expected` says it in words, `schema` in JSON Schema, `read` checks a value.

    sequence: its values are lists, so that a plain list in a config is one value and not several.

    Calling a domain returns the value in its canonical type (so that `1` and `1.0` are one rate)
    or raises `ValueError` with the end of a sentence that begins with the parameter's name.
    """

    expected: str
    schema: Mapping[str, Any]
    read: Callable[[object], T_co]
    sequence: bool = False

    def __call__(self, value: object) -> T_co:
        try:
            return self.read(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"must be {self.expected}, not {show(value)}.") from None


def show(value: object) -> str:
    """A value as a person would write it in YAML, cut at 60 characters."""
    written = "null" if value is None else str(value)
    if isinstance(value, bool):
        written = written.lower()
    if isinstance(value, str):
        written = f"'{value}'"
    return written if len(written) <= 60 else f"{written[:57]}…"


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value  # exactly, however large: a float holds whole numbers up to 2⁵³ only
    read = _number(value)
    if read != int(read):
        raise ValueError
    return int(read)


def _where(read: Callable[[object], T], holds: Callable[[T], bool]) -> Callable[[object], T]:
    def checked(value: object) -> T:
        result = read(value)
        if not holds(result):
            raise ValueError
        return result

    return checked


number = Domain("a number", {"type": "number"}, _number)
positive = Domain(
    "a number above 0", {"type": "number", "exclusiveMinimum": 0}, _where(_number, lambda v: v > 0)
)
non_negative = Domain(
    "a number of 0 or more", {"type": "number", "minimum": 0}, _where(_number, lambda v: v >= 0)
)
above_one = Domain(
    "a number above 1", {"type": "number", "exclusiveMinimum": 1}, _where(_number, lambda v: v > 1)
)
one_or_more = Domain(
    "a number of 1 or more", {"type": "number", "minimum": 1}, _where(_number, lambda v: v >= 1)
)
fraction = Domain(
    "a number between 0 and 1",
    {"type": "number", "minimum": 0, "maximum": 1},
    _where(_number, lambda v: 0 <= v <= 1),
)
inner_fraction = Domain(
    "a number between 0 and 1, both excluded",
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    _where(_number, lambda v: 0 < v < 1),
)
#: What a moving average keeps of its past.
memory = Domain(
    "a number of 0 or more and below 1",
    {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
    _where(_number, lambda v: 0 <= v < 1),
)
part = Domain(
    "a number above 0 and at most 1",
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    _where(_number, lambda v: 0 < v <= 1),
)


def at_least(least: int) -> Domain[int]:
    """A whole number of `least` or more."""
    schema = {"type": "integer", "minimum": least}
    return Domain(f"a whole number of {least} or more", schema, _where(_whole, lambda v: v >= least))


def within(least: int, most: int) -> Domain[int]:
    """A whole number from `least` to `most`."""
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Domain(
        f"a whole number from {least} to {most}", schema, _where(_whole, lambda v: least <= v <= most)
    )


def multiple_of(factor: int) -> Domain[int]:
    """A positive whole number that `factor` divides."""
    schema = {"type": "integer", "minimum": factor, "multipleOf": factor}
    divided = _where(_whole, lambda v: v >= factor and v % factor == 0)
    return Domain(f"a multiple of {factor}, {factor} or more", schema, divided)


whole = at_least(0)
natural = at_least(1)
at_least_two = at_least(2)
one_or_two = Domain("1 or 2", {"enum": [1, 2]}, _where(_whole, lambda v: 1 <= v <= 2))


def optional(domain: Domain[T]) -> Domain[Optional[T]]:
    """The same domain, or null for "choose for me"."""
    return Domain(
        f"{domain.expected} or null",
        {"anyOf": [dict(domain.schema), {"type": "null"}]},
        lambda value: None if value is None else domain.read(value),
        domain.sequence,
    )


boolean = Domain("true or false", {"type": "boolean"}, lambda value: _instance(value, bool))
text = Domain("text", {"type": "string", "minLength": 1}, lambda value: _filled(_instance(value, str)))


def one_of(*names: str) -> Domain[str]:
    """One of a few names."""
    known = _where(lambda value: _instance(value, str), lambda name: name in names)
    return Domain(f"one of {', '.join(names)}", {"enum": list(names)}, known)


def list_of(domain: Domain[T], expected: str) -> Domain[Tuple[T, ...]]:
    """A list of one value or more, each from `domain`; a single value stands for a list of one."""

    def read(value: object) -> Tuple[T, ...]:
        values = value if isinstance(value, (list, tuple)) else [value]
        if not values:
            raise ValueError
        return tuple(domain.read(item) for item in values)

    return Domain(expected, {"type": "array", "items": dict(domain.schema), "minItems": 1}, read, sequence=True)


naturals = list_of(natural, "a list of whole numbers of 1 or more")
numbers = list_of(number, "a list of numbers")
rising = Domain(
    "a list of rising whole numbers of 1 or more, such as [30, 80]",
    naturals.schema,
    _where(naturals.read, lambda v: all(a < b for a, b in zip(v, v[1:]))),
    sequence=True,
)


def _instance(value: object, kind: Type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise ValueError
    return value
