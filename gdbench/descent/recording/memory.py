"""What the parts of a run remember, as plain data that comes back bit for bit: so a run can be gone on with.

A part says what it remembers in `memory`, a tuple of what changes while it works: lists, deques and dicts,
objects whose attributes are plain, and parts within it. A tuple without members says that it remembers nothing.
A function says nothing, and where one part says nothing the run cannot be gone on with, only done again.

Plain are numbers, texts and None, and lists, tuples, named tuples, deques and dicts of plain values. What is
made of them goes through JSON, which keeps every bit of a float: its `repr` comes back as the same number.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Sequence

from gdbench.descent.numerics.packing import pack_text, unpack_text

#: What is told of a part or a value: JSON-plain. And any plain value itself.
Told = Any

#: Lists that are shorter are written out.
_SHORT = 4
#: Whole numbers beyond these do not fit into 64 bits.
_WIDEST = 1 << 62


class Untold(Exception):
    """A part does not say what it remembers, or not as plain data."""


def memory_of(part: Told) -> Told:
    """What a part remembers, JSON-plain; raises `Untold`."""
    parts = getattr(part, "memory", None)
    if parts is not None:
        return [memory_of(inner) for inner in parts]
    if isinstance(part, (list, deque, dict)):
        return encode(part)
    if hasattr(part, "remembered"):
        return encode(part.remembered())
    if hasattr(part, "memory") or not _attributes(part):
        raise Untold(f"{part!r} does not say what it remembers")
    return encode({name: getattr(part, name) for name in _attributes(part)})


def remember(part: Told, told: Told) -> None:
    """Let a fresh part remember what `memory_of` told of one like it; raises `Untold`."""
    parts = getattr(part, "memory", None)
    if parts is not None:
        for inner, inner_told in zip(parts, told):
            remember(inner, inner_told)
        return
    value = decode(told)
    if isinstance(part, dict):
        part.clear()
        part.update(value)
    elif isinstance(part, (list, deque)):
        part.clear()
        part.extend(value)
    elif hasattr(part, "recall"):
        part.recall(value)
    else:
        for name in _attributes(part):
            setattr(part, name, value[name])


def _attributes(part: Told) -> Sequence[str]:
    """The names of what changes: those that it gives, or all."""
    return getattr(part, "REMEMBERED", None) or ([] if callable(part) else [*getattr(part, "__dict__", ())])


def encode(value: Told) -> Told:
    """A plain value as JSON has it, lists of numbers and of rows packed; raises `Untold` of any other."""
    if value is None or type(value) in (bool, str, float, int):
        return value
    if type(value) is list:
        return _encoded_list(value)
    if isinstance(value, tuple):
        return {"parts": [encode(part) for part in value], **_named_as(type(value))}
    if type(value) is deque:
        return {"deque": _encoded_list(list(value)), "most": value.maxlen}
    if type(value) is set:
        return {"set": _encoded_list(sorted(value))}
    if type(value) is dict:
        return {"keys": _encoded_list([*value]), "values": _encoded_list([*value.values()])}
    raise Untold(f"{type(value).__name__} is no plain value")


def _encoded_list(values: List[Told]) -> Told:
    kinds = {type(value) for value in values} if len(values) >= _SHORT else set()
    if kinds == {float}:
        return {"doubles": pack_text("d", values)}
    if kinds == {int} and min(values) > -_WIDEST and max(values) < _WIDEST:
        return {"whole": pack_text("q", values)}
    kind = type(values[0]) if len(kinds) == 1 else None
    if kind and issubclass(kind, tuple) and len({len(value) for value in values}) == 1:
        return {"rows": [_encoded_list(list(column)) for column in zip(*values)], **_named_as(kind)}
    return [encode(value) for value in values]


def decode(told: Told) -> Told:
    """The inverse of `encode`; raises `Untold` where a kind of value is not known here."""
    if isinstance(told, list):
        return [decode(part) for part in told]
    if not isinstance(told, dict):
        return told
    for kind, read in _READERS.items():
        if kind in told:
            return read(told)
    raise Untold(f"a value of {', '.join(told)}")


def _tuple(told: Dict[str, Told]) -> Told:
    return _made(told, [decode(part) for part in told["parts"]])


def _rows(told: Dict[str, Told]) -> List[Told]:
    return [_made(told, row) for row in zip(*map(decode, told["rows"]))]


def _made(told: Dict[str, Told], parts: Sequence[Told]) -> Told:
    return _kind_of(*told["named"])(*parts) if "named" in told else tuple(parts)


def _queue(told: Dict[str, Told]) -> Deque[Told]:
    return deque(decode(told["deque"]), told["most"])


_READERS: Dict[str, Callable[[Dict[str, Told]], Told]] = {
    "doubles": lambda told: unpack_text("d", told["doubles"]),
    "whole": lambda told: unpack_text("q", told["whole"]),
    "rows": _rows,
    "parts": _tuple,
    "deque": _queue,
    "set": lambda told: set(decode(told["set"])),
    "keys": lambda told: dict(zip(decode(told["keys"]), decode(told["values"]))),
}


def _named_as(kind: Told) -> Dict[str, List[str]]:
    """Where a named tuple's type is found again; raises `Untold` where it is not."""
    if kind is tuple:
        return {}
    name = [kind.__module__, kind.__qualname__]
    if _kind_of(*name) is not kind:
        raise Untold(f"{kind.__qualname__} is not the one that its module knows")
    return {"named": name}


def _kind_of(module: str, name: str) -> Told:
    """A named tuple's type by its name, in a module that is loaded already: nothing is imported for it."""
    found: Told = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if not (isinstance(found, type) and issubclass(found, tuple) and hasattr(found, "_fields")):
        raise Untold(f"{module} knows no {name}")
    return found
