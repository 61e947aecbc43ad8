"""Records as plain JSON and back, by whichever version: unknown fields are kept, missing ones are None."""

from __future__ import annotations

import json
import sys
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, Hashable, Mapping, Tuple, Type, TypeVar, cast

Record = TypeVar("Record")

#: A record, or a part of one, as JSON has it.
Plain = Dict[str, Any]

if TYPE_CHECKING or sys.version_info < (3, 10):
    from dataclasses import dataclass as slotted
else:
    #: `dataclass`, of which a process may hold a hundred thousand: without a dict of its own, where Python can.
    slotted = partial(dataclass, slots=True)

__all__ = ["EXTRA", "Plain", "Record", "plain_of", "plain_tree", "read", "slotted"]

#: The field of a record that keeps what it does not know, so that nothing is lost on the way through.
EXTRA = "extra"


def read(kind: Type[Record], plain: Mapping[str, Any]) -> Record:
    """A record of this kind. A field that `plain` lacks has its default, or None where there is none."""
    known, required = _fields(cast(Hashable, kind))
    if required <= plain.keys() <= known:
        return kind(**plain)  # as most are: a report reads thousands
    given = {name: value for name, value in plain.items() if name in known}
    if len(given) < len(plain) and _keeps_extra(cast(Hashable, kind)):
        given[EXTRA] = {name: value for name, value in plain.items() if name not in known}
    return kind(**{name: None for name in required if name not in given}, **given)


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
def _fields(kind: Hashable) -> Tuple[FrozenSet[str], FrozenSet[str]]:
    """The names that a record's plain form may have, and those without a default."""
    of = [field for field in fields(cast(Any, kind)) if field.name != EXTRA]
    required = [f.name for f in of if f.default is MISSING and f.default_factory is MISSING]
    return frozenset(f.name for f in of), frozenset(required)
