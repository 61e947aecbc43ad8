"""The diagnosis of each run of a study, from its records alone."""

from __future__ import annotations

from collections.abc import Mapping

from gdbench.descent.diagnosis import Case, Diagnosis, Measured, diagnose
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.theory.updates import full_and_unclipped
from gdbench.judgement.forecasts import known_of
from gdbench.judgement.measured_rate import measured_rate
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

#: A tail is not extrapolated over more than so many times the iterations done.
FARTHEST = 5
#: Rates that stay what they are, and optimizers that go on as they do.
STEADY = ("constant", "over_L", "theoretical")
MEMORYLESS = ("gradient_descent", "heavy_ball", "nesterov")


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


def _goes_on_alike(case: Case) -> bool:
    """Whether the tail may be extrapolated: full gradients, no kinks, a rate that no schedule changes."""
    (rate,), (optimizer,) = case.spec["learning_rate"], case.spec["optimizer"]
    steady = rate in STEADY or bool(LEARNING_RATES[rate].facts.get("search"))
    return steady and not case.kinked and optimizer in MEMORYLESS and full_and_unclipped(case.spec)


def _measured(case: Case, problem: ProblemRecord) -> Measured | None:
    """The fitted rate, and how many more iterations it promises; SciPy is only asked where that matters."""
    if case.result.outcome != "stopped" or not _goes_on_alike(case):
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
