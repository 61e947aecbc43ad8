"""Which setting is better: a total order in which losing a run is never made up for by speed.

One that misses a target is never above one that keeps it, and one that lost a run (it diverged, failed,
crashed or timed out) is never above one that lost none and keeps the same target. Passing through a target
counts for nothing. Settings under 1 % apart are tied, and the plainest of them stands for all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from gdbench.judgement.reach import evaluations
from gdbench.judgement.settings import Setting, by_problem

#: Settings that differ by less than this share are tied.
TIED = 0.01
#: What may stand under `report: {rank_by: …}` in place of targets.
TEST_COST = "test_cost"
#: Relative gaps below it are the rounding of costs.
FLOOR = 1e-12


def by_tightness(targets: Iterable[str]) -> list[str]:
    """Targets from the tightest (the smallest gap) to the loosest."""
    return sorted(targets, key=float)


def tightest_reached(setting: Setting, targets: Iterable[str]) -> str | None:
    """The tightest target that one of its runs keeps."""
    return next((t for t in by_tightness(targets) if (reach := setting.reach(t)) and reach.reached), None)


def standing(settings: Sequence[Setting], targets: Sequence[str], by: str = "targets") -> list[list[Setting]]:
    """Settings from best to worst, those that are tied together, problem by problem: they are not comparable.

    Within a problem first those whose gradient is right, and of those that can be used first the ones that no
    race has outpaced; then target by target, the tightest first: who keeps
    it without losing a run, then who keeps it but lost runs; among these the share of runs that keep it, then
    the expected evaluations to the iteration from which it is kept. Then those that ended at a point that can
    be used, without a lost run before those with some, by gap or cost; then failures; last those that
    diverged, the earliest at the very end. Of tied ones first the cheapest, then the simplest.
    by: "targets", or TEST_COST: by the cost on the rows held out in place of targets, gap and cost.
    """
    groups: list[list[Setting]] = []
    for here in by_problem(settings).values():
        groups += _of_problem(here, targets, by)
    return groups


def best_of(groups: Iterable[list[Setting]]) -> dict[str, list[Setting]]:
    """Problem's id → the best setting and those tied with it, where one ended at a point that can be used."""
    first: dict[str, list[Setting]] = {}
    for group in groups:
        if group[0].usable and not group[0].misled:
            first.setdefault(group[0].problem.id, group)
    return first


def _of_problem(settings: Sequence[Setting], targets: Sequence[str], by: str) -> Iterator[list[Setting]]:
    merits = {setting: _merit(setting, by_tightness(targets), by) for setting in settings}
    simple = {setting: _simplicity(setting) for setting in settings}
    order = sorted(settings, key=lambda setting: (merits[setting], simple[setting]))
    first = 0
    while first < len(order):
        head, last = merits[order[first]], first + 1
        while last < len(order) and _tied(head, merits[order[last]]):
            last += 1
        tied, first = order[first:last], last
        yield sorted(tied, key=lambda setting: (_cost_of(head, setting, merits, by), simple[setting]))


class _Speed(NamedTuple):
    """Whether the target is kept, and without a lost run; the share of runs that miss it; evaluations to it."""

    missed: int
    share: float
    expected: float


class _Merit(NamedTuple):
    """Smaller is better, component by component. speeds: to each target, the tightest first.

    height: the gap where it is known, else the cost.  grain: what difference of heights is none.
    standing: 0 of settings that ended, 1 of those that a race outpaced, 2 where no run can be used.
    """

    misled: bool
    standing: int
    speeds: tuple[_Speed, ...]
    ending: tuple[bool, bool, bool]
    survived: float
    height: float
    grain: float

    @property
    def speed(self) -> _Speed | None:
        """To the tightest target that is kept."""
        return next((speed for speed in self.speeds if speed.missed < _NEVER.missed), None)


_NEVER = _Speed(2, 1.0, math.inf)


def _merit(setting: Setting, tightest_first: Sequence[str], by: str) -> _Merit:
    diverged = not setting.usable and "diverged" in setting.outcomes
    tested = by == TEST_COST
    height, grain = _test_height(setting) if tested else _height(setting)
    return _Merit(
        setting.misled,
        2 if not setting.usable else int(setting.outpaced),
        () if tested else tuple(_speed(setting, target) for target in tightest_first),
        (not setting.usable, diverged, setting.lost > 0),
        -(setting.diverged_at or 0) if diverged else 0,
        height,
        grain,
    )


def _speed(setting: Setting, target: str) -> _Speed:
    reach = setting.reach(target)
    if reach is None or not reach.reached:
        return _NEVER
    return _Speed(int(setting.lost > 0), 1.0 - reach.reached / reach.runs, reach.expected)


def _height(setting: Setting) -> tuple[float, float]:
    gap, cost, first = setting.relative_gap, setting.final_cost, setting.initial_cost
    if gap is not None:
        return max(gap, FLOOR), TIED * max(gap, FLOOR)
    if cost is None or math.isnan(cost):
        return math.inf, 0.0
    way = 0.0 if first is None else max(0.0, first - cost)
    return cost, TIED * min(abs(cost), way)


def _test_height(setting: Setting) -> tuple[float, float]:
    cost = setting.test_cost
    return (math.inf, 0.0) if cost is None else (cost, TIED * abs(cost))


def _tied(best: _Merit, other: _Merit) -> bool:
    """Whether a setting is as good as the best of its group, but for a difference that is none."""
    if best.misled or other.misled or best.standing != other.standing:
        return False
    if best.speed or other.speed:
        one, two = best.speed, other.speed
        alike = [speed[:2] for speed in best.speeds] == [speed[:2] for speed in other.speeds]
        return alike and bool(one and two and two.expected <= (1.0 + TIED) * one.expected)
    usable = not best.ending[0]
    return usable and best.ending == other.ending and other.height - best.height <= best.grain


def _cost_of(head: _Merit, setting: Setting, merits: Mapping[Setting, _Merit], by: str) -> float:
    """What a tied setting takes: evaluations to the target that is kept, or all of them; or its test cost."""
    if by == TEST_COST:
        return merits[setting].height
    speed = merits[setting].speed
    if head.speed and speed:
        return speed.expected
    return fmean(evaluations(run.result) for run in setting.runs) if _usable(head) else 0.0


def _usable(merit: _Merit) -> bool:
    return not merit.ending[0]


def _simplicity(setting: Setting) -> tuple[int, str]:
    """How much has to be said to choose it; then by name, so that the order is the same whatever came first."""
    spec = {axis: setting.runs[0].spec.get(axis) for axis in setting.axes}
    text = json.dumps(spec, sort_keys=True)
    return text.count(":"), text
