"""The charts of a report, in the order in which they are read, and the data that they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice

from gdbench.config.grid.axes import DEFINING
from gdbench.judgement.model import LearnedModel, best_models
from gdbench.judgement.model.predicting import PlanData
from gdbench.judgement.numerals import count, listing
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.analysis.lines import evenly
from gdbench.report.charts.answers.first import first_figure, homes
from gdbench.report.charts.answers.held_out import held_out_figure
from gdbench.report.charts.answers.starts import starts_figure
from gdbench.report.charts.descent_chart import descent_figure
from gdbench.report.charts.encoding import Looks, looks, settings_data, title
from gdbench.report.charts.figure import Figure, Subject
from gdbench.report.charts.heat_chart import heat_figure
from gdbench.report.charts.methods.profiles_and_ranks import profile_figures, ranks_figure
from gdbench.report.charts.methods.tuning import tuning_figure
from gdbench.report.charts.model_chart import model_figures
from gdbench.report.charts.path_chart import path_figures
from gdbench.report.charts.rate_chart import rate_figure
from gdbench.report.charts.step_chart import step_figure
from gdbench.report.charts.vega_lite import Piece

#: Problems of which the learned models are drawn: the first of very many.
MODELS = 12

#: Problems of which the first screen has a picture, and those with heat maps and played descents: with their
#: contours these took a third of a page of fifty problems, which is not to grow beyond 3 MB.
FIRST = DETAILED = 12

#: Charts of one problem hold so many settings; beyond, those that differ in minor axes alone are merged.
HELD = 600
#: Where so many values of the axis that has most of them have room, these are thinned, and none is merged.
THINNED = 60
#: What a problem adds to a page whatever its settings (contour lines, the charts themselves), in settings.
OWN = 150


@dataclass(frozen=True)
class Charts:
    """What a report draws. looks: how axes are told apart.  note: what was merged to make it readable.

    settings: the data that all charts share, a row for each setting drawn, by its number.
    homes: key of a run → the number of the setting that holds it in the charts.
    by_problem: the charts of each problem, by its id; overall: those about all problems.
    """

    looks: Looks
    note: str
    settings: Sequence[Piece]
    homes: Mapping[str, int]
    by_problem: Mapping[str, list[Figure]]
    overall: list[Figure]

    @property
    def all(self) -> list[Figure]:
        return [*(figure for figures in self.by_problem.values() for figure in figures), *self.overall]


def charts(study: Study, store: Store) -> Charts:
    """Every chart that has something to show."""
    seen = looks(study)
    drawn, note = merged(study, seen)
    drawn, told = pictured(drawn)
    if len(drawn.problems) > DETAILED:
        told = f"Descents are played, and heat maps drawn, of the first {DETAILED} problems."
    note, several = " ".join(filter(None, (note, told))), len(study.problems) > 1
    subjects = [Subject(p, number, several) for number, p in enumerate(drawn.problems.values(), start=1)]
    settings = settings_data(drawn.numbers, seen, problems=several)
    data = PlanData(study.plan)
    models = {model.problem.id: model for model in best_models(study, store)[:MODELS]}
    by_problem = {
        subject.problem.id: [
            *(
                _with(settings, f)
                for f in _of(study, drawn, store, seen, subject, data, models.get(subject.problem.id))
            ),
            *_learned(models.get(subject.problem.id), data, subject),
        ]
        for subject in subjects
    }
    profiles = profile_figures(study)
    more = [figure for figure in (tuning_figure(study), ranks_figure(study)) if figure]
    overall = [*profiles[:1], *more, *profiles[1:]]
    return Charts(seen, note, settings, homes(drawn), by_problem, overall)


def _learned(model: LearnedModel | None, data: PlanData, subject: Subject) -> list[Figure]:
    return model_figures(model, data, subject) if model else []


def _of(
    study: Study,
    drawn: Study,
    store: Store,
    seen: Looks,
    subject: Subject,
    data: PlanData,
    model: LearnedModel | None,
) -> Iterator[Figure]:
    """drawn: as charts have it; study: as it is."""
    gap, detailed = descent_figure(drawn, store, seen, subject), subject.number <= DETAILED
    made = [
        first_figure(study, drawn, store, seen, subject, gap) if gap and subject.number <= FIRST else None,
        gap,
        held_out_figure(drawn, store, subject),
        rate_figure(drawn, seen, subject),
        heat_figure(drawn, seen, subject) if detailed else None,
        *(path_figures(drawn, store, seen, subject, data, model) if detailed else ()),
        step_figure(drawn, subject, data),
        starts_figure(study, subject),
    ]
    yield from (figure for figure in made if figure is not None)


def _with(settings: Sequence[Piece], figure: Figure) -> Figure:
    """The figure with the data that it shares with others."""
    return replace(figure, data={**figure.data, "settings": settings})


def merged(study: Study, looks: Looks) -> tuple[Study, str]:
    """The same runs as a study of at most `HELD` settings a problem, and what was done to get there.

    Of an axis with very many values, as rates are, evenly spaced ones are left. Where that is not enough, the
    most telling axes are kept, as many as fit, and the runs of settings that agree in them become one setting.
    """
    crowd = max((study.of_problem(problem) for problem in study.problems.values()), key=len, default=[])
    if len(crowd) <= HELD:
        return study, ""
    kept, chosen = _thinned(crowd, looks) or _fitting(crowd, looks)
    labels = looks.order[kept[0]]
    axes = {axis: study.plan.axes[axis] for axis in study.plan.axes if axis in kept or axis in DEFINING}
    few = set(chosen)
    runs = [run for s in study.settings if s.axes.get(kept[0]) in few for run in s.runs]
    plan = replace(study.plan, axes=axes, varying=[axis for axis in study.plan.varying if axis in axes])
    return Study(plan, tuple(runs), study.problems), _note(kept, len(labels) - len(chosen), len(chosen), looks)


def pictured(study: Study) -> tuple[Study, str]:
    """The study of the first problems, where a page of all would be too long to send, and that it is so."""
    if len(study.settings) <= HELD:
        return study, ""
    sizes = accumulate(len(study.of_problem(problem)) + OWN for problem in study.problems.values())
    kept = max(1, sum(size <= HELD + OWN for size in sizes))
    if kept >= len(study.problems):
        return study, ""
    problems = dict(islice(study.problems.items(), kept))
    runs = tuple(run for run in study.runs if run.problem in problems)
    some = "problem has" if kept == 1 else f"{kept} problems have"
    return Study(study.plan, runs, problems), (
        f"The first {some} charts; the tables and their files have all {count(len(study.problems))}."
    )


def _thinned(settings: Sequence[Setting], looks: Looks) -> tuple[list[str], list[str]] | None:
    """All axes, first the one with most values, and those of them that are left; None where few would be."""
    widest = max(looks.axes, key=lambda axis: len(looks.order[axis]))
    others = [axis for axis in looks.axes if axis != widest]
    room = HELD // len({tuple(s.axes.get(axis) for axis in others) for s in settings})
    if widest not in looks.with_order or not THINNED <= room < len(looks.order[widest]):
        return None
    return [widest, *others], evenly(looks.order[widest], room)


def _fitting(settings: Sequence[Setting], looks: Looks) -> tuple[list[str], list[str]]:
    """The most telling axes of which all combinations fit, the first in any case; its values that are left."""
    kept: list[str] = []
    for axis in looks.axes:
        combinations = {tuple(s.axes.get(a) for a in [*kept, axis]) for s in settings}
        if not kept or len(combinations) <= HELD:
            kept.append(axis)
    labels = looks.order[kept[0]]
    return kept, evenly(labels, HELD) if len(kept) == 1 else labels


def _note(kept: Sequence[str], skipped: int, left: int, looks: Looks) -> str:
    sentences = []
    if len(kept) < len(looks.axes):
        names = listing([title(axis) for axis in kept])
        sentences.append(
            f"Charts merge the runs of settings that agree in {names}: a page holds at most {HELD} curves."
        )
    if skipped:
        word = title(kept[0])
        sentences.append(f"Charts leave out {count(skipped)} values of {word}, evenly; {count(left)} remain.")
    return " ".join(sentences)
