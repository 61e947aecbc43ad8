"""`expect:`: numbers that others have published, or a teacher wants, each held against a run once it is done.

They are no part of a run: whatever is expected, its key and its result are the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gdbench.config.grid.ranges import Range
from gdbench.config.outside import visible
from gdbench.config.wording import label
from gdbench.config.yaml.places import ConfigPath, Mistakes, each
from gdbench.descent.domains import show
from gdbench.descent.errors import nearest
from gdbench.descent.recording.result import OUTCOMES

#: What is expected of an iterate, which `at` names; by default the one at which the run ended.
OF_ITERATES = {
    "cost": "the cost there",
    "gap": "f − f* there",
    "gradient_norm": "the gradient's norm there",
}
#: What is expected of a run.
OF_RUNS = {
    "iterations": "updates done",
    "outcome": "how it ended: converged, stopped, diverged, stalled …",
    "cause": "why it ended, as a code: its rule, or a verdict",
}
UNITS = ("data", "fitted")
KEYS = {
    "where": "the runs that are meant, axis: value, as for --only; by default all",
    "at": "the iteration; by default the last",
    **OF_ITERATES,
    "parameters": "name: number; w1, w2, … on a surface",
    "units": "of parameters: the data's own, or as fitted to standardized features",
    **OF_RUNS,
    "digits": "significant digits that count; by default all that are written",
    "truncated": "whether the last digit was cut and not rounded",
    "source": "who printed it",
}
#: The keys of which an expectation has at least one.
CLAIMS = (*OF_ITERATES, "parameters", *OF_RUNS)
_EXAMPLE = '{where: {learning_rate: 0.01}, at: 1001, cost: 3.41, source: "…"}'

Schema = dict[str, Any]

_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True)
class Span:
    """The numbers that agree with a published one; without: whether an end is itself left out."""

    low: Fraction
    high: Fraction
    without: str = ""

    def holds(self, value: float) -> bool:
        """Whether a measured number agrees: the shortest one that the float stands for, without rounding."""
        if not math.isfinite(value):
            return False
        exact = Fraction(repr(value))
        inside = self.low <= exact <= self.high
        return inside and exact != {"low": self.low, "high": self.high}.get(self.without)


@dataclass(frozen=True)
class Claim:
    """One thing that is expected. name: of the parameter.  written: as it stands.  span: None of a word."""

    quantity: str
    written: str
    span: Span | None = None
    name: str = ""
    path: ConfigPath = ()


@dataclass(frozen=True)
class Expectation:
    """What is expected of some runs.

    where: axis → the values of which one is meant.  at: the iteration, None for the last.  units: of `UNITS`.
    """

    where: Mapping[str, Sequence[str]]
    claims: tuple[Claim, ...]
    at: int | None = None
    units: str = UNITS[0]
    source: str = ""
    path: ConfigPath = ()
    places: Mapping[str, ConfigPath] = field(default_factory=dict)


def read_expectations(value: object, mistakes: Mistakes) -> tuple[Expectation, ...]:
    """What stands under `expect:`; what is wrong goes to the mistakes."""
    if value is None:
        return ()
    found = (_one(item, path, mistakes) for item, path in each(value, ("expect",)))
    return tuple(one for one in found if one)


def span_of(written: str, digits: int | None = None, *, truncated: bool = False) -> Span:
    """What agrees with a number as it is printed: up to half a unit of its last digit on either side.

    digits: the significant ones that count.  truncated: up to one unit further from zero, and none back.
    """
    number = Decimal(written)
    exponent = number.as_tuple().exponent if digits is None or not number else number.adjusted() - digits + 1
    assert isinstance(exponent, int)
    unit, published = Fraction(10) ** exponent, Fraction(number)
    if not truncated:
        return Span(published - unit / 2, published + unit / 2)
    if number.is_signed():
        return Span(published - unit, published, "low")
    return Span(published, published + unit, "high")


def _one(item: object, path: ConfigPath, mistakes: Mistakes) -> Expectation | None:
    if not isinstance(item, dict):
        mistakes.add(path, f"each of 'expect' must be a mapping, not {_shown(item)}; for example {_EXAMPLE}.")
        return None
    before = len(mistakes.all)
    for key in item:
        if key not in KEYS:
            mistakes.add((*path, key), f"no key is called '{key}' in expect. {nearest(key, KEYS)}", at_key=True)
    whole = _whole(item, path, mistakes)
    where = dict(_where(item.get("where", {}), (*path, "where"), mistakes))
    claims = tuple(_claims(item, path, whole.get("digits"), mistakes))
    if not claims and len(mistakes.all) == before:
        mistakes.add(path, f"this expects nothing. Add one of {', '.join(CLAIMS)}; for example {_EXAMPLE}.")
    late = next((claim for claim in claims if claim.quantity in OF_RUNS and "at" in item), None)
    if late:
        mistakes.add(late.path, f"'{late.quantity}' is of the whole run and of no iteration. Move it, or 'at'.")
    if len(mistakes.all) > before:
        return None
    places = {axis: (*path, "where", axis) for axis in where}
    units, source = str(item.get("units", UNITS[0])), str(item.get("source", ""))
    return Expectation(where, claims, whole.get("at"), units, source, path, places)


def _whole(item: Mapping[str, object], path: ConfigPath, mistakes: Mistakes) -> dict[str, int]:
    """The keys that no number is published under, checked; of them the whole numbers."""
    found = {}
    for key, least in (("at", 0), ("digits", 1)):
        value = item.get(key, least)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            mistakes.add((*path, key), f"'{key}' must be a whole number from {least} on, not {_shown(value)}.")
        elif key in item:
            found[key] = value
    if not isinstance(item.get("truncated", False), bool):
        shown = _shown(item["truncated"])
        mistakes.add((*path, "truncated"), f"'truncated' must be true or false, not {shown}.")
    if item.get("units", UNITS[0]) not in UNITS:
        mistakes.add((*path, "units"), f"'units' must be data or fitted, not {_shown(item['units'])}.")
    source = item.get("source", "")
    if not isinstance(source, str) or visible(source) != source:
        mistakes.add((*path, "source"), f"'source' must be text on one line, not {_shown(source)}.")
    return found


def _where(value: object, path: ConfigPath, mistakes: Mistakes) -> Iterator[tuple[str, Sequence[str]]]:
    if not isinstance(value, dict):
        mistakes.add(path, f"'where' must be a mapping, not {_shown(value)}; as in {{learning_rate: 0.01}}.")
        return
    for axis, asked in value.items():
        values = [item for item, _ in each(asked, (*path, axis))]
        if any(isinstance(one, dict | list) or one is None for one in values) or not values:
            mistakes.add(
                (*path, axis),
                f"'where.{axis}' takes what --only takes: a number, a name, or a label in quotes such as "
                f"'cosine(rate=0.1, period=100)'; several in a list; not {_shown(asked)}.",
            )
        else:
            yield axis, [label(one) for one in values]


def _claims(
    item: Mapping[str, object], path: ConfigPath, digits: int | None, mistakes: Mistakes
) -> Iterator[Claim]:
    cut = item.get("truncated") is True
    for key in (*OF_ITERATES, "iterations"):
        if key in item:
            yield from _number(key, "", item[key], (*path, key), digits, mistakes, cut=cut)
    named, inner = item.get("parameters", {}), (*path, "parameters")
    if not isinstance(named, dict) or (not named and "parameters" in item):
        shown = _shown(named)
        mistakes.add(inner, f"'parameters' must be a mapping, not {shown}; as in {{slope: 0.19229}}.")
        named = {}
    for name, value in named.items():
        yield from _number("parameters", name, value, (*inner, name), digits, mistakes, cut=cut)
    for key in ("outcome", "cause"):
        if key in item:
            yield from _word(key, item[key], (*path, key), mistakes)


def _word(key: str, value: object, path: ConfigPath, mistakes: Mistakes) -> Iterator[Claim]:
    if not isinstance(value, str) or not value or visible(value) != value:
        mistakes.add(path, f"'{key}' must be a word, not {_shown(value)}.")
    elif key == "outcome" and value not in OUTCOMES:
        mistakes.add(path, f"no outcome is called '{value}'. {nearest(value, OUTCOMES)}")
    else:
        yield Claim(key, value, path=path)


def _number(
    key: str,
    name: str,
    value: object,
    path: ConfigPath,
    digits: int | None,
    mistakes: Mistakes,
    *,
    cut: bool,
) -> Iterator[Claim]:
    """A number as it is written, or an interval of two."""
    ends = value if isinstance(value, list) else [value]
    paths = [(*path, i) for i in range(len(ends))] if isinstance(value, list) else [path]
    texts = [_written(mistakes, where, end) for where, end in zip(paths, ends, strict=True)]
    if any(not text for text in texts) or len(texts) != (2 if isinstance(value, list) else 1):
        called = name or key
        shown = _shown(value)
        mistakes.add(path, f"'{called}' must be a number, or an interval as [3.4, 3.5], not {shown}.")
    elif len(texts) == 1:
        yield Claim(key, texts[0], span_of(texts[0], digits, truncated=cut), name, path)
    else:
        low, high = map(Fraction, map(Decimal, texts))
        if low > high:
            mistakes.add(path, f"this interval is empty: {texts[0]} is above {texts[1]}. Exchange them.")
        yield Claim(key, f"{texts[0]} to {texts[1]}", Span(low, high), name, path)


def _written(mistakes: Mistakes, path: ConfigPath, value: object) -> str:
    """A number with the digits that a person gave it, which a float no longer has; "" of anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not _NUMBER.fullmatch(repr(value)):
        return ""
    spot = mistakes.places.value(path)
    found = _NUMBER.match(spot.text.text, spot.index)
    return found[0] if found and float(found[0]) == value else repr(value)


def _shown(value: object) -> str:
    return (
        "a list" if isinstance(value, list | Range) else "a mapping" if isinstance(value, dict) else show(value)
    )


def expectation_schema(one_or_more: Callable[[Schema], Schema]) -> Schema:
    """One expectation, in JSON Schema. one_or_more: a schema → itself, or a list of it."""
    interval = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    number: Schema = {"anyOf": [{"type": "number"}, interval]}
    word, whole = {"type": "string", "minLength": 1}, {"type": "integer"}
    value: Schema = {"type": ["string", "number", "boolean"]}
    kinds: Schema = {
        "where": {"type": "object", "additionalProperties": one_or_more(value)},
        "at": whole | {"minimum": 0},
        "parameters": {"type": "object", "additionalProperties": number, "minProperties": 1},
        "units": {"enum": list(UNITS)},
        "outcome": word,
        "cause": word,
        "digits": whole | {"minimum": 1},
        "truncated": {"type": "boolean"},
        "source": {"type": "string"},
    }
    return {
        "type": "object",
        "properties": {key: {**kinds.get(key, number), "description": about} for key, about in KEYS.items()},
        "additionalProperties": False,
        "anyOf": [{"required": [key]} for key in CLAIMS],
    }
