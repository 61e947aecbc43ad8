"""A report of one experiment: its study, what is drawn of it, its sections in the order of reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gdbench.config.outside import command as words_of
from gdbench.judgement.numerals import count
from gdbench.judgement.study import Study
from gdbench.record.records import SessionRecord
from gdbench.record.store import Store
from gdbench.report.charts.charts import Charts, charts
from gdbench.report.charts.methods.profiles_and_ranks import against_figure
from gdbench.report.comparison.against import Against
from gdbench.report.page.provenance import command, provenance, utc
from gdbench.report.page.questions import kept, material, questions
from gdbench.report.page.section import Gallery, Items, Prose, Section


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
    found, absent = material(study, store, drawn)
    made = [_waiting(study), *questions(found), provenance(study, sessions, absent)]
    return Report(study, drawn, kept(made), _running(study, sessions))


def standing(report: Report, against: Against) -> Report:
    """The same with where it stands in an archive before all else."""
    said = Items(tuple(one.text for one in against.observations))
    figures = [
        against_figure(number, *drawn, against.archive) for number, drawn in enumerate(against.drawn, start=1)
    ]
    gallery = [Gallery("against", tuple(figures))] if figures else []
    first = Section("against", "Where does it stand?", [said, *gallery, against.table])
    charts = replace(report.charts, overall=[*report.charts.overall, *figures])
    return replace(report, sections=[first, *report.sections], charts=charts)


def _waiting(study: Study) -> Section:
    again = words_of(["gdbench", "report", study.plan.experiment])
    said = f"Nothing to show yet: this page fills as runs finish. Ask again at the end: {again}"
    return Section("waiting", "What is there?", [] if study.runs else [Prose(said)])


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
