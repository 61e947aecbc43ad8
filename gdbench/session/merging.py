"""Two stores of one experiment, from two machines say, become one: all that the second has and the first lacks.

The second is only read. What the first has is never overwritten, but for a crash, which says nothing about its
run. All of it is one transaction: whoever is killed has merged nothing, and can do it again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from gdbench.descent.errors import GdbenchError
from gdbench.descent.recording.result import OUTCOMES
from gdbench.record.lock import LOCK_NAME, is_held
from gdbench.record.records import RunRecord
from gdbench.record.store import Store


@dataclass
class Merged:
    """What came of it.

    counts: "runs", "trials", "problems", "plans", "sessions" → how many are new.
    crashed: runs that had crashed here and have a result now.  same: runs that both have.
    other: keys of runs that both have with other bits.  kept: ids of problems with other bits.
    """

    counts: Counter[str] = field(default_factory=Counter)
    crashed: int = 0
    same: int = 0
    other: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def merge(folder: Path, other: Path) -> Merged:
    """Bring into the experiment in `folder` what the one in `other` has besides.

    Raises GdbenchError where they are one, where somebody runs one of them, or where the other is damaged.
    """
    if folder.resolve() == other.resolve():
        raise GdbenchError(f"{folder}: is one and the same experiment as {other}. Name two.")
    if is_held(other / LOCK_NAME):
        raise GdbenchError(
            f"{other}: another gdbench is running this experiment. Wait for it, or end it: what it records "
            "from now on would be missing."
        )
    with Store.open(folder) as store, Store.read(other) as further, store.at_once():
        return _Merge(store, further).carry_out()


class _Merge:
    def __init__(self, store: Store, further: Store) -> None:
        self._store, self._further, self._merged = store, further, Merged()

    def carry_out(self) -> Merged:
        self._plans()
        self._problems()
        numbers = self._sessions()
        done = self._store.outcomes()
        sessions = self._further.sessions_of_runs()
        for run in self._further.runs():
            self._run(run, done.get(run.key), numbers.get(sessions.get(run.key)))
        known = {trial.key for trial in self._store.trials()}
        for trial in self._further.trials():
            if trial.key not in known:
                self._store.add_trial(trial)
                self._merged.counts["trials"] += 1
        return self._merged

    def _plans(self) -> None:
        """Before those of the first, whose latest stays the latest."""
        plans = self._store.plans()
        known = {plan.id for plan in plans}
        new = [plan for plan in self._further.plans() if plan.id not in known]
        if new:
            self._store.replace_plans([*new, *plans])
        self._merged.counts["plans"] += len(new)

    def _problems(self) -> None:
        known = self._store.problems()
        for id_, problem in self._further.problems().items():
            if id_ not in known or (problem.card and not known[id_].card):
                self._store.add_problem(problem)
                self._merged.counts["problems"] += 1
            elif repr(problem) != repr(known[id_]):
                self._merged.kept.append(id_)

    def _sessions(self) -> dict[int | None, int]:
        """Number there → number here. One that has been merged before is known by all that it holds."""
        here = {repr(session): number for number, session in self._store.numbered_sessions().items()}
        numbers: dict[int | None, int] = {}
        for number, session in self._further.numbered_sessions().items():
            if repr(session) not in here:
                here[repr(session)] = self._store.add_earlier_session(session)
                self._merged.counts["sessions"] += 1
            numbers[number] = here[repr(session)]
        return numbers

    def _run(self, run: RunRecord, outcome: str | None, session: int | None) -> None:
        merged, here, there = self._merged, _finality(outcome), _finality(run.result.outcome)
        if here < there:
            state = self._further.paused(run.key) or None
            self._store.add(replace(run, result=replace(run.result, paused=state)), session)
            merged.counts["runs"] += here != 1
            merged.crashed += here == 1
        elif there < here:
            return  # a crash there, or a pause, says nothing against the result here
        elif bits(run) == bits(self._store.run(run.key)):
            merged.same += 1
        elif not OUTCOMES[run.result.outcome].tried_again:
            merged.other.append(run.key)


def _finality(outcome: str | None) -> int:
    """How much an outcome says: none, one that is tried again, one that was paused, any other."""
    if outcome is None:
        return 0
    return 1 if OUTCOMES[outcome].tried_again else 2 if OUTCOMES[outcome].unfinished else 3


def bits(run: RunRecord) -> str:
    """A run as text, to the last bit, without what depends on where and when it was done."""
    result = replace(run.result, seconds=0.0, interpreter="", host="", traceback=None)
    return repr(replace(run, result=result, started=0.0, finished=0.0, runner=""))
