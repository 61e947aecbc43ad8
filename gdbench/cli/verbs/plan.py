"""gdbench plan: what a config asks for, before anything runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rich.text import Text

from gdbench.cli.consoles import Output, say_line, talk
from gdbench.cli.streams import put_json, say
from gdbench.config.experiment import load_experiment
from gdbench.config.grid.axes import AUTO
from gdbench.config.outside import argument, command
from gdbench.config.wording import ShownLabels, label
from gdbench.execution.auto import placed
from gdbench.execution.outlook import Outlook, Prospect, outlook
from gdbench.execution.profiles.profile import AUTO as AUTO_RUNNER
from gdbench.execution.profiles.profile_files import load_profile
from gdbench.judgement.stages import grown_by
from gdbench.planning.plan import Plan, make_plan
from gdbench.plugins.guard import Consent
from gdbench.record.locate import words_for
from gdbench.report.page.fitted import Fitted, FittedColumn

#: Reasons of what is skipped that are printed.
REASONS = 10


def show_plan(
    config: Path, overrides: Sequence[str], results: Path, *, as_json: bool, most: int | None
) -> None:
    """The runs that a config asks for, which are done already, and what the others will take.

    most: rows of the table, or None for all.
    """
    Consent.tell = say
    plan = make_plan(load_experiment(config, overrides))
    plan = grown_by(plan, results / plan.experiment.name)
    ahead = outlook(plan, results / plan.experiment.name)
    if as_json:
        put_json(_plain(plan, ahead))
    else:
        _print(plan, ahead, results, most)


def _plain(plan: Plan, ahead: Outlook) -> dict[str, object]:
    return {
        "name": plan.experiment.name,
        "id": plan.id,
        "config": str(plan.experiment.path),
        "overrides": list(plan.experiment.overrides),
        "varying": list(plan.varying),
        "totals": {
            "runs": len(plan.runs),
            "done": len(plan.runs) - len(ahead.left),
            "left": len(ahead.left),
            "skipped": len(plan.skipped),
            "grows": plan.grows,
            "iterations_at_most": ahead.iterations,
            "evaluations_at_most": ahead.evaluations,
            "seconds_at_most": ahead.seconds,
            "runs_timed": ahead.timed,
            "runs_measured": ahead.measured,
        },
        "doubts": list(plan.doubts),
        "skipped": [{"label": left.label, "reason": left.reason} for left in plan.skipped],
        "runs": [{**prospect.to_plain(), "spec": prospect.run.spec} for prospect in ahead.prospects],
    }


def _print(plan: Plan, ahead: Outlook, results: Path, most: int | None) -> None:
    out = Output()
    for doubt in plan.doubts:
        say_line(talk(), doubt, "unwise:")
    for line in _head(plan):
        out.print(Text(line))
    rows = list(_combinations(ahead))
    out.table(_table(plan, rows[:most]))
    if len(rows) > len(rows[:most]):
        more = len(rows) - len(rows[:most])
        out.line(f"… and {more:,} more rows: --all shows them, --json tells everything")
    for line in (*_skipped(plan), *_race(plan, ahead), _totals(plan, ahead)):
        out.print(Text(line))
    if ahead.left:
        place = placed(load_profile(AUTO_RUNNER), plan, [prospect.run for prospect in ahead.left])
        if place.why:
            say_line(talk(), str(place))
        say_line(talk(), f"next: {_run_command(plan, results)}")


def _head(plan: Plan) -> Iterator[str]:
    """Name, data, and what is the same in every run."""
    experiment = plan.experiment
    yield f"{experiment.name}: {experiment.description}" if experiment.description else experiment.name
    datasets = {p.dataset.label: p.dataset.table for p in plan.problems.values() if p.dataset}
    for name, table in datasets.items():
        yield f"  data: {name} ({len(table.rows)} rows × {table.features} features)"
    same = [
        f"{axis} {label(choices[0].to_plain())}"
        for axis, choices in experiment.grid.items()
        if axis not in plan.varying
        and len(choices) == 1
        and label(choices[0].to_plain()) not in ("none", "full", AUTO)
    ]
    yield f"  in every run: {' · '.join(same)}"
    yield ""


def _combinations(ahead: Outlook) -> Iterator[list[Prospect]]:
    """The runs that differ by their replicate only, which follow one another."""

    def combination(prospect: Prospect) -> list[tuple[str, object]]:
        return [item for item in prospect.run.spec.items() if item[0] != "replicate"]

    return (list(group) for _, group in groupby(ahead.prospects, combination))


def _table(plan: Plan, rows: Sequence[Sequence[Prospect]]) -> Fitted:
    axes = plan.varying or ("model" if plan.experiment.sources else "surface",)
    timed = any(prospect.seconds is not None for row in rows for prospect in row)
    columns = [
        *(FittedColumn("η" if axis == "learning_rate" else axis.replace("_", " ")) for axis in axes),
        FittedColumn("runs", number=True),
        FittedColumn("iterations ≤", number=True, spare=1),
        FittedColumn("evaluations ≤", number=True, spare=3),
        *([FittedColumn("seconds ≤", number=True, spare=2)] if timed else []),
        FittedColumn("done"),
    ]
    said = {axis: ShownLabels(row[0].run.spec[axis] for row in rows) for axis in axes}
    cells = [
        [
            *(said[axis](row[0].run.spec[axis]) for axis in axes),
            str(len(row)),
            _count(row[0].iterations),
            _count(row[0].evaluations),
            *([_seconds(row[0].seconds)] if timed else []),
            _done(row),
        ]
        for row in rows
    ]
    return Fitted(columns, cells, command(["gdbench", "plan", argument(plan.experiment.path), "--json"]))


def _done(row: Sequence[Prospect]) -> str:
    outcomes = Counter(prospect.outcome for prospect in row if prospect.outcome)
    of = f"/{len(row)}" if len(row) > 1 else ""
    parts = [f"{count}{of} {outcome}" if of else outcome for outcome, count in outcomes.items()]
    return " · ".join(parts) or "–"


def _skipped(plan: Plan) -> Iterator[str]:
    """How many for each reason, the first few with their labels."""
    reasons = Counter(left.reason for left in plan.skipped)
    if reasons:
        yield ""
    for reason, count in list(reasons.items())[:REASONS]:
        labels = [left.label for left in plan.skipped if left.reason == reason]
        shown = "; ".join(labels[:2]) + ("; …" if count > 2 else "")
        yield f"skipped {count:,}: {reason} ({shown})"
    if len(reasons) > REASONS:
        yield f"skipped for {len(reasons) - REASONS:,} more reasons: --json tells all"


def _race(plan: Plan, ahead: Outlook) -> Iterator[str]:
    """Where settings will be compared; which of them go on follows from their runs."""
    race = plan.experiment.race
    if race:
        most = max((prospect.iterations for prospect in ahead.prospects if prospect.iterations), default=0)
        rungs = ", ".join(f"{k:,}" for k in race.iterations(most))
        if rungs:
            yield f"a race: {race.keep} of the settings go on from iterations {rungs}; the others are paused"


def _totals(plan: Plan, ahead: Outlook) -> str:
    total, left = len(plan.runs), len(ahead.left)
    parts = [
        f"{'at least ' if plan.grows else ''}{total:,} run{'' if total == 1 else 's'}",
        f"{total - left:,} done",
        f"{left:,} to do",
    ]
    if plan.skipped:
        parts.append(f"{len(plan.skipped):,} skipped")
    if left and ahead.evaluations is not None:
        parts.append(f"at most {ahead.evaluations:,} evaluations")
    if ahead.seconds is not None:
        of = "" if ahead.timed == left else f" for {ahead.timed:,} of them"
        parts.append(f"at most {_seconds(ahead.seconds)} s in one process{of}")
    elif left:
        parts.append("seconds unknown: nothing like it was measured yet")
    return "\n" + " · ".join(parts)


def _run_command(plan: Plan, results: Path) -> str:
    settings = [word for override in plan.experiment.overrides for word in ("--set", override)]
    return command(["gdbench", "run", argument(plan.experiment.path), *settings, *words_for(results)])


def _count(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _seconds(number: float | None) -> str:
    return "–" if number is None else f"{number:,.0f}" if number >= 100 else f"{number:.2g}"
