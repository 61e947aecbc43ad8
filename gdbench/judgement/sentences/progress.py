"""Sentences of causes that lie in how far and how fast a run came."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gdbench.descent.diagnosis import PROVED, Cause
from gdbench.judgement.numerals import count, figure


def rounding_floor(cause: Cause) -> str:
    return (
        f"It has reached the rounding floor: f − f* = {figure(cause.evidence['gap'])} is less than the "
        "roundings of the cost, and more iterations do not lower it. A rule with a tolerance would have ended "
        "it sooner."
    )


def nothing_wrong(cause: Cause) -> str:
    seen = cause.evidence
    size = figure(seen["gradient_norm"])
    if seen["why"] == "target":
        ended = "" if seen["outcome"] == "converged" else f"; {seen['rule'] or 'a limit'} ended it"
        met = f"a relative gap of {seen['target']} is met (f − f* = {figure(seen['gap'])})"
        return f"Nothing is wrong: {met}{ended}."
    if seen["why"] == "rule":
        return f"Nothing is wrong: its rule, {seen['rule']}, is met."
    if seen["why"] == "convexity":
        return (
            f"Nothing is wrong: f − f* ≤ ‖g‖²/2μ = {figure(seen['greatest_gap'])}, next to nothing of what was "
            "gained."
        )
    return (
        f"Nothing seems wrong: the gradient norm is {size} and the cost bends upwards around the end, so "
        "it is near a minimum. Whether there is a lower one elsewhere is not known."
    )


def stopped_early(cause: Cause) -> str:
    seen = cause.evidence
    if seen["why"] == "slope":
        return (
            f"It stopped too early: a step of 1/L from here is sure to lower the cost by "
            f"{figure(seen['least_gap'])}, while all its steps together have gained {figure(seen['gained'])}."
        )
    goes_on = " A tighter tolerance would go on." if cause.remedy else ""
    return (
        f"It stopped too early: {seen['rule'] or 'its rule'} fired at a relative gap of "
        f"{figure(seen['relative_gap'])}, above {seen['target']}.{goes_on}"
    )


def rate_too_small(cause: Cause) -> str:
    seen = cause.evidence
    if seen["why"] == "lost step":
        return (
            "The rate is too small: a step is lost in the last digit of the parameters, although the gradient "
            f"norm is {figure(seen['gradient_norm'])}."
        )
    if seen["why"] == "sibling":
        unit = "iteration" if seen["sooner"] == 1 else "iterations"
        return (
            f"The rate is too small: {figure(seen['better_rate'])}, from the same start, was down to this cost "
            f"({figure(seen['cost'])}) after {count(seen['sooner'])} {unit}, "
            f"not {count(seen['iterations'])}, and ended at {figure(seen['better_cost'])}."
        )
    if seen["why"] == "way":
        share = 100.0 * seen["came"] / (seen["came"] + seen["left"])
        return (
            f"The rate is too small: {count(seen['iterations'])} iterations have come {figure(share, 2)} % of "
            "the "
            f"way to the minimum, and the cost still falls. About {figure(seen['factor'], 2)} times larger is "
            "safe."
        )
    if seen["why"] == "spectrum":
        return (
            f"The rate is too small by a factor of {figure(seen['factor'])}: to {seen['target']} it takes "
            f"{count(seen['needed'])} iterations, and {count(seen['needed_at_best'])} with "
            f"{figure(seen['best_rate'])}, the best rate below 2/L from this start."
        )
    where = {
        "way and end": "on the way and where it ended",
        "anywhere": "anywhere",
        "way and optimum": "on the way and at the optimum",
    }
    return (
        f"The rate is too small: 1/L is {figure(seen['factor'])} times larger, for the largest curvature "
        f"{where[seen['why']]}, L = {figure(seen['curvature'])}."
    )


def stopped_by_limit(cause: Cause) -> str:
    seen = cause.evidence
    gap = f"a relative gap of {figure(seen['relative_gap'])} and " if seen["relative_gap"] is not None else ""
    slope = f"a gradient norm of {figure(seen['gradient_norm'])}"
    what = f"A limit stopped it at {gap}{slope}"
    if seen["why"] == "falls":
        of = f"{figure(100.0 * seen['share'], 2)} % of all it has gained"
        left = f"and {figure(seen['gap'])} is left" if seen["gap"] is not None else of
        fell = f"the lowest cost fell by {figure(seen['fell'])}"
        return f"{what}, on its way: over the last quarter of its iterations {fell}, {left}."
    if seen["why"] == "kink":
        fell = f"than its rate falls, from {figure(seen['first'])} to {figure(seen['last'])}"
        return f"{what}: it hops across the kinks of a 1-norm, and comes lower no sooner {fell}."
    if seen["remaining"] is None:
        return f"{what}: how far there is to go is not known."
    more = f"{count(seen['remaining'])} more iterations lead to {seen['target']}"
    if cause.grade == PROVED:
        return f"{what}: {more}, as the spectrum tells."
    return f"{what}: about {more}, if the {seen['order']} rate of its tail goes on."


def unexplained(cause: Cause) -> str:
    seen = cause.evidence
    outcome = str(seen["outcome"]).replace("_", " ")
    if seen.get("why") == "undone":
        return f"The run did not do its work: it {outcome}, which says nothing about the descent."
    if outcome == "converged" and "rule" in seen:
        return f"Its rule, {seen['rule']}, fired, but how near a minimum is, is not known."
    if outcome == "diverged":
        return "The cost grew beyond all measure; why is not known."
    return f"It {outcome}; no check knows why."


SENTENCES: Mapping[str, Callable[[Cause], str]] = {
    "rounding_floor": rounding_floor,
    "nothing_wrong": nothing_wrong,
    "stopped_early": stopped_early,
    "rate_too_small": rate_too_small,
    "stopped_by_limit": stopped_by_limit,
    "unexplained": unexplained,
}
