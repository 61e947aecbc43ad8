"""Parameters of standardized features in the units of the data: undone exactly, in rational numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import NamedTuple

from gdbench.data.preparation import Preparation
from gdbench.descent.models import model_facts
from gdbench.descent.numerics.householder import rotation
from gdbench.descent.numerics.powers import Monomial, Polynomial, written
from gdbench.descent.problems.shape import Layer, ParameterName, names_of_layers
from gdbench.descent.problems.terms import Basis
from gdbench.descent.registry import Spec
from gdbench.reference.problem import DataRecord

#: More products of rational numbers than these take seconds: polynomials of many features and a high degree.
MOST_TERMS = 20_000


class Undone(NamedTuple):
    """values: name → the number in the units of the data.  changed, cannot: see `LearnedModel`."""

    values: Mapping[ParameterName, float | None]
    changed: bool
    cannot: str = ""


class Inputs(NamedTuple):
    """What a model was given, as polynomials of the data's own columns, which are called `names`."""

    names: tuple[str, ...]
    columns: tuple[Polynomial, ...]
    changed: bool


def undone(
    spec: Spec,
    data: DataRecord,
    names: Sequence[ParameterName],
    outputs: Sequence[str],
    values: Sequence[float],
) -> Undone:
    """The same model with the features as the data has them."""
    if data.get("standardized") and not data.get("means"):
        return Undone({}, changed=True, cannot="unrecorded")
    inputs = inputs_of(data)
    if not inputs.changed:
        return Undone(dict(zip(names, values, strict=True)), changed=False)
    if not all(map(math.isfinite, values)):
        return Undone({}, changed=True, cannot="unknown")
    facts = model_facts(spec["model"])
    if facts.layers is None:
        return Undone({}, changed=True, cannot="formula")
    layers = facts.layers(len(inputs.columns), len(outputs))
    try:
        if len(layers) == 1 and facts.basis is not None:
            return _affine(facts.basis, layers[0], inputs, outputs, values)
        return Undone(_folded(layers, inputs, names, outputs, values), changed=True)
    except OverflowError:
        return Undone({}, changed=True, cannot="unknown")


def inputs_of(data: DataRecord) -> Inputs:
    """The features of a problem's record: standardized, then perturbed, in this order."""
    given = tuple(str(name) for name in data["features"])
    # a rotation gives features other names
    prepared = data.get("preparation")
    names = Preparation.from_plain(prepared).names if prepared else given
    columns = [Polynomial.variable(j) for j in range(len(names))]
    if data.get("standardized"):
        scales = zip(columns, data["means"], data["stds"], strict=True)
        # a constant column was made 0
        columns = [
            (x - Fraction(mean)) / Fraction(std) if std else Polynomial.number(0.0) for x, mean, std in scales
        ]
    perturbed = data.get("perturb") or {}
    if perturbed.get("rotation"):
        matrix = rotation(len(columns), Random(perturbed["seed"]))  # noqa: S311  seeded on purpose
        columns = [_sum((x, axis[j]) for j, x in enumerate(columns)) for axis in matrix]
    if perturbed:
        columns = [Fraction(perturbed["scale"]) * x + Fraction(perturbed["shift"]) for x in columns]
    return Inputs(names, tuple(columns), bool(data.get("standardized") or perturbed))


def _sum(parts: Iterable[tuple[Polynomial, float]]) -> Polynomial:
    """Σ factor · polynomial."""
    total: dict[Monomial, Fraction] = {}
    for polynomial, factor in parts:
        exact = Fraction(factor)
        for monomial, coefficient in polynomial.terms.items():
            total[monomial] = total.get(monomial, Fraction(0)) + exact * coefficient
    return Polynomial(total)


def _affine(
    basis: Basis, layer: Layer, inputs: Inputs, outputs: Sequence[str], values: Sequence[float]
) -> Undone:
    """Σ w · basis(x) + b of each output, multiplied out."""
    try:
        terms: list[Polynomial] = basis(list(inputs.columns))
        own: list[Polynomial] = basis([Polynomial.variable(j) for j in range(len(inputs.columns))])
        if sum(len(term.terms) for term in terms) > MOST_TERMS:
            return Undone({}, changed=True, cannot="many")
    except (TypeError, AttributeError):
        return Undone({}, changed=True, cannot="basis")
    # every monomial of the basis has its line, also where the coefficient has become 0
    order = dict.fromkeys(monomial for term in own for monomial in term.terms)
    found: dict[ParameterName, float | None] = {}
    for k, output in enumerate(outputs):
        score = _score(layer, k, terms, values)
        lines = dict.fromkeys([*order, *score, *([()] if layer.biases else [])])
        for monomial in sorted(lines, key=lambda one: not one):  # the constant last
            name = ParameterName(written(monomial, inputs.names), output if len(outputs) > 1 else "")
            found[name] = float(score.get(monomial, Fraction(0)))
    return Undone(found, changed=True)


def _score(
    layer: Layer, k: int, terms: Sequence[Polynomial], values: Sequence[float]
) -> Mapping[Monomial, Fraction]:
    """The k-th output of a layer, of which `terms` are the inputs."""
    weights = (values[place] for place in layer.weights[k * layer.fan_in : (k + 1) * layer.fan_in])
    biases = [(Polynomial.number(1.0), values[place]) for place in layer.biases[k : k + 1]]
    return _sum([*zip(terms, weights, strict=True), *biases]).terms


def _folded(
    layers: Sequence[Layer],
    inputs: Inputs,
    names: Sequence[ParameterName],
    outputs: Sequence[str],
    values: Sequence[float],
) -> dict[ParameterName, float | None]:
    """The first layer takes the means and deviations into its weights and biases; all others stay."""
    first = layers[0]
    found: dict[ParameterName, float | None] = dict(zip(names, values, strict=True))
    own = names_of_layers(layers, inputs.names, outputs)
    for k in range(first.fan_out):
        score = _score(first, k, inputs.columns, values)
        for j, place in enumerate(first.weights[k * first.fan_in : (k + 1) * first.fan_in]):
            found.pop(names[place], None)
            found[own[place]] = float(score.get(((j, 1),), Fraction(0)))
        for place in first.biases[k : k + 1]:
            found[own[place]] = float(score.get((), Fraction(0)))
    return found
