"""A race while a session goes on: what is to be done next, and how far, by what has come back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gdbench.config.race import Race
from gdbench.descent.recording.result import OUTCOMES
from gdbench.judgement.methods.roles import roles
from gdbench.judgement.racing import Ended, Known, Wish, brackets, wishes
from gdbench.planning.plan import Plan, Run
from gdbench.record.records import PlanRecord, RunRecord
from gdbench.record.store import Store


class RaceUnderWay:
    """The brackets of a race, each of which goes on as soon as what it waits for has come back."""

    def __init__(self, race: Race, runs: Sequence[Run], plan: PlanRecord, store: Store) -> None:
        self._race, self._store = race, store
        self._rank_by = str(plan.report.get("rank_by") or "targets")
        self._problems = store.problems()
        self._brackets, free = brackets(runs, roles(plan), self._problems)
        self._held = {run.key for run in runs}
        self._untold = 0
        self._begun: set[tuple[str, int | None]] = set()
        self._until: dict[str, int | None] = {}
        known = store.runs([run.key for run in runs], curves=False)
        # what crashed before is done again
        self._ended = {run.key: _ended(run) for run in known if not OUTCOMES[run.result.outcome].tried_again}
        self._free = [Wish(run, None) for run in free]

    def next(self) -> list[Run]:
        """The runs that are needed now and have not been begun."""
        known = Known(self._ended, self._records)
        lacking = known.lacking([wish.run for wish in self._free], None)
        for bracket in list(self._brackets):
            needed = wishes(bracket, known, self._race, self._rank_by)
            lacking += needed
            if not needed:
                self._brackets.remove(bracket)
        return list(self._begin(lacking))

    def _begin(self, lacking: Iterable[Wish]) -> Iterable[Run]:
        for run, until in lacking:
            if (run.key, until) not in self._begun:
                self._begun.add((run.key, until))
                self._until[run.key] = until
                yield run

    def holds(self, run: Run) -> bool:
        """Whether it is for the race to say when a run is done."""
        return run.key in self._held

    def add(self, record: RunRecord) -> None:
        """One more run has come back."""
        self._ended[record.key] = _ended(record)
        self._untold += OUTCOMES[record.result.outcome].unfinished and record.result.paused is None

    @property
    def remark(self) -> str:
        """That some pauses could not be kept, in a sentence; "" where all were."""
        if not self._untold:
            return ""
        return (
            f"{self._untold} pauses could not be kept, for a plug-in does not say what it remembers "
            "(docs/plugins.md): what goes on begins again, with the same bits."
        )

    def pause(self, key: str) -> int | None:
        return self._until.get(key)

    def _records(self, keys: Sequence[str]) -> list[RunRecord]:
        return list(self._store.runs(keys))


def race_of(
    plan: Plan, runs: Sequence[Run], record: PlanRecord, store: Store, again: Sequence[str]
) -> RaceUnderWay | None:
    """The race that a config asks for; None where it asks for none, or what was outpaced is to go on."""
    race = plan.experiment.race
    if race is None or again:
        return None
    fixed = {run.key for run in plan.fixed}
    return RaceUnderWay(race, [run for run in runs if run.key in fixed], record, store)


def _ended(record: RunRecord) -> Ended:
    return Ended(record.result.outcome, record.result.iterations)
