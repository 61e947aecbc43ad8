"""gdbench run: the terminal as the listener of a sweep, and what to do next."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypedDict

import click

from gdbench.cli import OK, RUN_FAILED
from gdbench.cli.consoles import say_line, say_unreported, summary_output, talk
from gdbench.cli.progress import Progress
from gdbench.cli.streams import put, put_json, say
from gdbench.cli.words import counted, outcome_counts, planned
from gdbench.config.outside import argument, command
from gdbench.descent.errors import GdbenchError
from gdbench.execution import interrupts
from gdbench.judgement.expectations import Check, tally
from gdbench.judgement.stages import grown_by
from gdbench.planning.plan import Plan, Run
from gdbench.plugins.guard import Consent
from gdbench.record.locate import words_for
from gdbench.record.records import RunRecord, SessionRecord
from gdbench.report.page.terminal import summary
from gdbench.session.listener import Conclusion, Listener
from gdbench.session.run import run
from gdbench.session.sweep import Selection, Sweep, prepare
from gdbench.tracking.server.address import masked, words_for_address
from gdbench.tracking.sync import TrackingReport

#: Beyond so many runs, `gdbench run` asks.
MANY = 10_000


class Options(TypedDict):
    """What the command line says of a sweep: see `gdbench.session.sweep.prepare`."""

    runner: str
    workers: int | None
    overrides: Sequence[str]
    only: Sequence[str]
    again: Sequence[str]
    limit: int | None
    fail_fast: bool
    tracking: bool
    tracking_uri: str | None


def run_config(
    config: Path, results: Path, options: Options, *, dry_run: bool, yes: bool, as_json: bool, quiet: bool
) -> int:
    """Run it, tell it in the terminal, and return the exit status."""
    return run_configs([config], results, options, dry_run=dry_run, yes=yes, as_json=as_json, quiet=quiet)


def run_configs(
    configs: Sequence[Path],
    results: Path,
    options: Options,
    *,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """The same of several, one after the other, once all are found right; and what they came to together."""
    if dry_run:
        Consent.tell = say
    sweeps = [prepare(config, results, **options) for config in configs]
    if dry_run:
        for sweep in sweeps:
            _preview(sweep)
        return OK
    for sweep in sweeps:
        confirm_size(sweep.plan, yes=yes)
    wrong, checked = list[str](), list[Check]()
    for sweep in sweeps:
        terminal = Terminal(results, sweep.uri, as_json=as_json, quiet=quiet)
        conclusion = run(sweep, terminal)
        if conclusion is None or conclusion.interrupted:
            return interrupts.status()
        checked += terminal.checked
        if conclusion.undone or any(check.wrong for check in terminal.checked):
            wrong.append(sweep.plan.experiment.name)
    if len(sweeps) > 1:
        kept = f"not as they should be: {', '.join(wrong)}" if wrong else "all as they should be"
        say("; ".join(filter(None, [f"{len(sweeps)} experiments", tally(checked), kept])))
    return RUN_FAILED if wrong else OK


def _preview(sweep: Sweep) -> None:
    """What would run, a line each on stdout; how many, on stderr."""
    plan = grown_by(sweep.plan, sweep.folder)
    selection, place = sweep.preview()
    profile = place.profile
    for one in selection.now:
        put(f"{one.key}  {one.label}")
    say(
        f"{plan.experiment.name}: {len(selection.now)} of {planned(plan)} would run on {profile.name} with "
        f"{counted(profile.worker_count, 'worker')}; {selection.before} are done before"
    )
    if place.why and selection.now:
        say(str(place))


def confirm_size(plan: Plan, *, yes: bool) -> None:
    """Ask before a plan of more than 10,000 runs; without a terminal to ask in, `--yes` must have said it.

    Raises click.Abort where the answer is no, and GdbenchError where nobody can answer.
    """
    count = len(plan.runs)
    if count <= MANY or yes:
        return
    question = f"{plan.experiment.name} has {count:,} runs, more than {MANY:,}"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise GdbenchError(
            f"{question}. Add --yes to run them all; "
            f"{command(['gdbench', 'plan', argument(plan.experiment.path)])} shows them."
        )
    click.confirm(f"{question}. Run them all?", abort=True, err=True)


class Terminal(Listener):
    """Results on stdout, everything else on stderr.

    results: the folder that commands are to name.  uri: the MLflow address that they are to name, if any.
    as_json: the answer alone, for a program to read.  quiet: no progress; only the summary.
    """

    def __init__(self, results: Path, uri: str | None, *, as_json: bool, quiet: bool) -> None:
        self._where = words_for(results)
        self._address = words_for_address(uri, results) if uri else []
        self._as_json, self._quiet, self._resume = as_json, quiet, _same_command()
        self._out, self._talk = summary_output(), talk()
        self._progress: Progress | None = None
        self._running = ExitStack()
        self._name = ""
        self.checked: list[Check] = []

    def noticed(self, notice: str) -> None:
        self._say(notice, "store:")

    def announced(self, plan: Plan, selection: Selection) -> None:
        for doubt in plan.doubts:
            self._say(doubt, "unwise:")
        if self._quiet:
            return
        total, meant, now = len(plan.runs), len(selection.meant), len(selection.now)
        parts = [planned(plan) if meant == total else f"{meant} of {planned(plan)}"]
        if selection.before:
            parts.append(f"{selection.before} of them done before")
        if now < meant - selection.before:
            parts.append(f"{now} of the rest now")
        self._say(f"{plan.experiment.name}: {', '.join(parts)}")

    def placed(self, where: str) -> None:
        if not self._quiet:
            self._say(where)

    def began(self, runs: Sequence[Run], session: SessionRecord) -> None:
        if runs and not session.comparable:
            self._say(
                f"{session.workers} workers share {session.cores} cores: the seconds of these runs are not "
                "comparable. Choose fewer --workers to compare times.",
                "unwise:",
            )
        self._progress = self._running.enter_context(Progress(self._talk, runs, quiet=self._quiet))

    def finished(self, run: Run, record: RunRecord) -> None:
        if self._progress:
            self._progress.finished(run, record)

    def grew(self, runs: Sequence[Run]) -> None:
        if self._progress:
            self._progress.grew(runs)

    def ended(self) -> None:
        self._running.close()

    def remarked(self, sentence: str) -> None:
        self._say(sentence, "to know:")

    def unreported(self, reason: str) -> None:
        say_unreported(reason)

    def concluded(self, conclusion: Conclusion) -> None:
        """The summary, and what to do next."""
        self._name = conclusion.plan.experiment
        self._print_results(conclusion)
        self.checked = conclusion.checks()
        self._say_left(conclusion)
        if conclusion.whole:
            self._say_next(conclusion)
        if conclusion.undone and not conclusion.interrupted:
            self._say(f"{conclusion.undone_in_words}; to try again: {self._resume} --rerun failed")

    def _print_results(self, conclusion: Conclusion) -> None:
        if self._as_json:
            put_json(conclusion.to_plain())
            return
        # a program finds the counts by themselves; who reads finds them above the settings, once
        whole = (
            conclusion.meant == len(conclusion.plan.runs) and conclusion.outcomes and not conclusion.interrupted
        )
        if not (self._out.is_terminal and whole):
            self._out.line(outcome_counts(conclusion.outcomes) or "no run finished")
        if not conclusion.interrupted:
            self._out.print(summary(conclusion.store, conclusion.study))

    def interrupted(self) -> None:
        self._say(f"{interrupts.word()}. What finished is recorded; to go on: {self._resume}")

    def tracked(self, report: TrackingReport) -> None:
        if report.error:
            self._say(report.error, "tracking:")
        for remark in report.remarks:
            self._say(remark, "tracking:")
        if report.left:
            sync = ["gdbench", "sync", self._name, *self._where, *self._address]
            self._say(f"{report.left} runs wait for: {command(sync)}")
        if report.page:
            self._say(f"see them at {report.page}")

    def _say_left(self, conclusion: Conclusion) -> None:
        left, done = conclusion.left, conclusion.outcomes.total()
        if conclusion.interrupted:
            self._say(f"{interrupts.word()}: {done} of {conclusion.meant} runs are recorded, {left} are left")
        more = conclusion.plan.grows
        if (left or more) and (conclusion.interrupted or not self._quiet):
            what = f"{f'at least {left}' if more else left} runs are left; " if left else "more runs follow; "
            self._say(f"{'' if conclusion.interrupted else what}to go on: {self._resume}")

    def _say_next(self, conclusion: Conclusion) -> None:
        """Where to look, and the next experiment worth running."""
        name = conclusion.plan.experiment
        report = ["gdbench", "report", name, *self._where]
        ui = ["gdbench", "ui", "--experiment", name, *self._where, *self._address]
        self._say(f"see: {command(report)} · {command(ui)}")
        if not self._quiet:
            self._say(f"next: {conclusion.next().line_for(self._where)}")

    def _say(self, line: str, sign: str = "") -> None:
        say_line(self._talk, line, sign)


def _same_command() -> str:
    """The command line that was given, with no password in it."""
    return command(["gdbench", *(masked(word, word) for word in sys.argv[1:])])
