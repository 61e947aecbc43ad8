"""Verdicts on where a run has come to: no minimum to find, a saddle, equal units, a wrong slope."""

from __future__ import annotations

from typing import Optional

from gdbench.descent.diagnosis.case import ESTIMATED, PROVED, Case, Diagnosis, said

#: A gradient that differs from another method's by more than this share is not right, if Taylor agrees.
WRONG = 1e-3
#: Curvature below this share of the largest, in size, may be the probe's own error.
SEEN = 1e-3
#: A stationary point is near where the gradient over the curvature is so short, relative to the parameters.
NEAR = 1e-3


def wrong_gradient(case: Case) -> Optional[Diagnosis]:
    """The audit's two witnesses agree: another method gives another gradient, and so does the cost itself."""
    audit = case.result.audit
    if not audit:
        return None
    error, order = audit.get("relative_error"), audit.get("taylor_order")
    if error is None or order is None or error <= WRONG or order >= 1.5:
        return None
    sentence = (
        f"The gradient is wrong: at the start it differs from {audit['against']} by {said(error)} of its "
        f"length, most in parameter {audit['worst_parameter']}, and the cost follows it only to order "
        f"{said(order)}, not 2."
    )
    return Diagnosis("wrong_gradient", ESTIMATED, sentence, dict(audit))


def no_minimiser(case: Case) -> Optional[Diagnosis]:
    """A direction along which the cost falls for ever is a certificate, whatever the run did."""
    norm = case.evidence.get("parameter_norm")
    evidence = {"parameter_norm": norm, "cost": case.result.final_cost}
    grown = f" The parameters have grown to a length of {said(norm)}." if norm is not None else ""
    if case.optimum == "none exists" and case.result.outcome != "diverged":
        sentence = f"No minimiser exists: along a certified direction the cost falls for ever.{grown}"
        return Diagnosis("no_minimiser", PROVED, sentence, evidence)
    if not case.card.unbounded or not _lower(case):
        return None
    least = case.card.spectrum[-1] if case.card.spectrum else None
    if least is not None and not least < 0.0:
        return None
    evidence["least_curvature"] = least
    bends = f": a curvature is {said(least)}" if least is not None else ""
    sentence = f"The cost is unbounded below{bends}, so no minimiser exists.{grown}"
    return Diagnosis("no_minimiser", PROVED, sentence, evidence)


def _lower(case: Case) -> bool:
    first, last = case.result.initial_cost, case.result.final_cost
    return first is not None and last is not None and last < first


def dead_symmetry(case: Case) -> Optional[Diagnosis]:
    """Units that are equal get equal gradients for ever, so that a layer of copies is worth a single unit."""
    for layer, width, first, last in case.evidence.get("units", []):
        if last == 1:
            grade = PROVED if first == 1 else ESTIMATED
            since = "from the start to the end" if first == 1 else "at the end"
            sentence = (
                f"All {width} units of hidden layer {layer} are copies of one another {since}: equal gradients "
                "keep them so, and the layer can do no more than a single unit. Start from random weights."
            )
            evidence = {"layer": layer, "width": width, "different_at_start": first, "different_at_end": last}
            return Diagnosis("dead_symmetry", grade, sentence, evidence)
    return None


def saddle(case: Case) -> Optional[Diagnosis]:
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


def _saddle(case: Case, largest: float, least: float, grade: str) -> Diagnosis:
    size = case.result.final_gradient_norm
    assert size is not None
    sentence = (
        f"It has come to rest at a saddle, not at a minimum: the gradient norm is {said(size)}, but along some "
        f"direction the curvature is {said(least)}. A small random step would lead on down."
    )
    evidence = {"gradient_norm": size, "largest_curvature": largest, "least_curvature": least}
    return Diagnosis("saddle", grade, sentence, evidence)


def local_minimum(case: Case) -> Optional[Diagnosis]:
    """Stationary and bending upwards everywhere, yet higher than the slope can still make up for."""
    bends, gap, size = case.evidence.get("curvature"), case.gap, case.result.final_gradient_norm
    if case.result.outcome != "converged" or not bends or gap is None or size is None or case.wanted is None:
        return None
    least = bends["least"]
    if gap <= case.wanted or not least > SEEN * bends["largest"] or not 0.5 * size * size / least < 0.1 * gap:
        return None
    evidence = {"gap": gap, "gradient_norm": size, "least_curvature": least}
    sentence = (
        f"It has settled in a minimum that is not the lowest: f − f* = {said(gap)}, but the gradient norm is "
        f"{said(size)} and the least curvature {said(least)}. Another start may lead to the lowest."
    )
    return Diagnosis("local_minimum", ESTIMATED, sentence, evidence)
