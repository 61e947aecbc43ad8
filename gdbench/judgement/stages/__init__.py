"""Runs that follow from results: a plan that goes in stages, each a function of what the runs before it gave.

A stage of a plan is a JSON-plain mapping whose `kind` names a generator of `KINDS`. The generator yields the
runs that it needs next, gets their records once all of them are there, and ends when it needs no more; what it
returns is what it has found. It may look at nothing else, so that it asks for the same runs again after a
kill, with any number of workers, and in whatever order they finish: it is begun anew each time, and given the
recorded results.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from gdbench.descent.recording.plain import Plain
from gdbench.descent.recording.result import TRIED_AGAIN, UNFINISHED
from gdbench.judgement.stages import search
from gdbench.planning import searches
from gdbench.planning.plan import Plan, Run, Stage
from gdbench.record.locate import STORE_NAME
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

#: What a stage looks at besides the records of its own runs: the problems, by id, as they were recorded.
Problems = Mapping[str, ProblemRecord]
#: Yields runs, is sent their records in the same order, and returns what it found, JSON-plain.
Steps = Generator[Sequence[Run], Sequence[RunRecord], Plain]


#: Outcomes that are no result for a stage: such a run is done again, or gone on with.
_NOT_YET = (*TRIED_AGAIN, *UNFINISHED)


class Kind(NamedTuple):
    """How a kind of stage goes on.  curves: whether it looks at the curves and parameters of its runs."""

    steps: Callable[[Stage, Problems], Steps]
    curves: bool = False


#: Kind of a stage → how it goes on.
KINDS: dict[str, Kind] = {searches.KIND: Kind(search.steps, curves=True)}


@dataclass(frozen=True)
class Followed:
    """What follows from the results at hand.

    runs: all runs of the stage so far, recorded or not.  found: what it came to, None while results lack.
    """

    runs: tuple[Run, ...]
    found: Plain | None = None


class Results:
    """The results of a store, of which a stage sees those of its own runs."""

    def __init__(self, store: Store) -> None:
        self._store, self.problems = store, store.problems()
        self._followed: dict[str, Followed] = {}

    @cached_property
    def _known(self) -> set[str]:
        """The keys of those that are there; not asked for by a plan without stages."""
        return {key for key, outcome in self._store.outcomes().items() if outcome not in _NOT_YET}

    def add(self, key: str, outcome: str) -> None:
        """One more run is recorded."""
        if outcome not in _NOT_YET:
            self._known.add(key)

    def of(self, runs: Sequence[Run], *, curves: bool) -> list[RunRecord] | None:
        """Their records, in their order; None where one is missing."""
        keys = [run.key for run in runs]
        return list(self._store.runs(keys, curves=curves)) if self._known.issuperset(keys) else None

    def follow(self, stage: Stage) -> Followed:
        """What follows for a stage; worked out again only where a result that it waited for has come."""
        id_ = stage["id"]
        before = self._followed.get(id_)
        waits = before is None or (before.found is None and self._known.issuperset(r.key for r in before.runs))
        if before is None or waits:
            before = self._followed[id_] = follow(stage, self)
        return before


def follow(stage: Stage, results: Results) -> Followed:
    """Go through a stage from its beginning as far as there are results."""
    kind, runs = KINDS[stage["kind"]], list[Run]()
    steps = kind.steps(stage, results.problems)
    try:
        asked = next(steps)
        while True:
            runs += asked
            records = results.of(asked, curves=kind.curves)
            if records is None:
                return Followed(tuple(runs))
            asked = steps.send(records)
    except StopIteration as stop:
        return Followed(tuple(runs), stop.value or {})


def grown(plan: Plan, results: Results) -> Plan:
    """The plan with all the runs that follow from the results: those of each stage together, in its order."""
    if not plan.stages:
        return plan
    followed = [results.follow(stage) for stage in plan.stages]
    runs: dict[str, Run] = {}
    for run in (*plan.fixed, *(run for one in followed for run in one.runs)):
        runs.setdefault(run.key, run)
    return replace(plan, runs=tuple(runs.values()), grows=any(one.found is None for one in followed))


def grown_by(plan: Plan, folder: Path) -> Plan:
    """The same by what is recorded in an experiment's folder, where anything is; nothing is written."""
    if not (plan.stages and (folder / STORE_NAME).exists()):
        return plan
    with Store.read(folder) as store:
        results = Results(store)
        return grown(plan, results) if plan.problems.keys() <= results.problems.keys() else plan
