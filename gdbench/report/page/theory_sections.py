"""The sections of a report that explain: what was learned, why each run ended so, theory beside measurement."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.model import LearnedModel
from gdbench.judgement.next_experiment import Offer, next_experiment
from gdbench.judgement.sentences.learned import equations, flat_words, point, units
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.charts.figure import Figure
from gdbench.report.page.section import Code, Items, Part, Prose, Section
from gdbench.report.tables.contents import parameters_table
from gdbench.report.tables.diagnosis_table import diagnosis_table, tally
from gdbench.report.tables.shadows_table import shadows_table
from gdbench.report.tables.table import Table
from gdbench.report.tables.theory_table import agreement, predictions_table, worst_words


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
    said = [Prose(words) for words in (agreement(study), worst_words(study)) if words]
    parts: list[Part] = [] if table.absent else [*said, table]
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


#: Terms of an equation that is worth reading; beyond, the table tells.
MOST = 40


def model_section(models: Sequence[LearnedModel], figures: Sequence[Figure]) -> Section:
    """What the best run of each problem has learned: equations, pictures, and the parameters one by one."""
    parts: list[Part] = []
    for model in models:
        said = equations(model) if len(model.parameters) <= MOST * len(model.outputs) else []
        told = [line for line in (point(model), units(model), *map(flat_words, model.flat)) if line]
        title = model.problem.label if len(models) > 1 else ""
        if said or told:
            parts.append(Items((*said, *told), title))
        parts += [figure for figure in figures if figure.problem == model.problem.label]
    table = parameters_table(models)
    if not table.absent:
        parts.append(table)
    return Section("model", "The model that was learned", parts)
