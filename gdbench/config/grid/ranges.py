"""Numbers said in three words: `linspace`, `logspace` and `per_decade` stand for the list that they make.

Both ends belong to it, and every value is the double nearest to the exact one, so that the third of
0.1, 0.2, … is 0.3 and never 0.30000000000000004, on every interpreter.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeGuard

from gdbench.config.grid.spans import EXAMPLES as SPANS
from gdbench.config.grid.spans import read_span
from gdbench.descent.domains import show
from gdbench.descent.limits import AXIS_VALUES, RANGED_NUMBERS

if TYPE_CHECKING:
    from gdbench.config.yaml.places import ConfigPath, Mistakes

Number = int | float

_MOST_PER_DECADE = 1000

#: Digits to compute with: the nearest double to such a result is the nearest to the exact value.
_DIGITS = 50
#: Digits that a value of `per_decade` shows, unless its first one has more.
_SHOWN_DIGITS = 3


@dataclass
class Room:
    """How many numbers the ranges of a config may still make; below 0 that they may not was told."""

    left: int = RANGED_NUMBERS


class Range(list[object]):
    """The list that a range made; among the items of another list, its values stand side by side.

    One that could not be made is empty: its mistake has been told.
    """


def linspace(first: Number, last: Number, count: int) -> list[Number]:
    """first + i (last − first) / (count − 1) for i = 0, …, count − 1."""
    start, end = (Fraction(Decimal(repr(value))) for value in (first, last))
    values = [start + (end - start) * i / (count - 1) for i in range(count)]
    if isinstance(first, int) and isinstance(last, int) and all(value.denominator == 1 for value in values):
        return [int(value) for value in values]
    return [float(value) for value in values]


def logspace(first: Number, last: Number, count: int) -> list[Number]:
    """first · (last / first)^(i / (count − 1)) for i = 0, …, count − 1; both ends above 0."""
    with localcontext() as context:
        context.prec = _DIGITS
        start, end = Decimal(repr(first)), Decimal(repr(last))
        inner = [float(start * (end / start) ** (Decimal(i) / (count - 1))) for i in range(1, count - 1)]
    return [float(first), *inner, float(last)]


def per_decade(first: Number, last: Number, count: int) -> list[Number]:
    """first · 10^(i / count) up to `last`, to three digits (or as many as `first` has): 1, 2.15, 4.64, 10."""
    with localcontext() as context:
        context.prec = _DIGITS
        start, end = Decimal(repr(first)).normalize(), Decimal(repr(last))
        digits = max(_SHOWN_DIGITS, len(start.as_tuple().digits))
        steps = range(math.floor((end / start).log10() * count + Decimal("1e-30")) + 1)
        values = [start * Decimal(10) ** (Decimal(i) / count) for i in steps]
        context.prec = digits
        return [float(+value) for value in values]


_Maker = Callable[[Number, Number, int], list[Number]]
RANGES: Mapping[str, _Maker] = {"linspace": linspace, "logspace": logspace, "per_decade": per_decade}

EXAMPLES = {
    "linspace": "{linspace: [0.1, 0.5, 5]}",
    "logspace": "{logspace: [1e-4, 1, 5]}",
    "per_decade": "{per_decade: [1e-4, 1, 3]}",
}
_WORDS = {
    "linspace": "[first, last, how many]",
    "logspace": "[first, last, how many]",
    "per_decade": "[first, last, how many in each decade]",
}


def expand_ranges(value: object, path: ConfigPath, mistakes: Mistakes, room: Room) -> object:
    """The same value with a `Range` in place of each range in it; what is wrong goes to the mistakes.

    room: for all ranges of the config.
    """
    if isinstance(value, list):
        return [expand_ranges(item, (*path, i), mistakes, room) for i, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, given),) = value.items()
        if name in RANGES:
            return _made(name, given, (*path, name), mistakes, room)
        if name in SPANS:
            return read_span(name, given, (*path, name), mistakes)
        if _is_misspelt(name, given):
            near = get_close_matches(name, RANGES, n=1)[0]
            mistakes.add(
                (*path, name), f"no range is called '{name}'. Did you mean {EXAMPLES[near]}?", at_key=True
            )
            return Range()
    return {key: expand_ranges(inner, (*path, key), mistakes, room) for key, inner in value.items()}


def _is_misspelt(name: str, given: object) -> bool:
    """Whether this was meant as a range: three numbers under a name that is nearly one."""
    numbers = isinstance(given, list) and len(given) == 3 and all(map(is_number, given))
    return numbers and bool(get_close_matches(name, RANGES, n=1, cutoff=0.75))


def _made(name: str, given: object, path: ConfigPath, mistakes: Mistakes, room: Room) -> Range:
    if room.left < 0:
        return Range()
    if not isinstance(given, list) or len(given) != 3:
        mistakes.add(path, f"'{name}' takes {_WORDS[name]}, as in {EXAMPLES[name]}, not {_counted(given)}.")
        return Range()
    for i, value in enumerate(given):
        complaint = _complaint(name, i, given)
        if complaint:
            mistakes.add((*path, i), f"{complaint}, not {show(value)}; as in {EXAMPLES[name]}.")
            return Range()
    found = Range(RANGES[name](*given))
    room.left -= len(found)
    if room.left < 0:
        wrong = f"the ranges of this config make more than {RANGED_NUMBERS:,} numbers. Ask for fewer."
        mistakes.add(path, wrong, at_key=True)
        return Range()
    return found


def _complaint(name: str, i: int, given: Sequence[Any]) -> str:
    """What is wrong with one of the three, as the beginning of a sentence; "" if nothing is."""
    if i == 2:
        least, most = (1, _most_per_decade(given)) if name == "per_decade" else (2, AXIS_VALUES)
        value = given[2]
        whole = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if whole else f"'{name}' counts from {least} to {most:,} values"
    return _end_complaint(name, ("first", "last")[i], given[i], given[0])


def _end_complaint(name: str, which: str, value: object, first: Number) -> str:
    if not is_number(value) or not abs(value) <= sys.float_info.max:
        return f"the {which} of '{name}' must be a number"
    if name != "linspace" and value <= 0:
        # NumPy's logspace takes exponents, and ours the ends themselves
        return f"the {which} of '{name}' must be above 0 (the value itself and not its exponent)"
    if name == "per_decade" and value < first:
        return f"the last of 'per_decade' must not be below its first, {first:g}"
    return ""


def _most_per_decade(given: Sequence[Any]) -> int:
    decades = max(1, math.ceil(math.log10(given[1]) - math.log10(given[0])))
    return min(_MOST_PER_DECADE, AXIS_VALUES // decades)


def is_number(value: object) -> TypeGuard[Number]:
    """Whether a value is a number, which true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _counted(value: object) -> str:
    return f"{len(value)} values" if isinstance(value, list) else show(value)
