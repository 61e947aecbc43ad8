"""Causes that lie in how fast it went: what other rates would take, and what the curvatures allow at all."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Tuple

from gdbench.descent.diagnosis.case import Case
from gdbench.descent.diagnosis.cause import ESTIMATED, PROVED, Cause, Gain, Remedy
from gdbench.descent.diagnosis.progress import longer, measured
from gdbench.descent.numerics.vectors import norm

#: A rate is too small where a better one would take at most this share of the iterations.
SLOWER = 0.5
#: It is far to go where so many times the way that is come is left.
FAR = 3.0
#: Of costs that are no quadratics, where it is below this share of 1/L.
TIMID = 0.2
#: The same where the curvature is known at one place only, and may grow on the way.
UNSURE = 0.1
#: A schedule is looked at in so many places of a run.
PLACES = 32


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
        return max([bends["largest"], *steps]), "way and end"
    card = case.card
    if card.smoothness is not None and card.local_smoothness is None:
        return card.smoothness.value, "anywhere"
    if card.local_smoothness is None or not steps:
        return None, ""
    return max([card.local_smoothness.value, *steps]), "way and optimum"


def far_to_go(case: Case) -> Optional[Cause]:
    """Still on its way down, and less than a quarter of the way come: the steps are short.

    Gradient descent's kin may be slow where the cost is flat, at a rate that could not be larger: of these it
    is only told well below 1/L. Others make steps of about their rate.
    """
    rate, result, there = highest_rate(case), case.result, case.known.minimiser
    came, left = _distance(result.parameters, case.known.start), _distance(there, result.parameters)
    if (
        not case.limited
        or case.arrived
        or case.needed_exactly
        or not rate
        or not came
        or not left
        or left < FAR * came
    ):
        return None
    if result.best_iteration != result.iterations:
        return None
    factor, facts = (came + left) / came, case.way.optimizer
    if not facts.scaled and facts.update is None:
        return None
    if facts.update is not None:
        top = _steepest(case)
        if top is None or not rate * top < TIMID:
            return None
        factor = min(factor, 1.0 / (rate * top)) if top > 0.0 else factor
    evidence = {**measured(case), "why": "way", "rate": rate, "factor": factor, "came": came, "left": left}
    return Cause("rate_too_small", ESTIMATED, evidence, take_times(case, factor))


def _steepest(case: Case) -> Optional[float]:
    """The largest curvature of what one update sees, as far as it is known."""
    card, batch = case.card, case.batch
    if batch is not None:
        return None if card.largest_row is None else card.largest_row / batch
    known = card.smoothness or card.local_smoothness
    steps = [curvature for _, _, curvature in case.evidence.get("steps", [])]
    return max([known.value, *steps]) if known else max(steps, default=None)


def highest_rate(case: Case) -> Optional[float]:
    """The highest rate of a run, which need not be the first; None where they are not settled beforehand."""
    done = case.result.iterations
    rates = [case.rate_at(done * place // PLACES) for place in range(PLACES + 1)]
    return max((rate for rate in rates if rate is not None), default=None)


def take_times(case: Case, factor: float) -> Optional[Remedy]:
    """The same schedule, so many times as high; None where its height is no number."""
    ((name, given),) = case.spec["learning_rate"].items()
    height = next((key for key in ("rate", "factor", "highest") if key in given), None)
    if height is None or name == "exact":
        return None
    return Remedy("take_rate", {"learning_rate": {name: {**given, height: factor * given[height]}}})


def _distance(one: Sequence[float], other: Sequence[float]) -> Optional[float]:
    if not one or len(one) != len(other):
        return None
    return norm([a - b for a, b in zip(one, other)])
