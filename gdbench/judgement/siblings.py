"""What a larger rate did from the same start: measured in the same plan, so that nothing need be guessed.

Runs whose specs differ in a constant learning rate alone begin at the same point and see the same batches.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from gdbench.descent.diagnosis import ESTIMATED, PROVED, Cause, Gain, Remedy
from gdbench.descent.recording.result import OUTCOMES, Curve
from gdbench.record.fields import rate_of
from gdbench.record.records import RunRecord

#: A larger rate is told of where it came as low in at most this share of the iterations.
SOONER = 0.5
#: Points of a curve that are kept, evenly spread over the logarithm of the iteration.
POINTS = 200
#: Diagnoses that say that nothing was left to do, or why no rate would have helped.
SETTLED = (
    "nothing_wrong",
    "rounding_floor",
    "wrong_gradient",
    "difference_step",
    "dead_symmetry",
    "missing_bias",
    "saddle",
    "plateau",
    "local_minimum",
)


class Track(NamedTuple):
    """A run, thinned: its rate, its end, and how low it had been by some iterations.

    arrived: when it met the tightest target, if it kept that.
    """

    rate: float
    iterations: int
    final_cost: float
    ks: list[int]
    lowest: list[float]
    arrived: int | None

    def first_below(self, cost: float) -> int | None:
        """The first kept iteration that was at or below a cost."""
        place = bisect_left([-value for value in self.lowest], -cost)
        return self.ks[place] if place < len(self.ks) else None


def track(run: RunRecord, causes: tuple[Cause, ...]) -> Track | None:
    """None of a run whose rate is no constant number, or that did not end at a usable point."""
    rate, result = rate_of(run.spec), run.result
    if (
        rate is None
        or result.final_cost is None
        or not OUTCOMES[result.outcome].usable
        or not result.curve.iteration
    ):
        return None
    ks, lowest = _thinned(result.curve)
    tightest = min(result.iterations_to, key=float, default="")
    stayed = any(cause.code in ("nothing_wrong", "rounding_floor") for cause in causes)
    arrived = result.iterations_to.get(tightest) if stayed else None
    return Track(rate, result.iterations, result.final_cost, ks, lowest, arrived)


def family(run: RunRecord) -> str:
    """Runs of one family differ in the rate alone."""
    others = {axis: choice for axis, choice in run.spec.items() if axis != "learning_rate"}
    return json.dumps([run.problem, others], sort_keys=True)


def with_larger_rates(
    causes: tuple[Cause, ...], mine: Track, others: Iterable[Track]
) -> tuple[Cause, ...] | None:
    """The causes with what a larger rate was seen to gain, in no order; None where none was."""
    if any(cause.code in SETTLED for cause in causes):
        return None
    if any(cause.code == "rate_too_small" and cause.grade == PROVED for cause in causes):
        return None
    larger = (other for other in others if other.rate > mine.rate)
    found = [(k, other) for other in larger if (k := _soon(mine, other)) is not None]
    if not found:
        return None
    # one that arrived and stayed, before one that was soon as low as this
    sooner, best = min(
        found, key=lambda pair: (pair[1].arrived is None, pair[1].arrived or pair[0], pair[1].rate)
    )
    evidence = {
        "why": "sibling",
        "rate": mine.rate,
        "better_rate": best.rate,
        "cost": mine.final_cost,
        "iterations": mine.iterations,
        "sooner": sooner,
        "better_cost": best.final_cost,
    }
    remedy = Remedy("take_rate", {"learning_rate": {"constant": {"rate": best.rate}}})
    gain = Gain(float(mine.iterations), float(max(sooner if best.arrived is None else best.arrived, 1)))
    seen = Cause("rate_too_small", ESTIMATED, evidence, remedy, gain)
    return (seen, *(cause for cause in causes if cause.code != "rate_too_small"))


def _sooner(pair: tuple[int, Track]) -> tuple[bool, int, float]:
    k, other = pair
    return other.arrived is None, other.arrived or k, other.rate


def _soon(mine: Track, other: Track) -> int | None:
    """When the other was as low as this one in the end, if it stayed so and that was a lot sooner."""
    if other.final_cost > mine.final_cost:
        return None
    k = other.first_below(mine.final_cost)
    return k if k is not None and k <= SOONER * mine.iterations else None


def _thinned(curve: Curve) -> tuple[list[int], list[float]]:
    last, step = curve.iteration[-1], math.log1p(curve.iteration[-1]) / POINTS
    ks: list[int] = []
    lowest: list[float] = []
    following = 0.0
    for k, least in zip(curve.iteration, accumulate(curve.cost, min), strict=True):
        far = math.log1p(k)
        if far >= following or k == last:
            ks.append(k)
            lowest.append(least)
            following = far + step
    return ks, lowest
