"""Sentences of causes that lie in single steps, and in how differently the cost bends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gdbench.descent.diagnosis import PROVED, Cause
from gdbench.descent.gradients import StepError, best_step, order_of
from gdbench.judgement.numerals import count, figure


def first_step_too_long(cause: Cause) -> str:
    seen = cause.evidence
    times, start = figure(0.5 * seen["overshoot"]), figure(2.0 / seen["curvature"])
    what = (
        f"The first step is {times} times too long for where it starts: the curvature there is "
        f"{figure(seen['curvature'])}, and steps lead down below 2/L = {start}"
    )
    if seen["later"] is None:
        return f"{what}."
    limit = 2.0 / seen["later"]
    fits = "would do" if seen["rate"] < limit else "is too long as well"
    return f"{what}; at the optimum, where that is {figure(limit)}, the rate {figure(seen['rate'])} {fits}."


def row_step_too_long(cause: Cause) -> str:
    seen = cause.evidence
    one, limit = seen["batch"] == 1, figure(seen["limit"])
    what = "One row's step" if one else f"The step of {seen['batch']} rows"
    name = "2/(c‖(x, 1)‖²)" if one else f"2·{seen['batch']}/(c‖(x, 1)‖²)"
    off = figure(seen["overshoot"] - 1.0)
    grows = f": its step ends {off} times as far off on the other side" if one else ""
    return (
        f"{what} is too long: the rate {figure(seen['rate'])} is above {name} = {limit}, the limit of the "
        f"largest row alone{grows}."
    )


def noise_floor(cause: Cause) -> str:
    seen = cause.evidence
    gap = f" at f − f* = {figure(seen['gap'])}" if seen["gap"] is not None else ""
    differ = figure(seen["spread"] ** 0.5)
    return (
        f"It has come to its noise floor{gap}: at the constant rate {figure(seen['rate'])} the rows' "
        f"gradients, which differ by {differ}, keep the cost up; the slope of the whole is less."
    )


def column_scales(cause: Cause) -> str:
    seen = cause.evidence
    return (
        f"The columns differ so much in scale that no rate is fast: κ = {figure(seen['condition'])}, and "
        f"{figure(seen['standardized'])} on standardized features."
    )


def feature_basis(cause: Cause) -> str:
    seen, scaled = cause.evidence, cause.evidence["standardized"]
    standardized = f"of standardized features {figure(scaled)}, " if scaled is not None else ""
    return (
        f"The powers of the features are so nearly dependent that no rate is fast: κ = "
        f"{figure(seen['condition'])}; {standardized}of orthogonal polynomials 1, one step."
    )


def ill_conditioned(cause: Cause) -> str:
    seen, condition = cause.evidence, figure(cause.evidence["condition"])
    if cause.grade == PROVED:
        return (
            f"The problem is ill-conditioned (κ = {condition}): even the best fixed rate below 2/L takes "
            f"{count(seen['needed_at_best'])} iterations to {seen['target']} from this start."
        )
    near = f"near its optimum (κ = {condition})"
    return f"The problem is ill-conditioned {near}, so that no fixed rate is fast there."


SENTENCES: Mapping[str, Callable[[Cause], str]] = {
    "column_scales": column_scales,
    "feature_basis": feature_basis,
    "ill_conditioned": ill_conditioned,
    "first_step_too_long": first_step_too_long,
    "row_step_too_long": row_step_too_long,
    "noise_floor": noise_floor,
}


def step_words(errors: Sequence[StepError]) -> list[str]:
    """'forward: best at h = 1e-8 (relative error 3e-9); longer steps err as h^1.0, shorter ones as 1/h.'"""
    said = []
    for method in dict.fromkeys(error.method for error in errors):
        best, order = best_step(errors, method), order_of(errors, method)
        assert best is not None
        longer = "" if order is None else f"; longer steps err as h^{order:.1f}"
        shorter = ", shorter ones no more" if method == "complex_step" else ", shorter ones as 1/h"
        said.append(
            f"{method}: best at h = {figure(best.step)} (relative error {figure(best.error, 2)})"
            f"{longer}{shorter}."
        )
    return said
