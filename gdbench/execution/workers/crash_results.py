"""A worker that ended in the middle of a chunk: what it brought back, and the result of the run in hand."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gdbench.descent.kernels.kernel import measures_gaps
from gdbench.descent.problems.problem_constants import finest_gap
from gdbench.execution.task import Death, Delivery, Finished, Task
from gdbench.execution.workers.crash_log import read_crash_log
from gdbench.execution.workers.worker import failure

#: Windows has none, nor exit statuses that say so.
_ALARM = int(getattr(signal, "SIGALRM", 0))


def read_death(
    log: Path, chunk: int, code: int | None, limit: float | None, *, late: bool = False, last_words: str = ""
) -> Delivery | None:
    """The runs that the crash log kept and how the next one ended; None if the worker had not begun the chunk.

    code: the worker's exit status, negative for a signal.  limit: seconds that a run may take.
    late: the worker was killed because its run had outlived its own alarm.
    """
    logged = read_crash_log(log, chunk)
    if logged is None:
        return None
    timed_out = limit is not None and (late or code == -_ALARM)
    reason = f"the run took longer than its limit of {limit:g} s" if timed_out else _reason(code, last_words)
    return Delivery(logged.finished, Death(reason, timed_out, logged.curve, logged.begun, time.time()))


def _reason(code: int | None, last_words: str) -> str:
    """A sentence on an exit status: negative ones are signals."""
    last = f"; its last words: {last_words}" if last_words else ""
    if code is None:
        return f"the worker process was lost in the middle of this run{last}"
    if code >= 0:
        return f"the worker process ended itself in the middle of this run, with status {code}{last}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"the worker process was ended by {name} in the middle of this run{last}"


def crash_result(task: Task, death: Death, times: int) -> Finished:
    """`timed_out` or `crashed`, with the curve so far. times: how often the run ended its worker."""
    reason = death.reason if times == 1 else f"{death.reason}; so {times} times"
    if task.spec.get("plugins"):
        reason = f"{reason}; of a plug-in in it: {', '.join(task.spec['plugins'])}"
    result = failure("timed_out" if death.timed_out else "crashed", reason)
    curve = death.curve
    gaps = curve.series.get("gap", [])
    if curve.cost:
        best = min(range(len(curve.cost)), key=(gaps or curve.cost).__getitem__)
        result = replace(
            result,
            iterations=curve.iteration[-1],
            initial_cost=curve.cost[0],
            final_cost=curve.cost[-1],
            final_gradient_norm=curve.gradient_norm[-1],
            best_cost=curve.cost[best],
            best_iteration=curve.iteration[best],
            final_gap=gaps[-1] if gaps else None,
            best_gap=gaps[best] if gaps else None,
        )
    # crossings of targets are always kept, so the first kept point at or below one is the crossing itself;
    # where no optimum is known there is neither a gap nor a target
    crossed = {
        target: next((k for k, gap in zip(curve.iteration, gaps, strict=False) if gap <= limit), None)
        for target, limit in _thresholds(task).items()
    }
    return Finished(replace(result, curve=curve, iterations_to=crossed), death.started, death.ended)


def _thresholds(task: Task) -> Mapping[str, float]:
    """Target → the gap at which it is met, as the run itself has it."""
    finest = 0.0 if measures_gaps(task.spec) else finest_gap(task.constants.optimum)
    return task.constants.thresholds(task.spec["targets"], finest)
