"""How much a start matters: what each way to descend came to from each of its starts, seeds and folds."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from gdbench.descent.recording.result import LOST
from gdbench.judgement.methods.effort import effort, tightest_met
from gdbench.judgement.ranking import by_tightness
from gdbench.judgement.settings import Setting, measurable
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord


class Starts(NamedTuple):
    """One way to descend from all its starts: the runs, whatever their start, seed or fold.

    name: of the way.  setting: the first of its settings, best first.  each: of each run its start and what it
    took to the target, ∞ where it missed it; where there is none, the gap or the cost at which it ended.
    """

    name: str
    setting: Setting
    each: tuple[tuple[str, float], ...]

    @property
    def reached(self) -> list[float]:
        return sorted(value for _, value in self.each if math.isfinite(value))


def starts(study: Study, problem: ProblemRecord) -> tuple[str, list[Starts]]:
    """What is measured, and the ways of one problem that have several runs, best first; none where none has."""
    target, axis = tightest_met(by_tightness(study.plan.targets), study.of_problem(problem)), "initialization"
    ranked = [setting for setting in study.ranked if setting.problem.id == problem.id]
    axes = [name for name in study.varying_in(ranked) if name != axis]
    groups: dict[str, list[Setting]] = {}
    for setting in ranked:
        groups.setdefault(setting.name(axes), []).append(setting)
    found = [
        Starts(
            name, members[0], tuple(_each(setting, run, target) for setting in members for run in setting.runs)
        )
        for name, members in groups.items()
    ]
    what = (
        f"iterations to {target}" if target else "final relative gap" if measurable(problem) else "final cost"
    )
    return what, [one for one in found if len(one.each) > 1]


def _each(setting: Setting, run: RunRecord, target: str | None) -> tuple[str, float]:
    """A run's start, and what it came to."""
    start = setting.axes.get("initialization", "")
    if target:
        times = effort(replace(setting, runs=(run,)), target)
        return start, times.times[0] if times else math.inf
    gap = setting.problem.relative_gap_of(run.result)
    value = run.result.final_cost if gap is None else gap
    lost = run.result.outcome in LOST or value is None
    return start, math.inf if lost or value is None else value
