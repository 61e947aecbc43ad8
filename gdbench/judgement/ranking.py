"""Which setting is better: a total order in which losing a run is never made up for by speed.

One that misses a target is never above one that meets it, and one that lost a run (it diverged, failed,
crashed or timed out) is never above one that lost none and meets the same target.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from gdbench.judgement.settings import Setting


def by_tightness(targets: Iterable[str]) -> list[str]:
    """Targets from the tightest (the smallest gap) to the loosest."""
    return sorted(targets, key=float)


def tightest_reached(setting: Setting, targets: Iterable[str]) -> str | None:
    """The tightest target that one of its runs reached."""
    return next((t for t in by_tightness(targets) if (reach := setting.reach(t)) and reach.reached), None)


def ranked(settings: Sequence[Setting], targets: Sequence[str]) -> list[Setting]:
    """Settings from best to worst, problem by problem (different problems are not comparable).

    Within a problem target by target, the tightest first: who meets it without losing a run, then who meets
    it but lost runs; among these the share of runs that meet it, then their median iterations. Then those
    that ended at a point that can be used, without a lost run before those with some, by final cost; then
    failures; last those that diverged, the earliest at the very end.
    """
    order = {problem: place for place, problem in enumerate(dict.fromkeys(s.problem.id for s in settings))}
    tightest_first = by_tightness(targets)
    return sorted(settings, key=lambda s: (order[s.problem.id], _merit(s, tightest_first)))


def best(settings: Sequence[Setting], targets: Sequence[str]) -> list[Setting]:
    """The best setting of each problem, where one ended at a point that can be used."""
    first: dict[str, Setting] = {}
    for setting in ranked(settings, targets):
        if setting.usable:
            first.setdefault(setting.problem.id, setting)
    return list(first.values())


def _merit(setting: Setting, tightest_first: Sequence[str]) -> tuple[float, ...]:
    """Smaller is better, component by component."""
    speed = [part for target in tightest_first for part in _speed(setting, target)]
    cost = setting.final_cost
    diverged = not setting.usable and "diverged" in setting.outcomes
    ending = (not setting.usable, diverged, setting.lost > 0)
    survived = -(setting.diverged_at or 0) if diverged else 0
    return (*speed, *ending, survived, math.inf if cost is None else cost)


def _speed(setting: Setting, target: str) -> tuple[float, float, float]:
    """Whether the target was met, and without a lost run; the share of runs that missed it; how soon."""
    reach = setting.reach(target)
    if reach is None or not reach.reached:
        return 2, 1.0, math.inf
    return int(setting.lost > 0), 1.0 - reach.reached / reach.runs, reach.median
