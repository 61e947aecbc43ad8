"""The sections of a report: one for each question of a reader, with one picture at a time and one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gdbench.config.outside import command as words_of
from gdbench.descent.recording.result import OUTCOMES
from gdbench.judgement.diagnoses import verdicts
from gdbench.judgement.expectations import checks
from gdbench.judgement.methods.summary import methods_summary
from gdbench.judgement.model import LearnedModel, best_models
from gdbench.judgement.next_experiment import Offer, next_experiment
from gdbench.judgement.numerals import count
from gdbench.judgement.sentences.learned import equations, flat_words, point, units
from gdbench.judgement.study import Study, median_run
from gdbench.record.store import Store
from gdbench.report.charts.charts import Charts
from gdbench.report.charts.figure import Figure
from gdbench.report.page.section import Code, Folded, Gallery, Items, Part, Prose, Section, kind_of
from gdbench.report.tables.contents import parameters_table, tables
from gdbench.report.tables.diagnosis_table import diagnosis_table, tally
from gdbench.report.tables.expectations_table import expectations_table
from gdbench.report.tables.joined import joined
from gdbench.report.tables.shadows_table import shadows_table
from gdbench.report.tables.table import Table
from gdbench.report.tables.theory_table import agreement, predictions_table, worst_words

#: Tracebacks shown in full, terms of an equation worth reading; more of the same would bury the page.
FAILURES, TERMS = 20, 40
#: Of more runs than these it is said where each of them is found.
ALL_TOLD = 600


@dataclass(frozen=True)
class Material:
    """What the sections are made of. drawn: kind → its figures.  told: id → table, of those that apply."""

    study: Study
    store: Store
    charts: Charts
    drawn: Mapping[str, Sequence[Figure]]
    told: Mapping[str, Table]

    def gallery(self, id_: str, *kinds: str) -> list[Part]:
        """The figures of some kinds; none where none is drawn."""
        figures = tuple(figure for kind in kinds for figure in self.drawn.get(kind, ()))
        return [Gallery(id_, figures)] if figures else []

    def together(self, kind: str) -> list[Part]:
        """The figures of a kind and those that go with it, as 'paths' and 'paths_cost', side by side."""
        return [figure for figure in self.charts.all if kind_of(figure).split("_")[0] == kind]

    def tables(self, *ids: str) -> list[Table]:
        return [self.told[id_] for id_ in ids if id_ in self.told]


def material(study: Study, store: Store, charts: Charts) -> tuple[Material, list[str]]:
    """What there is to tell and, in sentences, what does not apply."""
    drawn: dict[str, list[Figure]] = {}
    for figure in charts.all:
        drawn.setdefault(kind_of(figure), []).append(figure)
    made = tables(study)
    absent = [f"{table.title}: {table.absent}" for table in made[1:] if table.absent] if study.runs else []
    return Material(
        study, store, charts, drawn, {table.id: table for table in made if not table.absent}
    ), absent


def questions(of: Material) -> list[Section]:
    """In the order in which they are asked; a section without parts is left out by the report."""
    published = expectations_table(checks(of.study, of.store))
    methods = Section("methods", "Which method is best?", _methods(of))
    leads = methods_summary(of.study) is not None
    return [
        Section(published.id, "Does it agree with what is published?", [] if published.absent else [published]),
        *([methods] if leads else []),
        Section("speed", "How fast?", _speed(of)),
        Section("landscape", "Which way did it go?", of.together("paths")),
        *([] if leads else [methods]),
        Section("effects", "What matters most?", [*of.gallery("effects", "heat"), *of.tables("effects")]),
        Section("diagnosis", "Why did the others fail?", list(_failures(of))),
        Section(
            "start", "Does it depend on the start?", [*of.gallery("start", "starts"), *of.tables("starts")]
        ),
        Section("theory", "What does theory say?", list(_theory(of))),
        Section("model", "How well does the model do?", list(_model(of))),
        Section("gradients", "How exact are the gradients?", of.gallery("gradients", "steps")),
        Section("shadows", "When should it have stopped?", _applying(shadows_table(of.study))),
        Section("next", "What next?", list(_next(of.study, of.store)) if of.study.runs else []),
    ]


def _applying(table: Table) -> list[Part]:
    return [] if table.absent else [table]


#: Columns that several tables of settings have, and say the same.
_SAME = ("outcome", "final_cost", "relative_gap", "runs")


def _speed(of: Material) -> list[Part]:
    """One table of the settings: what was chosen, how it ended, what it took, counted in several ways."""
    if not of.study.runs:
        return []
    first, *others = of.tables(
        "settings", "iterations-to-target", "evaluations-to-target", "endings", "seconds"
    )
    gaps = any(setting.relative_gap is not None for setting in of.study.settings)
    table = joined([first, *others], len(of.study.shown_axes), _SAME, ["final_cost"] if gaps else [])
    apart = [
        table
        for table in others
        if table.id == "seconds" and len({row.setting for row in table.rows}) < len(table.rows)
    ]
    return [
        *([Prose(of.charts.note, quiet=True)] if of.charts.note else []),
        *of.tables("searches"),
        *of.gallery("speed", "rates", "gap"),
        table,
        *([Folded("Seconds, machine by machine", tuple(apart))] if apart else []),
        *(_single_runs(of.study) if len(of.study.runs) > ALL_TOLD else ()),
    ]


def _single_runs(study: Study) -> Iterator[Part]:
    """Where a single run is found, which a page of so many does not show."""
    run = median_run(study.best[0])
    yield Prose(
        f"Each of the {count(len(study.runs))} runs is a line of runs.csv, which lies beside this page; "
        "curves.csv has its curve under the same key. What one has learned, by the beginning of its key:",
        quiet=True,
    )
    yield Code(words_of(["gdbench", "show", "model", study.plan.experiment, "--run", run.key[:8]]))


#: Tables with a row for each method; pictures of methods.
_OF_METHODS = ("methods", "methods-one-setting", "methods-defaults", "tuning", "profile", "ranks")
_PICTURES = (
    "profile-performance",
    "tuning",
    "ranks",
    "profile-one-setting",
    "profile-defaults",
    "profile-data",
)


def _methods(of: Material) -> list[Part]:
    """A row or a line for each method, however many settings it has."""
    found = of.tables(*_OF_METHODS)
    winners = of.tables("winners") if len(of.study.problems) > 1 else []
    folded = (("The best of each problem", winners), ("Methods in pairs", of.tables("pairs")))
    return [
        *of.gallery("methods", *_PICTURES),
        *([joined(found, 1)] if found else []),
        *(Folded(what, tuple(these)) for what, these in folded if these),
    ]


def _failures(of: Material) -> Iterator[Part]:
    """Why each run ended as it did, and the tracebacks of those that broke."""
    if not of.study.runs:
        return
    found = verdicts(of.study, of.store)
    yield Prose(tally(found))
    yield diagnosis_table(of.study, found)
    failed = [run for run in of.study.runs if OUTCOMES[run.result.outcome].broken]
    labels = {planned.key: planned.label for planned in of.study.plan.runs}
    for run in failed[:FAILURES]:
        yield Prose(f"{labels.get(run.key, run.key)}: {run.result.reason}")
        if run.result.traceback:
            yield Code(run.result.traceback, "Traceback")
    if len(failed) > FAILURES:
        yield Prose(f"… and {count(len(failed) - FAILURES)} more: see runs.csv.")


def _theory(of: Material) -> Iterator[Part]:
    table = predictions_table(of.study)
    if not table.absent:
        yield from (Prose(words) for words in (agreement(of.study), worst_words(of.study)) if words)
        yield table


def _model(of: Material) -> Iterator[Part]:
    """The fit on rows held out, and what the best run of each problem has learned."""
    models = best_models(of.study, of.store)
    kinds = [kind for kind in of.drawn if kind.startswith(("model", "actual", "residuals"))]
    yield from of.gallery("model", "test", *kinds)
    yield from of.tables("held-out", "answers")
    yield from _equations(models)
    parameters = parameters_table(models)
    if not parameters.absent:
        yield Folded("The parameters, one by one", (parameters,))


def _equations(models: Sequence[LearnedModel]) -> Iterator[Items]:
    for model in models:
        said = equations(model) if len(model.parameters) <= TERMS * len(model.outputs) else []
        told = [line for line in (point(model), units(model), *map(flat_words, model.flat)) if line]
        if said or told:
            yield Items((*said, *told), model.problem.label if len(models) > 1 else "")


def _next(study: Study, store: Store) -> Iterator[Part]:
    offered = next_experiment(study, store)
    if isinstance(offered, Offer):
        yield Prose(offered.line)
        yield Prose(offered.why)
        yield Code(offered.text)
    else:
        yield Prose(offered.why)


def kept(sections: Iterable[Section]) -> list[Section]:
    """Those that have something to say."""
    return [section for section in sections if section.parts]
