"""Which setting is better: a total order that never puts one that misses a target above one that meets it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from gdbench.judgement.settings import Setting


def by_tightness(targets: Iterable[str]) -> list[str]:
    """Targets from the tightest (the smallest gap) to the loosest."""
    return sorted(targets, key=float)


def ranked(settings: Sequence[Setting], targets: Sequence[str]) -> list[Setting]:
    """Settings from best to worst, problem by problem (different problems are not comparable).

    Within a problem: who reaches the tightest target, by median iterations to it; then the next
    target, and so on; then those that ended without diverging, by final cost; then failures;
    last those that diverged, the earliest at the very end.
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
    ending = 0 if setting.usable else 2 if "diverged" in setting.outcomes else 1
    survived = -(setting.diverged_at or 0) if ending == 2 else 0
    return (*speed, ending, survived, math.inf if cost is None else cost)


def _speed(setting: Setting, target: str) -> tuple[float, float, float]:
    """Whether any run reached the target, how soon the median run did, how many did not."""
    reach = setting.reach(target)
    if reach is None or not reach.reached:
        return 1, math.inf, 0
    return 0, reach.median, reach.runs - reach.reached
