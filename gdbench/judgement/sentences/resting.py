"""Sentences of causes that hold a run at a place that is no minimum."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gdbench.descent.diagnosis import PROVED, Cause
from gdbench.judgement.numerals import count, figure, listing


def plateau(cause: Cause) -> str:
    seen = cause.evidence
    if seen["why"] in ("zero slopes", "zero parameters"):
        number = f"{len(seen['zeros'])} of {seen['of']}"
        which = f" ({listing(seen['names'])})" if seen["names"] else ""
        what = f"It lies on a plateau: {number} slopes{which} are 0 to the last digit"
        if seen["why"] == "zero parameters":
            return f"{what}, as these parameters are 0 themselves: each is flat as long as the others are 0."
        return (
            f"{what}, so that the start is too far off for these parameters to matter: an exponential has "
            "underflowed on every row."
        )
    return (
        f"It lies on a plateau: {seen['saturated']} of the {seen['width']} units of hidden layer "
        f"{seen['layer']} are "
        "saturated on nearly every row, and pass no slope on."
    )


def kink(cause: Cause) -> str:
    seen, zeros = cause.evidence, cause.evidence["zeros_at_optimum"]
    gap = f" (f − f* = {figure(seen['gap'])})" if seen["gap"] is not None else ""
    exact = ""
    if zeros:
        exact = (
            f" Of the {zeros} coefficients that are 0 at the minimum {seen['zeros'] or 'none'} is exactly 0."
        )
    return (
        f"It hops about a kink{gap}: the slope does not fade there, and steps of about {figure(seen['step'])} "
        "at the "
        f"constant rate {figure(seen['rate'])} never come to rest.{exact}"
    )


def decayed_gradient(cause: Cause) -> str:
    seen = cause.evidence
    what = (
        f"With weight decay λ = {figure(seen['weight_decay'])} it descends f + ½λ‖w‖², whose minimum is not "
        "that of "
        "the cost"
    )
    if seen["floor"] is not None:
        return f"{what}: there f − f* = {figure(seen['floor'])}, above {seen['target']}."
    return (
        f"{what}: it rests where the decayed gradient has a norm of {figure(seen['decayed_norm'])}, the cost's "
        "own "
        f"one of {figure(seen['gradient_norm'])}."
    )


def dead_schedule(cause: Cause) -> str:
    seen = cause.evidence
    left = figure(seen["left"])
    what = f"The rate has died, from {figure(seen['first'])} to {figure(seen['last'])}"
    if cause.grade == PROVED:
        return (
            f"{what}: all rates to come add up to {left}, which leads no farther than {figure(seen['reach'])} "
            "and "
            f"never to {seen['target']}."
        )
    return (
        f"{what}: all rates to come add up to {left}, while the gradient norm is "
        f"{figure(seen['gradient_norm'])}."
    )


def difference_step(cause: Cause) -> str:
    seen, best = cause.evidence, figure(cause.evidence["best"], 2)
    step = figure(seen["step"])
    if seen["why"] == "too long":
        return (
            f"The {seen['method']} differences take steps of {step}, too long for a slope: {best} is near the "
            "best."
        )
    zero = ", so that the slope is 0 to it" if not seen["gradient_norm"] else ""
    return (
        f"The {seen['method']} differences take steps of {step}, below what floats resolve{zero}: rounding "
        "alone makes "
        f"slopes of {figure(seen['noise'])}. {best} is near the best."
    )


def passed_through(cause: Cause) -> str:
    seen = cause.evidence
    return (
        f"It passed through: {seen['target']} was met at iteration {count(seen['first'])} and left again; it "
        "ended at "
        f"a relative gap of {figure(seen['relative_gap'])} after {count(seen['iterations'])} iterations."
    )


SENTENCES: Mapping[str, Callable[[Cause], str]] = {
    "plateau": plateau,
    "kink": kink,
    "decayed_gradient": decayed_gradient,
    "dead_schedule": dead_schedule,
    "difference_step": difference_step,
    "passed_through": passed_through,
}
