"""Sentences of causes that lie in single steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gdbench.descent.diagnosis import Cause
from gdbench.judgement.numerals import figure


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


SENTENCES: Mapping[str, Callable[[Cause], str]] = {
    "first_step_too_long": first_step_too_long,
    "row_step_too_long": row_step_too_long,
    "noise_floor": noise_floor,
}
