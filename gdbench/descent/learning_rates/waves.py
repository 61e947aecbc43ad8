"""Rates in waves: half a wave of the cosine, once or again and again; up and down, once or in cycles."""

from __future__ import annotations

import math
from typing import Optional, Tuple

from gdbench.descent.domains import (
    above_one,
    inner_fraction,
    natural,
    non_negative,
    one_of,
    optional,
    part,
    positive,
)
from gdbench.descent.errors import BadParameter
from gdbench.descent.learning_rates.protocol import LearningRate, in_order, learning_rate, scheduled
from gdbench.descent.numerics.powers import power, whole_power
from gdbench.descent.registry import UNSAID

# --- Half a wave of the cosine from a high rate to a low one, once or again and again


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


# --- Rates that rise before they fall: again and again, or once


def _check_cyclic(
    lowest: float, highest: float, up: int, down: Optional[int], shrink: float, decay: float
) -> None:
    in_order("cyclic", "lowest", lowest, "highest", highest)


@learning_rate(
    "cyclic",
    facts={"check": _check_cyclic, "rests": lambda up, down, **_: up + (up if down is None else down)},
    lowest=positive,
    highest=positive,
    up=natural,
    down=optional(natural),
    shrink=part,
    decay=part,
)
def cyclic(
    lowest: float,
    highest: float,
    up: int,
    down: Optional[int] = None,
    shrink: float = 1.0,
    decay: float = 1.0,
) -> LearningRate:
    """η_k = lowest + (highest − lowest) · Λ(k) · shrink^⌊k / (up + down)⌋ · decayᵏ  (Smith 2017).

    Λ rises from 0 to 1 in `up` iterations and falls again in `down` (as many unless given).
    lowest, highest: > 0.  shrink: in (0, 1], per cycle; ½ is "triangular2".  decay: in (0, 1], per
    iteration; below 1 is "exp_range".
    """
    fall = up if down is None else down

    def rate_at(k: int) -> float:
        cycle, since = divmod(k, up + fall)
        height = since / up if since <= up else (up + fall - since) / fall
        return lowest + (highest - lowest) * height * whole_power(shrink, cycle) * whole_power(decay, k)

    return scheduled(rate_at)


def _check_one_cycle(highest: float, total: int, rise: float, start: float, end: float, shape: str) -> None:
    if total * rise <= 1.0 or total * (1.0 - rise) <= 0.0:
        raise BadParameter(
            "total",
            f"'total' of learning rate 'one_cycle' leaves no iteration for the rise: {total} · {rise:g} "
            "must be above 1.",
        )


@learning_rate(
    "one_cycle",
    facts={"check": _check_one_cycle, "rests": lambda total, **_: total},
    highest=positive,
    total=natural,
    rise=inner_fraction,
    start=above_one,
    end=above_one,
    shape=one_of("cosine", "linear"),
)
def one_cycle(
    highest: float,
    total: int,
    rise: float = 0.3,
    start: float = 25.0,
    end: float = 1e4,
    shape: str = "cosine",
) -> LearningRate:
    """Up from highest / start to highest, then down to highest / (start · end)  (Smith & Topin 2018).

    highest: > 0, at k = rise · total − 1.  total: iterations; the last rate holds from k = total − 1 on.
    rise: part of them that goes up, in (0, 1).  start, end: > 1.  shape: of both ways.
    """
    low, last = highest / start, highest / start / end
    top, bottom = rise * total - 1.0, total - 1.0
    between = cosine_between if shape == "cosine" else _line_between

    def rate_at(k: int) -> float:
        if k <= top:
            return between(low, highest, k / top)
        return between(highest, last, min((k - top) / (bottom - top), 1.0))

    return scheduled(rate_at)


def _line_between(start: float, end: float, t: float) -> float:
    return start + (end - start) * t
