"""Learning-rate sensitivity: what each rate achieved, from where on all diverge, and where theory says so."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from gdbench.descent.recording.result import LOST
from gdbench.judgement.methods.effort import Effort, effort, tightest_met
from gdbench.judgement.numerals import figure
from gdbench.judgement.ranking import by_tightness
from gdbench.judgement.settings import Setting, Spread, spread
from gdbench.judgement.study import Study
from gdbench.reference.problem import ProblemRecord

#: What became of a setting, for its mark: "partly" means that some of its runs reached the target.
STATES = ("reached", "partly", "never reached", "measured", "diverged", "failed")


@dataclass(frozen=True)
class RatePoint:
    """One setting at its rate. group: what else was chosen, as in 'adam · zeros'; "" where nothing else varies.

    effort: iterations to the target; None where it could not be measured.  gap: last relative gap (of the runs
    that have one and were not lost).  cost: the same of the cost.  state: one of `STATES`.  text: in words.
    """

    setting: Setting
    number: int
    rate: float
    group: str
    state: str
    effort: Effort | None
    gap: Spread | None
    cost: Spread | None
    text: str


@dataclass(frozen=True)
class Sensitivity:
    """A point for each setting whose rate is a plain number, in increasing rate.

    target: whose iterations are shown, None where none could be measured (draw the cost then).
    diverges_from: the smallest rate from which on every run diverged.
    limit: 2/L, above which plain descent on a convex problem need not go down; None where L is unknown.
    """

    problem: ProblemRecord
    target: str | None
    points: tuple[RatePoint, ...] = ()
    diverges_from: float | None = None
    limit: float | None = None
    note: str = ""
    absent: str = ""


def sensitivity(study: Study, problem: ProblemRecord) -> Sensitivity:
    """The data of the chart of rates for one problem; absent with fewer than two plain rates."""
    settings = [s for s in study.of_problem(problem) if s.rate is not None]
    target = shared_target(study, settings)
    if len({setting.rate for setting in settings}) < 2:
        return Sensitivity(problem, target, absent="The learning rate takes fewer than two plain values.")
    others = [axis for axis in study.varying_in(settings) if axis != "learning_rate"]
    points = [_point(study, setting, target, others) for setting in settings]
    points.sort(key=lambda point: point.rate)
    edge, limit = diverges_from(settings), 2.0 / problem.smoothness if problem.smoothness else None
    return Sensitivity(problem, target, tuple(points), edge, limit, _note(edge, limit))


def shared_target(study: Study, settings: list[Setting]) -> str | None:
    """The tightest target that a run of these settings reached; the tightest measured where none did."""
    targets = by_tightness(study.plan.targets)
    measured = (target for target in targets if any(setting.reach(target) for setting in settings))
    return tightest_met(targets, settings) or next(measured, None)


def diverges_from(settings: list[Setting]) -> float | None:
    """The smallest rate from which on every run diverged."""
    edge = None
    for rate in sorted({s.rate for s in settings if s.rate is not None}, reverse=True):
        if not all(setting.all_diverged for setting in settings if setting.rate == rate):
            break
        edge = rate
    return edge


def _point(study: Study, setting: Setting, target: str | None, others: list[str]) -> RatePoint:
    assert setting.rate is not None
    needed = effort(setting, target) if target else None
    kept = [run.result for run in setting.runs if run.result.outcome not in LOST]
    ending = _spread(result.final_cost for result in kept)
    gap = _spread(setting.problem.relative_gap_of(result) for result in kept)
    state = _state(setting, needed)
    value = needed.text if needed else figure(ending.median if ending else None)
    text = setting.outcome_text if state in {"diverged", "failed"} else value
    group = " · ".join(setting.axes[axis] for axis in others if axis in setting.axes)
    return RatePoint(setting, study.numbers[setting], setting.rate, group, state, needed, gap, ending, text)


def _spread(values: Iterable[float | None]) -> Spread | None:
    return spread(value for value in values if value is not None and math.isfinite(value))


def _state(setting: Setting, needed: Effort | None) -> str:
    if needed and needed.reached:
        return "reached" if needed.spread.finite else "partly"
    if setting.all_diverged:
        return "diverged"
    if not setting.usable:
        return "failed"
    return "never reached" if needed else "measured"


def _note(edge: float | None, limit: float | None) -> str:
    parts = []
    if edge is not None:
        parts.append(f"From η = {edge:g} on every run diverged.")
    if limit is not None:
        parts.append(f"2/L = {figure(limit)}: beyond it theory promises plain descent no decrease.")
    return " ".join(parts)
