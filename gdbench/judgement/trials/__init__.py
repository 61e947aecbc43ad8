"""Remedies that rest on an estimate, and what a few steps of their own, recorded as trials, say of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from statistics import mean
from typing import Any, NamedTuple

from gdbench.descent.diagnosis import Cause, Gain
from gdbench.descent.recording.result import UNDONE, Curve, RunResult
from gdbench.judgement.settings import Setting
from gdbench.record.records import RunRecord, TrialRecord
from gdbench.reference.problem import ProblemRecord

#: Codes of remedies whose promise is that steps come lower: these can be tried.
TRIED = (
    "take_rate",
    "falling_rate",
    "proximal_steps",
    "search",
    "amsgrad",
    "momentum",
    "standardize",
    "no_weight_decay",
)


class Tried(NamedTuple):
    """What a trial says. times: how many times as fast as the run was at its end; None if not told.

    met: the step of a trial from the setting's own start at which it was as low as the tightest target asks.
    """

    steps: int
    gains: bool
    times: float | None = None
    met: int | None = None

    def to_plain(self) -> dict[str, Any]:
        return self._asdict()


#: (cause, remedy), by their codes → what its trial says.
Findings = Mapping[tuple[str, str], Tried]


def is_estimate(cause: Cause) -> bool:
    """Whether a remedy rests on an estimate that a few steps can put to the test."""
    remedy, gain = cause.remedy, cause.gain
    if remedy is None or not remedy.changes or remedy.code not in TRIED:
        return False
    # another run of the sweep has tried it already, or a theorem says what it gains
    return cause.evidence.get("why") != "sibling" and not (gain and gain.exact)


def judged(causes: Iterable[Cause], tried: Findings) -> tuple[Cause, ...]:
    """The causes as their remedies' trials leave them: one that gained nothing is not told."""
    return tuple(_judged(cause, tried) for cause in causes)


def _judged(cause: Cause, tried: Findings) -> Cause:
    if not is_estimate(cause):
        return cause
    assert cause.remedy is not None
    found = tried.get((cause.code, cause.remedy.code))
    evidence = {**cause.evidence, "tried": found.to_plain() if found else None}
    if found is None:
        return cause._replace(evidence=evidence)
    if not found.gains:
        return cause._replace(evidence=evidence, remedy=None, gain=None)
    return cause._replace(evidence=evidence, gain=_measured(cause.gain, found))


def _measured(gain: Gain | None, found: Tried) -> Gain | None:
    """What the trial saw of the iterations to the target stands in place of what was estimated."""
    if gain is None:
        return None
    if found.met is not None:
        return gain._replace(with_remedy=float(found.met))
    refuted = gain.with_remedy is not None and gain.with_remedy <= found.steps
    return gain._replace(with_remedy=None) if refuted else gain


def goes_on(run: RunRecord, remedy: str) -> bool:
    """Whether a trial begins where its run ended: not where that is no place to be, nor on other features."""
    first, last = run.result.initial_cost, run.result.final_cost
    worse = run.result.outcome == "diverged" or first is None or last is None or last >= first
    return not worse and remedy != "standardize"


# --- what they say


def tried_of(
    settings: Iterable[Setting], trials: Iterable[TrialRecord], runs: Mapping[str, RunRecord]
) -> dict[str, Findings]:
    """Key of each run → (cause, remedy) → what was found on its setting. runs: those tried, with curves."""
    homes = {run.key: setting for setting in settings for run in setting.runs}
    found: dict[str, dict[tuple[str, str], Tried]] = {}
    for trial in trials:
        setting, run = homes.get(trial.of), runs.get(trial.of)
        said = verdict(trial, run, setting.problem) if setting and run else None
        if setting is None or said is None:
            continue
        for member in setting.runs:
            found.setdefault(member.key, {})[trial.cause, trial.remedy] = said
    return {**found}


def verdict(trial: TrialRecord, run: RunRecord, problem: ProblemRecord) -> Tried | None:
    """Whether it gains on the run; None where the trial could not be carried out."""
    result, before = trial.result, run.result
    steps = result.iterations
    if result.outcome in UNDONE or not (steps or result.outcome == "diverged"):
        return None
    first, last = result.initial_cost, result.final_cost
    if result.outcome == "diverged" or first is None or last is None:
        return Tried(steps, gains=False)
    if before.outcome == "diverged":
        return Tried(steps, gains=last < first, met=_met(result.curve, problem, run))
    if not goes_on(run, trial.remedy):
        # from the setting's own start, against the run's first steps
        then = _cost_at(before.curve, steps)
        return Tried(
            steps, gains=then is not None and last < min(first, then), met=_met(result.curve, problem, run)
        )
    if "rows" in run.spec.get("batch_size", {}) or trial.remedy == "falling_rate":
        # it goes up and down: how high it is on the whole tells
        return Tried(steps, gains=_height(result.curve, 0.5) < _height(before.curve, 0.75))
    return _compared(result, before, problem.optimum.cost)


def _met(curve: Curve, problem: ProblemRecord, run: RunRecord) -> int | None:
    """The first step at which the cost was within the tightest target of the run's own problem."""
    target = min(map(float, run.spec.get("targets") or ["1e-6"]))
    gaps = ((k, problem.relative_gap(cost)) for k, cost in _points(curve))
    return next((k for k, gap in gaps if gap is not None and gap <= target), None)


def _compared(result: RunResult, before: RunResult, best: float | None) -> Tried:
    """By the fall in a step: of the gap's logarithm, or of the cost where no optimum is known."""
    steps = result.iterations
    earlier = [(k, cost) for k, cost in _points(before.curve) if k <= before.iterations - steps]
    k, cost = earlier[-1] if earlier else (0, before.initial_cost)
    assert result.initial_cost is not None and result.final_cost is not None and cost is not None  # noqa: PT018
    now = _fall(result.initial_cost, result.final_cost, best) / steps
    was = _fall(cost, result.initial_cost, best) / max(before.iterations - k, 1)
    times = now / was if was > 0.0 and math.isfinite(now) else None
    return Tried(steps, gains=now > max(was, 0.0), times=times)


def _fall(high: float, low: float, best: float | None) -> float:
    if best is None:
        return high - low
    above, below = high - best, low - best
    if above <= 0.0:
        return 0.0
    return math.log(above / below) if below > 0.0 else math.inf


def _points(curve: Curve) -> Iterator[tuple[int, float]]:
    return zip(curve.iteration, curve.cost, strict=True)


def _cost_at(curve: Curve, k: int) -> float | None:
    """At the last recorded iteration up to k."""
    return next((cost for seen, cost in reversed([*_points(curve)]) if seen <= k), None)


def _height(curve: Curve, since: float) -> float:
    """The mean cost from a share of the iterations on."""
    begin = since * (curve.iteration[-1] if curve.iteration else 0)
    costs = [cost for k, cost in _points(curve) if k >= begin]
    return mean(costs) if costs else math.inf
