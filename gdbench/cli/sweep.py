"""One sweep as the terminal shows it: progress, tracking beside it, summary, and what to do next."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from gdbench.cli.attachments import attachments
from gdbench.cli.progress import Progress, outcome_counts
from gdbench.descent.recording.result import UNDONE
from gdbench.execution.interrupts import interruptible
from gdbench.execution.launch import launch, record_plan, record_problems
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.selection import chosen, to_do
from gdbench.judgement.next_experiment import advice
from gdbench.planning.plan import Plan, Run
from gdbench.record.records import PlanRecord, RunRecord
from gdbench.record.store import Store
from gdbench.report.page.terminal import summary
from gdbench.session.description import describe_session
from gdbench.tracking.live_tracking import LiveTracking
from gdbench.tracking.report import TrackingReport

#: Columns of a table that goes to a file or a pipe.
_PIPE = 140

#: Runs of a plan beyond which MLflow gets no report by itself: to write it would take longer than to read it.
_ATTACHED = 1000


def _console() -> Console:
    """Of stdout; a file or a pipe has room, unless COLUMNS says otherwise."""
    console = Console()
    return console if console.is_terminal or "COLUMNS" in os.environ else Console(width=_PIPE)


@dataclass(frozen=True)
class Wanted:
    """Which runs are meant: see `gdbench.execution.selection`. limit: of those that are begun now."""

    only: Sequence[str] = ()
    again: Sequence[str] = ()
    limit: int | None = None


@dataclass(frozen=True)
class Sweep:
    """Where and how a plan is run.

    uri: the MLflow address, or None for no tracking.  asked: the words that chose the profile.
    resume: the command that goes on where this one stops.
    """

    plan: Plan
    store: Store
    results: Path
    profile: Profile
    uri: str | None
    quiet: bool = False
    wanted: Wanted = Wanted()
    fail_fast: bool = False
    asked: Sequence[str] = ()
    resume: str = "the same command"
    out: Console = field(default_factory=_console)
    talk: Console = field(default_factory=lambda: Console(stderr=True))

    def run(self) -> tuple[Counter[str], bool]:
        """(outcomes of the runs that were meant, whether it was interrupted)."""
        if self.store.notice:
            self._say(f"[yellow]store:[/] {self.store.notice}")
        meant = chosen(self.plan, self.wanted.only)
        runs = to_do(meant, self.store.outcomes(run.key for run in meant), self.wanted.again)
        before, runs = len(meant) - len(runs), runs[: self.wanted.limit]
        try:
            with interruptible():
                record_problems(self.plan, self.store)
                record = record_plan(self.plan, self.store)
                self._announce(len(meant), before, len(runs))
                interrupted, tracked = self._session(record, runs)
                return self._conclude(record, meant, tracked, interrupted=interrupted), interrupted
        except KeyboardInterrupt:
            # it came while everything was being prepared, or told
            self._say(f"interrupted. What finished is recorded; to go on: {self.resume}")
            return Counter(), True

    def _session(self, record: PlanRecord, runs: list[Run]) -> tuple[bool, TrackingReport | None]:
        """Do the runs, and leave behind how that went: (whether it was interrupted, what was tracked)."""
        session = describe_session(self.profile, record.id, len(runs), self.asked)
        if not session.comparable and runs:
            self._say(
                f"[yellow]unwise:[/] {session.workers} workers share {session.cores} cores: the seconds of "
                "these runs are not comparable. Choose fewer --workers to compare times."
            )
        number = self.store.begin_session(session)
        follower = LiveTracking(self.store.path.parent, self.uri, self.results, record.id) if self.uri else None
        state = "failed"
        try:
            self._launch(runs, follower)
            state = "finished"
        except KeyboardInterrupt:
            state = "interrupted"
        finally:
            # a full disk, say: the sweep is over, and neither the store nor MLflow may show it as running
            tracked = self._end(number, state, follower, record if runs else None)
        return state == "interrupted", tracked

    def _end(
        self, number: int, state: str, follower: LiveTracking | None, changed: PlanRecord | None
    ) -> TrackingReport | None:
        """changed: the plan, where there is something new to tell of it."""
        files: Mapping[str, Path] = {}
        try:
            self.store.end_session(number, state, time.time())
            if follower and state == "finished" and changed and len(changed.runs) <= _ATTACHED:
                files = attachments(self.store.path.parent, changed)
        finally:
            tracked = follower.close(interrupted=state == "interrupted", files=files) if follower else None
        return tracked

    def _launch(self, runs: list[Run], follower: LiveTracking | None) -> None:
        with Progress(self.talk, runs, quiet=self.quiet) as progress:

            def observe(run: Run, record: RunRecord) -> None:
                progress.finished(run, record)
                if follower:
                    follower.follow(run.key)

            launch(self.plan, runs, self.store, self.profile, observe, fail_fast=self.fail_fast)

    def _announce(self, meant: int, before: int, now: int) -> None:
        for doubt in self.plan.doubts:
            self._say(f"[yellow]unwise:[/] {doubt}")
        if self.quiet:
            return
        total = len(self.plan.runs)
        told = [f"{total} runs" if meant == total else f"{meant} of {total} runs"]
        if before:
            told.append(f"{before} of them done before")
        if now < meant - before:
            told.append(f"{now} of the rest now")
        self._say(f"{self.plan.experiment.name}: {', '.join(told)}")

    def _conclude(
        self, record: PlanRecord, meant: list[Run], tracked: TrackingReport | None, *, interrupted: bool
    ) -> Counter[str]:
        """Print the summary, and say what to do next."""
        name = record.experiment
        counts = Counter(self.store.outcomes(run.key for run in meant).values())
        if not interrupted:
            self.out.print(summary(self.store, record))
        self.out.print(outcome_counts(counts) or "no run finished", highlight=False)
        if tracked and tracked.error:
            self._say(f"[yellow]tracking:[/] {tracked.error}")
        if tracked and tracked.left:
            self._say(f"{tracked.left} runs wait for: gdbench sync {name}")
        left = len(meant) - counts.total() + counts["crashed"]
        if interrupted:
            self._say(f"interrupted: {counts.total()} of {len(meant)} runs are recorded, {left} are left")
        if left and (interrupted or not self.quiet):
            self._say(f"{'' if interrupted else f'{left} runs are left; '}to go on: {self.resume}")
        if tracked and tracked.page:
            self._say(f"see them at {tracked.page}")
        if not (interrupted or left or self.quiet):
            self._advise(record)
        if not (interrupted or left):
            self._say(f"next: gdbench report {name} · gdbench ui --experiment {name}")
        undone = counts.total() - Counter({k: v for k, v in counts.items() if k not in UNDONE}).total()
        if undone and not interrupted:
            self._say(f"{undone} runs did not do their work; to try them again: {self.resume} --rerun failed")
        return counts

    def _advise(self, record: PlanRecord) -> None:
        """The next experiment worth running, as a config that can be saved."""
        said = advice(self.store, record) if len(record.runs) <= _ATTACHED else ""
        if said:
            self._say("")
            self.talk.print(said.rstrip(), highlight=False, markup=False, soft_wrap=True)
            self._say("")

    def _say(self, line: str) -> None:
        self.talk.print(line, highlight=False, soft_wrap=True)
