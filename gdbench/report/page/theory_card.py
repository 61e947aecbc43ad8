"""The card of a problem in words: what theory knows of it, and how far each number may be trusted."""

from __future__ import annotations

from gdbench.descent.theory.card import Card, Constant
from gdbench.descent.theory.rates import best_contraction, best_rate, stability_limit
from gdbench.judgement.numerals import count, exact, figure
from gdbench.reference.problem import ProblemRecord

#: Name, text, and the number in full precision or "".
Property = tuple[str, str, str]

#: How a constant's kind is said; "exact" goes without saying.
TRUST = {"exact": "", "upper": " (an upper bound)", "lower": " (a lower bound)", "local": " (local)"}


def card_properties(problem: ProblemRecord) -> list[Property]:
    """What theory says of a problem: how it bends, which rates it takes, whether it has a minimiser."""
    card = problem.theory
    if not problem.card:
        return []
    properties = [("Shape", _shape(card, problem.optimum.kind), "")]
    properties += _constant("L, the largest curvature", card.smoothness)
    if card.smoothness is None:
        properties.append(("L, the largest curvature", _no_limit(card), ""))
    properties += _constant("μ, the least curvature", card.convexity)
    properties += _rates(card) + _local(card) + _spectrum(card) + _scaling(card)
    if card.separable:
        properties.append(("Classes", _SEPARABLE[card.separable], ""))
    return properties


_SEPARABLE = {
    "separable": "separable, with a direction that proves it: without a penalty no minimiser exists",
    "overlapping": "not separable by a hyperplane",
    "unknown": "unknown: no separating direction was found, nor that there is none",
}


def _shape(card: Card, optimum: str) -> str:
    kind = "quadratic, " if card.quadratic else ""
    bends = {True: "convex", False: "not convex", None: "not known to be convex"}[card.convex]
    endless = ", without a minimiser" if optimum == "none exists" else ""
    return f"{kind}{bends}{', unbounded below' if card.unbounded else endless}"


def _no_limit(card: Card) -> str:
    seen = "see below for one place" if card.local_smoothness else "a run's own sharpness is in its diagnosis"
    return f"none is known that holds everywhere; {seen}"


def _constant(name: str, constant: Constant | None) -> list[Property]:
    if constant is None:
        return []
    text = f"{figure(constant.value, 6)}{TRUST[constant.kind]}"
    return [(name, text, f"{exact(constant.value)}{TRUST[constant.kind]}: {constant.how}")]


def _rates(card: Card) -> list[Property]:
    """The limit, and where μ is known as well, the best fixed rate with what it gives."""
    if card.smoothness is None or not card.smoothness.value > 0.0:
        return []
    limit = stability_limit(card.smoothness.value)
    beyond = "above it plain descent diverges" if card.quadratic else "below it plain descent goes down"
    if not (card.quadratic or card.convex):
        beyond = "of a quadratic with this L"
    properties = [("2/L, the stability limit", f"{figure(limit, 6)}: {beyond}", exact(limit))]
    if card.convexity is None or card.condition is None:
        return properties
    mu, top = card.convexity.value, card.smoothness.value
    best, factor = best_rate(mu, top), best_contraction(mu, top)
    return [
        *properties,
        ("κ = L/μ", figure(card.condition, 6), exact(card.condition)),
        ("2/(L+μ), the best fixed rate", figure(best, 6), exact(best)),
        ("(κ−1)/(κ+1), its contraction an iteration", figure(factor, 6), exact(factor)),
    ]


def _local(card: Card) -> list[Property]:
    where = "at the optimum" if card.local_convexity else "at the first start"
    properties = _constant(f"Largest curvature {where}", card.local_smoothness)
    properties += _constant(f"Least curvature {where}", card.local_convexity)
    if card.local_condition is not None:
        properties.append(
            ("κ at the optimum (local)", figure(card.local_condition, 6), exact(card.local_condition))
        )
    return properties


def _spectrum(card: Card) -> list[Property]:
    if not card.spectrum:
        return []
    values = card.spectrum
    shown = ", ".join(figure(value) for value in values[:4])
    if len(values) > 4:
        shown = f"{shown}, … {figure(values[-1])}"
    flat = f"; {count(card.flat)} flat direction{'s' if card.flat > 1 else ''}" if card.flat else ""
    return [(f"Spectrum ({count(len(values))})", f"{shown}{flat}", ", ".join(map(exact, values)))]


def _scaling(card: Card) -> list[Property]:
    """What standardising does to κ of the features."""
    if card.raw is None or card.standardized is None:
        return []
    raw, scaled = figure(card.raw, 2), figure(card.standardized, 2 if card.standardized >= 1e6 else 3)
    better = card.standardized < card.raw
    words = (
        f"standardising {'cuts' if better else 'does not cut'} κ of the features (XᵀX) from {raw} to {scaled}"
    )
    return [("Scaling", words, f"{exact(card.raw)} → {exact(card.standardized)}")]


def problem_lines(problem: ProblemRecord) -> list[tuple[str, str]]:
    """All that a terminal shows of a problem: its size, its card, its optimum with the evidence."""
    optimum = problem.optimum
    size = f"{count(problem.rows)} × {count(problem.features)}, " if problem.rows else ""
    lines = [("n × d, p" if size else "p", f"{size}{count(problem.parameters)} parameters")]
    lines += [(name, text) for name, text, _ in card_properties(problem)]
    found = "" if optimum.cost is None else f"f* = {figure(optimum.cost, 10)} · "
    return [*lines, ("Optimum", f"{optimum.kind}: {found}{optimum.explanation}")]
