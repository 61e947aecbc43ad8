"""The report's charts one at a time, as Altair objects that a notebook draws and one can go on with."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from pathlib import Path

import altair as alt

from gdbench.descent.errors import GdbenchError, UnknownName
from gdbench.judgement.numerals import listing
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.charts.charts import Charts, charts
from gdbench.report.charts.drawing import Undrawable, png
from gdbench.report.charts.figure import Figure
from gdbench.report.charts.palette import theme

#: Pixels, as wide as a notebook's cell.
_WIDTH = 620


class _Offline:
    """Draws itself without a network: by the notebook's own Vega, or as a picture where that is another.

    Altair's usual way fetches Vega from the network.
    """

    def _repr_mimebundle_(self, *_args: object, **_options: object) -> dict[str, object]:
        assert isinstance(self, alt.TopLevelMixin)
        spec = self.to_dict()
        major = alt.SCHEMA_VERSION.partition(".")[0]
        shown: dict[str, object] = {f"application/vnd.vegalite.{major}+json": spec}
        with suppress(Undrawable):
            # no SVG: of a notebook that somebody else executed JupyterLab shows none
            shown["image/png"] = base64.b64encode(png(json.dumps(spec))).decode()
        return shown


def _offline(kind: type) -> type:
    """The same kind of chart, which draws itself so."""
    return type(kind.__name__, (_Offline, kind), {})


class Plot:
    """Charts of a study. Each takes the problem that it is about (its label; the first, if there are several),
    and the choices that the report's page offers above the chart, as in `gap(colour="optimizer")`.
    """

    def __init__(self, folder: Path, study: Study) -> None:
        self._folder, self._study = folder, study
        self._charts: Charts | None = None

    def gap(self, problem: str | None = None, **choices: str) -> alt.TopLevelMixin:
        """The gap to the optimum by iteration, or the cost where no optimum is known."""
        return self._drawn("gap", problem, choices)

    def rates(self, problem: str | None = None, **choices: str) -> alt.TopLevelMixin:
        """Iterations by learning rate, with the rate beyond which theory sees divergence."""
        return self._drawn("rates", problem, choices)

    def heat(self, problem: str | None = None, **choices: str) -> alt.TopLevelMixin:
        """Two choices at a time, a cell for each pair of them."""
        return self._drawn("heat", problem, choices)

    def paths(self, problem: str | None = None, **choices: str) -> alt.TopLevelMixin:
        """Paths over the cost's contour lines, of problems with two parameters."""
        return self._drawn("paths", problem, choices)

    def profile(self, kind: str = "performance", **choices: str) -> alt.TopLevelMixin:
        """For each method the share of problems that it solves within a multiple of the best one's work.

        kind: "performance", or "data": within so many gradients a parameter.
        """
        return self._drawn(f"profile-{kind}", None, choices)

    def chart(self, name: str, **choices: str) -> alt.TopLevelMixin:
        """Whatever chart the report has, by its id, one of `.all`: what was learned, residuals, ranks …"""
        figures = {figure.id: figure for figure in self._figures}
        if name not in figures:
            raise UnknownName("chart", name, figures)
        return _altair(figures[name], choices)

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

    def _drawn(self, kind: str, problem: str | None, choices: dict[str, str]) -> alt.TopLevelMixin:
        return _altair(self._figure(kind, problem), choices)

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


def _altair(figure: Figure, choices: dict[str, str]) -> alt.TopLevelMixin:
    offered = {control.name: control for control in figure.controls}
    for name, choice in choices.items():
        if name not in offered:
            raise UnknownName("choice", name, offered)
        if choice not in offered[name].choices:
            raise UnknownName(name, choice, offered[name].choices)
    # what the report's page sets by its width and its theme
    spec = {**figure.chosen(**choices), "width": _WIDTH, "config": theme(dark=False)}
    chart: alt.TopLevelMixin = alt.Chart.from_dict(spec)
    # Altair's own setting of attributes would make it a part of the description
    object.__setattr__(chart, "__class__", _offline(type(chart)))
    return chart
