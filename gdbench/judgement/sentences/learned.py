"""The model that was learned in words: its equation, what nothing determines, and why a unit cannot be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gdbench.judgement.model import Flat, LearnedModel, Parameter
from gdbench.judgement.numerals import count, listing

#: Parameters of an equation that people read; the table has those of longer ones.
MOST = 12
#: Names in a sentence on a flat direction.
NAMED = 6


def equations(model: LearnedModel) -> list[str]:
    """'Price = 89598 + 139.21·area − 8738·bedrooms', one for each output; none of a network.

    In the units of the data where those can be told, else in those that were fitted.
    """
    if model.facts.layers is None:
        return [_formula(model)] if "formula" in model.run.spec["model"] else []
    if any(parameter.name.layer for parameter in model.parameters):
        return []
    return [f"{_left(model, output)}{_right(model, output)}" for output in model.outputs]


def short(value: float) -> str:
    """Five figures, and no power of ten where people can read without: 139.21, −8738, 89598, 1234567."""
    text = f"{value:.0f}" if 1e5 <= abs(value) < 1e9 else f"{value:.5g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace("-", "−")


def _left(model: LearnedModel, output: str) -> str:
    target = str(model.problem.data.get("target") or "y")
    if output:
        return f"score of {output} = "
    positive = model.classes[1] if len(model.classes) == 2 else ""
    if model.scale == "σ":
        return f"P({positive if positive not in ('', '1') else f'{target} = 1'}) = "
    return f"margin of {positive or target} = " if model.scale == "margin" else f"{target} = "


def _right(model: LearnedModel, output: str) -> str:
    own = [p for p in model.parameters if p.name.output == output]
    score = _linear((p.name.term, value) for p in own if (value := _told(model, p)) is not None)
    if model.scale in ("σ", "exp", "response"):
        respond = model.facts.response.__name__ if model.scale == "response" else model.scale
        return f"{respond}({score})"
    return score


def _told(model: LearnedModel, parameter: Parameter) -> float | None:
    return parameter.value if model.cannot else parameter.original


def _linear(terms: Iterable[tuple[str, float]]) -> str:
    """The constant first; what is 0 is left out."""
    kept = sorted(((term, value) for term, value in terms if value), key=lambda pair: bool(pair[0]))
    if not kept:
        return "0"
    parts = [f"{short(abs(value))}{f'·{term}' if term else ''}" for term, value in kept]
    signs = ["−" if value < 0.0 else "+" for _, value in kept]
    first = f"{'−' if signs[0] == '−' else ''}{parts[0]}"
    return " ".join([first, *(f"{sign} {part}" for sign, part in zip(signs[1:], parts[1:], strict=True))])


def _formula(model: LearnedModel) -> str:
    expression = " ".join(str(model.run.spec["model"]["formula"]["expression"]).split())
    given = [f"{p.name.text} = {short(p.value)}" for p in model.parameters if p.value is not None]
    return f"{model.problem.data.get('target') or 'y'} = {expression} with {listing(given)}"


#: Code → why there are no parameters in the units of the data.
CANNOT: Mapping[str, str] = {
    "formula": "a formula cannot be told in others.",
    "basis": "the model's basis is no polynomial of them.",
    "many": "multiplied out, there are too many terms.",
    "unrecorded": "the record has no means of them.",
    "unknown": "some are not finite, or would not be.",
}


#: Of a model without a bias on standardized features.
CENTRED = (
    "The model has no bias; the constant is made up of the means that standardizing took out: it goes through "
    "0 where the features are at their means, not where they are 0."
)


def units(model: LearnedModel) -> str:
    """In which units it is told, where there are two; else ""."""
    if model.cannot:
        return f"The parameters are those of the features as they were fitted: {CANNOT[model.cannot]}"
    if not model.changed:
        return ""
    standardized = model.problem.data.get("standardized")
    done = "standardizing" if standardized else "what was done to them"
    constant = "" if model.facts.bias or not standardized else f" {CENTRED}"
    return f"In the units of the data; {done} is undone.{constant}"


def point(model: LearnedModel) -> str:
    """Of which point it is, where a method answers with another than its last iterate; else ""."""
    return "It is the point that the method answers with, not its last iterate." if model.answered else ""


def flat_words(flat: Flat) -> str:
    """'Only the sum of a and b is determined.'"""
    if flat.kind == "classes":
        return (
            "Only differences between classes are determined: adding the same to a term of all classes changes "
            "no prediction."
        )
    if flat.kind == "group":
        return f"{_some(flat.names)} are not determined apart: along a direction of them no prediction changes."
    if len(flat.names) == 1:
        return f"{flat.names[0]} is not determined: whatever it is, no prediction changes."
    if len(flat.names) == 2:
        return f"Only {_pair(flat.names, flat.entries)} is determined."
    if len(flat.names) <= NAMED:
        moves = [f"{_times(entry)} to {name}" for name, entry in zip(flat.names, flat.entries, strict=True)]
        return f"Adding {listing(moves)} changes no prediction, whatever t is."
    return f"Along a direction of {_some(flat.names)} no prediction changes."


def _pair(names: Sequence[str], entries: Sequence[float]) -> str:
    """Of a + t·d and b + t·e what stays is e·a − d·b."""
    weights = [entries[1], -entries[0]]
    least = min(map(abs, weights))
    first, second = (weight / least * (1.0 if weights[0] > 0.0 else -1.0) for weight in weights)
    if abs(first) == abs(second):
        return f"the {'sum' if second > 0.0 else 'difference'} of {names[0]} and {names[1]}"
    return f"{_factor(first)}{names[0]} {'+' if second > 0.0 else '−'} {_factor(abs(second))}{names[1]}"


def _factor(value: float) -> str:
    return "" if value == 1.0 else f"{short(value)}·"


def _times(entry: float) -> str:
    sign = "−" if entry < 0.0 else ""
    return f"{sign}t" if abs(entry) == 1.0 else f"{sign}{short(abs(entry))}·t"


def _some(names: Sequence[str]) -> str:
    if len(names) <= NAMED:
        return listing(list(names))
    return f"{', '.join(names[:NAMED])} and {count(len(names) - NAMED)} more parameters"
