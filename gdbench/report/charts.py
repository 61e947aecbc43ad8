"""The charts of a report, in the order in which they are read."""

from __future__ import annotations

from gdbench.execution.store import Store
from gdbench.report.descent_chart import descent_figure
from gdbench.report.figure import Figure
from gdbench.report.rate_chart import rate_figure
from gdbench.report.study import Study


def figures(study: Study, store: Store) -> list[Figure]:
    """For each problem the descents, then the effect of the learning rate; those that have data."""
    drawn: list[Figure | None] = []
    for number, problem in enumerate(study.problems.values(), start=1):
        drawn.append(descent_figure(study, store, problem, number))
        drawn.append(rate_figure(study, problem, number))
    return [figure for figure in drawn if figure is not None]
