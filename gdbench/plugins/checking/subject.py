"""A choice as a plain function of a few numbers, which is what can be traced, differentiated and scanned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from gdbench.descent.costs import cost_facts
from gdbench.descent.domains import Domain
from gdbench.descent.kernels.definition import define
from gdbench.descent.registry import Entry
from gdbench.descent.surfaces import surface_facts

_CLASSES, _WEIGHTS, _FEATURES, _ROWS = 3, 3, 2, 4

#: y by what a cost says of its targets.
TARGETS: Mapping[str | None, tuple[Any, ...]] = {
    None: (0.0, 1.5),
    "binary": (0.0, 1.0),
    "counts": (0.0, 3.0),
    "classes": ([0.0, 1.0, 0.0],),
}

#: Values tried, in this order, for a parameter that has no default.
_SAMPLES = (1.0, 0.5, 2, True, 0.1, [1.0], [1], "x")


@dataclass(frozen=True)
class Subject:
    """f of `size` numbers called `name`; `given` says what else was fixed, as in "y = 0".

    everywhere: whether any point may be met; a surface is published with a region of its own.
    slope: the gradient as its author wrote it down, a list; None where nobody did.
    """

    name: str
    size: int
    function: Callable[[Sequence[Any]], Any]
    given: str = ""
    everywhere: bool = True
    slope: Callable[[Sequence[float]], Sequence[float]] | None = None

    def at(self, w: Sequence[float]) -> str:
        """A point in words: "p = 0.5 with y = 0"."""
        shown = [f"{value:.6g}" for value in w]
        point = shown[0] if self.size == 1 else f"[{', '.join(shown[:4])}{', …' if len(w) > 4 else ''}]"
        return f"{self.name} = {point}{f' with {self.given}' if self.given else ''}"


def subjects(entry: Entry[object], parameters: Mapping[str, Any]) -> list[Subject]:
    """The functions that a choice stands for; empty for kinds that are no formulas."""
    makers = {"cost": _costs, "penalty": _penalties, "surface": _surfaces, "model": _models}
    return list(makers[entry.kind](entry, parameters)) if entry.kind in makers else []


def sample(entry: Entry[object]) -> tuple[dict[str, Any], list[str]]:
    """(parameters: the defaults, and what the domain of each of the others allows; those without any)."""
    found, missing = {}, []
    for parameter in entry.parameters:
        if not parameter.required:
            found[parameter.name] = parameter.default
            continue
        allowed = list(_allowed(parameter.domain))
        if allowed:
            found[parameter.name] = allowed[0]
        else:
            missing.append(parameter.name)
    return found, missing


def _allowed(domain: Domain[object]) -> Iterator[Any]:
    for value in (*domain.schema.get("enum", ()), *_SAMPLES):
        try:
            yield domain(value)
        except ValueError:
            continue


def _costs(entry: Entry[Any], parameters: Mapping[str, Any]) -> Iterator[Subject]:
    for y in TARGETS[entry.facts.get("targets") or None]:
        yield cost_subject(entry, parameters, y)


def cost_subject(entry: Entry[Any], parameters: Mapping[str, Any], y: Any) -> Subject:
    """A cost of one prediction, or of one for each class, with the target y."""
    given = cost_facts({entry.name: parameters}).gradient
    if isinstance(y, list):
        several = given and (lambda w: [float(g) for g in given(list(w), y)])
        return Subject(
            "p", _CLASSES, lambda w: entry.function(list(w), y, **parameters), "y = class 1", slope=several
        )
    one = given and (lambda w: [float(given(w[0], y))])
    return Subject("p", 1, lambda w: entry.function(w[0], y, **parameters), f"y = {y:g}", slope=one)


def _penalties(entry: Entry[object], parameters: Mapping[str, Any]) -> Iterator[Subject]:
    yield Subject("w", _WEIGHTS, lambda w: entry.function(list(w), **parameters))


def _surfaces(entry: Entry[object], parameters: Mapping[str, Any]) -> Iterator[Subject]:
    facts = surface_facts({entry.name: parameters})
    slope = facts.gradient
    by_hand = slope and (lambda w: [float(g) for g in slope(w)])
    yield Subject(
        "w", facts.dimension, lambda w: entry.function(w, **parameters), everywhere=False, slope=by_hand
    )


def _models(entry: Entry[object], parameters: Mapping[str, Any]) -> Iterator[Subject]:
    """The half squared error of the model on a few rows."""
    random = Random(0)  # noqa: S311  the same rows every time
    definition = define({entry.name: parameters}, {"half_mse": {}}, _FEATURES)
    rows = [[random.uniform(-1.0, 1.0) for _ in range(_FEATURES + 1)] for _ in range(_ROWS)]

    def function(w: Sequence[Any]) -> Any:
        total: Any = 0.0
        for row in rows:
            total = total + definition.cost_of_row(w, row[:_FEATURES], row[_FEATURES])
        return total

    yield Subject("w", definition.size, function, f"half_mse on {_ROWS} rows")
