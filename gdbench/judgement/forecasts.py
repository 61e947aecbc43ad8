"""What theory expects of the runs of a study, from their records alone."""

from __future__ import annotations

from gdbench.descent.theory.forecast import Forecast, Known, forecast
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord


def known_of(run: RunRecord, problem: ProblemRecord) -> Known:
    """What is known around a run: its problem's card and optimum, and where it began."""
    best, first = problem.optimum.cost, run.result.initial_cost
    thresholds = problem.constants.thresholds(run.spec.get("targets", []))
    return Known(
        card=problem.theory,
        smoothness=problem.smoothness,
        convexity=problem.convexity,
        start=run.result.evidence.get("start", ()),
        minimiser=problem.optimum.parameters if best is not None else (),
        gap=None if best is None or first is None else first - best,
        gaps={} if best is None else {target: cost - best for target, cost in thresholds.items()},
    )


def forecast_of(run: RunRecord, problem: ProblemRecord) -> Forecast | None:
    """What theory expects of a run; None where no theorem speaks of it."""
    if "learning_rate" not in run.spec or "optimizer" not in run.spec:
        return None
    return forecast(run.spec, known_of(run, problem), most=2 * run.result.iterations + 1000)
