"""Half a wave of the cosine from a high rate to a low one, once or again and again."""

from __future__ import annotations

import math
from typing import Optional, Tuple

from gdbench.descent.domains import natural, non_negative, one_of, positive
from gdbench.descent.errors import BadParameter
from gdbench.descent.learning_rates.protocol import LearningRate, in_order, learning_rate, scheduled
from gdbench.descent.numerics.powers import power
from gdbench.descent.registry import UNSAID


def _check(rate: float, period: int, lowest: float, then: str, growth: int, exponent: float = 1.0) -> None:
    in_order("cosine", "lowest", lowest, "rate", rate)
    if growth > 1 and then != "restart":
        raise BadParameter(
            "growth",
            f"'growth' of learning rate 'cosine' lengthens periods that restart, but then is '{then}'. "
            "Write then: restart.",
        )


def _rests(then: str, period: int, growth: int, **_: float) -> Optional[int]:
    if then == "restart" and growth > 1:
        return None  # each period is longer than the one before
    return {"stay": 0, "restart": period, "rise": 2 * period}[then]


@learning_rate(
    "cosine",
    facts={
        "check": _check,
        "dies": lambda then, lowest, **_: then == "stay" and lowest == 0.0,
        "rests": _rests,
        UNSAID: ("exponent",),
    },
    rate=positive,
    period=natural,
    lowest=non_negative,
    then=one_of("stay", "restart", "rise"),
    growth=natural,
    exponent=positive,
)
def cosine(
    rate: float,
    period: int,
    lowest: float = 0.0,
    then: str = "stay",
    growth: int = 1,
    exponent: float = 1.0,
) -> LearningRate:
    """η_k = lowest + (rate − lowest) (½ + ½ cos(π k / period))ᵖ  (Loshchilov & Hutter 2017, p = 1).

    rate: η₀ > 0.  period: ≥ 1, in iterations.  lowest: in [0, rate].
    then: after the period stay at the lowest rate, restart at the highest, or rise as the cosine does.
    growth: ≥ 1; each period that restarts is so many times longer than the one before.  exponent: p > 0.
    """

    def between(t: float) -> float:
        if exponent == 1.0:
            return cosine_between(rate, lowest, t)
        return lowest + (rate - lowest) * power(max(cosine_between(1.0, 0.0, t), 0.0), exponent)

    def rate_at(k: int) -> float:
        if then == "stay":
            return between(min(k, period) / period)
        if then == "rise":
            return between(k % (2 * period) / period)
        since, length = _since_restart(k, period, growth)
        return between(since / length)

    return scheduled(rate_at)


def cosine_between(start: float, end: float, t: float) -> float:
    """From start (t = 0) to end (t = 1), level at both."""
    return end + 0.5 * (start - end) * (1.0 + math.cos(math.pi * t))


def _since_restart(k: int, period: int, growth: int) -> Tuple[int, int]:
    """(iterations since the last restart, length of the period that it began)."""
    if growth == 1:
        return k % period, period
    while k >= period:
        k, period = k - period, period * growth
    return k, period
