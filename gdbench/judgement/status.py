"""How an experiment stands, asked from outside while it runs or long after: only the store is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from gdbench.descent.recording.plain import plain_of
from gdbench.descent.recording.result import TRIED_AGAIN
from gdbench.judgement.outcome import shown
from gdbench.record.lock import LOCK_NAME, is_held
from gdbench.record.records import Holder, PlanRecord, SessionRecord, is_of
from gdbench.record.store import Store
from gdbench.record.tables import Unmade


@dataclass(frozen=True)
class Status:
    """What is known of an experiment and of the plan that was asked for last.

    state: "running"; "finished"; "interrupted", "failed" or "killed", as the last session ended;
        "unfinished", where that left runs undone and says nothing of it; "empty" without a plan.
    outcomes: of the plan's runs that have one, judged.  written: when the last run was recorded, Unix seconds.
    session: the last one, its own where one is running.  recorded: runs that it has recorded.
    """

    name: str
    state: str
    plan: PlanRecord | None
    session: SessionRecord | None
    holder: Holder | None
    outcomes: Counter[str]
    written: float | None
    recorded: int

    @property
    def total(self) -> int:
        return len(self.plan.runs) if self.plan else 0

    @property
    def grows(self) -> bool:
        """Whether there may be more runs than are known."""
        return self.plan is not None and self.plan.grows

    @property
    def done(self) -> int:
        return self.outcomes.total()

    @property
    def left(self) -> int:
        """Runs that the next session would do: those without a result, and crashed ones."""
        return self.total - self.done + sum(self.outcomes[outcome] for outcome in TRIED_AGAIN)

    def pace(self, now: float) -> float | None:
        """Runs per second of the session that is running; None before its first.  now: Unix seconds."""
        if self.state != "running" or not self.session or not self.recorded or now <= self.session.started:
            return None
        return self.recorded / (now - self.session.started)

    def time_left(self, now: float) -> float | None:
        """Seconds until the running session has done what it set out to do; None where that may grow."""
        pace = self.pace(now)
        if pace is None or not self.session or self.grows:
            return None
        return max(0, self.session.missing - self.recorded) / pace

    def to_plain(self, now: float) -> dict[str, object]:
        """JSON-plain, for a program to read.  now: Unix seconds."""
        plan, session = self.plan, self.session
        return {
            "name": self.name,
            "state": self.state,
            "plan": plan.id if plan else None,
            "config": plan.config_path if plan else None,
            "overrides": list(plan.overrides) if plan else [],
            "total": self.total,
            "grows": self.grows,
            "done": self.done,
            "left": self.left,
            "outcomes": dict(self.outcomes),
            "written": self.written,
            "session": {**plain_of(session), "recorded": self.recorded} if session else None,
            "holder": self.holder._asdict() if self.holder else None,
            "runs_per_second": self.pace(now),
            "seconds_left": self.time_left(now),
        }


def status_of(folder: Path) -> Status:
    """Raises GdbenchError where the store cannot be read."""
    # first the lock: a sweep that ends in between is then seen as it ended
    running = is_held(folder / LOCK_NAME)
    try:
        return _of_store(folder, running=running)
    except Unmade:
        state = "running" if running else "empty"
        return Status(folder.name, state, None, None, None, Counter(), None, 0)


def _of_store(folder: Path, *, running: bool) -> Status:
    with Store.read(folder) as store:
        plan, sessions = store.last_plan(), store.numbered_sessions()
        holder = store.holder() if running else None
        number, session = max(sessions.items(), key=itemgetter(0), default=(0, None))
        if holder and session and not is_of(session, holder):
            session = None  # it is still preparing, and has not begun its own
        endings = store.endings()
        planned = {run.key for run in plan.runs} if plan else set()
        claimed = {key: outcome for key, outcome, *_ in endings if key in planned}
        outcomes = Counter(shown(store, claimed).values())
        return Status(
            name=folder.name,
            state="running" if running else _state(plan, session, outcomes),
            plan=plan,
            session=session,
            holder=holder,
            outcomes=outcomes,
            written=max(map(itemgetter(3), endings), default=None),
            recorded=list(map(itemgetter(2), endings)).count(number) if session else 0,
        )


def _state(plan: PlanRecord | None, session: SessionRecord | None, outcomes: Counter[str]) -> str:
    """Of an experiment that is not running."""
    if plan is None:
        return "empty"
    if session and session.state in ("interrupted", "failed"):
        return session.state
    if session and session.state in ("running", "killed"):
        return "killed"
    return "finished" if outcomes.total() == len(plan.runs) and not plan.grows else "unfinished"
