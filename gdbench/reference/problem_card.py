"""The card of a problem: what theory can say of it, worked out once, before anything runs."""

from __future__ import annotations

from gdbench.data.data import Dataset
from gdbench.descent.costs import CostFacts, cost_facts
from gdbench.descent.problems.objective import Objective
from gdbench.descent.registry import Choice, Spec
from gdbench.descent.surfaces import surface_facts
from gdbench.descent.theory.card import Card, Constant
from gdbench.descent.theory.curvature import Smoothness, is_convex, is_quadratic, lipschitz, terms
from gdbench.reference.optimum import Optimum

#: Spectra are computed and kept up to this many parameters.
MOST_PARAMETERS = 150


def data_card(
    spec: Spec,
    dataset: Dataset,
    objective: Objective,
    optimum: Optimum,
    known: Smoothness | None,
    convexity: float | None,
) -> Card:
    """Of a model and a cost on data. known: L, where one holds everywhere.  convexity: μ, likewise."""
    model, cost, penalty = spec["model"], spec["cost"], spec["penalty"]
    card = Card(
        quadratic=is_quadratic(model, cost, penalty),
        convex=is_convex(model, cost, penalty),
        smoothness=_smoothness(cost_facts(cost), known),
        convexity=None if convexity is None else Constant(convexity, "lower", "what bends in every direction"),
        lipschitz=_steepness(spec, dataset),
    )
    straight = terms(model, cost)
    nothing = straight is None and optimum.cost is None
    if nothing and "formula" not in model:
        return card
    from gdbench.reference import problem_spectra as numbers  # noqa: PLC0415  SciPy takes a second to import

    if "formula" in model:
        card = numbers.with_formula(card, spec, dataset, objective)
    if nothing:
        return card
    card = numbers.with_scalings(card, spec, dataset, optimum)
    if straight and not straight.bias:
        card = numbers.without_bias(card, spec, dataset, optimum)
    if objective.size > MOST_PARAMETERS:
        return card
    if card.quadratic:
        card = numbers.with_columns_spectrum(card, spec, dataset.table)
        names = (*dataset.feature_names, *(["the bias"] if straight and straight.bias else []))
        named = card.flat > 0 and objective.size == len(names)
        return numbers.with_flat_named(card, dataset, objective, names) if named else card
    return numbers.with_curvature_at(card, spec, dataset.table, objective, optimum)


def _steepness(spec: Spec, dataset: Dataset) -> float | None:
    """Of costs with kinks alone: of others theorems speak by L."""
    kinked = cost_facts(spec["cost"]).kinked
    return lipschitz(spec["model"], spec["cost"], spec["penalty"], dataset.table) if kinked else None


def surface_card(choice: Choice, objective: Objective, optimum: Optimum) -> Card:
    """Of a surface, from its facts, or from differences of its gradient."""
    facts = surface_facts(choice)
    card = Card(quadratic=facts.quadratic, unbounded=facts.unbounded, convex=facts.convex)
    if facts.curvatures:
        least, most = (Constant(value, "exact", "by its construction") for value in facts.curvatures)
        card = card._replace(smoothness=most, convexity=least if least.value > 0.0 else None)
    if objective.size > MOST_PARAMETERS:
        return card
    from gdbench.reference import problem_spectra as numbers  # noqa: PLC0415  as above

    if facts.quadratic:
        return numbers.with_surface_spectrum(card, facts, objective)
    at = () if facts.kinked else optimum.parameters
    return numbers.with_differences_at(card, objective, at) if at else card


def _smoothness(facts: CostFacts, known: Smoothness | None) -> Constant | None:
    """A bound on the cost's second derivative is met where all rows bend most at once: logistic's at 0."""
    if known is None:
        return None
    attained = facts.quadratic or facts.most_curved_at is not None
    return Constant(known.value, "exact" if known.exact and attained else "upper", known.how)
