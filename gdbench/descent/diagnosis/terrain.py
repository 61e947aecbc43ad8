"""Causes that lie in where a run has come to: no minimum to find, a saddle, equal units, a wrong slope."""

from __future__ import annotations

from typing import Optional, Tuple

from gdbench.descent.diagnosis.case import Case
from gdbench.descent.diagnosis.cause import ESTIMATED, PROVED, Cause, Gain, Remedy
from gdbench.descent.numerics.vectors import norm

#: A minimum is higher than that of another run by more than this share of the cost, or of the way down.
HIGHER = 1e-3
#: A gradient that differs from another method's by more than this share is not right, if Taylor agrees.
WRONG = 1e-3
#: Curvature below this share of the largest, in size, may be the probe's own error.
SEEN = 1e-3
#: A cost so many times below 0 as it was from it at first has no bottom.
DEEP = 1e9
#: A stationary point is near where the gradient over the curvature is so short, relative to the parameters.
NEAR = 1e-3


def wrong_gradient(case: Case) -> Optional[Cause]:
    """The audit's two witnesses agree: another method gives another gradient, and so does the cost itself."""
    audit = case.result.audit
    if not audit:
        return None
    error, order = audit.get("relative_error"), audit.get("taylor_order")
    if error is None or order is None or error <= WRONG or order >= 1.5:
        return None
    remedy = Remedy("analytic_gradient", {"gradient": {"analytic": {}}})
    return Cause("wrong_gradient", ESTIMATED, dict(audit), remedy)


def no_minimiser(case: Case) -> Optional[Cause]:
    """A direction along which the cost falls for ever is a certificate, whatever the run did."""
    start = case.evidence.get("start")
    evidence = {
        "parameter_norm": case.evidence.get("parameter_norm"),
        "start_norm": None if start is None else norm(start),
        "cost": case.result.final_cost,
        "least_curvature": None,
    }
    if case.optimum == "none exists" and case.result.outcome != "diverged":
        remedy = Remedy("add_penalty", {"penalty": {"l2": {"strength": 0.01}}})
        return Cause("no_minimiser", PROVED, {**evidence, "why": "certified direction"}, remedy)
    if not case.card.unbounded or not _lower(case):
        return None
    least = case.card.spectrum[-1] if case.card.spectrum else None
    if least is not None and not least < 0.0:
        return None
    return Cause("unbounded_below", PROVED, {**evidence, "least_curvature": least})


def falls_for_ever(case: Case) -> Optional[Cause]:
    """A cost that has fallen below 0 beyond all measure, where nothing was known of it beforehand."""
    first, last = case.result.initial_cost, case.result.final_cost
    lost = case.evidence.get("not_finite") or {}
    to_the_bottom = lost.get("quantity") == "cost" and lost.get("value") == "-inf"
    deep = first is not None and last is not None and last < -DEEP * max(1.0, abs(first))
    if not to_the_bottom and not deep:
        return None
    evidence = {
        "parameter_norm": case.evidence.get("parameter_norm"),
        "cost": last,
        "least_curvature": None,
    }
    return Cause("unbounded_below", ESTIMATED, evidence)


def _lower(case: Case) -> bool:
    first, last = case.result.initial_cost, case.result.final_cost
    return first is not None and last is not None and last < first


def dead_symmetry(case: Case) -> Optional[Cause]:
    """Units that are equal get equal gradients for ever, so that a layer of copies is worth a single unit."""
    for layer, width, first, last in case.evidence.get("units", []):
        if last == 1:
            grade = PROVED if first == 1 else ESTIMATED
            evidence = {"layer": layer, "width": width, "different_at_start": first, "different_at_end": last}
            remedy = Remedy("random_start", {"initialization": {"xavier_uniform": {}}})
            return Cause("dead_symmetry", grade, evidence, remedy, Gain(None, None))
    return None


def saddle(case: Case) -> Optional[Cause]:
    """A gradient that vanishes where the cost still bends down somewhere."""
    result, size = case.result, case.result.final_gradient_norm
    if result.outcome == "diverged" or size is None:
        return None
    spectrum = case.card.spectrum
    if case.card.quadratic and spectrum and spectrum[-1] < 0.0:
        at_rest = result.outcome in ("converged", "stalled") and _stationary(case, spectrum[0])
        still = size == 0.0 or at_rest
        return _saddle(case, spectrum[0], spectrum[-1], PROVED) if still else None
    bends = case.evidence.get("curvature")
    if not bends or not bends["least"] < -SEEN * abs(bends["largest"]):
        return None
    if result.outcome not in ("converged", "stalled") or not _stationary(case, bends["largest"]):
        return None
    return _saddle(case, bends["largest"], bends["least"], ESTIMATED)


def _stationary(case: Case, curvature: float) -> bool:
    """Whether a point of zero gradient is near: Newton's step there is short."""
    size, length = case.result.final_gradient_norm, case.evidence.get("parameter_norm", 0.0)
    return size is not None and size <= NEAR * abs(curvature) * max(1.0, length)


def _saddle(case: Case, largest: float, least: float, grade: str) -> Cause:
    size = case.result.final_gradient_norm
    assert size is not None
    evidence = {"gradient_norm": size, "largest_curvature": largest, "least_curvature": least}
    return Cause("saddle", grade, evidence, _elsewhere(), Gain(None, None))


def _elsewhere() -> Remedy:
    return Remedy("another_start", {"initialization": {"normal": {"std": 1.0}}})


def local_minimum(case: Case) -> Optional[Cause]:
    """Stationary and bending upwards everywhere, yet higher than the slope can still make up for."""
    bends, size = case.evidence.get("curvature"), case.result.final_gradient_norm
    gap, wanted, why = _above(case)
    if case.result.outcome != "converged" or not bends or gap is None or size is None or wanted is None:
        return None
    least = bends["least"]
    if gap <= wanted or not least > SEEN * bends["largest"] or not 0.5 * size * size / least < 0.1 * gap:
        return None
    evidence = {"gap": gap, "gradient_norm": size, "least_curvature": least, "why": why}
    return Cause("local_minimum", ESTIMATED, evidence, _elsewhere(), Gain(None, None))


def _above(case: Case) -> Tuple[Optional[float], Optional[float], str]:
    """How far it is above the optimum, or where that is unknown above the best run, and how far is nothing."""
    first, last = case.result.initial_cost, case.result.final_cost
    if case.gap is not None or case.lower is None or first is None or last is None:
        return case.gap, case.wanted, "optimum"
    return last - case.lower, HIGHER * max(first - case.lower, abs(case.lower)), "another run"


def missing_bias(case: Case) -> Optional[Cause]:
    """Without a bias the model cannot get below a cost that with one it does, which was worked out.

    A model that was asked to have none is told so wherever it ends: its own optimum is met no sooner with one.
    """
    seen = case.card.bias
    asked = "model" in seen
    if not seen or (case.arrived and not asked) or case.result.outcome == "diverged":
        return None
    evidence = {name: seen[name] for name in ("infimum", "with_bias", "rows", "name", "mean") if name in seen}
    evidence["cost"] = case.result.final_cost
    changes = {"model": seen["model"] if asked else {"formula": {"expression": seen["expression"]}}}
    ((start, given),) = case.spec["initialization"].items()
    if start == "values":
        values = list(given["given"])
        for place in seen["places"] if asked else [seen["place"]]:
            values.insert(place, 0.0)
        changes["initialization"] = {"values": {"given": values}}
    grade = PROVED if seen["proved"] else ESTIMATED
    gain = None if asked else Gain(None, None)
    return Cause("missing_bias", grade, evidence, Remedy("add_bias", changes), gain)


def not_unique(case: Case) -> Optional[Cause]:
    """Directions along which the cost does not change, and the parameters are what the start made them."""
    card = case.card
    if not card.alike and not card.flat:
        return None
    places = [j for group in card.alike for j in group]
    told = {"places": places, "names": list(card.names), "flat": card.flat}
    return Cause("not_unique", PROVED if case.card.flat else ESTIMATED, told)
