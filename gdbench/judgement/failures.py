"""What became of the settings that failed: grouped by how they did and, where it is known, by the cause."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gdbench.judgement.outcome import FATES, fate_of
from gdbench.judgement.settings import Setting
from gdbench.record.records import RunRecord

if TYPE_CHECKING:
    from gdbench.descent.diagnosis import Cause
    from gdbench.judgement.diagnoses import Diagnosis

#: Fate → the causes that lead to it.
EXPLAINING = {
    "diverged": (
        "wrong_gradient",
        "difference_step",
        "rate_above_limit",
        "first_step_too_long",
        "row_step_too_long",
        "no_minimiser",
        "unbounded_below",
        "not_finite",
    ),
    "wrong_gradient": ("difference_step", "wrong_gradient"),
    "copies": ("dead_symmetry",),
    "bends_down": ("saddle",),
    "plateau": ("plateau",),
}
#: What keeps a setting that was not lost from where the best came to.
KEEPING = (
    "kink",
    "noise_floor",
    "bounded_oscillation",
    "plateau",
    "local_minimum",
    "dead_schedule",
    "decayed_gradient",
    "rate_above_limit",
)
#: Such settings ended at more than so many times the best one's gap, or higher by this share of its cost.
FARTHER, HIGHER = 3.0, 0.01
#: A smaller gap is no difference that anybody would ask about.
NEAR = 1e-6
#: Of so many settings that ended worse, the best first, the cause is looked up.
LOOKED_AT = 6
#: Of so many settings that failed alike each has its cause looked up; of more the first stands for all.
EACH = 12


@dataclass(frozen=True)
class Failure:
    """Settings of which runs failed in one way.

    fate: one of `FATES`.  every: whether all their runs did.  settings: those settings.  runs: how many did.
    cause: the first cause of one of the runs; None where none was looked up.
    limits: the stability limits that causes like it name, from the least to the largest.
    """

    fate: str
    every: bool
    settings: tuple[Setting, ...]
    runs: int
    cause: Cause | None
    limits: tuple[float, ...] = ()


def telling(settings: Sequence[Setting]) -> list[RunRecord]:
    """Runs whose causes are those of the failures: one of each setting, or of each group where it is large."""
    return [run for group in _groups(settings) for run in group.examples]


def failures(settings: Sequence[Setting], explained: Mapping[str, Diagnosis]) -> list[Failure]:
    """Fate by fate, first the settings of which all runs failed so, then those of which some did.

    explained: key → diagnosis, of the runs that are `telling`.
    """
    return [failure for group in _groups(settings) for failure in _by_cause(group, explained)]


def worse(settings: Sequence[Setting], best: Setting, target: str | None) -> list[Setting]:
    """Settings that did not fail, and ended worse than the best: without the target it keeps, or higher."""
    rest = [s for s in settings if s is not best and not any(s.fates)]
    return [setting for setting in rest if _ended_worse(setting, best, target)]


def _ended_worse(setting: Setting, best: Setting, target: str | None) -> bool:
    reach = setting.reach(target) if target else None
    if reach is not None:
        return not reach.reached
    if setting.relative_gap is not None and best.relative_gap is not None:
        return setting.relative_gap > max(NEAR, FARTHER * best.relative_gap)
    if setting.final_cost is None or best.final_cost is None:
        return False
    return setting.final_cost - best.final_cost > HIGHER * abs(best.final_cost)


def kept_away(settings: Sequence[Setting], explained: Mapping[str, Diagnosis]) -> list[Failure]:
    """Those of which it is known what keeps them from better, by that cause; the most settings first."""
    groups: dict[tuple[object, ...], list[tuple[Setting, Cause]]] = {}
    for setting in settings:
        found = next((explained[run.key] for run in setting.runs if run.key in explained), None)
        cause = found.cause(*KEEPING) if found else None
        if cause is not None:
            groups.setdefault(_kind(cause), []).append((setting, cause))
    alike = sorted(groups.values(), key=len, reverse=True)
    return [Failure("worse", True, tuple(s for s, _ in some), len(some), some[0][1]) for some in alike]


class _Group(NamedTuple):
    """Settings that share a fate, and whether all their runs do."""

    fate: str
    every: bool
    members: Sequence[Setting]

    @property
    def examples(self) -> list[RunRecord]:
        """A run of each; of a large group the one with the smallest rate."""
        members = self.members
        if len(members) > EACH:
            members = [min(members, key=lambda setting: setting.rate or math.inf)]
        return [next(run for run in setting.runs if fate_of(run) == self.fate) for setting in members]


def _groups(settings: Sequence[Setting]) -> list[_Group]:
    return [
        _Group(fate, every, members)
        for fate in FATES
        for every in (True, False)
        if (members := [s for s in settings if fate in s.fates and (len(s.fates) == 1) is every])
    ]


def _by_cause(group: _Group, explained: Mapping[str, Diagnosis]) -> list[Failure]:
    """A failure for each cause and grade; one for all, where not all are explained."""
    causes = [_of_fate(explained[run.key], group.fate) for run in group.examples if run.key in explained]
    if len(causes) < len(group.members):
        return [_failure(group, group.members, causes)]
    pairs = list(zip(group.members, causes, strict=True))
    kinds = dict.fromkeys(map(_kind, causes))
    alike = [[pair for pair in pairs if _kind(pair[1]) == kind] for kind in kinds]
    return [_failure(group, [setting for setting, _ in some], [cause for _, cause in some]) for some in alike]


def _of_fate(diagnosis: Diagnosis, fate: str) -> Cause:
    """The first cause that says why a run failed so; the first of all, which would gain most, need not."""
    return diagnosis.cause(*EXPLAINING.get(fate, ())) or diagnosis.first


def _kind(cause: Cause) -> tuple[object, ...]:
    """What is the same of causes that are told together."""
    return cause.code, cause.grade, cause.evidence.get("why")


def _failure(group: _Group, settings: Sequence[Setting], causes: Sequence[Cause]) -> Failure:
    runs = sum(setting.fates[group.fate] for setting in settings)
    limits = {limit for cause in causes if isinstance(limit := cause.evidence.get("limit"), float)}
    first = causes[0] if causes else None
    return Failure(group.fate, group.every, tuple(settings), runs, first, tuple(sorted(limits)))
