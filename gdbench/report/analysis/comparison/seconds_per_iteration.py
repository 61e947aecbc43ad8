"""Seconds per iteration of the runs that two experiments share, where kernel and interpreter are the same."""

from __future__ import annotations

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.spread import spread
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.report.analysis.comparison.finding import Finding, incomparable
from gdbench.report.tables.seconds import Place, place_of

#: Fewer runs than these, or shorter ones in all, tell more of the clock than of the machine.
FEWEST_RUNS, SHORTEST = 5, 0.05
#: Two machines are called equally fast where the quartiles of the ratio are on both sides of 1, or within this.
TOLERANCE = 0.05


def paces(names: tuple[str, str], studies: tuple[Study, Study]) -> list[Finding]:
    """Seconds per iteration of the second by those of the first, over the runs with equal keys."""
    left, right = ({run.key: run for run in study.runs} for study in studies)
    keys = [key for key in left if key in right]
    timed = [
        (left[k], right[k])
        for k in keys
        if k not in studies[0].untimed | studies[1].untimed
        and left[k].result.seconds
        and right[k].result.seconds
    ]
    if not keys:
        return []
    reason = _unfit(timed)
    if reason:
        return [incomparable("seconds", reason)]
    ratios = [_each(other) / _each(one) for one, other in timed if _each(one) > 0]
    found = spread(ratios)
    assert found is not None
    places = [place_of(run)[2] or "unknown" for run in timed[0]]
    where = f"on {places[1]}, by those on {places[0]}" if places[0] != places[1] else "on the same machine"
    span = f"quartiles {figure(found.low, 3)} to {figure(found.high, 3)}, {count(found.runs)} runs, {where}"
    if found.low <= 1 <= found.high or abs(found.median - 1) < TOLERANCE:
        return [Finding("same", "seconds", f"seconds: no difference per iteration ({span}).")]
    factor = figure(max(found.median, 1 / found.median), 3)
    which = "fewer" if found.median < 1 else "more"
    text = f"seconds: {names[1]} takes {factor}× {which} per iteration than {names[0]} ({span})."
    return [Finding("pace", "seconds", text)]


def _each(run: RunRecord) -> float:
    return run.result.seconds / max(1, run.result.iterations)


def _unfit(timed: list[tuple[RunRecord, RunRecord]]) -> str:
    """Why seconds say nothing; "" where they do."""
    if not timed:
        return "no run in both was timed with a core to itself"
    sides: list[set[Place]] = [{place_of(couple[side]) for couple in timed} for side in (0, 1)]
    for name, part in (("kernels", 0), ("interpreters", 1)):
        left, right = ({place[part] for place in side} for side in sides)
        if left != right or len(left) > 1:
            return f"different {name} ({', '.join(sorted(left))}; {', '.join(sorted(right))})"
    if any(len({place[2] for place in side}) > 1 for side in sides):
        return "one of them ran on several machines"
    total = min(sum(couple[side].result.seconds for couple in timed) for side in (0, 1))
    if len(timed) < FEWEST_RUNS or total < SHORTEST:
        return f"{count(len(timed))} runs of {figure(total, 2)} s in all are too short to time"
    return ""
