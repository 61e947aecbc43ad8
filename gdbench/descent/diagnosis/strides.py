"""Causes that lie in single steps: the first one, that of one row, and the noise of rows that differ."""

from __future__ import annotations

from statistics import median
from typing import Any, Dict, List, Optional, Tuple

from gdbench.descent.diagnosis.case import Case
from gdbench.descent.diagnosis.cause import ESTIMATED, PROVED, Cause, Gain, Remedy
from gdbench.descent.diagnosis.conditioning import CUT, at_inverse, plainly
from gdbench.descent.diagnosis.resting import falling
from gdbench.descent.diagnosis.speed import take_times
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.theory.updates import unmodified

#: A start so many times steeper in curvature than the optimum is where a step goes wrong first.
STEEPER = 3.0
#: A first step so many times too long is told of even where the cost came down a little again.
FAR = 10.0
#: The most that noise is said to hold a cost up by: so many times η·tr C/4b, as momentum adds to it.
HELD_UP = 10.0
#: Backtracking gives up on steps that are shorter.
SHORTEST = 1e-18
#: The noise floor: the cost's height over the last quarter is that of the third, within these shares.
STILL = (0.5, 2.0)


def first_step(case: Case) -> Optional[Cause]:
    """The curvature at the start is not that at the optimum: a rate may be far too long there, and do later."""
    rate, seen = case.rate_at(0), case.evidence.get("start_curvature")
    if rate is None or seen is None or not seen > 0.0 or case.card.quadratic or case.arrived or case.kinked:
        return None
    overshoot, later = rate * seen, case.curvature_at_optimum
    far = case.worse or (overshoot > FAR and _above_zero(case))
    if not _along(case) or overshoot <= 2.0 or not far:
        return None
    if later is not None and not seen > STEEPER * later:
        return None
    evidence: Dict[str, Any] = {"rate": rate, "curvature": seen, "overshoot": overshoot, "later": later}
    remedy, gain = _from_the_start(case, seen)
    return Cause("first_step_too_long", ESTIMATED, evidence, remedy, gain)


def _from_the_start(case: Case, seen: float) -> Tuple[Optional[Remedy], Optional[Gain]]:
    """Standardized features, where they help; else a line search, where it can make steps so short."""
    scaled, now = case.card.scaled, case.condition
    if scaled is not None and now is not None and scaled.condition <= CUT * now:
        rate = {"learning_rate": {"constant": {"rate": 1.0 / scaled.smoothness}}}
        gain = Gain(case.needed, at_inverse(scaled.condition, float(case.target)))
        return Remedy("standardize", plainly(case, {"data.standardize": True, **rate})), gain
    if case.batch is not None or not unmodified(case.spec) or not case.exact_steps:
        return Remedy("take_rate", {"learning_rate": {"constant": {"rate": 1.0 / seen}}}), Gain(None, None)
    if "formula" in case.spec.get("model", {}):
        # of a formula the scale of the features decides where a start of round numbers lies
        changes = {"data.standardize": True, "learning_rate": {"backtracking": {}}}
        return Remedy("standardize", plainly(case, changes)), Gain(None, None)
    if 1.0 / seen < SHORTEST:
        return None, None
    return Remedy("search", plainly(case, {"learning_rate": {"backtracking": {}}})), Gain(None, None)


def _above_zero(case: Case) -> bool:
    """Whether it ended higher than it is at zero parameters, as far as that is known."""
    last, zero = case.result.final_cost, case.baseline
    return last is None or zero is None or last > zero


def above_local_limit(case: Case) -> Optional[Cause]:
    """Where the cost bends most at the optimum: a rate above 2/L there comes no nearer, wherever it begins."""
    update, top = case.update, case.curvature_at_optimum
    if update is None or top is None or case.card.quadratic or case.arrived or not case.worse:
        return None
    limit = update.limit(top)
    if limit is None or not update.rate > limit:
        return None
    evidence = {
        "outcome": case.result.outcome,
        "update": update.kind,
        "rate": update.rate,
        "limit": limit,
        "largest_eigenvalue": top,
        "why": "optimum",
    }
    return Cause("rate_above_limit", ESTIMATED, evidence)


def above_nominal_limit(case: Case) -> Optional[Cause]:
    """It diverged, and its first rate was above the limit that the same steps have without what disturbs them.

    Batches, schedules, clipping and weight decay keep a theorem from speaking, but seldom make a rate bearable.
    """
    rate, top = case.rate_at(0), case.card.smoothness
    ((name, given),) = case.spec["optimizer"].items()
    if row_step(case) is not None:
        return None
    if case.result.outcome != "diverged" or rate is None or top is None or case.exact_limit is not None:
        return None
    plain = {**given, "weight_decay": 0.0} if "weight_decay" in given else given
    update = optimizer_facts({name: plain}).update
    undisturbed = update(rate, case.known.convexity, case.known.smoothness) if update else None
    limit = undisturbed.limit(top.value + given.get("weight_decay", 0.0)) if undisturbed else None
    if undisturbed is None or limit is None:
        return None
    if case.batch is not None and case.card.largest_row is not None:
        limit = min(limit, limit * top.value * case.batch / case.card.largest_row)
    if not rate > limit:
        return None
    evidence = {
        "outcome": "diverged",
        "update": undisturbed.kind,
        "rate": rate,
        "limit": limit,
        "largest_eigenvalue": top.value,
        "everywhere": not case.card.quadratic,
        "why": "nominal",
    }
    remedy = Remedy("take_rate", {"learning_rate": {"constant": {"rate": 0.5 * limit}}})
    return Cause("rate_above_limit", ESTIMATED, evidence, remedy, Gain(None, None))


def row_step(case: Case) -> Optional[Cause]:
    """One row's own limit: an update by b rows, the largest among them, bends by c‖(x, 1)‖²/b at least."""
    batch, largest, rate = case.batch, case.card.largest_row, case.rate_at(0)
    if batch is None or largest is None or rate is None or case.arrived:
        return None
    if not case.way.optimizer.along_gradient or not unmodified(case.spec):
        return None
    limit = 2.0 * batch / largest
    if not rate > limit:
        return None
    last = case.rate_at(case.result.iterations) or rate
    evidence = {
        "batch": batch,
        "rate": rate,
        "last_rate": last,
        "limit": limit,
        "overshoot": 2.0 * rate / limit,
    }
    certain = case.card.quadratic and last > limit
    if case.fixed is None:
        remedy = take_times(case, 0.5 * limit / rate)
    else:
        remedy = Remedy("take_rate", {"learning_rate": {"constant": {"rate": 0.5 * limit}}})
    return Cause("row_step_too_long", PROVED if certain else ESTIMATED, evidence, remedy, Gain(None, None))


def noise_floor(case: Case) -> Optional[Cause]:
    """At a constant rate rows that pull apart keep the cost up, and the slope that is left is their noise."""
    spread, rate, size = case.evidence.get("spread"), case.rate_at(0), case.result.final_gradient_norm
    if case.batch is None or spread is None or not rate or size is None or case.arrived or not case.usable:
        return None
    height = _height(case) if _along(case) else None
    noise = spread / case.batch
    floor = 0.25 * rate * noise
    if case.rate_at(case.result.iterations) != rate or height is None or size * size > noise:
        return None
    # a cost that stands far above what the noise can hold up is slow, or stands for another reason
    if height > HELD_UP * floor:
        return None
    evidence = {"rate": rate, "batch": case.batch, "spread": spread, "gap": height, "floor": floor}
    remedy = Remedy("falling_rate", {"learning_rate": falling(case, rate)})
    return Cause("noise_floor", ESTIMATED, evidence, remedy, Gain(None, None))


def _along(case: Case) -> bool:
    """Whether its steps, the first at least, are as long as the rate times the slope."""
    facts = case.way.optimizer
    return facts.along_gradient or facts.update is not None


def _height(case: Case) -> Optional[float]:
    """How high above the optimum the cost hovers; None where that is not known, or it still falls or rises."""
    if case.best is None:
        return None
    least = case.known.convexity or (case.card.local_convexity.value if case.card.local_convexity else None)
    if least and (case.rate_at(0) or 0.0) * least * case.result.iterations < 1.0:
        return None  # not long enough for the flattest direction to have come to rest
    curve, done = case.result.curve, case.result.iterations
    parts: List[List[float]] = [[], []]
    for k, cost in zip(curve.iteration, curve.cost):
        if 2 * k >= done:
            parts[4 * k >= 3 * done].append(cost - case.best)
    if min(map(len, parts)) < 3 or not median(parts[0]) > 0.0:
        return None
    late = median(parts[1])
    return late if STILL[0] <= late / median(parts[0]) <= STILL[1] else None
