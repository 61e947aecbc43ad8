"""gdbench doctor: whether everything that gdbench rests on is here and works, or one experiment is sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.text import Text

from gdbench.cli import OK, RUN_FAILED
from gdbench.cli.consoles import Output
from gdbench.cli.doctor_checks import CheckupLine, checkup
from gdbench.cli.streams import put, put_json, say
from gdbench.cli.words import wrong_and_doubtful
from gdbench.config.outside import argument, command
from gdbench.descent.errors import GdbenchError
from gdbench.record.database import explained
from gdbench.record.locate import STORE_NAME, words_for
from gdbench.record.lock import LOCK_NAME, is_held
from gdbench.record.records import PlanRecord
from gdbench.record.salvage import Damage, damage_of
from gdbench.record.store import Store
from gdbench.record.tables import Unmade
from gdbench.report.page.fitted import Fitted, FittedColumn
from gdbench.tracking.server.address import masked, resolve_uri, sqlite_path
from gdbench.tracking.server.embedded import damage_of_database, held

_MARKS = {"fine": ("✓", "green"), "absent": ("·", "dim"), "doubt": ("!", "yellow"), "wrong": ("✗", "red")}


def examine(folder: Path | None, results: Path, tracking_uri: str | None, *, mend: bool, as_json: bool) -> int:
    """Print what is found, and return the exit status.

    folder: of the experiment that is meant, None for gdbench itself.  mend: set its store aside where damaged.
    """
    if folder and mend:
        with Store.open(folder) as store:
            say(store.notice or f"{store.path}: there was nothing to mend.")
    lines = experiment_checkup(folder, results, tracking_uri) if folder else checkup(results, tracking_uri)
    wrong = any(line.state == "wrong" for line in lines)
    if as_json:
        plain = {"status": "wrong" if wrong else "fine", "findings": [asdict(line) for line in lines]}
        put_json(plain)
    else:
        _print(lines)
    return RUN_FAILED if wrong else OK


def _print(lines: Sequence[CheckupLine]) -> None:
    rows: list[list[str | Text]] = []
    about = ""
    for line in lines:
        if line.about != about:
            about = line.about
            rows.append(["", Text(about, "bold"), ""])
        sign, style = _MARKS[line.state]
        rows.append([Text(sign, style), Text(f"  {line.name}"), Text(line.said)])
    Output().table(Fitted([FittedColumn()] * 3, rows))
    counts = Counter(line.state for line in lines)
    put(wrong_and_doubtful(counts["wrong"], counts["doubt"], "to look at"))


# --- one experiment


def experiment_checkup(folder: Path, results: Path, tracking_uri: str | None) -> list[CheckupLine]:
    """Everything about one experiment: its file, its rows, its plan, and whether MLflow has all."""
    about, path = folder.name, folder / STORE_NAME
    running = is_held(folder / LOCK_NAME)
    try:
        with explained(path):
            damage = damage_of(path, thorough=True, alone=not running)
    except GdbenchError as error:
        return [CheckupLine(about, STORE_NAME, "wrong", str(error))]
    lines = [_file(about, folder, damage)]
    aside = sorted(file.name for file in folder.glob(f"{STORE_NAME}.corrupt-*[0-9]"))
    if aside:
        said = f"{', '.join(aside)}, as found damaged. Delete what nobody needs any more"
        lines.append(CheckupLine(about, "set aside", "doubt", said))
    if damage.why:
        return lines
    if running:
        lines.append(CheckupLine(about, "lock", "fine", "a gdbench is running it right now"))
    try:
        with Store.read(folder) as store:
            return [*lines, *_plan(about, store), *_in_mlflow(about, store, results, tracking_uri)]
    except Unmade:
        return [*lines, CheckupLine(about, "plan", "absent", "nothing has been planned yet")]
    except GdbenchError as error:
        return [*lines, CheckupLine(about, STORE_NAME, "wrong", str(error))]


def _file(about: str, folder: Path, damage: Damage) -> CheckupLine:
    if damage.why:
        remedy = (
            "gdbench run sets the file aside, keeps what is sound and does the rest again; "
            f"gdbench doctor {folder.name} --mend sets it aside and does not run anything"
        )
        return CheckupLine(about, STORE_NAME, "wrong", f"is damaged: {damage.why}. {remedy}")
    rows = sum(damage.sound.values())
    said = f"{damage.sound.get('runs', 0)} runs; all {rows} rows are as they were written"
    return CheckupLine(about, STORE_NAME, "fine", said)


def _plan(about: str, store: Store) -> Iterator[CheckupLine]:
    """Whether the plan asked for last is done, and all that its runs are about is known."""
    plan = store.last_plan()
    if plan is None:
        yield CheckupLine(about, "plan", "absent", "nothing has been planned yet")
        return
    runs = list(store.runs([run.key for run in plan.runs], curves=False))
    known = store.problems()
    missing, again = len(plan.runs) - len(runs), _again(plan, store)
    if missing or plan.grows:
        more = ", and more may follow" if plan.grows else ""
        said = f"{missing} of {len(plan.runs)} runs have no result{more}: {again} does them"
        yield CheckupLine(about, "plan", "doubt", said)
    else:
        yield CheckupLine(about, "plan", "fine", f"all {len(plan.runs)} runs have a result")
    lost = {run.problem for run in runs} - known.keys()
    if lost:
        said = f"{len(lost)} are not recorded: {again} works them out again"
        yield CheckupLine(about, "problems", "doubt", said)


def _again(plan: PlanRecord, store: Store) -> str:
    settings = (word for override in plan.overrides for word in ("--set", override))
    where = words_for(store.path.parent.parent)
    return command(["gdbench", "run", argument(plan.config_path), *settings, *where])


def _in_mlflow(about: str, store: Store, results: Path, tracking_uri: str | None) -> Iterator[CheckupLine]:
    """Whether MLflow's database has every run; a server is not asked."""
    plan = store.last_plan()
    uri = resolve_uri(tracking_uri, results)
    path, sending = sqlite_path(uri), command(["gdbench", "sync", about, *words_for(results)])
    if plan is None:
        return
    if path is None:
        said = f"{masked(uri, uri)} is not asked here: {sending} tells, and sends what it lacks"
        yield CheckupLine(about, "MLflow", "doubt", said)
        return
    damage = damage_of_database(uri)
    if damage:
        yield CheckupLine(about, "MLflow", "wrong", damage)
        return
    has = held(path, plan.mlflow_experiment) if path.exists() else None
    missing = len(store.keys() - (has.keys if has else frozenset()))
    if has is None or missing:
        said = f"lacks {missing} runs: {sending} sends them"
        yield CheckupLine(about, "MLflow", "doubt", said)
    else:
        yield CheckupLine(about, "MLflow", "fine", f"has all {len(store.keys())} runs")
