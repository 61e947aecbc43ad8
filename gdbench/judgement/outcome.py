"""How a run ended, judged by all that is on record of it; every voice shows this outcome and no other.

The record holds which rule fired and what was measured. *Converged* means that a rule fired and that nothing
on record contradicts it; where something does, the run has only `stopped`, and the code says what. A cost
below the claimed optimum by more than rounding voids that optimum, and with it all that was measured by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from gdbench.descent.recording.result import LOST, RunResult
from gdbench.descent.registry import Spec
from gdbench.descent.stopping.rule import (
    COST_INFINITE,
    COST_NOT_A_NUMBER,
    GRADIENT_NOT_FINITE,
    ZERO_LENGTH_STEP,
)
from gdbench.descent.theory.updates import rests
from gdbench.judgement.contradictions import (
    CONTRADICTIONS,
    ROUNDING,
    Outcome,
    Seen,
    contradiction,
    copies,
    wrong_gradient,
)
from gdbench.judgement.numerals import figure
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord

#: Causes of a divergence whose last iterate is not finite → its cost, as far as there is one.
_END_UNKNOWN = {COST_INFINITE: math.inf, COST_NOT_A_NUMBER: None, GRADIENT_NOT_FINITE: None}


#: How a run may have failed, in the order in which it is told. That no minimum exists is told of the problem.
FATES = (*LOST, *(code for code in CONTRADICTIONS if code != "no_minimiser"))


def judged(run: RunRecord, problem: ProblemRecord | None) -> Outcome:
    """How a run ended. problem: as `sound` gives it; None where none is recorded."""
    result = run.result
    claimed = Outcome(result.outcome, result.cause, {})
    if result.cause == ZERO_LENGTH_STEP and _skips(run.spec):
        return Outcome("stopped", "skipped", {})
    if result.outcome != "converged" or result.rule == "target" or problem is None:
        return claimed
    return contradiction(Seen(run.spec, result, problem)) or claimed


def _skips(spec: Spec) -> bool:
    """Whether a step may have length zero, and others follow."""
    return {"optimizer", "learning_rate"} <= spec.keys() and rests(spec) != 0


def reason(outcome: Outcome, rule: str | None) -> str:
    """Why a rule that fired does not count, in a sentence."""
    numbers = {name: figure(value) for name, value in outcome.numbers.items()}
    if "share" in outcome.numbers:
        numbers["share"] = f"{100 * outcome.numbers['share']:.3g} %"
    return CONTRADICTIONS[outcome.code].format(rule=rule or "a rule", **numbers)


def fate_of(run: RunRecord) -> str:
    """How a run failed; "" where it did not."""
    if run.result.outcome in LOST:
        return run.result.outcome
    if wrong_gradient(run.result):
        return "wrong_gradient"
    if copies(run.result):
        return "copies"
    return run.result.cause if run.result.cause in FATES else ""


def as_judged(run: RunRecord, problem: ProblemRecord | None) -> RunRecord:
    """The record as it is shown: with the outcome that is judged, and without what a void optimum measured."""
    outcome, result = judged(run, problem), run.result
    if outcome.name != result.outcome:
        words = reason(outcome, result.rule)
        result = replace(result, outcome=outcome.name, cause=outcome.code, reason=words)
    if result.outcome == "diverged" and result.cause in _END_UNKNOWN:
        # the last finite iterate is not where it ended
        result = replace(
            result, final_cost=_END_UNKNOWN[result.cause], final_gap=None, final_gradient_norm=None
        )
    if problem and problem.optimum.cost is None and result.iterations_to:
        result = replace(result, iterations_to={}, work_to={}, kept_from={}, kept_work={})
    return run if result is run.result else replace(run, result=result)


def sound(problem: ProblemRecord, runs: Iterable[RunRecord]) -> ProblemRecord:
    """The problem; with its optimum unknown, where a run got below the one that was claimed."""
    claimed = problem.optimum.cost
    if claimed is None:
        return problem
    results = [run.result for run in runs if run.problem == problem.id]
    gaps = [_least_gap(result, claimed) for result in results]
    lowest = claimed + min(gaps, default=0.0)
    if claimed - lowest <= ROUNDING * max(abs(claimed), _way(problem)):
        return problem
    words = (
        f"A run reached a cost of {figure(lowest, 6)}, below the {figure(claimed, 6)} that were claimed "
        f"({problem.optimum.explanation.rstrip('.')})."
    )
    return replace(problem, optimum=Optimum("unknown", words))


def all_sound(problems: Mapping[str, ProblemRecord], runs: Iterable[RunRecord]) -> dict[str, ProblemRecord]:
    """The same of all problems of these runs."""
    on: dict[str, list[RunRecord]] = {}
    for run in runs:
        on.setdefault(run.problem, []).append(run)
    return {id_: sound(problem, on.get(id_, ())) for id_, problem in problems.items()}


def outcomes_of(store: Store, keys: Iterable[str]) -> dict[str, str]:
    """Key → outcome of the finished runs among `keys`, in that order, as judged."""
    return shown(store, store.outcomes(keys))


def is_to_judge(claimed: Mapping[str, str]) -> bool:
    """Whether records may say something else than these outcomes."""
    return not {"converged", "stalled"}.isdisjoint(claimed.values())


def shown(store: Store, claimed: dict[str, str]) -> dict[str, str]:
    """The same of outcomes as rules claimed them; records are read where there is something to judge."""
    if not is_to_judge(claimed):
        return claimed
    runs = list(store.runs_to_judge(claimed))
    problems = all_sound(store.problems(), runs)
    return {run.key: judged(run, problems.get(run.problem)).name for run in runs}


def _least_gap(result: RunResult, optimum: float) -> float:
    """f − f* at its best: as it was carried, else by subtraction."""
    if result.best_gap is not None:
        return result.best_gap
    return 0.0 if result.best_cost is None else result.best_cost - optimum


def _way(problem: ProblemRecord) -> float:
    """From the baseline down to the optimum."""
    measure = problem.yardstick
    return measure.length if measure else 0.0
