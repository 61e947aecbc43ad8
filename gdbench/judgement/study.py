"""A study: one plan, the runs of it that are finished, and the settings that they form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gdbench.descent.errors import GdbenchError
from gdbench.judgement import ranking
from gdbench.judgement.settings import Setting, group, outcomes
from gdbench.record.records import PlanRecord, RunRecord
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord

#: The axes that say what is minimised; the others say how.
DEFINING = ("data", "surface", "model", "cost", "penalty")


@dataclass(frozen=True)
class Study:
    """What every part of a report reads; curves stay in the store until a chart asks for them.

    runs: the finished runs of the plan, in its order, without curves.
    problems: the problems that these runs are about, by id.
    untimed: keys of runs whose seconds say little, because workers outnumbered the cores.
    """

    plan: PlanRecord
    runs: tuple[RunRecord, ...]
    problems: Mapping[str, ProblemRecord]
    untimed: frozenset[str] = frozenset()

    @cached_property
    def settings(self) -> list[Setting]:
        """One per combination of axes with a finished run, in the plan's order."""
        return group(self.runs, list(self.plan.axes), self.problems)

    @cached_property
    def numbers(self) -> Mapping[Setting, int]:
        """Setting → its place in the plan's order, from 0: how tables and charts speak of the same one."""
        return {setting: number for number, setting in enumerate(self.settings)}

    @property
    def problem_axes(self) -> list[str]:
        """The varying axes that say what is minimised."""
        return [axis for axis in self.plan.varying if axis in DEFINING]

    @property
    def method_axes(self) -> list[str]:
        """The varying axes that say how: a combination of them is a method."""
        return [axis for axis in self.plan.varying if axis not in DEFINING]

    def varying_in(self, settings: Sequence[Setting]) -> list[str]:
        """The axes on which these settings differ, in the plan's order."""
        axes = self.plan.axes
        return [axis for axis in axes if len({setting.axes.get(axis) for setting in settings}) > 1]

    @cached_property
    def ranked(self) -> list[Setting]:
        return ranking.ranked(self.settings, self.plan.targets)

    @cached_property
    def places(self) -> Mapping[Setting, int]:
        """Setting → its place from best to worst, over all problems."""
        return {setting: place for place, setting in enumerate(self.ranked)}

    @cached_property
    def best(self) -> list[Setting]:
        """The best setting of each problem."""
        return ranking.best(self.settings, self.plan.targets)

    @property
    def tightest(self) -> str | None:
        return min(self.plan.targets, key=float, default=None)

    @property
    def outcomes(self) -> dict[str, int]:
        return outcomes(self.runs)

    @property
    def watched(self) -> list[str]:
        """The stopping rules that were watched, as the plan names them."""
        return list(dict.fromkeys(rule for run in self.runs for rule in run.result.shadows))

    @property
    def audited(self) -> bool:
        """Whether gradients were compared with others."""
        return any(run.result.audit for run in self.runs)

    @property
    def complete(self) -> bool:
        return len(self.runs) == len(self.plan.runs)

    def of_problem(self, problem: ProblemRecord) -> list[Setting]:
        return [setting for setting in self.settings if setting.problem.id == problem.id]

    def with_curves(self, store: Store, problem: ProblemRecord | None = None) -> Iterator[RunRecord]:
        """The same runs (of one problem, if given) with their curves, one after the other."""
        chosen = (run.key for run in self.runs if problem is None or run.problem == problem.id)
        return store.runs(chosen)


def study(store: Store, plan: PlanRecord | None = None) -> Study:
    """What the store knows of a plan, by default of the latest; raises `GdbenchError` if there is none."""
    plan = plan or latest_plan(store)
    runs = tuple(store.runs([run.key for run in plan.runs], curves=False))
    known = store.problems()
    problems = {run.problem: known.get(run.problem) or _unrecorded(run.problem) for run in runs}
    return Study(plan, runs, problems, frozenset(store.untimed()))


def latest_plan(store: Store) -> PlanRecord:
    plans = store.plans()
    if not plans:
        raise GdbenchError(
            f"{store.path}: nothing has been planned here yet, so there is nothing to report. "
            "Run an experiment first: gdbench run CONFIG"
        )
    return plans[-1]


def _unrecorded(problem: str) -> ProblemRecord:
    # A run that failed before its problem was posed leaves only the problem's id.
    return ProblemRecord(problem, problem, 0, 0, 0, None, Optimum("unknown", "The problem was not recorded."))
