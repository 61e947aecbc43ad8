"""Searches for a rate: which one is to be probed next, from what the probes before it gave.

`critical` doubles from its start until a run is not stable, and bisects between the two on log η. `fastest`
doubles likewise, goes down from there by halves until it gets slower, and then takes golden sections on log η
around the best (Kiefer 1953). Each is a function of the probes alone, in whatever order they are told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import NamedTuple

from gdbench.config.grid.searches import CRITICAL, FASTEST
from gdbench.descent.diagnosis.case import FLOOR
from gdbench.descent.recording.plain import Plain
from gdbench.descent.recording.result import LOST, OUTCOMES, RunResult
from gdbench.descent.stopping.rule import OVERSHOOTS
from gdbench.descent.theory.rates import Update
from gdbench.descent.theory.updates import fixed_update
from gdbench.judgement.outcome import judged
from gdbench.judgement.reach import kept_from
from gdbench.planning.runs import Run, Stage
from gdbench.planning.searches import probes as runs_at
from gdbench.planning.searches import rounded
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord

#: 2 − φ, the golden section of an interval.
GOLDEN = 0.5 * (3.0 - math.sqrt(5.0))
#: So many times the rate is halved below the best, or in search of any run that gets there.
HALVINGS = 14


class Probe(NamedTuple):
    """What one rate gave.  stable: None where a run did not do its work.

    height: what is to be low: iterations to the target, or the cost at the end; ∞ where it is not got.
    """

    rate: float
    stable: bool | None
    height: float


def steps(
    stage: Stage, problems: Mapping[str, ProblemRecord]
) -> Generator[Sequence[Run], Sequence[RunRecord], Plain]:
    """The stage that finds a rate, as `gdbench.judgement.stages` has it."""
    problem, following = problems[stage["problem"]], _FOLLOWING[stage["what"]]
    seen: list[Probe] = []
    why = ""
    while not why:
        rate = following(stage, seen)
        if rate is None or any(probe.rate == rate for probe in seen):
            why = "found"
        elif len(seen) == stage["most"]:
            why = "most"
        else:
            records = yield runs_at(stage, rate)
            seen.append(_probe(stage, rate, records, problem))
            why = "" if seen[-1].stable is not None else "undone"
    return {"why": why, "probes": [list(probe) for probe in seen], **_SUMMARY[stage["what"]](stage, seen)}


def by_cost(stage: Stage, problem: ProblemRecord) -> bool:
    """Whether the fastest is sought by the cost at the end: no target is asked for, or none can be measured."""
    return stage["target"] is None or problem.yardstick is None


def _probe(stage: Stage, rate: float, records: Sequence[RunRecord], problem: ProblemRecord) -> Probe:
    stable = [is_stable(record, problem) for record in records]
    if None in stable:
        return Probe(rate, None, math.inf)
    heights = sorted(_height(stage, record, problem) for record in records)
    # as settings are ranked: the median run, and none may be lost
    height = heights[(len(heights) - 1) // 2] if math.isfinite(heights[-1]) else math.inf
    return Probe(rate, all(stable), height)


def _height(stage: Stage, record: RunRecord, problem: ProblemRecord) -> float:
    result = record.result
    if by_cost(stage, problem):
        lost = result.outcome in LOST or result.final_cost is None
        return math.inf if lost else float(result.final_cost or 0.0)
    kept = kept_from(result, problem, stage["target"])
    return math.inf if kept is None else float(kept)


# --- critical: the greatest rate below which all that was probed is stable, and the least that is not


def edges(seen: Sequence[Probe]) -> tuple[float | None, float | None]:
    """(the greatest rate that is stable below all that are not, the least that is not)."""
    above = min((probe.rate for probe in seen if not probe.stable), default=None)
    stable = [probe.rate for probe in seen if probe.stable and (above is None or probe.rate < above)]
    return max(stable, default=None), above


def _next_critical(stage: Stage, seen: Sequence[Probe]) -> float | None:
    below, above = edges(seen)
    if not seen:
        return float(stage["start"])
    if above is None:
        assert below is not None
        return _doubled(stage, below)
    if below is None:
        return rounded(0.5 * above)
    if above <= below * (1.0 + stage["tolerance"]):
        return None
    return rounded(math.sqrt(below * above))


def _doubled(stage: Stage, rate: float) -> float | None:
    """Twice the rate, as far as the search may go; None where it has come there."""
    end = stage["to"]
    return rounded(2.0 * rate) if end is None else rounded(min(2.0 * rate, max(end, rate)))


def _edge(stage: Stage, seen: Sequence[Probe]) -> Plain:  # noqa: ARG001
    below, above = edges(seen)
    rate = rounded(math.sqrt(below * above)) if below and above else None
    return {"rate": rate, "below": below, "above": above}


# --- fastest: the rate with the least height


def _next_fastest(stage: Stage, seen: Sequence[Probe]) -> float | None:
    if not seen:
        return float(stage["start"])
    top, bottom = max(seen), min(seen)
    if stage["to"] is None and all(probe.stable for probe in seen):
        return rounded(2.0 * top.rate)
    best = lowest(seen)
    if best is None or best == bottom:
        # the top of the interval is not of interest until something got there
        return _halved(stage, seen, bottom.rate)
    return _golden(stage, seen, best)


def _halved(stage: Stage, seen: Sequence[Probe], rate: float) -> float | None:
    """Half the rate, as far as the search may go; None where that is far enough."""
    begin, best = stage["from"], lowest(seen)
    if begin is not None and rate <= begin:
        return None if best is None else _golden(stage, seen, best)
    fallen = math.log2((best or max(seen)).rate / rate)
    if best is None and fallen > HALVINGS:
        return None
    return rounded(0.5 * rate if begin is None else max(0.5 * rate, begin))


def lowest(seen: Sequence[Probe]) -> Probe | None:
    """The best probe, of equal ones that with the greatest rate; None where none got there."""
    there = [probe for probe in seen if math.isfinite(probe.height)]
    return min(there, key=lambda probe: (probe.height, -probe.rate), default=None)


def _golden(stage: Stage, seen: Sequence[Probe], best: Probe) -> float | None:
    """The golden section of the wider of the two gaps beside the best; None where both are narrow enough."""
    rates = [probe.rate for probe in seen]
    beside = [
        max((rate for rate in rates if rate < best.rate), default=best.rate),
        min((rate for rate in rates if rate > best.rate), default=best.rate),
    ]
    widest = max(beside, key=lambda rate: abs(math.log(rate / best.rate)))
    gap = math.log(widest / best.rate)
    if abs(gap) <= math.log1p(stage["tolerance"]):
        return None
    return rounded(best.rate * math.exp(GOLDEN * gap))


def bumps(seen: Sequence[Probe], by_one: float) -> list[list[float]]:
    """Three probes between which the height falls and rises twice, so that it has more than one valley.

    A rise within five percent, or by one, is none: momentum makes counts jagged.
    """
    known = sorted(seen)
    for i, peak in enumerate(known):
        left = min(known[:i], key=lambda probe: probe.height, default=None)
        right = min(known[i + 1 :], key=lambda probe: probe.height, default=None)
        if left and right:
            valley = max(left.height, right.height)
            if peak.height > valley + max(by_one, 0.05 * abs(valley)):
                return [[probe.rate, probe.height] for probe in (left, peak, right)]
    return []


def _best(stage: Stage, seen: Sequence[Probe]) -> Plain:
    best, (below, above) = lowest(seen), edges(seen)
    ends = (stage["from"], stage["to"])
    return {
        "rate": best.rate if best else None,
        "height": best.height if best else None,
        "below": below,
        "above": above,
        "at_end": best is not None and best.rate in ends,
        "bumps": bumps(seen, 0.0 if stage["target"] is None else 1.0),
    }


_FOLLOWING: Mapping[str, Callable[[Stage, Sequence[Probe]], float | None]] = {
    CRITICAL: _next_critical,
    FASTEST: _next_fastest,
}
_SUMMARY: Mapping[str, Callable[[Stage, Sequence[Probe]], Plain]] = {CRITICAL: _edge, FASTEST: _best}


# --- Whether a run at a constant rate is stable, judged by how it ended and by the tail of its curve


#: A cost that in the last quarter is as high over the lowest as this share of what it was in the third has not
#: come nearer; below the edge by half a percent it falls to less within some fifty iterations.
LASTING = 0.7
#: Iterates go from side to side where they lie along so large a share of the curvature that the limit allows.
SHARE = 0.5


def is_stable(run: RunRecord, problem: ProblemRecord) -> bool | None:
    """Whether the rate of a run is one that it can keep; None where it did not do its work.

    It is not where the run diverged or ended above its start; nor, where each step is one that theorems speak
    of, where the iterates go from side to side and come no nearer. Others hop about the minimum by nature: of
    them only the first is asked.
    """
    result = run.result
    if OUTCOMES[result.outcome].undone:
        return None
    if result.outcome == "diverged" or result.cause == OVERSHOOTS or _ended_above(result):
        return False
    if judged(run, problem).name in ("converged", "stalled"):
        return True
    update = fixed_update(run.spec, problem.smoothness, problem.convexity)
    return update is None or not _goes_on(result, update, problem.optimum.cost)


def _ended_above(result: RunResult) -> bool:
    first, last = result.initial_cost, result.final_cost
    return first is not None and last is not None and last > first + _noise(result)


def _noise(result: RunResult) -> float:
    """What rounding may make of the cost."""
    return FLOOR * max(abs(result.initial_cost or 0.0), abs(result.final_cost or 0.0))


def _goes_on(result: RunResult, update: Update, best: float | None) -> bool:
    """Whether it goes from side to side to the end, with no less height over the lowest cost than before.

    Of a quadratic ‖g‖²/2(f − f*) lies between its curvatures, and at those along which the iterate lies. Long
    waves of momentum along what bends little, or a slow descent there, are thus told apart from steps that the
    largest curvature throws back.
    """
    lowest, noise, limit = result.best_cost if best is None else best, _noise(result), update.limit(1.0)
    highest, aside = [0.0, 0.0], limit is None
    curve, done = result.curve, result.iterations
    for k, cost, size in zip(curve.iteration, curve.cost, curve.gradient_norm, strict=True):
        if lowest is None or 2 * k < done:
            continue
        late, height = 4 * k >= 3 * done, cost - lowest
        highest[late] = max(highest[late], height)
        if late and limit is not None and height > noise:
            aside = aside or update.rate * size * size >= SHARE * limit * 2.0 * height
    before, after = highest
    return aside and after > noise and math.isfinite(after) and after >= LASTING * before
