"""Rates that are fixed in advance, iteration by iteration: decays, and warm-ups before them."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Optional, Sequence

from gdbench.descent.domains import fraction, natural, non_negative, one_of, optional, positive, rising, whole
from gdbench.descent.errors import BadParameter
from gdbench.descent.learning_rates.protocol import LearningRate, always, in_order, learning_rate, scheduled
from gdbench.descent.learning_rates.waves import cosine_between
from gdbench.descent.numerics.powers import power as raised
from gdbench.descent.numerics.powers import whole_power

# --- Down from the first rate


def _shrinks(factor: float, **_: object) -> bool:
    return factor < 1.0


def _by_factor(factor: float, **_: object) -> Optional[int]:
    return 0 if factor <= 1.0 else None


@learning_rate(
    "constant", facts={"also": ("fixed",), "fixed": lambda smoothness, recommended, rate: rate}, rate=positive
)
def constant(rate: float) -> LearningRate:
    """η_k = rate.

    rate: > 0, in units of parameter² per cost.
    """
    return always(rate)


@learning_rate(
    "step",
    facts={"also": ("step_decay", "step_lr"), "dies": _shrinks, "rests": _by_factor},
    rate=positive,
    every=natural,
    factor=positive,
)
def step(rate: float, every: int, factor: float = 0.1) -> LearningRate:
    """η_k = rate · factor^⌊k / every⌋.

    rate: η₀ > 0.  every: ≥ 1, in iterations.  factor: > 0.
    """
    return scheduled(lambda k: rate * whole_power(factor, k // every))


@learning_rate("multi_step", facts={"rests": _by_factor}, rate=positive, milestones=rising, factor=positive)
def multi_step(rate: float, milestones: Sequence[int], factor: float = 0.1) -> LearningRate:
    """η_k = rate · factor^(number of milestones ≤ k).

    rate: η₀ > 0.  milestones: rising iterations, ≥ 1.  factor: > 0.
    """
    return scheduled(lambda k: rate * whole_power(factor, bisect_right(milestones, k)))


@learning_rate(
    "exponential",
    facts={"also": ("exponential_decay",), "dies": _shrinks, "rests": _by_factor},
    rate=positive,
    factor=positive,
)
def exponential(rate: float, factor: float) -> LearningRate:
    """η_k = rate · factorᵏ.

    rate: η₀ > 0.  factor: > 0, per iteration.
    """
    return scheduled(lambda k: rate * whole_power(factor, k))


@learning_rate(
    "inverse_time",
    facts={
        "also": ("time_decay", "robbins_monro"),
        "dies": lambda decay, power, **_: decay > 0.0 and power > 1.0,
        "rests": 0,
    },
    rate=positive,
    decay=non_negative,
    power=positive,
)
def inverse_time(rate: float, decay: float = 1.0, power: float = 1.0) -> LearningRate:
    """η_k = rate / (1 + decay · k)^power  (Robbins & Monro 1951).

    rate: η₀ > 0.  decay: ≥ 0, per iteration.  power: > 0; ½ for the inverse square root.
    """
    return scheduled(lambda k: rate / raised(1.0 + decay * k, power))


def _check_polynomial(rate: float, total: int, power: float, lowest: float) -> None:
    in_order("polynomial", "lowest", lowest, "rate", rate)


@learning_rate(
    "polynomial",
    facts={"check": _check_polynomial, "dies": lambda lowest, **_: lowest == 0.0, "rests": 0},
    rate=positive,
    total=natural,
    power=positive,
    lowest=non_negative,
)
def polynomial(rate: float, total: int, power: float = 1.0, lowest: float = 0.0) -> LearningRate:
    """η_k = lowest + (rate − lowest) · (1 − k / total)^power,  and lowest from k = total on.

    rate: η₀ > 0.  total: ≥ 1, in iterations.  power: > 0; 1 is linear.  lowest: in [0, rate].
    """
    return scheduled(lambda k: lowest + (rate - lowest) * raised(max(1.0 - k / total, 0.0), power))


# --- A linear warm-up, and one of the usual ways to go on after it

_ENDING = ("linear", "cosine")


def _check_warmup(
    rate: float, steps: int, start: float, then: str, total: Optional[int], lowest: float
) -> None:
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
        "check": _check_warmup,
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


# --- Warm up, stay, decay: a schedule whose length need not be known until the decay begins


def _check_wsd(
    rate: float, decay_from: int, total: int, warmup: int, start: float, decay: str, lowest: float
) -> None:
    in_order("wsd", "lowest", lowest, "rate", rate)
    in_order("wsd", "warmup", warmup, "decay_from", decay_from)
    if total <= decay_from:
        raise BadParameter(
            "total",
            f"'total' of learning rate 'wsd' must be above 'decay_from' ({decay_from}), where decay begins.",
        )


@learning_rate(
    "wsd",
    facts={
        "also": ("warmup_stable_decay", "trapezoidal", "trapezoid"),
        "check": _check_wsd,
        "dies": lambda lowest, **_: lowest == 0.0,
        "rests": lambda warmup, **_: warmup,
    },
    rate=positive,
    decay_from=natural,
    total=natural,
    warmup=whole,
    start=fraction,
    decay=one_of("linear", "cosine", "1-sqrt"),
    lowest=non_negative,
)
def wsd(
    rate: float,
    decay_from: int,
    total: int,
    warmup: int = 0,
    start: float = 0.0,
    decay: str = "linear",
    lowest: float = 0.0,
) -> LearningRate:
    """η_k = rate from k = warmup to decay_from, then down to lowest at k = total  (Hu et al. 2024).

    rate: > 0.  decay_from, total: iterations, total > decay_from ≥ warmup.  warmup: ≥ 0, over which the rate
    rises linearly from start · rate.  start: in [0, 1].  decay: with t from 0 to 1, linear 1 − t, cosine
    ½ + ½ cos πt, 1-sqrt 1 − √t (Hägele et al. 2024).  lowest: in [0, rate], and the rate from total on.
    """

    def rate_at(k: int) -> float:
        if k < warmup:
            return rate * (start + (1.0 - start) * k / warmup)
        t = min(max(k - decay_from, 0) / (total - decay_from), 1.0)
        if decay == "cosine":
            return cosine_between(rate, lowest, t)
        return lowest + (rate - lowest) * (1.0 - (math.sqrt(t) if decay == "1-sqrt" else t))

    return scheduled(rate_at)
