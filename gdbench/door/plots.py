"""The report's charts one at a time, which a notebook draws and one can go on with."""

from __future__ import annotations

from pathlib import Path

from gdbench.descent.errors import GdbenchError, UnknownName
from gdbench.door.chart import Chart, in_notebook
from gdbench.judgement.numerals import listing
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.charts.charts import Charts, charts
from gdbench.report.charts.figure import Figure


class Plot:
    """Charts of a study. Each takes the problem that it is about (its label; the first, if there are several),
    and the choices that the report's page offers above the chart, as in `gap(colour="optimizer")`.
    """

    def __init__(self, folder: Path, study: Study) -> None:
        self._folder, self._study = folder, study
        self._charts: Charts | None = None

    def gap(self, problem: str | None = None, **choices: str) -> Chart:
        """The gap to the optimum by iteration, or the cost where no optimum is known."""
        return self._drawn("gap", problem, choices)

    def rates(self, problem: str | None = None, **choices: str) -> Chart:
        """Iterations by learning rate, with the rate beyond which theory sees divergence."""
        return self._drawn("rates", problem, choices)

    def heat(self, problem: str | None = None, **choices: str) -> Chart:
        """Two choices at a time, a cell for each pair of them."""
        return self._drawn("heat", problem, choices)

    def paths(self, problem: str | None = None, **choices: str) -> Chart:
        """Paths over the cost's contour lines, of problems with two parameters."""
        return self._drawn("paths", problem, choices)

    def profile(self, kind: str = "performance", **choices: str) -> Chart:
        """For each method the share of problems that it solves within a multiple of the best one's work.

        kind: "performance", or "data": within so many gradients a parameter.
        """
        return self._drawn(f"profile-{kind}", None, choices)

    def chart(self, name: str, **choices: str) -> Chart:
        """Whatever chart the report has, by its id, one of `.all`: what was learned, residuals, ranks …"""
        figures = {figure.id: figure for figure in self._figures}
        if name not in figures:
            raise UnknownName("chart", name, figures)
        return _chosen(figures[name], choices)

    @property
    def all(self) -> list[str]:
        """The charts that this study has, by their ids on the page."""
        return [figure.id for figure in self._figures]

    @property
    def _figures(self) -> list[Figure]:
        if self._charts is None:
            with Store.read(self._folder) as store:
                self._charts = charts(self._study, store)
        return self._charts.all

    def _drawn(self, kind: str, problem: str | None, choices: dict[str, str]) -> Chart:
        return _chosen(self._figure(kind, problem), choices)

    def _figure(self, kind: str, problem: str | None) -> Figure:
        found = [figure for figure in self._figures if figure.id == kind or figure.id.startswith(f"{kind}-")]
        if not found:
            there = listing(self.all) if self.all else "none yet"
            raise GdbenchError(f"{self._study.plan.experiment} has no chart of this kind; it has: {there}.")
        if problem is None:
            return found[0]
        number = {p.label: number for number, p in enumerate(self._study.problems.values(), start=1)}
        if problem not in number:
            raise UnknownName("problem", problem, number)
        wanted = kind if number[problem] == 1 else f"{kind}-{number[problem]}"
        named = next((figure for figure in found if figure.id == wanted), None)
        if named is None:
            raise GdbenchError(f"{problem}: has no chart of this kind.")
        return named


def _chosen(figure: Figure, choices: dict[str, str]) -> Chart:
    offered = {control.name: control for control in figure.controls}
    for name, choice in choices.items():
        if name not in offered:
            raise UnknownName("choice", name, offered)
        if choice not in offered[name].choices:
            raise UnknownName(name, choice, offered[name].choices)
    return in_notebook(figure.chosen(**choices))
