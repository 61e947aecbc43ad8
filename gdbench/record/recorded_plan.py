"""A plan with what is recorded of it: finished runs, their problems, and which points a long curve keeps."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        return measures_of([run.result for run in self.runs])

    @property
    def complete(self) -> bool:
        return len(self.runs) == len(self.plan.runs) and not self.plan.grows

    def with_curves(self, store: Store, problem: ProblemRecord | None = None) -> Iterator[RunRecord]:
        """The same runs (of one problem, if given) with their curves, one after the other."""
        chosen = (run.key for run in self.runs if problem is None or run.problem == problem.id)
        return store.runs(chosen)


def recorded_plan(store: Store, plan: PlanRecord | None = None) -> RecordedPlan:
    """What the store knows of a plan, by default of the latest; raises `GdbenchError` if there is none."""
    plan = plan or latest_plan(store)
    runs = tuple(store.runs_to_judge(run.key for run in plan.runs))
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


def thinned(iterations: Sequence[int], limit: int, keep: Iterable[int] = ()) -> list[int]:
    """Positions of at most `limit` of the increasing iterations, log-spaced (benchopt samples so too).

    The first, the last and the iterations in `keep` are always among them, as long as `limit` has
    room for them; all positions come back where there are no more than `limit`.
    """
    if len(iterations) <= limit:
        return list(range(len(iterations)))
    chosen = {0, len(iterations) - 1}
    chosen.update(_position(iterations, wanted) for wanted in list(keep)[: max(0, limit - 2)])
    for wanted in _spaced(iterations[0], iterations[-1], limit):
        if len(chosen) >= limit:
            break
        chosen.add(_position(iterations, wanted))
    return sorted(chosen)


def _spaced(first: int, last: int, number: int) -> list[float]:
    """Iterations evenly spaced in the logarithm; coarse first, so that a cut leaves no gap."""
    width = last - first + 1
    fractions = [step / number for step in range(1, number)]
    stride = 2
    ordered = fractions[::stride] + fractions[1::stride]
    return [first - 1 + width**fraction for fraction in ordered]


def _position(iterations: Sequence[int], wanted: float) -> int:
    place = bisect_left(iterations, wanted)
    return min(place, len(iterations) - 1)
