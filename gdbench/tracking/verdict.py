"""Which setting did best and how sure that is: the first line of a sweep's description in MLflow."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from gdbench.tracking.wire import human

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gdbench.record.records import PlanRecord, RunRecord

_USABLE = ("converged", "stopped", "stalled")


class Best(NamedTuple):
    """The best setting of a problem in words, and the evidence."""

    setting: str
    evidence: str


def best_setting(plan: PlanRecord, records: Iterable[RunRecord]) -> Best | None:
    """The setting that meets the tightest target in most replicates, then in the fewest iterations.

    Looser targets and the final cost break ties, in this order; a setting that never reaches a target
    never ranks above one that does. None where every run diverged or failed. The records must be of
    one problem: costs of different problems cannot be compared.
    """
    settings: dict[str, list[RunRecord]] = defaultdict(list)
    for record in records:
        choices = {axis: value for axis, value in record.spec.items() if axis != "replicate"}
        settings[json.dumps(choices, sort_keys=True)].append(record)
    usable = [runs for runs in settings.values() if any(run.result.outcome in _USABLE for run in runs)]
    if not usable:
        return None
    targets = sorted(plan.targets, key=float)
    winner = min(usable, key=lambda runs: _rank(runs, targets))
    return Best(_name(winner[0].spec, plan.varying), _evidence(winner, targets))


def _rank(runs: Sequence[RunRecord], targets: Sequence[str]) -> tuple[float, ...]:
    """Smaller is better: for each target, tightest first, the share of misses and the median iterations."""
    ranks: list[float] = []
    for target in targets:
        hits = _hits(runs, target)
        ranks += [1 - len(hits) / len(runs), median(hits) if hits else math.inf]
    return (*ranks, _final_cost(runs))


def _hits(runs: Sequence[RunRecord], target: str) -> list[int]:
    reached = (run.result.iterations_to.get(target) for run in runs)
    return [k for k in reached if k is not None]


def _final_cost(runs: Sequence[RunRecord]) -> float:
    costs = [run.result.final_cost for run in runs if run.result.outcome in _USABLE]
    return median([math.inf if cost is None else cost for cost in costs] or [math.inf])


def _name(spec: Mapping[str, Any], varying: Sequence[str]) -> str:
    named = [f"{axis} {human(spec[axis])}" for axis in varying if axis in spec]
    return ", ".join(named) or "the only setting"


def _evidence(runs: Sequence[RunRecord], targets: Sequence[str]) -> str:
    for target in targets:
        hits = _hits(runs, target)
        if hits:
            middle = "median " if len(hits) > 1 else ""
            share = "" if len(hits) == len(runs) else f", reached in {len(hits)} of {len(runs)} runs"
            return f"{middle}{median(hits):g} iterations to a relative gap of {target}{share}"
    return f"final cost {_final_cost(runs):.9g}" + (", no target reached" if targets else "")
