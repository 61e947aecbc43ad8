"""gdbench status: how far an experiment is, from another terminal, while it runs or after it ended."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gdbench.cli.completing import experiments
from gdbench.cli.options import experiment_folder, recorded_experiments, results_option
from gdbench.cli.times import ago, instant, lasting
from gdbench.descent.errors import GdbenchError

if TYPE_CHECKING:
    from gdbench.record.standing import Standing

#: State → style of its word.
_STYLES = {
    "running": "cyan",
    "finished": "green",
    "interrupted": "yellow",
    "killed": "yellow",
    "unfinished": "yellow",
    "failed": "red",
    "unreadable": "red",
}


@click.command("status", epilog="Example: gdbench status lr_sweep")
@click.argument("name", required=False, shell_complete=experiments)
@click.option("--json", "as_json", is_flag=True, help="The same, for a program to read.")
@results_option
def command(name: str | None, as_json: bool, results: Path) -> None:  # noqa: FBT001  click's flag
    """Say how far the experiment NAME is, or all of them, one line each.

    It only reads: a sweep that is running is not disturbed.
    """
    if name is None:
        _tell_all(results, as_json=as_json)
    else:
        _tell(experiment_folder(results, name), results, as_json=as_json)


def _tell(folder: Path, results: Path, *, as_json: bool) -> None:
    from gdbench.record.standing import standing  # noqa: PLC0415  not for --help

    stands, now = standing(folder), time.time()
    if as_json:
        click.echo(json.dumps(stands.to_plain(now), indent=2, ensure_ascii=False))
    else:
        _print([*_what(stands, now), *_next(stands, results, now)])


def _tell_all(results: Path, *, as_json: bool) -> None:
    from gdbench.record.standing import standing  # noqa: PLC0415  not for --help

    rows: list[Sequence[str]] = []
    plain: list[object] = []
    for name in recorded_experiments(results):
        now = time.time()
        try:
            stands = standing(results / name)
        except GdbenchError as error:
            # the others are told all the same
            rows.append((name, "unreadable", "", str(error)))
            plain.append({"name": name, "state": "unreadable", "reason": str(error)})
            continue
        written = f"written {ago(now - stands.written)}" if stands.written is not None else ""
        said = " · ".join(filter(None, [_outcomes(stands), written]))
        rows.append((name, stands.state, f"{stands.done}/{stands.total}", said))
        plain.append(stands.to_plain(now))
    if as_json:
        click.echo(json.dumps(plain, indent=2, ensure_ascii=False))
    elif rows:
        _print(rows)
    else:
        click.echo(f"{results}: nothing has been run yet: gdbench run configs/lr_sweep.yaml")


def _what(stands: Standing, now: float) -> Iterator[Sequence[str]]:
    """What was asked for, who does it, and what came of it."""
    yield stands.name, stands.state
    plan, session = stands.plan, stands.session
    if plan:
        yield "plan", ": ".join(filter(None, [_runs(len(plan.runs)), " × ".join(plan.varying)]))
        yield "config", shlex.join([plan.config_path, *_set(plan.overrides)])
    if session:
        doubt = "" if session.comparable else "; seconds are not comparable between runs"
        workers = f"{session.workers} worker{'' if session.workers == 1 else 's'}"
        yield "runner", f"{session.runner}, {workers} on {session.cores} cores{doubt}"
        yield "process", f"{session.pid} on {session.host}"
        yield "started", f"{instant(session.started)}, {ago(now - session.started)}"
        if session.ended is not None:
            yield "ended", f"{instant(session.ended)}, {ago(now - session.ended)}"
    elif stands.holder:
        yield "process", f"{stands.holder.pid} on {stands.holder.host}, which prepares its runs"
    if plan:
        yield "done", " · ".join(filter(None, [f"{stands.done}/{stands.total}", _outcomes(stands)]))
    if stands.written is not None:
        yield "written", f"{instant(stands.written)}, {ago(now - stands.written)}"


def _next(stands: Standing, results: Path, now: float) -> Iterator[Sequence[str]]:
    """What is to come by itself, or how to have it."""
    pace, left = stands.pace(now), stands.time_left(now)
    if pace is not None and left is not None:
        yield "pace", f"{pace:.3g} runs per second, about {lasting(left)} left"
    elif stands.state != "running" and stands.left:
        crashed = stands.outcomes["crashed"]
        yield "left", f"{_runs(stands.left)}{f', {crashed} of them crashed' if crashed else ''}"
        yield "resume", _resuming(stands, results)


def _resuming(stands: Standing, results: Path) -> str:
    """The command that does the rest."""
    if stands.plan is None:
        return ""
    words = ["gdbench", "run", stands.plan.config_path, *_set(stands.plan.overrides)]
    words += stands.session.asked if stands.session else ()
    if results != Path("results"):
        words += ["--results", str(results)]
    return shlex.join(words)


def _set(overrides: Sequence[str]) -> list[str]:
    return [word for override in overrides for word in ("--set", override)]


def _runs(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"


def _outcomes(stands: Standing) -> str:
    from gdbench.cli.progress import outcome_counts  # noqa: PLC0415  not for --help

    return outcome_counts(stands.outcomes)


def _print(rows: Sequence[Sequence[str]]) -> None:
    """In columns; no line is broken, so that a command can be copied and a pipe gets whole lines."""
    from rich.console import Console  # noqa: PLC0415  not for --help
    from rich.text import Text  # noqa: PLC0415

    last = max(map(len, rows)) - 1
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(last)]
    console = Console()
    for row in rows:
        cells = [cell.ljust(widths[i]) if i < len(row) - 1 else cell for i, cell in enumerate(row)]
        styles = [_STYLES.get(cell, "") if i == 1 else "" for i, cell in enumerate(row)]
        console.print(Text("  ").join(map(Text, cells, styles)), soft_wrap=True)
