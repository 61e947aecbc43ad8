"""A sweep from plan to answer: every run is recorded, tracked beside, and told to a listener."""

from __future__ import annotations

import os
import platform
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gdbench.config.private import without_credentials
from gdbench.descent.recording.result import OUTCOMES
from gdbench.execution.interrupts import interruptible, undisturbed
from gdbench.execution.launch import launch, record_growth, record_plan, record_problems
from gdbench.execution.profiles.profile import Profile, available_cores
from gdbench.execution.selection import chosen
from gdbench.judgement.outcome import as_judged, is_to_judge, shown
from gdbench.judgement.stages import Results, grown
from gdbench.judgement.study import Study, study
from gdbench.judgement.trials.worth_trying import Trial, worth_trying
from gdbench.planning.plan import Run
from gdbench.record.locate import other_case
from gdbench.record.records import PlanRecord, RunRecord, SessionRecord
from gdbench.record.store import Store
from gdbench.session.beside import FEWEST_RUNS, MOST_RUNS, Beside, attached, beside
from gdbench.session.listener import Conclusion, Listener
from gdbench.session.racing import RaceUnderWay, race_of
from gdbench.session.sweep import Selection, Sweep
from gdbench.tracking.live_tracking import LiveTracking, has_room
from gdbench.tracking.sync import TrackingReport


def run(sweep: Sweep, listener: Listener | None = None) -> Conclusion | None:
    """Do the runs that are meant and have no result yet, each recorded the moment it is there.

    Ctrl-C ends it, and what finished is kept: the conclusion says so, or is None where it came while
    everything was being prepared or told. Raises GdbenchError where the store or the workers refuse.
    """
    listener = listener or Listener()
    told = sweep.uri is not None and FEWEST_RUNS <= len(sweep.plan.runs) <= MOST_RUNS and has_room()
    with beside(sweep.folder, wanted=told) as maker, Store.open(sweep.folder) as store:
        for notice in filter(None, (store.notice, other_case(sweep.results, sweep.folder.name))):
            listener.noticed(notice)
        recorded = sweep.recorded(store)
        selection = sweep.select(recorded)
        try:
            with interruptible():
                record_problems(sweep.plan, store)
                results = Results(store)
                if sweep.plan.stages:
                    sweep = replace(sweep, plan=grown(sweep.plan, results))
                    recorded = sweep.recorded(store)
                    selection = sweep.select(recorded)
                plan = record_plan(sweep.plan, store)
                race = race_of(sweep.plan, selection.meant, plan, store, sweep.wanted.again)
                if race:
                    raced = [*race.next(), *(run for run in selection.now if not race.holds(run))]
                    selection = selection._replace(now=raced[: sweep.wanted.limit])
                listener.announced(sweep.plan, selection)
                place = sweep.place(selection.now, store, recorded)
                sweep = replace(sweep, profile=place.profile)
                if place.why and selection.now:
                    listener.placed(str(place))
                return _Session(sweep, store, plan, listener, results, race, maker).carry_out(selection)
        except KeyboardInterrupt:
            listener.interrupted()
            return None


class _Session:
    """One go at a plan, and what it leaves behind in store and MLflow however it ends."""

    def __init__(
        self,
        sweep: Sweep,
        store: Store,
        plan: PlanRecord,
        listener: Listener,
        results: Results,
        race: RaceUnderWay | None = None,
        maker: Beside | None = None,
    ) -> None:
        self._sweep, self._store, self._plan, self._listener = sweep, store, plan, listener
        self._results, self._begun, self._race = results, set[str](), race
        self._maker = maker
        self._live: LiveTracking | None = None
        self._about: Study | None = None

    def carry_out(self, selection: Selection) -> Conclusion:
        sweep, runs = self._sweep, selection.now
        session = describe_session(sweep.profile, self._plan.id, len(runs), sweep.asked)
        state, tracked, about = "failed", None, None
        try:
            state = self._launched(runs, session)
            if self._maker and runs and self._reports(state):
                self._maker.begin()
            conclusion = self._concluded(selection, interrupted=state == "interrupted")
            self._listener.concluded(conclusion)
            about = conclusion.study if self._live else None
        except KeyboardInterrupt:
            state = "interrupted"
            raise
        finally:
            # whatever ends the sweep, a full disk, say: MLflow may not show it as running
            if self._live:
                tracked = self._tracked(self._live, state, about, changed=bool(runs))
        if tracked:
            self._listener.tracked(tracked)
        return replace(conclusion, tracked=tracked)

    def _launched(self, runs: Sequence[Run], session: SessionRecord) -> str:
        """How it went, as the store has it then."""
        sweep, number, state = self._sweep, None, "failed"
        try:
            with undisturbed():  # a signal finds a session that has begun, or none
                number = self._store.begin_session(session)
            if sweep.uri:
                self._live = LiveTracking(
                    sweep.folder, sweep.uri, sweep.results, self._plan.id, plan=self._plan
                )
            if self._maker and runs:
                self._maker.prepare()
            self._launch(runs, session)
            state = "finished"
        except KeyboardInterrupt:
            state = "interrupted"
        finally:
            if number is not None:
                self._store.end_session(number, state, time.time())
        return state

    def _concluded(self, selection: Selection, *, interrupted: bool) -> Conclusion:
        meant = selection.meant
        if self._sweep.plan.stages:
            meant = chosen(self._sweep.plan, self._sweep.wanted.only)
        claimed = self._store.outcomes(run.key for run in meant)
        if not interrupted and is_to_judge(claimed) and len(meant) == len(self._plan.runs):
            # the records are read once, for this and for the answer
            self._about = self._about or study(self._store, self._plan)
            outcomes = Counter(self._about.outcomes)
        else:
            outcomes = Counter(shown(self._store, claimed).values())
        return Conclusion(self._store, self._plan, outcomes, len(meant), interrupted, known=self._about)

    def _launch(self, runs: Sequence[Run], session: SessionRecord) -> None:
        sweep, problems, live = self._sweep, self._store.problems(), self._live
        self._begun |= {run.key for run in runs}

        def observe(run: Run, record: RunRecord) -> None:
            if sweep.plan.stages:
                self._results.add(run.key, record.result.outcome)
            self._listener.finished(run, as_judged(record, problems.get(record.problem)))
            if self._race:
                self._race.add(record)
            # what is paused may go on; if not, it is sent at the end
            if live and not OUTCOMES[record.result.outcome].unfinished:
                live.follow(run.key)

        self._listener.began(runs, session)
        try:
            launch(
                sweep.plan,
                runs,
                self._store,
                sweep.profile,
                observe,
                fail_fast=sweep.fail_fast,
                further=self._next,
                pause=self._race.pause if self._race else lambda _: None,
                trials=self._trials,
                remark=self._listener.remarked,
            )
            if self._race and self._race.remark:
                self._listener.remarked(self._race.remark)
        finally:
            self._listener.ended()

    def _next(self) -> Sequence[Run]:
        """What follows from what has come back: in a race, or by a stage."""
        raced = self._race.next() if self._race and self._sweep.wanted.limit is None else []
        if raced:
            self._listener.grew(raced)
        return [*raced, *self._further()]

    def _further(self) -> Sequence[Run]:
        """The runs that follow from what has come back, once they are written down."""
        before = self._sweep.plan
        plan = grown(before, self._results)
        if (plan.runs, plan.grows) == (before.runs, before.grows):
            return ()
        self._sweep = replace(self._sweep, plan=plan)
        with undisturbed():
            self._plan = record_growth(self._plan, plan, self._store)
        runs = self._sweep.more(self._sweep.recorded(self._store), self._begun)
        self._begun |= {run.key for run in runs}
        if runs:
            self._listener.grew(runs)
        return runs

    def _trials(self) -> Sequence[Trial]:
        """The remedies that are worth a few steps, once every run of the plan is recorded."""
        if self._plan.grows or len(self._plan.runs) > MOST_RUNS:
            return ()
        if len(self._sweep.recorded(self._store)) < len(self._plan.runs):
            return ()
        about = study(self._store, self._plan)
        trials = worth_trying(about, self._store)
        # what it says changes with what is tried, and with nothing else from now on
        self._about = None if trials else about
        return trials

    def _tracked(self, live: LiveTracking, state: str, about: Study | None, *, changed: bool) -> TrackingReport:
        """Have all of it sent. changed: whether there is something new to tell of the plan."""
        files: Mapping[str, Path] = {}
        live.hurry()
        try:
            if about and self._reports(state) and (changed or live.lacks_files()):
                files = self._attached(about, beside=changed)
        except KeyboardInterrupt:
            state = "interrupted"
            raise
        finally:
            report = live.close(interrupted=state == "interrupted", files=files, about=about)
        return report

    def _reports(self, state: str) -> bool:
        """Whether there can be a report for MLflow."""
        return state == "finished" and has_room()

    def _attached(self, about: Study, *, beside: bool) -> Mapping[str, Path]:
        """beside: whether the process for it has been told to begin."""
        if self._maker and beside:
            return self._maker.attached(about, self._listener.unreported)
        return attached(about, self._store, self._listener.unreported)


def describe_session(profile: Profile, plan: str, missing: int, asked: Sequence[str] = ()) -> SessionRecord:
    """The session that begins now, in this process, without anything that should stay secret.

    plan: its id.  missing: runs there are to do.  asked: the words that chose the profile.
    """
    return SessionRecord(
        plan=plan,
        started=time.time(),
        runner=profile.name,
        kind=profile.kind,
        workers=profile.worker_count,
        cores=available_cores(),
        host=platform.node(),
        pid=os.getpid(),
        missing=missing,
        timeout=profile.timeout,
        memory_limit=profile.memory_limit,
        retries=profile.retries,
        options=tuple(sorted(profile.options)),
        address=without_credentials(str(profile.options.get("address") or "")),
        comparable=profile.comparable,
        asked=tuple(asked),
    )
