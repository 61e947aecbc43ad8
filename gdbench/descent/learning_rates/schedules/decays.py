"""Schedules that start at a rate and only go down from there."""

from __future__ import annotations

from bisect import bisect_right
from typing import Optional, Sequence

from gdbench.descent.domains import natural, non_negative, positive, rising
from gdbench.descent.learning_rates.protocol import LearningRate, always, in_order, learning_rate, scheduled
from gdbench.descent.numerics.powers import power as raised
from gdbench.descent.numerics.powers import whole_power


def _shrinks(factor: float, **_: object) -> bool:
    return factor < 1.0


def _rests(factor: float, **_: object) -> Optional[int]:
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
    facts={"also": ("step_decay", "step_lr"), "dies": _shrinks, "rests": _rests},
    rate=positive,
    every=natural,
    factor=positive,
)
def step(rate: float, every: int, factor: float = 0.1) -> LearningRate:
    """η_k = rate · factor^⌊k / every⌋.

    rate: η₀ > 0.  every: ≥ 1, in iterations.  factor: > 0.
    """
    return scheduled(lambda k: rate * whole_power(factor, k // every))


@learning_rate("multi_step", facts={"rests": _rests}, rate=positive, milestones=rising, factor=positive)
def multi_step(rate: float, milestones: Sequence[int], factor: float = 0.1) -> LearningRate:
    """η_k = rate · factor^(number of milestones ≤ k).

    rate: η₀ > 0.  milestones: rising iterations, ≥ 1.  factor: > 0.
    """
    return scheduled(lambda k: rate * whole_power(factor, bisect_right(milestones, k)))


@learning_rate(
    "exponential",
    facts={"also": ("exponential_decay",), "dies": _shrinks, "rests": _rests},
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
