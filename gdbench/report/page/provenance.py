"""Where a report comes from: problem, config, versions and machines, what columns mean, how to do it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice

from gdbench.config.outside import argument
from gdbench.config.outside import command as words_of
from gdbench.judgement.numerals import count, exact, figure
from gdbench.judgement.settings import words
from gdbench.judgement.study import Study
from gdbench.record.columns import Column, curves_columns, settings_columns
from gdbench.record.fields import runs_columns
from gdbench.record.records import SessionRecord
from gdbench.reference.problem import ProblemRecord
from gdbench.report.page.section import Code, Folded, Items, Part, Properties, Prose, Section
from gdbench.report.page.theory_card import Property, card_properties
from gdbench.report.tables.table import Cell, Table, rows_of
from gdbench.report.tables.table import words as cell

#: Problems whose constants a page tells one by one.
PROBLEMS = 50


def provenance(study: Study, sessions: Sequence[SessionRecord], absent: Sequence[str]) -> Section:
    """One section at the end, folded but for how to do it again. absent: what does not apply, and why."""
    told: list[tuple[str, list[Part]]] = [
        (f"The problem{'s' if len(study.problems) > 1 else ''}", _problems(study)),
        ("The config", _config(study)),
        ("Where it ran", _environment(study, sessions)),
        ("What each column means", _definitions(study)),
        ("What does not apply here", [Items(tuple(absent))] if absent else []),
    ]
    folded = [Folded(what, tuple(parts)) for what, parts in told if parts]
    return Section("provenance", "Where does this come from?", [Code(command(study)), *folded])


def command(study: Study) -> str:
    """What to type to get the same results again."""
    settings = (word for override in study.plan.overrides for word in ("--set", override))
    return words_of(["gdbench", "run", argument(study.plan.config_path), *settings])


def _problems(study: Study) -> list[Part]:
    told = list(islice(study.problems.values(), PROBLEMS))
    parts: list[Part] = [Properties(tuple(problem_properties(p)), p.label) for p in told]
    if not parts:
        parts = [Prose("Not known until the first run has finished.")]
    if len(study.problems) > PROBLEMS:
        again = words_of(["gdbench", "inspect", argument(study.plan.config_path)])
        parts.append(Prose(f"… and {count(len(study.problems) - PROBLEMS)} more: {again}"))
    shared = [axis for axis in study.plan.axes if axis not in study.plan.varying]
    first = study.settings[0].axes if study.settings else {}
    constant = tuple((words(axis), first[axis], "") for axis in shared if axis in first)
    if constant:
        parts.append(Properties(constant, "The same for all settings"))
    return parts


def problem_properties(problem: ProblemRecord) -> list[Property]:
    """What was minimised and how well its optimum is known: name, text, full precision."""
    optimum = problem.optimum
    properties = [
        ("Rows × features", f"{count(problem.rows)} × {count(problem.features)}", ""),
        ("Parameters", count(problem.parameters), ""),
        (f"Cost {problem.baseline_at}", figure(problem.baseline, 10), exact(problem.baseline)),
        ("Optimum", optimum.kind, ""),
        ("Lowest cost f*", figure(optimum.cost, 10), exact(optimum.cost)),
        ("Gradient norm there", figure(optimum.gradient_norm), exact(optimum.gradient_norm)),
        ("Evidence", optimum.explanation, ""),
    ]
    properties += card_properties(problem)
    digest = problem.data.get("digest")
    return [*properties, ("Data digest", str(digest), "")] if digest else properties


def _config(study: Study) -> list[Part]:
    plan = study.plan
    parts: list[Part] = [Code(plan.config_text, plan.config_path)]
    if plan.overrides:
        parts.append(Items(tuple(plan.overrides), "Settings that won over the file's"))
    if plan.skipped:
        parts.append(Items(tuple(plan.skipped), "Skipped"))
    parts.extend(Code(source, f"Plug-in {origin}") for origin, source in plan.plugins.items())
    return parts


_SESSION = (
    Column("session", "Int64", "Number of the gdbench run, from 1.", "session"),
    Column("began", "string", "When it began, UTC.", "began"),
    Column("ended", "string", "How and when it ended, UTC.", "ended"),
    Column("runner", "string", "The profile that said where it ran.", "runner"),
    Column("workers", "Int64", "Processes or threads at work.", "workers"),
    Column("cores", "Int64", "Cores that the process could use.", "cores"),
    Column("host", "string", "The machine.", "host"),
)


def _environment(study: Study, sessions: Sequence[SessionRecord]) -> list[Part]:
    known = tuple((name, value, "") for name, value in study.plan.environment.items())
    ran = list(dict.fromkeys(f"{run.result.interpreter} on {run.result.host}" for run in study.runs))
    ran_on = tuple(("Interpreter", where, "") for where in ran[:6] if where.strip() != "on")
    parts: list[Part] = [Properties((*known, *ran_on) or (("Environment", "not recorded", ""),))]
    mine = [(number, s) for number, s in enumerate(sessions, start=1) if s.plan == study.plan.id]
    if mine:
        rows = rows_of((_session(number, session) for number, session in mine), _SESSION)
        note = "A session is one gdbench run: a sweep that was interrupted goes on in the next."
        parts.append(Table("sessions", "Sessions", _SESSION, rows, note))
    return parts


def _session(number: int, session: SessionRecord) -> dict[str, Cell]:
    ended = f"{session.state} {utc(session.ended)}" if session.ended else session.state
    shown: dict[str, object] = {
        "session": number,
        "began": utc(session.started),
        "ended": ended,
        "runner": f"{session.runner} ({session.kind})",
        "workers": session.workers,
        "cores": session.cores,
        "host": session.host,
    }
    return {
        name: Cell(str(value), value, "number") if isinstance(value, int) else cell(str(value))
        for name, value in shown.items()
    }


def _definitions(study: Study) -> list[Part]:
    parts: list[Part] = []
    for name, columns in definitions(study).items():
        rows = rows_of(
            ({"column": cell(c.name), "type": cell(c.dtype), "meaning": cell(c.meaning)} for c in columns),
            _DEFINITION,
        )
        table = Table(f"columns-of-{name.split('.')[0]}", f"Columns of {name}", _DEFINITION, rows)
        parts.append(table)
    return parts


_DEFINITION = (
    Column("column", "string", "Its name."),
    Column("type", "string", "Its pandas dtype."),
    Column("meaning", "string", "What it holds."),
)


def definitions(study: Study) -> dict[str, list[Column]]:
    """Each file's name with its columns."""
    axes, targets = list(study.plan.axes), study.plan.targets
    numeric = {axis: axis == "learning_rate" for axis in axes}
    return {
        "settings.csv": settings_columns(axes, targets),
        "runs.csv": runs_columns(
            numeric, targets, study.watched, audited=study.audited, measured=study.measured
        ),
        "curves.csv": curves_columns(),
    }


def utc(seconds: float | None) -> str:
    """A moment as '2026-01-31 12:00 UTC'; "" of none."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
