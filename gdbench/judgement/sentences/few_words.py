"""What the answer tells in a few words: causes of settings that failed or ended worse, and what a race did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gdbench.descent.diagnosis import UNKNOWN, Cause
from gdbench.judgement.numerals import count, figure
from gdbench.judgement.racing.outpaced import Outpaced
from gdbench.judgement.settings import Setting, words

#: Limits that differ by less are one.
APART = 1e-3
#: What a setting did that ended worse than the best without having failed, by the cause.
KEPT = {
    "kink": "hopped about a kink",
    "noise_floor": "came to the noise floor of a constant rate",
    "bounded_oscillation": "hopped from side to side",
    "plateau": "lay on a plateau",
    "local_minimum": "ended in a higher minimum",
    "dead_schedule": "ran out of rate on the way",
    "decayed_gradient": "came to rest where weight decay holds it",
}


def kept_by(cause: Cause) -> str:
    """What a setting did that ended worse, by what kept it there."""
    if cause.code == "rate_above_limit":
        return f"was {_above_limit(cause.evidence)}"
    return KEPT[cause.code]


def because(cause: Cause | None, limits: Sequence[float] = ()) -> str:
    """Why, in a few words, and how sure that is; "" where it is not known. limits: of all that share it."""
    if cause is None or cause.grade == UNKNOWN:
        return ""
    if cause.code == "rate_above_limit" and limits and limits[-1] > (1.0 + APART) * limits[0]:
        between = f"{figure(limits[0])} to {figure(limits[-1])}"
        return f"above the stability limit of each, {between}, {cause.grade}"
    shortly = _SHORTLY.get(cause.code)
    why = shortly(cause.evidence) if callable(shortly) else shortly or words(cause.code)
    return f"{why}, {cause.grade}"


def _above_limit(seen: Mapping[str, Any]) -> str:
    if "limit" not in seen:
        return "steps too long for the curvature on the way"
    if seen.get("everywhere"):
        return f"above {figure(seen['limit'])}, up to which steps are surely short enough"
    name = {"plain": "2/L = "}.get(seen["update"], "")
    where = " at the optimum" if seen.get("why") == "optimum" else ""
    return f"above the stability limit {name}{figure(seen['limit'])}{where}"


def _difference_step(seen: Mapping[str, Any]) -> str:
    step = "too long a step" if seen["why"] == "too long" else "a step below what floats resolve"
    return f"{step} ({figure(seen['best'], 2)} is near the best)"


_SHORTLY: Mapping[str, str | Callable[[Mapping[str, Any]], str]] = {
    "rate_above_limit": _above_limit,
    "first_step_too_long": lambda seen: f"a first step {figure(0.5 * seen['overshoot'], 3)} times too long",
    "row_step_too_long": lambda seen: f"above the limit of the largest row alone, {figure(seen['limit'])}",
    "no_minimiser": "no minimiser exists",
    "unbounded_below": "the cost is unbounded below",
    "dead_symmetry": "equal units get equal gradients (start from random weights)",
    "wrong_gradient": lambda seen: f"off by {figure(seen['relative_error'], 2)} of its length at the start",
    "difference_step": _difference_step,
    "decayed_gradient": "weight decay holds it there",
    "dead_schedule": "the rates to come add up to too little",
    "stopped_early": "its rule fired too soon",
    "noise_floor": "the noise of a constant rate",
    "saddle": "a saddle",
    "not_finite": "a number left the finite range",
}


# --- races

#: So many rungs are told one by one.
_TOLD = 4


def told_of_race(race: Outpaced) -> str:
    """60 of 72 runs were outpaced: 36 proved slower by exact prediction, 24 at iteration 75."""
    parts = [_part(k, number) for k, number in race.at.items()]
    where = ", ".join(parts) if len(parts) <= _TOLD else f"at {count(len(parts))} places"
    return (
        f"{count(race.count)} of {count(race.runs)} runs were outpaced: {where}. At most "
        f"{count(race.spared)} iterations, {race.share:.0%} of all, were spared."
    )


def _part(k: int, number: int) -> str:
    if k == 0:
        return f"{count(number)} proved slower by exact prediction"
    return f"{count(number)} at iteration {count(k)}"


def unequal(settings: int) -> str:
    """Why some running times are left out."""
    which = "1 setting that was" if settings == 1 else f"{count(settings)} settings that were"
    return f"Left out: {which} outpaced, for running times compare equal budgets only."


def not_compared(methods: Sequence[str]) -> str:
    """Why there is no profile."""
    which = ", ".join(methods[:3]) + (" and others" if len(methods) > 3 else "")
    return f"Running times compare equal budgets only, and a race outpaced what stands for {which}."


def no_gap(setting: Setting) -> str:
    """Why no gap can be measured."""
    if setting.problem.optimum.kind == "none exists":
        return f"no minimiser exists: {setting.problem.optimum.explanation.rstrip('.')}"
    if setting.problem.optimum.kind == "left out":
        return "theory is left out of so large a problem, so gaps cannot be measured"
    return "no optimum is known, so gaps cannot be measured"
