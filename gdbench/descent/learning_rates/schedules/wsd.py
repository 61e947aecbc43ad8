"""Warm up, stay, decay: a schedule whose length need not be known until the decay begins."""

from __future__ import annotations

import math

from gdbench.descent.domains import fraction, natural, non_negative, one_of, positive, whole
from gdbench.descent.errors import BadParameter
from gdbench.descent.learning_rates.protocol import LearningRate, in_order, learning_rate, scheduled
from gdbench.descent.learning_rates.schedules.cosine import cosine_between


def _check(
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
        "check": _check,
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
