"""What a report says of one experiment, in the order in which it is read: one entry a section."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gdbench.config.outside import argument
from gdbench.config.outside import command as words_of
from gdbench.descent.recording.result import OUTCOMES
from gdbench.judgement.expectations import checks
from gdbench.judgement.methods.summary import methods_summary
from gdbench.judgement.model import best_models
from gdbench.judgement.numerals import count, exact, figure
from gdbench.judgement.settings import words
from gdbench.judgement.study import Study
from gdbench.record.columns import Column, curves_columns, settings_columns
from gdbench.record.fields import runs_columns
from gdbench.record.records import SessionRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord
from gdbench.report.charts.charts import Charts, charts
from gdbench.report.charts.methods.profiles_and_ranks import against_figure
from gdbench.report.comparison.against import Against
from gdbench.report.page.methods_sections import methods_sections
from gdbench.report.page.section import Code, Folded, Items, Part, Properties, Prose, Section
from gdbench.report.page.theory_card import Property, card_properties
from gdbench.report.page.theory_sections import model_section, theory_sections
from gdbench.report.tables.contents import tables
from gdbench.report.tables.expectations_table import expectations_table
from gdbench.report.tables.table import Cell, Table, rows_of
from gdbench.report.tables.table import words as cell

#: Tracebacks shown in full; more of the same would bury the page.
FAILURES = 20


@dataclass(frozen=True)
class Report:
    """One experiment, told: its study, what is drawn of it, its sections, and how it was run."""

    study: Study
    charts: Charts
    sections: Sequence[Section]
    running: str


def report(study: Study, store: Store) -> Report:
    """All that a page or a Markdown file says of an experiment."""
    drawn, sessions = charts(study, store), store.sessions()
    first, *rest = tables(study)
    methods, others = methods_sections(rest, drawn.overall)
    leading, following = (methods, []) if methods_summary(study) else ([], methods)
    published = expectations_table(checks(study, store))
    made = [
        Section(published.id, published.title, [] if published.absent else [published]),
        *leading,
        _settings(first, study, drawn),
        *_drawings(drawn),
        *following,
        model_section(best_models(study, store), [f for f in drawn.all if f.id.startswith("model")]),
        *(Section(table.id, table.title, [table]) for table in others),
        *theory_sections(study, store),
        _absent(rest if study.runs else []),
        _failures(study),
        _problems(study),
        _config(study),
        _environment(study, sessions),
        _definitions(study),
        Section("again", "Run it again", [Code(command(study))]),
    ]
    return Report(study, drawn, [section for section in made if section.parts], _running(study, sessions))


def standing(report: Report, against: Against) -> Report:
    """The same with where it stands in an archive before all else."""
    said = Items(tuple(one.text for one in against.observations))
    figures = [
        against_figure(number, *drawn, against.archive) for number, drawn in enumerate(against.drawn, start=1)
    ]
    first = Section("against", against.table.title, [said, against.table, *figures])
    charts = replace(report.charts, overall=[*report.charts.overall, *figures])
    return replace(report, sections=[first, *report.sections], charts=charts)


def command(study: Study) -> str:
    """What to type to get the same results again."""
    settings = (word for override in study.plan.overrides for word in ("--set", override))
    return words_of(["gdbench", "run", argument(study.plan.config_path), *settings])


def _settings(table: Table, study: Study, drawn: Charts) -> Section:
    if not study.runs:
        again = words_of(["gdbench", "report", study.plan.experiment])
        waiting = f"Nothing to show yet: this page fills as runs finish. Ask again at the end: {again}"
        return Section(table.id, table.title, [Prose(waiting)])
    notes = [Prose(drawn.note, quiet=True)] if drawn.note else []
    return Section(table.id, table.title, [table, *notes])


#: Kinds of charts of one problem, by the beginning of their ids; the section that holds them.
_KINDS = {
    "gap": ("convergence", "Convergence"),
    "test": ("training-and-test", "Training and test"),
    "rates": ("learning-rates", "Learning rates"),
    "heat": ("two-choices", "Two choices at a time"),
    "paths": ("landscape", "The descent, played"),
    "steps": ("steps", "Numerical gradients"),
}


def _drawings(drawn: Charts) -> list[Section]:
    """A section for each kind of chart, with one chart for each problem."""
    of_problems = [figure for figures in drawn.by_problem.values() for figure in figures]
    return [
        Section(id_, name, [figure for figure in of_problems if re.split("[-_]", figure.id)[0] == kind])
        for kind, (id_, name) in _KINDS.items()
    ]


def _absent(rest: Sequence[Table]) -> Section:
    """What a reader may look for in vain, and why."""
    reasons = tuple(f"{table.title}: {table.absent}" for table in rest if table.absent)
    return Section("absent", "What does not apply here", [Items(reasons)] if reasons else [])


def _failures(study: Study) -> Section:
    failed = [run for run in study.runs if OUTCOMES[run.result.outcome].broken]
    labels = {planned.key: planned.label for planned in study.plan.runs}
    parts: list[Part] = []
    for run in failed[:FAILURES]:
        parts.append(Prose(f"{labels.get(run.key, run.key)}: {run.result.reason}"))
        if run.result.traceback:
            parts.append(Code(run.result.traceback, "Traceback"))
    if len(failed) > FAILURES:
        parts.append(Prose(f"… and {count(len(failed) - FAILURES)} more: see runs.csv."))
    return Section("failures", "Failures", parts)


def _problems(study: Study) -> Section:
    several = len(study.problems) > 1
    parts: list[Part] = [Properties(tuple(problem_properties(p)), p.label) for p in study.problems.values()]
    if not parts:
        parts = [Prose("Not known until the first run has finished.")]
    shared = [axis for axis in study.plan.axes if axis not in study.plan.varying]
    first = study.settings[0].axes if study.settings else {}
    constant = tuple((words(axis), first[axis], "") for axis in shared if axis in first)
    if constant:
        parts.append(Properties(constant, "The same for all settings"))
    return Section("problem", f"The problem{'s' if several else ''}", parts)


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


def _config(study: Study) -> Section:
    plan = study.plan
    parts: list[Part] = [Code(plan.config_text, plan.config_path)]
    if plan.overrides:
        parts.append(Items(tuple(plan.overrides), "Settings that won over the file's"))
    if plan.skipped:
        parts.append(Items(tuple(plan.skipped), "Skipped"))
    parts.extend(Code(source, f"Plug-in {origin}") for origin, source in plan.plugins.items())
    return Section("config", "The config", parts)


_SESSION = (
    Column("session", "Int64", "Number of the gdbench run, from 1.", "session"),
    Column("began", "string", "When it began, UTC.", "began"),
    Column("ended", "string", "How and when it ended, UTC.", "ended"),
    Column("runner", "string", "The profile that said where it ran.", "runner"),
    Column("workers", "Int64", "Processes or threads at work.", "workers"),
    Column("cores", "Int64", "Cores that the process could use.", "cores"),
    Column("host", "string", "The machine.", "host"),
)


def _environment(study: Study, sessions: Sequence[SessionRecord]) -> Section:
    known = tuple((name, value, "") for name, value in study.plan.environment.items())
    ran = list(dict.fromkeys(f"{run.result.interpreter} on {run.result.host}" for run in study.runs))
    ran_on = tuple(("Interpreter", where, "") for where in ran[:6] if where.strip() != "on")
    parts: list[Part] = [Properties((*known, *ran_on) or (("Environment", "not recorded", ""),))]
    mine = [(number, s) for number, s in enumerate(sessions, start=1) if s.plan == study.plan.id]
    if mine:
        rows = rows_of((_session(number, session) for number, session in mine), _SESSION)
        note = "A session is one gdbench run: a sweep that was interrupted goes on in the next."
        parts.append(Table("sessions", "Sessions", _SESSION, rows, note))
    return Section("environment", "Where it ran", parts)


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


def _definitions(study: Study) -> Section:
    parts: list[Part] = []
    for name, columns in definitions(study).items():
        rows = rows_of(
            ({"column": cell(c.name), "type": cell(c.dtype), "meaning": cell(c.meaning)} for c in columns),
            _DEFINITION,
        )
        table = Table(f"columns-of-{name.split('.')[0]}", f"Columns of {name}", _DEFINITION, rows)
        parts.append(Folded(name, (table,)))
    return Section("definitions", "What each column means", parts)


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


def _running(study: Study, sessions: Sequence[SessionRecord]) -> str:
    """That the experiment is not at its end, and what is known of that; "" if it is."""
    missing = len(study.plan.runs) - len(study.runs)
    if not (missing or study.plan.grows):
        return ""
    more = "at least " if study.plan.grows else ""
    left = f"{more}{count(missing)} of {more}{count(len(study.plan.runs))} runs are missing"
    last = sessions[-1] if sessions else None
    if last is None:
        return f"{left}: the sweep is still running, or was interrupted."
    if last.state == "running":
        return f"Still running since {utc(last.started)}: {left}. The page shows what was there when written."
    return f"{left}: the last session was {last.state}. It goes on with: {command(study)}"


def utc(seconds: float | None) -> str:
    """A moment as '2026-01-31 12:00 UTC'; "" of none."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
