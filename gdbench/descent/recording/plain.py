"""Records as plain JSON and back, by whichever version: unknown fields are kept, missing ones are None."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import lru_cache
from operator import itemgetter
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    FrozenSet,
    Hashable,
    List,
    Mapping,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    cast,
)

Record = TypeVar("Record")

#: A record, or a part of one, as JSON has it.
Plain = Dict[str, Any]

#: Takes the values of a record in the order of its fields.
_Values = Callable[[Mapping[str, Any]], Tuple[Any, ...]]

if TYPE_CHECKING or sys.version_info < (3, 10):
    from dataclasses import dataclass as slotted
else:

    def slotted(*, frozen: bool) -> Callable[[type], type]:
        """`dataclass`, of which a process may hold a hundred thousand: without a dict, where Python can.

        That it is frozen is for type checkers to see: at run time each field would be set by a call.
        """
        return dataclass(slots=True, unsafe_hash=frozen)


__all__ = ["EXTRA", "Plain", "Record", "plain_of", "plain_tree", "read", "read_all", "slotted"]

#: The field of a record that keeps what it does not know, so that nothing is lost on the way through.
EXTRA = "extra"


def read(kind: Type[Record], plain: Mapping[str, Any]) -> Record:
    """A record of this kind. A field that `plain` lacks has its default, or None where there is none."""
    known, required, in_order = _fields(cast(Hashable, kind))
    if len(plain) == len(known) > 1:
        try:
            values = in_order(plain)
        except KeyError:
            pass  # it has others than are known
        else:
            return kind(*values)  # as most are: a report reads thousands
    if required <= plain.keys() <= known:
        return kind(**plain)
    given = {name: value for name, value in plain.items() if name in known}
    if len(given) < len(plain) and _keeps_extra(cast(Hashable, kind)):
        given[EXTRA] = {name: value for name, value in plain.items() if name not in known}
    return kind(**{name: None for name in required if name not in given}, **given)


def read_all(kind: Type[Record], plains: Sequence[Mapping[str, Any]]) -> List[Record]:
    """Many records of one kind, mostly of today's fields."""
    known, _, in_order = _fields(cast(Hashable, kind))
    if all(len(plain) == len(known) > 1 for plain in plains):
        with suppress(KeyError):
            return [kind(*in_order(plain)) for plain in plains]
    return [read(kind, plain) for plain in plains]


def plain_of(record: Any) -> Plain:
    """The inverse, one level deep; meant for `json.dumps(…, default=plain_of)`, which asks level by level."""
    if not is_dataclass(record):
        raise TypeError(f"{type(record).__name__} is not a record")
    plain = {name: getattr(record, name) for name in _names(cast(Hashable, type(record)))}
    if EXTRA in plain:
        plain.update(plain.pop(EXTRA) or {})
    return plain


def plain_tree(record: Any) -> Dict[str, Any]:
    """The same all the way down: what `json.loads` gives of the record."""
    tree: Dict[str, Any] = json.loads(json.dumps(record, default=plain_of))
    return tree


@lru_cache(maxsize=None)
def _names(kind: Hashable) -> Tuple[str, ...]:
    return tuple(field.name for field in fields(cast(Any, kind)))


@lru_cache(maxsize=None)
def _keeps_extra(kind: Hashable) -> bool:
    """Whether it has a place for what it does not know; what has none is read without."""
    return any(field.name == EXTRA for field in fields(cast(Any, kind)))


@lru_cache(maxsize=None)
def _fields(kind: Hashable) -> Tuple[FrozenSet[str], FrozenSet[str], _Values]:
    """The names that a record's plain form may have, those without a default, and what takes all in order.

    By name they would be passed slowly: the names that JSON makes are not the objects that a call looks for.
    `extra` is a record's last field.
    """
    of = [field for field in fields(cast(Any, kind)) if field.name != EXTRA]
    required = [f.name for f in of if f.default is MISSING and f.default_factory is MISSING]
    names = [f.name for f in of]
    return frozenset(names), frozenset(required), itemgetter(*names)
