"""What a larger rate did from the same start: measured in the same plan, so that nothing need be guessed.

Runs whose specs differ in a constant learning rate alone begin at the same point and see the same batches.
"""

from __future__ import annotations

import json
import math
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from operator import neg
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
    ks: Sequence[int]
    lowest: Sequence[float]
    arrived: int | None

    def came_to(self, cost: float) -> int | None:
        """The first kept iteration that was at or below a cost, if it stayed so; None of one that did not."""
        if self.final_cost > cost:
            return None
        place = bisect_left(self.lowest, -cost, key=neg)
        return self.ks[place] if place < len(self.ks) else None

    @property
    def steps(self) -> Iterator[tuple[float, int]]:
        """(cost, k): that it came to this or less, and stayed so, was first seen at k."""
        before = math.inf
        for cost, k in zip(self.lowest, self.ks, strict=True):
            height = max(cost, self.final_cost)
            if height < before:
                yield height, k
                before = height


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


def families(runs: Iterable[RunRecord]) -> list[list[RunRecord]]:
    """The runs in groups that differ in the rate alone: they begin alike, and see the same batches."""
    texts: dict[int, tuple[object, str]] = {}
    found: dict[str, list[RunRecord]] = {}
    for run in runs:
        parts = [run.problem]
        for axis in sorted(run.spec):
            choice = run.spec[axis]
            # runs share their choices: each is written once, and kept so that nothing takes its place
            known = texts.get(id(choice))
            if known is None:
                known = texts[id(choice)] = choice, json.dumps(choice, sort_keys=True)
            if axis != "learning_rate":
                parts.append(f"{axis} {known[1]}")
        found.setdefault("\n".join(parts), []).append(run)
    return list(found.values())


def causes_among(
    causes: Mapping[str, tuple[Cause, ...]], tracks: Mapping[str, Track]
) -> Iterator[tuple[str, tuple[Cause, ...]]]:
    """Key → causes, in no order, of the runs of one family of which a larger rate was seen to gain something.

    Runs of one family differ in the rate alone.  tracks: of those that have one.
    """
    larger = _Larger()
    falling = sorted(enumerate(tracks.items()), key=lambda member: -member[1][1].rate)
    for _, alike in groupby(falling, key=lambda member: member[1][1].rate):
        some = list(alike)
        for _, (key, mine) in some:
            best = None if _settled(causes[key]) else larger.best(mine)
            if best is not None:
                yield key, _with_larger(causes[key], mine, best)
        for place, (_, other) in some:
            larger.add(other, place)


def _settled(causes: tuple[Cause, ...]) -> bool:
    return any(
        cause.code in SETTLED or (cause.code == "rate_too_small" and cause.grade == PROVED) for cause in causes
    )


class _Sibling(NamedTuple):
    """What is known of one: in this order they are preferred. k: of a run that stays, when it arrived."""

    k: int
    rate: float
    place: int
    track: Track


class _Stairs:
    """Cost → who came to it first, and stayed so; who is beaten at all costs is let go."""

    def __init__(self) -> None:
        self._costs: list[float] = []
        self._first: list[_Sibling] = []

    def add(self, cost: float, one: _Sibling) -> None:
        place = bisect_left(self._costs, cost)
        there = place < len(self._costs) and self._costs[place] == cost
        if (place and self._first[place - 1] < one) or (there and self._first[place] < one):
            return
        end = place
        while end < len(self._first) and self._first[end] > one:
            end += 1
        self._costs[place:end], self._first[place:end] = [cost], [one]

    def at(self, cost: float) -> _Sibling | None:
        place = bisect_right(self._costs, cost)
        return self._first[place - 1] if place else None


class _Larger:
    """The runs of larger rates. One that arrived and stayed comes before one that was soon as low.

    A sweep may have thousands: that one was too late for whoever asks is seen without looking at each.
    """

    def __init__(self) -> None:
        self._arrived: list[_Sibling] = []
        self._soonest = {True: _Stairs(), False: _Stairs()}

    def add(self, track: Track, place: int) -> None:
        stays = track.arrived is not None
        for cost, k in track.steps:
            self._soonest[stays].add(cost, _Sibling(k, track.rate, place, track))
        if track.arrived is not None:
            insort(self._arrived, _Sibling(track.arrived, track.rate, place, track))

    def best(self, mine: Track) -> tuple[int, Track] | None:
        """Who came as low as this one in the end, if it stayed so and that was a lot sooner; and when."""
        cost, latest = mine.final_cost, SOONER * mine.iterations
        first = self._soonest[True].at(cost)
        if first is not None and first.k <= latest:
            return self._of_arrived(cost, latest)
        first = self._soonest[False].at(cost)
        return (first.k, first.track) if first is not None and first.k <= latest else None

    def _of_arrived(self, cost: float, latest: float) -> tuple[int, Track]:
        found: list[tuple[_Sibling, int]] = []
        for one in self._arrived:
            if found and min(found)[0] < one:
                break
            k = one.track.came_to(cost)
            if k is not None and k <= latest:
                found.append((one._replace(k=one.k or k), k))
        best, k = min(found)
        return k, best.track


def _with_larger(causes: tuple[Cause, ...], mine: Track, found: tuple[int, Track]) -> tuple[Cause, ...]:
    sooner, best = found
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


def _thinned(curve: Curve) -> tuple[Sequence[int], Sequence[float]]:
    last, step = curve.iteration[-1], math.log1p(curve.iteration[-1]) / POINTS
    ks, lowest = array("q"), array("d")
    following = 0.0
    for k, least in zip(curve.iteration, accumulate(curve.cost, min), strict=True):
        far = math.log1p(k)
        if far >= following or k == last:
            ks.append(k)
            lowest.append(least)
            following = far + step
    return ks, lowest
