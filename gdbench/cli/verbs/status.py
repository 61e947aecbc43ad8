"""gdbench status: how far an experiment is, from another terminal, while it runs or after it ended."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.text import Text

from gdbench.cli.consoles import Output
from gdbench.cli.streams import put, put_json
from gdbench.cli.words import (
    ago,
    bytes_in_words,
    counted,
    instant,
    lasting,
    outcome_counts,
    planned,
    print_columns,
)
from gdbench.config.outside import argument, command
from gdbench.descent.errors import GdbenchError
from gdbench.descent.recording.result import TRIED_AGAIN
from gdbench.judgement.status import Status, status_of
from gdbench.record.locate import Use, disk_use, nothing_recorded, recorded, words_for
from gdbench.report.page.fitted import Fitted, FittedColumn

#: State → colour of its word.
_COLOURS = {
    "running": "cyan",
    "finished": "green",
    "interrupted": "yellow",
    "killed": "yellow",
    "unfinished": "yellow",
    "failed": "red",
    "unreadable": "red",
}


def show_status(folder: Path | None, results: Path, *, as_json: bool) -> None:
    """How far the experiment of a folder is, or all of them."""
    if folder is None:
        _show_all(results, as_json=as_json)
        return
    stands, use, now = status_of(folder), disk_use(folder), time.time()
    if as_json:
        put_json({**stands.to_plain(now), "bytes": use._asdict()})
    else:
        print_columns([*_what(stands, now), *_disk(use), *_next(stands, results, now)], _COLOURS)


def _disk(use: Use) -> Iterator[Sequence[str]]:
    """What its files take, and of what kind they are."""
    parts = {"store": use.store, "reports and exports": use.written, "damaged files set aside": use.aside}
    shown = [f"{name} {bytes_in_words(size)}" for name, size in parts.items() if size]
    yield "disk", bytes_in_words(use.total) + (f": {', '.join(shown)}" if len(shown) > 1 else "")


def _show_all(results: Path, *, as_json: bool) -> None:
    rows: list[Sequence[str]] = []
    plain: list[object] = []
    for name in recorded(results):
        now = time.time()
        try:
            stands = status_of(results / name)
        except GdbenchError as error:
            # the others are told all the same
            rows.append((name, "unreadable", "", str(error)))
            plain.append({"name": name, "state": "unreadable", "reason": str(error)})
            continue
        written = f"written {ago(now - stands.written)}" if stands.written is not None else ""
        use = disk_use(results / name)
        size = bytes_in_words(use.total)
        counts = " · ".join(filter(None, [outcome_counts(stands.outcomes), written, size]))
        rows.append((name, stands.state, f"{stands.done}/{stands.total}{'+' if stands.grows else ''}", counts))
        plain.append({**stands.to_plain(now), "bytes": use._asdict()})
    if as_json:
        put_json(plain)
    elif rows:
        columns = [
            FittedColumn(),
            FittedColumn(least=len("interrupted")),
            FittedColumn(number=True),
            FittedColumn(),
        ]
        cells: list[list[str | Text]] = [
            [name, Text(state, _COLOURS.get(state, "")), *rest] for name, state, *rest in rows
        ]
        Output().table(Fitted(columns, cells, gap=2))
    else:
        put(nothing_recorded(results, "nothing has been run yet"))


def _what(stands: Status, now: float) -> Iterator[Sequence[str]]:
    """What was asked for, who does it, and what came of it."""
    yield stands.name, stands.state
    plan, session = stands.plan, stands.session
    if plan:
        yield "plan", ": ".join(filter(None, [planned(plan), " × ".join(plan.varying)]))
        yield "config", command([argument(plan.config_path), *_set(plan.overrides)])
    if session:
        doubt = "" if session.comparable else "; seconds are not comparable between runs"
        workers = counted(session.workers, "worker")
        yield "runner", f"{session.runner}, {workers} on {session.cores} cores{doubt}"
        yield "process", f"{session.pid} on {session.host}"
        yield "started", f"{instant(session.started)}, {ago(now - session.started)}"
        if session.ended is not None:
            yield "ended", f"{instant(session.ended)}, {ago(now - session.ended)}"
    elif stands.holder:
        yield "process", f"{stands.holder.pid} on {stands.holder.host}, which prepares its runs"
    if plan:
        done = f"{stands.done}/{stands.total}{'+' if plan.grows else ''}", outcome_counts(stands.outcomes)
        yield "done", " · ".join(filter(None, done))
    if stands.written is not None:
        yield "written", f"{instant(stands.written)}, {ago(now - stands.written)}"


def _next(stands: Status, results: Path, now: float) -> Iterator[Sequence[str]]:
    """What is to come by itself, or how to have it."""
    pace, left, plan = stands.pace(now), stands.time_left(now), stands.plan
    paused = stands.outcomes["outpaced"]
    if paused and stands.state != "running":
        yield "paused", f"{counted(paused, 'run')} by a race; gdbench run … --rerun outpaced goes on"
    if pace is not None and left is not None:
        yield "pace", f"{pace:.3g} runs per second, about {lasting(left)} left"
    elif stands.state != "running" and (stands.left or (plan and plan.grows)):
        again = ((outcome, stands.outcomes[outcome]) for outcome in TRIED_AGAIN)
        parts = (f", {number} of them {outcome}" for outcome, number in again if number)
        more = "; more follow" if plan and plan.grows else ""
        yield "left", f"{counted(stands.left, 'run')}{''.join(parts)}{more}"
        yield "resume", _resuming(stands, results)


def _resuming(stands: Status, results: Path) -> str:
    """The command that does the rest."""
    if stands.plan is None:
        return ""
    words = ["gdbench", "run", argument(stands.plan.config_path), *_set(stands.plan.overrides)]
    words += stands.session.asked if stands.session else ()
    return command([*words, *words_for(results)])


def _set(overrides: Sequence[str]) -> list[str]:
    return [word for override in overrides for word in ("--set", override)]
