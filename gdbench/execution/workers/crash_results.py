"""The result of a run that ended its worker: what is known of it is what its black box had kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gdbench.execution.task import Death, Finished, Task
from gdbench.execution.workers.worker import failure


def ended(task: Task, death: Death, times: int) -> Finished:
    """`timed_out` or `crashed`, with the curve so far. times: how often the run ended its worker."""
    outcome, curve = "timed_out" if death.timed_out else "crashed", death.curve
    reason = death.reason if times == 1 else f"{death.reason}; so {times} times"
    best = min(range(len(curve.cost)), key=curve.cost.__getitem__, default=None)
    known: dict[str, Any] = (
        {} if best is None else {"best_cost": curve.cost[best], "best_iteration": curve.iteration[best]}
    )
    if curve.cost:
        known.update(
            iterations=curve.iteration[-1],
            initial_cost=curve.cost[0],
            final_cost=curve.cost[-1],
            final_gradient_norm=curve.gradient_norm[-1],
        )
    # crossings of targets are always kept, so the first kept point at or below one is the crossing itself
    thresholds = task.facts.thresholds(task.spec["targets"])
    crossed = {
        target: next((k for k, cost in zip(curve.iteration, curve.cost, strict=True) if cost <= limit), None)
        for target, limit in thresholds.items()
    }
    result = replace(failure(outcome, reason), curve=curve, iterations_to=crossed, **known)
    return Finished(result, death.started, death.ended)
