"""The record: one SQLite file per experiment, one transaction per run, safe to kill at any instant.

The process that launches runs is the only writer, which a lock sees to; anyone may read meanwhile (WAL
mode). Floats come back bit for bit, NaN and infinity included.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, Self

from gdbench.descent.errors import GdbenchError
from gdbench.record.columns import SERIES
from gdbench.record.database import connect, explained, make_folder, move_aside_if_damaged, transaction
from gdbench.record.locate import STORE_NAME
from gdbench.record.lock import Busy, exclusive
from gdbench.record.records import PlanRecord, RunRecord, SessionRecord, TrialRecord
from gdbench.record.rows import (
    INSERT_RUN,
    plan_of,
    problem_of,
    result_of,
    row_of,
    run_of,
    select_runs,
    session_of,
    text_of,
    text_of_result,
)
from gdbench.record.tables import TABLES_VERSION, check_version, connect_to_read, prepare
from gdbench.reference.problem import ProblemRecord

LOCK_NAME = "store.lock"

#: Seconds in which a look at the lock, or a process that is just ending, lets go of it.
_LOCK_WAIT = 1.0


class Holder(NamedTuple):
    """A process that has a store for writing. since: Unix seconds, UTC."""

    pid: int
    host: str
    since: float


class Store:
    """Runs, problems, plans and sessions of one experiment. Use as a context manager, or `close()` it.

    notice: a sentence for the user, where a damaged store was moved aside; else "".
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, lock: ExitStack | None = None, notice: str = ""
    ) -> None:
        self._connection, self._lock = connection, lock or ExitStack()
        self._session: int | None = None
        self.path, self.notice = path, notice

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open the store in an experiment's folder for writing, alone; make both where missing."""
        path = folder / STORE_NAME
        with ExitStack() as stack, explained(path):
            make_folder(folder)
            try:
                stack.enter_context(exclusive(folder / LOCK_NAME, _LOCK_WAIT, "busy"))
            except Busy as error:
                raise Busy(_held_by(folder)) from error
            notice = move_aside_if_damaged(path)
            connection = connect(path)
            stack.callback(connection.close)
            check_version(connection, path, tuple(range(TABLES_VERSION + 1)))
            connection.execute("PRAGMA journal_mode = WAL")
            # NORMAL is safe against kill -9 in WAL mode; a power cut may lose the last runs, never tear one.
            connection.execute("PRAGMA synchronous = NORMAL")
            prepare(connection, path)
            with transaction(connection):
                connection.execute("DELETE FROM holder")
                me = (os.getpid(), platform.node(), time.time())
                connection.execute("INSERT INTO holder VALUES (?, ?, ?)", me)
            return cls(connection, path, stack.pop_all(), notice)

    @classmethod
    def read(cls, folder: Path) -> Store:
        """Open an existing store for reading; the file is not changed, nor a writer disturbed."""
        path = folder / STORE_NAME
        with explained(path):
            return cls(connect_to_read(path), path)

    # --- runs

    def keys(self) -> set[str]:
        """The keys of all finished runs."""
        return {key for (key,) in self._rows("SELECT key FROM runs")}

    def outcomes(self, keys: Iterable[str] | None = None) -> dict[str, str]:
        """Key → outcome of the finished runs among `keys`, in that order, or of all, as their rules claimed it.

        Reads no record; `gdbench.judgement.outcome` says what is shown.
        """
        outcome = "outcome" if self._version > 1 else "json_extract(result, '$.outcome')"
        known = dict(self._rows(f"SELECT key, {outcome} FROM runs"))  # noqa: S608  the words are ours
        return known if keys is None else {key: known[key] for key in keys if key in known}

    def last_finished(self) -> float | None:
        """When the last run ended, in Unix seconds; None before the first."""
        ((last,),) = self._rows("SELECT max(finished) FROM runs")
        return None if last is None else float(last)

    def add(self, record: RunRecord) -> None:
        """Record one finished run in one transaction; a key that is there already is replaced."""
        row = row_of(record, self._session)
        with explained(self.path), transaction(self._connection):
            self._connection.execute(INSERT_RUN, row)

    def run(self, key: str) -> RunRecord:
        """One run by its key; raises KeyError."""
        for record in self.runs([key]):
            return record
        raise KeyError(key)

    def runs(self, keys: Iterable[str] | None = None, *, curves: bool = True) -> Iterator[RunRecord]:
        """Finished runs: those of `keys` in that order (missing ones are passed over), or all, by key.

        curves=False leaves curve and parameters empty and is much faster for many runs.
        """
        query = select_runs(self._version, curves=curves)
        if keys is None:
            yield from map(run_of, self._rows(f"{query} ORDER BY key"))
        else:
            for key in keys:
                yield from map(run_of, self._rows(f"{query} WHERE key = ?", key))

    def further_series(self, keys: Iterable[str]) -> list[str]:
        """The names of the series that curves of these runs have besides the usual, sorted."""
        if self._version < 3:
            return []
        wanted = set(keys)
        rows = self._rows("SELECT runs.key, j.key FROM runs, json_each(runs.series) AS j WHERE series <> '{}'")
        return sorted({name for key, name in rows if key in wanted}.difference(SERIES))

    # --- trials

    def add_trial(self, trial: TrialRecord) -> None:
        """Record a remedy's trial in one transaction."""
        row = (trial.key, trial.of, trial.cause, trial.remedy, text_of_result(trial.result))
        with explained(self.path), transaction(self._connection):
            self._connection.execute("INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?)", row)

    def trials(self) -> list[TrialRecord]:
        """All that was tried, by key; nothing in stores of before."""
        if self._version < 4:
            return []
        rows = self._rows("SELECT key, of, cause, remedy, result FROM trials ORDER BY key")
        return [TrialRecord(key, of, cause, remedy, result_of(text)) for key, of, cause, remedy, text in rows]

    # --- problems and plans

    def add_problem(self, problem: ProblemRecord) -> None:
        with explained(self.path), transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO problems VALUES (?, ?)", (problem.id, text_of(problem))
            )

    def problems(self) -> dict[str, ProblemRecord]:
        """All problems by id."""
        problems = (problem_of(text) for (text,) in self._rows("SELECT record FROM problems ORDER BY id"))
        return {problem.id: problem for problem in problems}

    def add_plan(self, plan: PlanRecord) -> PlanRecord:
        """Record a plan as the latest. Asked again, it keeps the time of its first asking."""
        with explained(self.path), transaction(self._connection):
            known = self._connection.execute("SELECT created FROM plans WHERE id = ?", (plan.id,)).fetchone()
            plan = replace(plan, created=known[0]) if known else plan
            self._connection.execute("DELETE FROM plans WHERE id = ?", (plan.id,))
            self._connection.execute(
                "INSERT INTO plans (id, created, record) VALUES (?, ?, ?)",
                (plan.id, plan.created, text_of(plan)),
            )
        return plan

    def plans(self) -> list[PlanRecord]:
        """All plans, the one asked for last at the end."""
        return [plan_of(text) for (text,) in self._rows("SELECT record FROM plans ORDER BY position")]

    def last_plan(self) -> PlanRecord | None:
        """The one asked for last; None before the first."""
        rows = self._rows("SELECT record FROM plans ORDER BY position DESC LIMIT 1")
        return next((plan_of(text) for (text,) in rows), None)

    # --- sessions

    def begin_session(self, session: SessionRecord) -> int:
        """Record that a sweep begins; runs added from now on are its own. Gives its number.

        Sessions that are still called running were killed: the lock is ours.
        """
        with explained(self.path), transaction(self._connection):
            self._connection.execute("UPDATE sessions SET state = 'killed' WHERE state = 'running'")
            self._session = self._connection.execute(
                "INSERT INTO sessions (state, ended, record) VALUES (?, ?, ?)",
                (session.state, session.ended, text_of(session)),
            ).lastrowid
        assert self._session is not None
        return self._session

    def end_session(self, number: int, state: str, ended: float) -> None:
        """Record how a sweep went: "finished", "interrupted" or "failed". ended: Unix seconds, UTC."""
        with explained(self.path), transaction(self._connection):
            self._connection.execute(
                "UPDATE sessions SET state = ?, ended = ? WHERE number = ?", (state, ended, number)
            )

    def sessions(self) -> list[SessionRecord]:
        """All sessions in their order; the first has number 1."""
        if self._version == 1:
            return []
        return [
            session_of(*row) for row in self._rows("SELECT state, ended, record FROM sessions ORDER BY number")
        ]

    def recorded_in(self, session: int) -> int:
        """How many of the runs this session recorded."""
        if self._version == 1:
            return 0
        ((count,),) = self._rows("SELECT count(*) FROM runs WHERE session = ?", session)
        return int(count)

    def untimed(self) -> set[str]:
        """Keys of the runs of sessions that are not comparable: their seconds say little."""
        crowded = [n for n, session in enumerate(self.sessions(), 1) if not session.comparable]
        return {k for n in crowded for (k,) in self._rows("SELECT key FROM runs WHERE session = ?", n)}

    def holder(self) -> Holder | None:
        """Who opened the store for writing last; whether it still has it, `is_held` tells."""
        rows = self._rows("SELECT pid, host, since FROM holder") if self._version > 1 else iter(())
        return next((Holder(*row) for row in rows), None)

    # --- the connection

    @property
    def _version(self) -> int:
        """Of the tables; a writer may bring them up to date while we read."""
        ((version,),) = self._rows("PRAGMA user_version")
        return int(version)

    def _rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        with explained(self.path):
            yield from self._connection.execute(query, values)

    def close(self) -> None:
        self._lock.close()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _held_by(folder: Path) -> str:
    """Who runs this experiment, as far as the store tells."""
    try:
        with Store.read(folder) as store:
            holder, last = store.holder(), store.sessions()[-1:]
    except GdbenchError:
        # it is being made, say
        holder, last = None, []
    who = ""
    if holder:
        runner = [f", runner {s.runner}" for s in last if is_of(s, holder)]
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(holder.since))
        who = f" (process {holder.pid} on {holder.host}, since {since}{''.join(runner)})"
    return (
        f"{folder}: another gdbench{who} is running this experiment. "
        f"Wait for it, or end it; gdbench status {folder.name} shows how far it is."
    )


def is_of(session: SessionRecord, holder: Holder) -> bool:
    """Whether the process that has the store is in this session."""
    return session.state == "running" and (session.pid, session.host) == (holder.pid, holder.host)
