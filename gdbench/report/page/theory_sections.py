"""The sections of a report that explain: why each run ended so, theory beside measurement, what to run next."""

from __future__ import annotations

from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.next_experiment import Offer, next_experiment
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.page.section import Code, Part, Prose, Section
from gdbench.report.tables.diagnosis_table import diagnosis_table, tally
from gdbench.report.tables.shadows_table import shadows_table
from gdbench.report.tables.table import Table
from gdbench.report.tables.theory_table import agreement, predictions_table


def theory_sections(study: Study, store: Store) -> list[Section]:
    """Those that have something to say; a section without parts is left out by the report."""
    if not study.runs:
        return []
    found = diagnoses(study, store)
    return [
        Section("diagnosis", "Diagnosis", [Prose(tally(found)), diagnosis_table(study, found)]),
        _predictions(study),
        _shadows(study),
        _next(study, store),
    ]


def theory_tables(study: Study, store: Store) -> list[Table]:
    """The same as tables, for files of their own."""
    if not study.runs:
        return []
    return [
        diagnosis_table(study, diagnoses(study, store), apart=True),
        predictions_table(study),
        shadows_table(study),
    ]


def _predictions(study: Study) -> Section:
    table = predictions_table(study)
    said = agreement(study)
    parts: list[Part] = [] if table.absent else [*([Prose(said)] if said else []), table]
    return Section("theory", "Theory beside measurement", parts)


def _shadows(study: Study) -> Section:
    table = shadows_table(study)
    return Section("shadows", "Where each rule would have stopped", [] if table.absent else [table])


def _next(study: Study, store: Store) -> Section:
    offered = next_experiment(study, store)
    parts: list[Part] = [Prose(offered.why)]
    if isinstance(offered, Offer):
        parts = [Prose(offered.line), *parts, Code(offered.text)]
    return Section("next", "The next experiment", parts)
