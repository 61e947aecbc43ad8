"""A plan with what is recorded of it: the runs that are finished and the problems that they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gdbench.descent.errors import GdbenchError
from gdbench.record.columns import measures_of
from gdbench.record.records import PlanRecord, RunRecord
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord


@dataclass(frozen=True)
class RecordedPlan:
    """What frames are made from and judgement judges; curves stay in the store until somebody asks for them.

    runs: the finished runs of the plan, in its order, without curves.
    problems: the problems that these runs are about, by id.
    untimed: keys of runs whose seconds say little, because workers outnumbered the cores.
    """

    plan: PlanRecord
    runs: tuple[RunRecord, ...]
    problems: Mapping[str, ProblemRecord]
    untimed: frozenset[str] = frozenset()

    @property
    def watched(self) -> list[str]:
        """The stopping rules that were watched, as the plan names them."""
        return list(dict.fromkeys(rule for run in self.runs for rule in run.result.shadows))

    @property
    def audited(self) -> bool:
        """Whether gradients were compared with others."""
        return any(run.result.audit for run in self.runs)

    @property
    def measured(self) -> tuple[str, ...]:
        """What is known of rows held out, as `measures_of`."""
        return measures_of(run.result for run in self.runs)

    @property
    def complete(self) -> bool:
        return len(self.runs) == len(self.plan.runs)

    def with_curves(self, store: Store, problem: ProblemRecord | None = None) -> Iterator[RunRecord]:
        """The same runs (of one problem, if given) with their curves, one after the other."""
        chosen = (run.key for run in self.runs if problem is None or run.problem == problem.id)
        return store.runs(chosen)


def recorded_plan(store: Store, plan: PlanRecord | None = None) -> RecordedPlan:
    """What the store knows of a plan, by default of the latest; raises `GdbenchError` if there is none."""
    plan = plan or latest_plan(store)
    runs = tuple(store.runs([run.key for run in plan.runs], curves=False))
    known = store.problems()
    problems = {run.problem: known.get(run.problem) or _unrecorded(run.problem) for run in runs}
    return RecordedPlan(plan, runs, problems, frozenset(store.untimed()))


def latest_plan(store: Store) -> PlanRecord:
    plan = store.last_plan()
    if plan is None:
        raise GdbenchError(
            f"{store.path}: nothing has been planned here yet, so there is nothing to report. "
            "Run an experiment first: gdbench run CONFIG"
        )
    return plan


def _unrecorded(problem: str) -> ProblemRecord:
    # A run that failed before its problem was posed leaves only the problem's id.
    return ProblemRecord(problem, problem, 0, 0, 0, None, Optimum("unknown", "The problem was not recorded."))
