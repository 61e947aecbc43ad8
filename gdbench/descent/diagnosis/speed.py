"""Causes that lie in how fast it went: what other rates would take, and what the curvatures allow at all."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from gdbench.descent.diagnosis.case import Case
from gdbench.descent.diagnosis.cause import ESTIMATED, PROVED, Cause, Gain, Remedy
from gdbench.descent.diagnosis.progress import longer, measured

#: A rate is too small where a better one would take at most this share of the iterations.
SLOWER = 0.5
#: Of costs that are no quadratics, where it is below this share of 1/L.
TIMID = 0.2
#: The same where the curvature is known at one place only, and may grow on the way.
UNSURE = 0.1


def too_slow(case: Case) -> Optional[Cause]:
    """Of a quadratic the spectrum tells how long it takes, at this rate and at the best one."""
    expected, fastest, result = case.forecast, case.fastest, case.result
    if result.outcome != "stopped" or expected is None or expected.kind != "exact" or fastest is None:
        return None
    needed, least = expected.iterations.get(case.target), fastest.iterations
    if needed is None or needed <= result.iterations:
        return None
    evidence: Dict[str, Any] = {
        **measured(case),
        "why": "spectrum",
        "rate": expected.update.rate,
        "best_rate": fastest.rate,
        "needed": needed,
        "needed_at_best": least,
    }
    plain, gain = expected.update.plain, Gain(float(needed), float(least), exact=True)
    if plain and expected.update.rate < fastest.rate and least <= SLOWER * needed:
        evidence["factor"] = fastest.rate / expected.update.rate
        return Cause("rate_too_small", PROVED, evidence, take_rate(fastest.rate), gain)
    evidence["remaining"] = needed - result.iterations
    remedy, gain = longer(case, float(needed)), Gain(float(needed), float(needed), exact=True)
    return Cause("stopped_by_limit", PROVED, evidence, remedy, gain)


def take_rate(rate: float) -> Remedy:
    return Remedy("take_rate", {"learning_rate": {"constant": {"rate": rate}}})


def seems_slow(case: Case) -> Optional[Cause]:
    """Elsewhere curvature is measured, at the optimum, at the end of the run, or as a bound."""
    update = case.update
    if case.result.outcome != "stopped" or update is None or not update.plain or case.at_floor:
        return None
    top, where = _largest(case)
    if top is None or not top > 0.0:
        return None
    evidence: Dict[str, Any] = {**measured(case), "why": where, "rate": update.rate, "curvature": top}
    if not update.rate * top < (TIMID if case.card.convex else UNSURE):
        return None
    evidence["factor"] = 1.0 / (update.rate * top)
    return Cause("rate_too_small", ESTIMATED, evidence, take_rate(1.0 / top))


def _largest(case: Case) -> Tuple[Optional[float], str]:
    """The largest curvature that is known, anywhere or of the way: a rate must suit the way and its end."""
    steps = [curvature for _, _, curvature in case.evidence.get("steps", [])]
    bends = case.evidence.get("curvature")
    if bends:
        # on a plateau there is none, and a rate for that would be wrong wherever the cost bends again
        return max(bends["largest"], *steps), "way and end"
    card = case.card
    if card.smoothness is not None and card.local_smoothness is None:
        return card.smoothness.value, "anywhere"
    if card.local_smoothness is None or not steps:
        return None, ""
    return max(card.local_smoothness.value, *steps), "way and optimum"
