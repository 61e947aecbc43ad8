"""Seconds per iteration of the runs that two experiments share, where kernel and interpreter are the same."""

from __future__ import annotations

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.settings import Spread, spread
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.report.comparison.observation import Observation, incomparable
from gdbench.report.tables.seconds import place_of

#: Fewer runs than these, or shorter ones in all, tell more of the clock than of the machine.
FEWEST_RUNS, SHORTEST = 5, 0.05
#: Two machines are called equally fast where the quartiles of the ratio are on both sides of 1, or within this.
TOLERANCE = 0.05

Couples = list[tuple[RunRecord, RunRecord]]


def seconds_per_iteration(names: tuple[str, str], studies: tuple[Study, Study]) -> list[Observation]:
    """Seconds per iteration of the second by those of the first, over the runs with equal keys."""
    left, right = ({run.key: run for run in study.runs} for study in studies)
    shared = [(run, right[key]) for key, run in left.items() if key in right]
    if not shared:
        return []
    untimed = studies[0].untimed | studies[1].untimed
    timed = [two for two in shared if two[0].key not in untimed and all(run.result.seconds for run in two)]
    reason = _why_not(timed)
    if reason:
        return [incomparable("seconds", reason)]
    ratios = spread(_each(other) / _each(one) for one, other in timed if _each(one) > 0)
    assert ratios is not None
    return [_observed(names, ratios, timed[0])]


def _observed(names: tuple[str, str], ratios: Spread, couple: tuple[RunRecord, RunRecord]) -> Observation:
    machines = [place_of(run).machine or "unknown" for run in couple]
    same = machines[0] == machines[1]
    where = "on the same machine" if same else f"on {machines[1]}, by those on {machines[0]}"
    span = f"quartiles {figure(ratios.low, 3)} to {figure(ratios.high, 3)}, {count(ratios.runs)} runs, {where}"
    if ratios.low <= 1 <= ratios.high or abs(ratios.median - 1) < TOLERANCE:
        return Observation("same", "seconds", f"seconds: no difference per iteration ({span}).")
    factor = figure(max(ratios.median, 1 / ratios.median), 3)
    which = "fewer" if ratios.median < 1 else "more"
    text = f"seconds: {names[1]} takes {factor}× {which} per iteration than {names[0]} ({span})."
    return Observation("pace", "seconds", text)


def _each(run: RunRecord) -> float:
    return run.result.seconds / max(1, run.result.iterations)


def _why_not(timed: Couples) -> str:
    """Why seconds say nothing; "" where they do."""
    if not timed:
        return "no run in both was timed with a core to itself"
    return _places_apart(timed) or _too_short(timed)


def _places_apart(timed: Couples) -> str:
    left, right = ({place_of(run) for run in side} for side in zip(*timed, strict=True))
    for name, part in (("kernels", 0), ("interpreters", 1)):
        here, there = ({place[part] for place in side} for side in (left, right))
        if here != there or len(here) > 1:
            return f"different {name} ({', '.join(sorted(here))}; {', '.join(sorted(there))})"
    several = any(len({place.machine for place in side}) > 1 for side in (left, right))
    return "one of them ran on several machines" if several else ""


def _too_short(timed: Couples) -> str:
    total = min(sum(run.result.seconds for run in side) for side in zip(*timed, strict=True))
    if len(timed) >= FEWEST_RUNS and total >= SHORTEST:
        return ""
    return f"{count(len(timed))} runs of {figure(total, 2)} s in all are too short to time"
