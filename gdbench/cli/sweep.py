"""One sweep as the terminal shows it: progress, tracking beside it, summary, and what to do next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from gdbench.cli.progress import Progress, outcome_counts
from gdbench.execution.launch import launch, missing_runs, record_plan, record_problems
from gdbench.execution.profiles import Profile
from gdbench.execution.records import PlanRecord
from gdbench.execution.store import Store
from gdbench.experiment.plan import Plan, Run
from gdbench.report.terminal import summary
from gdbench.tracking.follower import Follower
from gdbench.tracking.report import TrackingReport


@dataclass(frozen=True)
class Sweep:
    """Where and how a plan is run. uri: the MLflow address, or None for no tracking."""

    plan: Plan
    store: Store
    results: Path
    profile: Profile
    uri: str | None
    quiet: bool = False
    out: Console = field(default_factory=Console)
    talk: Console = field(default_factory=lambda: Console(stderr=True))

    def run(self) -> tuple[Counter[str], bool]:
        """(outcomes of the whole plan, whether it was interrupted)."""
        runs = missing_runs(self.plan, self.store)
        record_problems(self.plan, self.store)
        record = record_plan(self.plan, self.store)
        self._announce(len(runs))
        follower = Follower(self.store.path.parent, self.uri, self.results, record.id) if self.uri else None
        interrupted = False
        try:
            self._launch(runs, follower)
        except KeyboardInterrupt:
            interrupted = True
        except BaseException:
            # a full disk, say: the sweep is over, and MLflow must not show it as running
            if follower:
                follower.close(interrupted=True)
            raise
        tracked = follower.close(interrupted=interrupted) if follower else None
        return self._conclude(record, tracked, interrupted=interrupted), interrupted

    def _launch(self, runs: list[Run], follower: Follower | None) -> None:
        with Progress(self.talk, len(runs), quiet=self.quiet) as progress:

            def observe(run: Run, outcome: str) -> None:
                progress.finished(outcome)
                if follower:
                    follower.follow(run.key)

            launch(self.plan, runs, self.store, self.profile, lambda run, r: observe(run, r.result.outcome))

    def _announce(self, missing: int) -> None:
        for doubt in self.plan.doubts:
            self.talk.print(f"[yellow]unwise:[/] {doubt}", highlight=False)
        if self.quiet:
            return
        total = len(self.plan.runs)
        done = f", {total - missing} of them done before" if missing < total else ""
        self.talk.print(f"{self.plan.experiment.name}: {total} runs{done}", highlight=False)

    def _conclude(
        self, record: PlanRecord, tracked: TrackingReport | None, *, interrupted: bool
    ) -> Counter[str]:
        """Print the summary, and say what to do next."""
        name = record.experiment
        results = [r.result for r in self.store.runs((run.key for run in record.runs), curves=False)]
        counts = Counter(result.outcome for result in results)
        self.out.print(summary(self.store, record))
        self.out.print(outcome_counts(counts) or "no run finished", highlight=False)
        if tracked and tracked.error:
            self.talk.print(f"[yellow]tracking:[/] {tracked.error}", highlight=False)
            self.talk.print(f"{tracked.left} runs wait for: gdbench sync {name}", highlight=False)
        if interrupted:
            left = len(record.runs) - len(results)
            self.talk.print(
                f"interrupted: {left} runs are left; run the same command to go on", highlight=False
            )
        else:
            self.talk.print(f"next: gdbench report {name} · gdbench ui --experiment {name}", highlight=False)
        return counts
