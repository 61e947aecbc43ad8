"""The diagnosis of each run of a study, and what theory expected of it, from its records alone."""

from __future__ import annotations

from collections.abc import Mapping

from gdbench.descent.diagnosis import Case, Diagnosis, Measured, diagnose
from gdbench.descent.theory.forecast import Forecast, Known, forecast
from gdbench.descent.theory.updates import goes_on_alike
from gdbench.judgement.measured_rate import measured_rate
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

#: A tail is not extrapolated over more than so many times the iterations done.
FARTHEST = 5


def diagnosis_of(run: RunRecord, problem: ProblemRecord) -> Diagnosis:
    """Why a run, recorded with its curve, ended as it did."""
    return diagnose(case_of(run, problem))


def diagnoses(about: Study, store: Store) -> Mapping[str, Diagnosis]:
    """Key → diagnosis of every finished run, in the plan's order."""
    return {run.key: diagnosis_of(run, about.problems[run.problem]) for run in about.with_curves(store)}


def case_of(run: RunRecord, problem: ProblemRecord) -> Case:
    """What a diagnosis looks at."""
    case = Case(
        run.spec,
        run.result,
        known_of(run, problem),
        problem.optimum.kind,
        problem.optimum.cost,
        problem.baseline,
    )
    return case._replace(measured=_measured(case, problem))


def _measured(case: Case, problem: ProblemRecord) -> Measured | None:
    """The fitted rate, and how many more iterations it promises; SciPy is only asked where that matters."""
    if case.result.outcome != "stopped" or case.kinked or not goes_on_alike(case.spec):
        return None
    rate = measured_rate(case.result.curve, problem)
    if rate is None:
        return None
    remaining = None
    if rate.of == "gap" and case.gap and case.wanted and rate.end == case.result.iterations:
        remaining = rate.more(case.gap, case.wanted)
    if remaining is not None and remaining > FARTHEST * case.result.iterations:
        remaining = None
    return Measured(rate.order, remaining, rate.contraction)


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
