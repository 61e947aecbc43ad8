"""Verdicts on how far a run came: there, at the rounding floor, stopped too early, or too slow and why."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from gdbench.descent.diagnosis.case import ESTIMATED, PROVED, UNKNOWN, Case, Diagnosis, said
from gdbench.descent.stopping.rule import ZERO_LENGTH_STEP

#: A gap of so many roundings of the cost is one that no step can shrink.
FLOOR = 16 * 2.220446049250313e-16
#: A rate is too small where a better one would take at most this share of the iterations.
SLOWER = 0.5
#: Of costs that are no quadratics, where it is below this share of 1/L.
TIMID = 0.2
#: The same where the curvature is known at one place only, and may grow on the way.
UNSURE = 0.1
#: From this condition number on, no fixed rate is fast.
ILL = 1000.0
#: Reference optima without an error to speak of.
EXACT_OPTIMA = ("closed form", "certified")


def rounding_floor(case: Case) -> Optional[Diagnosis]:
    """A limit ended it, but nothing was left to gain."""
    if case.result.outcome not in ("stopped", "stalled") or not _at_floor(case):
        return None
    assert case.gap is not None
    sentence = (
        f"It has reached the rounding floor: f − f* = {said(case.gap)} is a few roundings of the cost, "
        "so more iterations cannot lower it. A rule with a tolerance would have ended it sooner."
    )
    return Diagnosis("rounding_floor", ESTIMATED, sentence, _measured(case))


def _at_floor(case: Case) -> bool:
    gap, cost = case.gap, case.result.final_cost
    if gap is None or cost is None or case.best is None:
        return False
    return gap <= FLOOR * max(abs(cost), abs(case.best))


def arrived(case: Case) -> Optional[Diagnosis]:
    """The gap that was asked for is met."""
    if case.gap is None or case.wanted is None or case.gap > case.wanted:
        return None
    # a solver's point may lie a little above the true minimum
    sure = case.optimum in EXACT_OPTIMA
    limit = "" if case.result.outcome == "converged" else f"; {case.result.reason.rstrip('.')}"
    sentence = f"Nothing is wrong: a relative gap of {case.target} is met (f − f* = {said(case.gap)}){limit}."
    return Diagnosis("nothing_wrong", PROVED if sure else ESTIMATED, sentence, _measured(case))


def stopped_early(case: Case) -> Optional[Diagnosis]:
    """A rule called it converged, but the gap that was asked for is not met."""
    result = case.result
    if result.outcome != "converged" or result.rule == "target":
        return None
    if case.gap is None:
        return _early_by_slope(case)
    if case.wanted is None or case.gap <= case.wanted:
        return None
    # going on is sure to help only where every stationary point is a minimum, and steps are exact
    grade = PROVED if case.card.convex and case.exact_steps else ESTIMATED
    sentence = (
        f"It stopped too early: {result.rule or 'its rule'} fired at a relative gap of "
        f"{said(case.relative_gap or 0.0)}, above {case.target}. A tighter tolerance would go on."
    )
    return Diagnosis("stopped_early", grade, sentence, _measured(case))


def _early_by_slope(case: Case) -> Optional[Diagnosis]:
    """Without an optimum: f − f* ≥ ‖g‖²/2L, by one step of 1/L."""
    bound, first, last = _least_gap(case), case.result.initial_cost, case.result.final_cost
    if bound is None or first is None or last is None or not first > last or bound <= 1e-3 * (first - last):
        return None
    sentence = (
        f"It stopped too early: a step of 1/L from here is sure to lower the cost by {said(bound)}, "
        f"while all its steps together have gained {said(first - last)}."
    )
    return Diagnosis("stopped_early", PROVED, sentence, {**_measured(case), "least_gap": bound})


def _least_gap(case: Case) -> Optional[float]:
    """‖g‖²/2L, where L holds everywhere and the gradient is exact."""
    top, size = case.card.smoothness, case.result.final_gradient_norm
    if top is None or size is None or not case.exact_steps or top.kind not in ("exact", "upper"):
        return None
    return 0.5 * size * size / top.value if top.value > 0.0 else None


def lost_step(case: Case) -> Optional[Diagnosis]:
    """A step of length zero, although there is a slope to go down."""
    if case.result.outcome != "stalled" or case.result.cause != ZERO_LENGTH_STEP:
        return None
    sentence = (
        "The rate is too small: a step is lost in the last digit of the parameters, although the gradient norm "
        f"is {said(case.result.final_gradient_norm or 0.0)}."
    )
    return Diagnosis("rate_too_small", ESTIMATED, sentence, _measured(case))


def too_slow(case: Case) -> Optional[Diagnosis]:
    """Of a quadratic the spectrum tells how long it takes, at this rate and at the best one."""
    expected, fastest, result = case.forecast, case.fastest, case.result
    if result.outcome != "stopped" or expected is None or expected.kind != "exact" or fastest is None:
        return None
    needed, least = expected.iterations.get(case.target), fastest.iterations.get(case.target)
    if needed is None or least is None or needed <= result.iterations:
        return None
    evidence: Dict[str, Any] = {
        **_measured(case),
        "rate": expected.update.rate,
        "best_rate": fastest.update.rate,
        "needed": needed,
        "needed_at_best": least,
    }
    if expected.update.plain and expected.update.rate < fastest.update.rate and least <= SLOWER * needed:
        factor = fastest.update.rate / expected.update.rate
        sentence = (
            f"The rate is too small by a factor of {said(factor)}: to {case.target} it takes {needed:,} "
            f"iterations, and {least:,} with 2/(L+μ) = {said(fastest.update.rate)}."
        )
        return Diagnosis("rate_too_small", PROVED, sentence, {**evidence, "factor": factor})
    condition = case.card.condition
    if expected.update.plain and condition is not None and condition >= ILL and least > result.iterations:
        sentence = (
            f"The problem is ill-conditioned (κ = {said(condition)}): even the best fixed rate takes {least:,} "
            f"iterations to {case.target}.{_cure(case)}"
        )
        return Diagnosis(
            "ill_conditioned", PROVED, sentence, {**evidence, "condition": condition, **_scales(case)}
        )
    left = needed - result.iterations
    sentence = f"{_limit(case)}: {left:,} more iterations lead to {case.target}, as the spectrum tells."
    return Diagnosis("stopped_by_limit", PROVED, sentence, {**evidence, "remaining": left})


def seems_slow(case: Case) -> Optional[Diagnosis]:
    """Elsewhere curvature is measured, at the optimum, at the end of the run, or as a bound."""
    update, result = case.update, case.result
    if (
        result.outcome != "stopped"
        or update is None
        or not update.plain
        or (case.gap is not None and _at_floor(case))
    ):
        return None
    top, where = _largest(case)
    if top is None or not top > 0.0:
        return None
    evidence = {**_measured(case), "rate": update.rate, "curvature": top}
    if update.rate * top < (TIMID if case.card.convex else UNSURE):
        factor = 1.0 / (update.rate * top)
        sentence = (
            f"The rate is too small: 1/L is {said(factor)} times larger, for the largest curvature {where}, "
            f"L = {said(top)}."
        )
        return Diagnosis("rate_too_small", ESTIMATED, sentence, {**evidence, "factor": factor})
    condition = case.card.local_condition
    if condition is None or condition < ILL or case.card.quadratic:
        return None
    sentence = (
        f"The problem is ill-conditioned near its optimum (κ = {said(condition)}), so that no fixed rate is "
        f"fast there.{_cure(case)}"
    )
    return Diagnosis(
        "ill_conditioned", ESTIMATED, sentence, {**evidence, "condition": condition, **_scales(case)}
    )


def _largest(case: Case) -> Tuple[Optional[float], str]:
    bends = case.evidence.get("curvature")
    if bends:
        return bends["largest"], "where it ended"
    card = case.card
    if card.smoothness is not None and card.local_smoothness is None:
        return card.smoothness.value, "anywhere"
    # a convex cost may bend less at its optimum than on the way there: the rate must suit both
    steps = [curvature for _, _, curvature in case.evidence.get("steps", [])]
    if card.local_smoothness is None or not steps:
        return None, ""
    return max(card.local_smoothness.value, *steps), "on the way and at the optimum"


def _cure(case: Case) -> str:
    raw, scaled = case.card.raw, case.card.standardized
    now = case.card.condition or case.card.local_condition
    if raw is None or scaled is None or now is None or scaled > 0.1 * raw or scaled > 0.5 * now:
        return ""
    return f" Standardising the features would cut κ from {said(raw)} to {said(scaled)}."


def _scales(case: Case) -> Dict[str, Any]:
    return {"raw": case.card.raw, "standardized": case.card.standardized}


def stopped_by_limit(case: Case) -> Optional[Diagnosis]:
    """What is left, and how long it may take at the rate of the tail."""
    if case.result.outcome not in ("stopped", "stalled"):
        return None
    measured, evidence = case.measured, _measured(case)
    if case.result.outcome == "stalled":
        return Diagnosis("unexplained", UNKNOWN, f"It stalled: {case.result.reason.rstrip('.')}.", evidence)
    if measured is None or measured.remaining is None:
        return Diagnosis(
            "stopped_by_limit", UNKNOWN, f"{_limit(case)}: how far there is to go is not known.", evidence
        )
    evidence.update(remaining=measured.remaining, order=measured.order)
    sentence = (
        f"{_limit(case)}: about {measured.remaining:,} more iterations lead to {case.target}, if the "
        f"{measured.order} rate of its tail goes on."
    )
    return Diagnosis("stopped_by_limit", ESTIMATED, sentence, evidence)


def _limit(case: Case) -> str:
    gap = f"a relative gap of {said(case.relative_gap)} and " if case.relative_gap is not None else ""
    size = case.result.final_gradient_norm
    slope = f"a gradient norm of {said(size)}" if size is not None else "no gradient"
    return f"A limit stopped it at {gap}{slope}"


def at_rest(case: Case) -> Optional[Diagnosis]:
    """Converged, with no optimum to measure from: what the slope and the curvature say."""
    result, card, size = case.result, case.card, case.result.final_gradient_norm
    if result.outcome != "converged" or size is None:
        return None
    if result.rule == "target":
        return Diagnosis(
            "nothing_wrong", PROVED, f"Nothing is wrong: {result.reason.rstrip('.')}.", _measured(case)
        )
    first, last, mu = result.initial_cost, result.final_cost, card.convexity
    gained = first - last if first is not None and last is not None else 0.0
    if card.convex and mu is not None and case.exact_steps and mu.kind in ("exact", "lower"):
        most = 0.5 * size * size / mu.value
        if most <= 1e-6 * gained:
            sentence = f"Nothing is wrong: f − f* ≤ ‖g‖²/2μ = {said(most)}, next to nothing of what was gained."
            return Diagnosis("nothing_wrong", PROVED, sentence, {**_measured(case), "greatest_gap": most})
    bends = case.evidence.get("curvature")
    if case.gap is None and bends and bends["least"] > 1e-3 * bends["largest"] > 0.0:
        most = 0.5 * size * size / bends["least"]
        if most <= 1e-3 * gained:
            sentence = (
                f"Nothing seems wrong: the gradient norm is {said(size)} and the cost bends upwards around the "
                "end, so it is near a minimum. Whether there is a lower one elsewhere is not known."
            )
            return Diagnosis("nothing_wrong", ESTIMATED, sentence, {**_measured(case), **bends})
    sentence = f"Its rule fired ({result.reason.rstrip('.')}), but how near a minimum is, is not known."
    return Diagnosis("unexplained", UNKNOWN, sentence, _measured(case))


def _measured(case: Case) -> Dict[str, Any]:
    """The numbers that nearly every verdict here rests on."""
    return {
        "iterations": case.result.iterations,
        "gap": case.gap,
        "relative_gap": case.relative_gap,
        "gradient_norm": case.result.final_gradient_norm,
    }
