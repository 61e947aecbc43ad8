"""What the rooms want to know of a choice beyond its function, and what a plug-in may leave unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gdbench.descent.errors import GdbenchError
from gdbench.descent.functions import identity
from gdbench.descent.registry import Entry

#: kind → the facts that stand where a plug-in gives none.
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "cost": {"on": "response"},
    "model": {"response": identity},
    "surface": {"minimum": None},
}

#: kind → facts of which it needs one, with an example.
_NEEDED: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "model": ((("size", "layers"), "facts={'size': lambda features, **_: features + 1}, its parameters"),),
    "surface": (
        (("dimension",), "facts={'dimension': lambda **_: 2, …}, its parameters"),
        (("start",), "facts={'start': lambda **_: [0.0, 0.0], …}, where descents begin"),
    ),
}
_ALLOWED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("cost", "on"): ("response", "score"),
    ("cost", "targets"): ("binary", "classes", "counts"),
}


def complete(entry: Entry[object], origin: str) -> None:
    """Fill in the facts that go without saying; raises GdbenchError where one is missing or unknown."""
    facts = entry.facts
    assert isinstance(facts, dict)
    known: dict[str, Any] = facts
    for name, value in _DEFAULTS.get(entry.kind, {}).items():
        known.setdefault(name, value)
    where = f"{origin}:{line_of(entry)}: {entry.kind} '{entry.name}'"
    for names, example in _NEEDED.get(entry.kind, ()):
        if not any(name in known for name in names):
            raise GdbenchError(f"{where} does not say its {' or '.join(names)}. Register it with {example}.")
    for (kind, name), allowed in _ALLOWED.items():
        if kind == entry.kind and name in known and known[name] not in allowed:
            raise GdbenchError(
                f"{where} has the fact {name}: {known[name]!r}; it may be {' or '.join(allowed)}."
            )


def line_of(entry: Entry[object]) -> int:
    """Where its function begins."""
    code = getattr(entry.function, "__code__", None)
    return int(code.co_firstlineno) if code else 1
