"""The charts of a report, in the order in which they are read, and the data that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.charts.descent_chart import descent_figure
from gdbench.report.charts.encoding import Looks, looks, settings_data
from gdbench.report.charts.figure import Figure, Spec, Subject
from gdbench.report.charts.heat_chart import heat_figure
from gdbench.report.charts.merging import homes, merged
from gdbench.report.charts.path_chart import path_figure
from gdbench.report.charts.profile_chart import profile_figures
from gdbench.report.charts.ranks_chart import ranks_figure
from gdbench.report.charts.rate_chart import rate_figure


@dataclass(frozen=True)
class Charts:
    """What a report draws. looks: how axes are told apart.  note: what was merged to make it readable.

    settings: the data that all charts share, a row for each setting drawn, by its number.
    homes: key of a run → the number of the setting that holds it in the charts.
    by_problem: the charts of each problem, by its id; overall: those about all problems.
    """

    looks: Looks
    note: str
    settings: Sequence[Spec]
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
    several = len(study.problems) > 1
    subjects = [Subject(p, number, several) for number, p in enumerate(study.problems.values(), start=1)]
    settings = settings_data(drawn.numbers, seen, problems=several)
    by_problem = {
        subject.problem.id: [_with(settings, figure) for figure in _of(drawn, store, seen, subject)]
        for subject in subjects
    }
    overall = [*profile_figures(study), *(figure for figure in [ranks_figure(study)] if figure)]
    return Charts(seen, note, settings, homes(drawn), by_problem, overall)


def _of(study: Study, store: Store, seen: Looks, subject: Subject) -> list[Figure]:
    drawn = [
        descent_figure(study, store, seen, subject),
        rate_figure(study, seen, subject),
        heat_figure(study, seen, subject),
        path_figure(study, seen, subject),
    ]
    return [figure for figure in drawn if figure is not None]


def _with(settings: Sequence[Spec], figure: Figure) -> Figure:
    """The figure with the data that it shares with others."""
    return replace(figure, data={**figure.data, "settings": settings})
