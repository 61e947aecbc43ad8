"""The record: one SQLite file per experiment, one transaction per run, safe to kill at any instant.

The process that launches runs is the only writer, which a lock sees to; anyone may read meanwhile (WAL
mode). Floats come back bit for bit, NaN and infinity included.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from gdbench.descent.errors import GdbenchError
from gdbench.descent.recording.result import Curve
from gdbench.record.checksums import CHECKED, CheckedRows, Ending, Pauses, teach
from gdbench.record.database import connect, explained, make_folder, transaction
from gdbench.record.locate import STORE_NAME
from gdbench.record.lock import LOCK_NAME, Busy, exclusive
from gdbench.record.records import SERIES, Holder, PlanRecord, RunRecord, SessionRecord, TrialRecord, held_by
from gdbench.record.rows import (
    CHANGE_SESSION,
    INSERT_RUN,
    curve_of,
    plan_of,
    problem_of,
    records_of,
    row_of,
    row_of_trial,
    run_of,
    run_to_judge,
    session_of,
    text_of,
    trial_of,
)
from gdbench.record.salvage import mend
from gdbench.record.tables import PAGE_SIZE, connect_to_read, prepare
from gdbench.reference.problem import ProblemRecord

#: Seconds in which a look at the lock, or a process that is just ending, lets go of it.
_LOCK_WAIT = 1.0


class Store(AbstractContextManager["Store"]):
    """Runs, problems, plans and sessions of one experiment. Use as a context manager, or `close()` it.

    notice: a sentence for the user, where a damaged store was moved aside; else "".
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, lock: ExitStack | None = None, notice: str = ""
    ) -> None:
        self._connection, self._lock = connection, lock or ExitStack()
        self._checked = CheckedRows(connection, path)
        self._pauses = Pauses(self._checked)
        self._session: int | None = None
        self.path, self.notice = path, notice

    @classmethod
    def open(cls, folder: Path, *, locked: bool = False) -> Store:
        """Open the store in a folder for writing, alone; make both where missing. locked: the lock is held."""
        path = folder / STORE_NAME
        with ExitStack() as stack, explained(path):
            make_folder(folder)
            try:
                if not locked:
                    stack.enter_context(exclusive(folder / LOCK_NAME, _LOCK_WAIT, "busy"))
            except Busy as error:
                raise Busy(_held_by(folder)) from error
            notice = mend(path)
            connection = connect(path)
            stack.callback(connection.close)
            teach(connection)
            connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
            connection.execute("PRAGMA journal_mode = WAL")
            # NORMAL is safe against kill -9 in WAL mode; a power cut may lose the last runs, never tear one.
            connection.execute("PRAGMA synchronous = NORMAL")
            prepare(connection, path)
            store = cls(connection, path, notice=notice)
            store._pauses.know()
            with transaction(connection):
                connection.execute("DELETE FROM holder")
                store._checked.put("holder", os.getpid(), platform.node(), time.time())
            store._lock = stack.pop_all()
            return store

    @classmethod
    def read(cls, folder: Path) -> Store:
        """Open an existing store for reading; the file is not changed, nor a writer disturbed."""
        path = folder / STORE_NAME
        with explained(path):
            return cls(connect_to_read(path), path)

    # --- runs

    def endings(self) -> list[Ending]:
        """How each finished run ended; no record is read."""
        return self._checked.endings()

    def keys(self) -> set[str]:
        """The keys of all finished runs."""
        return {key for key, *_ in self.endings()}

    def outcomes(self, keys: Iterable[str] | None = None) -> dict[str, str]:
        """Key → outcome of the finished runs among `keys`, in that order, or of all, as rules claimed it."""
        known = {key: outcome for key, outcome, *_ in self.endings()}
        return known if keys is None else {key: known[key] for key in keys if key in known}

    def last_finished(self) -> float | None:
        """When the last run ended, in Unix seconds; None before the first."""
        return max((float(finished) for _, _, _, finished, _ in self.endings()), default=None)

    def add(self, record: RunRecord, session: int | None = None) -> None:
        """Record one finished run in one transaction; a key that is there already is replaced.

        session: the number of the one that did it, by default the one that has begun here.
        """
        row = row_of(record, self._session if session is None else session)
        with explained(self.path):
            if not (record.result.paused or self._pauses.may_have(record.key)):
                self._connection.execute(INSERT_RUN, row)  # which is a transaction of its own
                return
            with self.at_once():
                self._connection.execute(INSERT_RUN, row)
                self._pauses.keep(record.key, record.result)

    def paused(self, key: str) -> str:
        """The state from which a run goes on that a race has paused; "" where there is none."""
        return self._pauses.of(key)

    def run(self, key: str) -> RunRecord:
        """One run by its key; raises KeyError."""
        for record in self.runs([key]):
            return record
        raise KeyError(key)

    def runs(self, keys: Iterable[str] | None = None, *, curves: bool = True) -> Iterator[RunRecord]:
        """Finished runs: those of `keys` in that order (missing ones are passed over), or all, by key.

        curves=False leaves curve and parameters empty and is much faster for many runs.
        """
        return records_of(self._checked, keys, run_of, curves=curves)

    def runs_to_judge(self, keys: Iterable[str]) -> Iterator[RunRecord]:
        """The same without curves and parameters, nor the evidence that only what converged is judged by."""
        return records_of(self._checked, keys, run_to_judge, curves=False)

    def curves(self, keys: Iterable[str]) -> Iterator[tuple[str, Curve]]:
        """(key, curve) of the same, for who has the records already."""
        return records_of(self._checked, keys, curve_of, curves=True)

    def further_series(self, keys: Iterable[str]) -> list[str]:
        """The names of the series that curves of these runs have besides the usual, sorted."""
        if self._checked.version < 3:
            return []
        wanted = set(keys)
        query = "SELECT runs.key, j.key FROM runs, json_each(runs.series) AS j WHERE series <> '{}'"
        return sorted({name for key, name in self._checked.select(query) if key in wanted}.difference(SERIES))

    def add_trial(self, trial: TrialRecord) -> None:
        """Record a remedy's trial in one transaction."""
        with self.at_once():
            self._checked.put("trials", *row_of_trial(trial), verb="INSERT OR REPLACE")

    def trials(self) -> list[TrialRecord]:
        """All that was tried, by key; nothing in stores of before."""
        return list(self._checked.of("trials", trial_of, "ORDER BY key")) if self._checked.version >= 4 else []

    # --- problems and plans

    def add_problem(self, problem: ProblemRecord) -> None:
        with self.at_once():
            self._checked.put("problems", problem.id, text_of(problem), verb="INSERT OR REPLACE")

    def problems(self) -> dict[str, ProblemRecord]:
        """All problems by id."""
        return {problem.id: problem for problem in self._checked.of("problems", problem_of, "ORDER BY id")}

    def add_plan(self, plan: PlanRecord) -> PlanRecord:
        """Record a plan as the latest. Asked again, it keeps the time of its first asking."""
        with self.at_once():
            known = self._connection.execute("SELECT created FROM plans WHERE id = ?", (plan.id,)).fetchone()
            plan = replace(plan, created=float(known[0] if known else plan.created))
            self._connection.execute("DELETE FROM plans WHERE id = ?", (plan.id,))
            self._checked.put("plans", self._next("plans"), plan.id, plan.created, text_of(plan))
        return plan

    def rename_plans(self, renamed: Mapping[str, PlanRecord]) -> None:
        """Put other plans in the place of those with these ids, and name them in their sessions."""
        sessions = self.numbered_sessions()
        with self.at_once():
            self.replace_plans([renamed.get(plan.id, plan) for plan in self.plans()])
            for number, session in sessions.items():
                plan_id = renamed[session.plan].id if session.plan in renamed else session.plan
                row = number, session.state, session.ended, text_of(replace(session, plan=plan_id))
                self._checked.put("sessions", *row, verb="INSERT OR REPLACE")

    def replace_plans(self, plans: Iterable[PlanRecord]) -> None:
        """These in this order, in the place of all that are there."""
        with self.at_once():
            self._connection.execute("DELETE FROM plans")
            for position, plan in enumerate(plans, 1):
                self._checked.put("plans", position, plan.id, float(plan.created), text_of(plan))

    def plans(self) -> list[PlanRecord]:
        """All plans, the one asked for last at the end."""
        return list(self._checked.of("plans", plan_of, "ORDER BY position"))

    def last_plan(self) -> PlanRecord | None:
        """The one asked for last; None before the first."""
        return next(self._checked.of("plans", plan_of, "ORDER BY position DESC LIMIT 1"), None)

    # --- sessions

    def begin_session(self, session: SessionRecord) -> int:
        """Record that a sweep begins; runs added from now on are its own. Gives its number.

        Sessions that are still called running were killed: the lock is ours.
        """
        with self.at_once():
            self._connection.execute(f"{CHANGE_SESSION} WHERE state = 'running'", ("killed", "killed"))
            number = self._next("sessions")
            self._checked.put("sessions", number, session.state, session.ended, text_of(session))
        self._session = number
        return number

    def add_earlier_session(self, session: SessionRecord) -> int:
        """Record one of elsewhere, before all that are here, whose last stays the last. Gives its number."""
        with self.at_once():
            number = min([0, *self.numbered_sessions()]) - 1
            self._checked.put("sessions", number, session.state, session.ended, text_of(session))
        return number

    def end_session(self, number: int, state: str, ended: float) -> None:
        """Record how a sweep went: "finished", "interrupted" or "failed". ended: Unix seconds, UTC."""
        with self.at_once():
            self._connection.execute("UPDATE sessions SET ended = ? WHERE number = ?", (float(ended), number))
            self._connection.execute(f"{CHANGE_SESSION} WHERE number = ?", (state, state, number))

    def sessions(self) -> list[SessionRecord]:
        """All sessions in their order."""
        return list(self.numbered_sessions().values())

    def numbered_sessions(self) -> dict[int, SessionRecord]:
        """The same, each with its number; nothing in stores of before."""
        if self._checked.version == 1:
            return {}
        return dict(self._checked.of("sessions", session_of, "ORDER BY number"))

    def sessions_of_runs(self) -> dict[str, int | None]:
        """Key → the number of the session that recorded it."""
        return {key: number for key, _, number, *_ in self.endings()}

    def untimed(self) -> set[str]:
        """Keys of the runs of sessions that are not comparable: their seconds say little."""
        crowded = {n for n, session in self.numbered_sessions().items() if not session.comparable}
        return (
            {key for key, _, number, *_ in self._checked.endings() if number in crowded} if crowded else set()
        )

    def holder(self) -> Holder | None:
        """Who opened the store for writing last; whether it still has it, `is_held` tells."""
        return next(self._checked.of("holder", Holder), None) if self._checked.version > 1 else None

    # --- the connection

    def _next(self, table: str) -> int:
        """The number of the next row."""
        column = CHECKED[table][0]
        ((last,),) = self._checked.select(f"SELECT max({column}) FROM {table}")  # noqa: S608  the words are ours
        return max(0, last or 0) + 1

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Make one transaction of all that is written in the block."""
        with explained(self.path), ExitStack() as stack:
            if not self._connection.in_transaction:
                stack.enter_context(transaction(self._connection))
            yield

    def close(self) -> None:
        self._lock.close()
        self._connection.close()

    def __exit__(self, *_: object) -> None:
        self.close()


def _held_by(folder: Path) -> str:
    """Who runs this experiment, as far as the store tells."""
    try:
        with Store.read(folder) as store:
            return held_by(folder, store.holder(), store.sessions()[-1:])
    except GdbenchError:
        return held_by(folder, None, ())  # it is being made, say
