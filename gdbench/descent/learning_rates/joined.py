"""Schedules one after another, and the simplest of these: a rate for each piece."""

from __future__ import annotations

import json
from bisect import bisect_right
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence, Tuple

from gdbench.descent.domains import Domain, list_of, natural, positive, rising
from gdbench.descent.errors import BadParameter, GdbenchError
from gdbench.descent.iterate import Landscape
from gdbench.descent.learning_rates.protocol import (
    LEARNING_RATES,
    Chooser,
    LearningRate,
    Schedule,
    learning_rate,
    needs_of,
    scheduled,
)
from gdbench.descent.registry import Choice, build, find

_UNTIL = "until"
#: What stands under a name: its parameters; under `until` a number.
Parameters = Any


def _hash(part: Mapping[str, object]) -> int:
    return hash(json.dumps(part, sort_keys=True))


#: A schedule in config form, with `until`: the iteration at which the next begins. As nothing changes it, a
#: choice that has it is known by what it holds.
_Part: Callable[..., Mapping[str, Parameters]] = type("_Part", (dict,), {"__hash__": _hash})


def _part(value: object) -> Mapping[str, Parameters]:
    """A number for a constant rate, a name, or {name: parameters, until: k}, without the usual ones."""
    given = {"constant": {"rate": value}} if isinstance(value, (int, float)) else value
    given = {given: {}} if isinstance(given, str) else given
    if not isinstance(given, Mapping):
        raise TypeError
    names = [name for name in given if name != _UNTIL]
    if len(names) != 1:
        raise ValueError
    until = {_UNTIL: natural(given[_UNTIL])} if _UNTIL in given else {}
    name, parameters = names[0], given[names[0]] or {}
    try:
        usual = {parameter.name: parameter.default for parameter in LEARNING_RATES[name].parameters}
        resolved = LEARNING_RATES[name].resolve(_rates(name, parameters))
        return _Part({name: {n: v for n, v in resolved.items() if v != usual[n]}, **until})
    except GdbenchError:
        return _Part({name: parameters, **until})  # the check says what is wrong with it


def _rates(name: str, parameters: object) -> Mapping[str, Parameters]:
    """The parameters; a number alone is the first of them."""
    if isinstance(parameters, Mapping):
        return parameters
    entry = LEARNING_RATES[name]
    return {entry.parameters[0].name: parameters} if entry.parameters else {"": parameters}


def _parts(value: object) -> Tuple[Mapping[str, Parameters], ...]:
    if not isinstance(value, (list, tuple)) or not value:
        raise TypeError
    return tuple(map(_part, value))


_schedules = Domain(
    "a list of schedules, such as [{constant: {rate: 0.1}, until: 100}, {cosine: {rate: 0.1, period: 900}}]",
    {"type": "array", "minItems": 1, "items": {"type": ["object", "number", "string"]}},
    _parts,
    sequence=True,
)


def _choice(part: Mapping[str, Parameters]) -> Choice:
    return {name: given for name, given in part.items() if name != _UNTIL}


def _check(parts: Sequence[Mapping[str, Parameters]]) -> None:
    for place, part in enumerate(parts):
        try:
            entry, _ = find(LEARNING_RATES, _choice(part))
        except GdbenchError as error:
            raise BadParameter("parts", f"'parts' of learning rate 'joined': {error}") from None
        if any(entry.facts.get(fact) for fact in ("search", "whole")):
            wrong = f"'{entry.name}' looks at the iterates, and 'joined' takes schedules."
            raise BadParameter("parts", f"'parts' of learning rate 'joined': {wrong}")
        if (_UNTIL in part) == (place == len(parts) - 1):
            wrong = "each schedule but the last says 'until' which iteration it holds."
            raise BadParameter("parts", f"'parts' of learning rate 'joined': {wrong}")
    ends = _ends(parts)
    if any(later <= earlier for earlier, later in zip(ends, ends[1:])):
        raise BadParameter("parts", f"'parts' of learning rate 'joined': 'until' must rise, but is {ends}.")


def _ends(parts: Sequence[Mapping[str, Parameters]]) -> Sequence[int]:
    return [part[_UNTIL] for part in parts if _UNTIL in part]


def _of_last(parts: Sequence[Mapping[str, Parameters]], name: str) -> Parameters:
    """A fact of the last schedule, with its parameters."""
    entry, given = find(LEARNING_RATES, _choice(parts[-1]))
    fact = entry.facts.get(name)
    return fact(**given) if callable(fact) else fact


def _rests(parts: Sequence[Mapping[str, Parameters]]) -> Optional[int]:
    """Once all but the last are over, the last one's own."""
    entry, _ = find(LEARNING_RATES, _choice(parts[-1]))
    own = 0 if "fixed" in entry.facts else _of_last(parts, "rests")
    return None if own is None else (_ends(parts) or [0])[-1] + int(own)


def _needs(parts: Sequence[Mapping[str, Parameters]]) -> Tuple[str, ...]:
    return tuple(need for part in parts for need in needs_of(_choice(part)))


@learning_rate(
    "joined",
    facts={
        "also": ("sequential", "chained", "join_schedules", "sequential_lr"),
        "check": _check,
        "dies": lambda parts: bool(_of_last(parts, "dies")),
        "rests": _rests,
        "needs": _needs,
    },
    parts=_schedules,
)
def joined(parts: Sequence[Mapping[str, Parameters]]) -> LearningRate:
    """η_k = the rate of the schedule whose turn it is, at as many iterations as it has had.

    parts: schedules, each but the last with `until`, the iteration at which the next begins and counts from 0:
    [{warmup: {rate: 0.1, steps: 10}, until: 50}, {cosine: {rate: 0.1, period: 100}}].
    """
    begins = [0, *_ends(parts)]

    def begin(landscape: Landscape) -> Chooser:
        schedules = list(_schedules_of(parts, landscape))

        def rate_at(k: int) -> float:
            place = bisect_right(begins, k) - 1
            return schedules[place].rate_at(k - begins[place])

        return Schedule(rate_at)

    return begin


def _schedules_of(parts: Sequence[Mapping[str, Parameters]], landscape: Landscape) -> Iterator[Schedule]:
    for part in parts:
        chooser = build(LEARNING_RATES, _choice(part))(landscape)
        if not isinstance(chooser, Schedule):
            raise GdbenchError("learning rate 'joined' takes schedules, which look at the iteration alone.")
        yield chooser


def _check_pieces(rates: Sequence[float], until: Sequence[int]) -> None:
    if len(rates) != len(until) + 1:
        raise BadParameter(
            "until",
            f"'until' of learning rate 'pieces' must have one value fewer than 'rates', but {len(until)} for "
            f"{len(rates)} rates.",
        )


@learning_rate(
    "pieces",
    facts={
        "also": ("piecewise_constant", "piecewise"),
        "check": _check_pieces,
        "rests": lambda until, **_: until[-1],
    },
    rates=list_of(positive, "a list of numbers above 0, such as [0.1, 0.01]"),
    until=rising,
)
def pieces(rates: Sequence[float], until: Sequence[int]) -> LearningRate:
    """η_k = the first of the rates until k = until₁, then the second, …, and the last one from there on.

    rates: > 0, one more than there are in `until`.  until: rising iterations, ≥ 1.
    """
    return scheduled(lambda k: rates[bisect_right(until, k)])
