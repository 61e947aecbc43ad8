"""A linear warm-up, and one of the usual ways to go on after it."""

from __future__ import annotations

import math
from typing import Optional

from gdbench.descent.domains import fraction, natural, non_negative, one_of, optional, positive
from gdbench.descent.errors import BadParameter
from gdbench.descent.learning_rates.protocol import LearningRate, in_order, learning_rate, scheduled
from gdbench.descent.learning_rates.schedules.cosine import cosine_between

_ENDING = ("linear", "cosine")


def _check(rate: float, steps: int, start: float, then: str, total: Optional[int], lowest: float) -> None:
    in_order("warmup", "lowest", lowest, "rate", rate)
    if then in _ENDING and (total is None or total <= steps):
        raise BadParameter(
            "total",
            f"'total' of learning rate 'warmup' must be a whole number above 'steps' ({steps}), "
            f"where the {then} decay ends.",
        )
    if then not in _ENDING and (total is not None or lowest):
        name = "lowest" if total is None else "total"
        raise BadParameter(name, f"'{name}' of learning rate 'warmup' needs then: linear or then: cosine.")


@learning_rate(
    "warmup",
    facts={
        "check": _check,
        "dies": lambda then, lowest, **_: then in _ENDING and lowest == 0.0,
        "rests": lambda steps, **_: steps,
    },
    rate=positive,
    steps=natural,
    start=fraction,
    then=one_of("constant", "inverse_sqrt", *_ENDING),
    total=optional(natural),
    lowest=non_negative,
)
def warmup(
    rate: float,
    steps: int,
    start: float = 1.0 / 3.0,
    then: str = "constant",
    total: Optional[int] = None,
    lowest: float = 0.0,
) -> LearningRate:
    """η_k = rate · (start + (1 − start) · k / steps) while k < steps  (Goyal et al. 2017).

    rate: > 0, reached at k = steps ≥ 1.  start: the part of it at k = 0, in [0, 1].
    then: constant, inverse_sqrt (rate · √(steps / k), Vaswani et al. 2017), or linear or cosine down to
    lowest, in [0, rate], at k = total > steps.
    """

    def after(k: int) -> float:
        if then == "inverse_sqrt":
            return rate * math.sqrt(steps / k)
        if total is None or then == "constant":
            return rate
        t = min((k - steps) / (total - steps), 1.0)
        return cosine_between(rate, lowest, t) if then == "cosine" else rate + (lowest - rate) * t

    return scheduled(lambda k: rate * (start + (1.0 - start) * k / steps) if k < steps else after(k))
