"""What the rooms want to know of a choice beyond its function, and what a plug-in may leave unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gdbench.descent.costs import CostFacts
from gdbench.descent.errors import GdbenchError, nearest
from gdbench.descent.functions import identity
from gdbench.descent.models import ModelFacts
from gdbench.descent.optimizers import OptimizerFacts
from gdbench.descent.penalties import PenaltyFacts
from gdbench.descent.registry import ALSO, CHECK, UNSAID, Entry
from gdbench.descent.surfaces import SurfaceFacts

#: kind → the facts that one may give; of other kinds any.
_MAY: Mapping[str, tuple[str, ...]] = {
    "cost": CostFacts._fields,
    "model": ModelFacts._fields,
    "penalty": PenaltyFacts._fields,
    "surface": SurfaceFacts._fields,
    "optimizer": OptimizerFacts._fields,
}

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
#: (kind, fact) → another that it says nothing without.
_RESTS_ON: Mapping[tuple[str, str], str] = {
    ("cost", "quadratic"): "curvature",
    ("cost", "most_curved_at"): "curvature",
    ("penalty", "l1"): "l2",
    ("penalty", "l2"): "l1",
    ("model", "affine"): "basis",
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
    may = _MAY.get(entry.kind)
    for name, value in known.items():
        if may is not None and name not in (*may, CHECK, UNSAID, ALSO):
            hint = nearest(name, may)
            raise GdbenchError(
                f"{where} has the fact {name}, which a {entry.kind} cannot have. {hint} Or remove it."
            )
        other = _RESTS_ON.get((entry.kind, name), "")
        if other and value and other not in known:
            raise GdbenchError(f"{where} has the fact {name}, which says nothing without {other}. Give both.")
    for (kind, name), allowed in _ALLOWED.items():
        if kind == entry.kind and name in known and known[name] not in allowed:
            raise GdbenchError(
                f"{where} has the fact {name}: {known[name]!r}; it may be {' or '.join(allowed)}."
            )


def line_of(entry: Entry[object]) -> int:
    """Where its function begins."""
    code = getattr(entry.function, "__code__", None)
    return int(code.co_firstlineno) if code else 1
