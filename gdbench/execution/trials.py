"""Trials of remedies, carried out like runs by the engine that did the runs, and recorded apart from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gdbench.data.standardize import standardize
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
from gdbench.descent.recording.result import OUTCOMES
from gdbench.execution.engines.engine import Engine
from gdbench.execution.interrupts import undisturbed
from gdbench.execution.task import Task
from gdbench.judgement.trials.worth_trying import Trial
from gdbench.planning.plan import Plan
from gdbench.record.records import TrialRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

#: Numbers of a table up to which it is standardized beforehand, in case that is to be tried.
MOST_NUMBERS = 200_000
#: κ is worth being cut to such a share.
_CUT = 0.1


def standardized_tables(plan: Plan, problems: Mapping[str, ProblemRecord]) -> dict[str, Table]:
    """Id of a problem → its data with standardized features, where that may be worth a trial."""
    found: dict[str, Table] = {}
    made: dict[str, Table] = {}
    for id_, problem in plan.problems.items():
        if problem.dataset is None or problem.dataset.standardized or not _may_help(problems[id_]):
            continue
        table = problem.dataset.table
        if len(table.rows) * table.features <= MOST_NUMBERS:
            digest = table.digest
            made[digest] = made.get(digest) or _standardized(table)
            found[id_] = made[digest]
    return found


def _may_help(problem: ProblemRecord) -> bool:
    card = problem.theory
    now = card.condition or card.local_condition
    if card.scaled is not None and now is not None:
        return card.scaled.condition <= _CUT * now
    return not card.quadratic and card.smoothness is None


def _standardized(table: Table) -> Table:
    columns = list(zip(*table.rows, strict=True))
    features = [standardize(column).values for column in columns[: table.features]]
    return Table(list(zip(*features, *columns[table.features :], strict=True)), table.features, table.targets)


def doable(trials: Sequence[Trial], scaled: Mapping[str, Table]) -> Sequence[Trial]:
    """Those for which there is the data."""
    return [trial for trial in trials if not trial.standardized or trial.problem in scaled]


def carry_out(
    engine: Engine,
    trials: Sequence[Trial],
    store: Store,
    problems: Mapping[str, ProblemRecord],
    scaled: Mapping[str, Table],
) -> None:
    """Each is recorded the moment it is there, in its own transaction."""
    waiting = [(trial, engine.submit(_task(trial, problems, scaled))) for trial in trials]
    for trial, future in waiting:
        result = future.result().result
        if OUTCOMES[result.outcome].tried_again:
            continue
        with undisturbed():
            store.add_trial(TrialRecord(trial.key, trial.of, trial.cause, trial.remedy, result))


def _task(trial: Trial, problems: Mapping[str, ProblemRecord], scaled: Mapping[str, Table]) -> Task:
    if not trial.standardized:
        return Task(trial.key, trial.spec, problems[trial.problem].constants)
    # nothing is known of this problem, and nothing is needed for a few steps
    return Task(trial.key, {**trial.spec, "digest": scaled[trial.problem].digest}, ProblemConstants())
