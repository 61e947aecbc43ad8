"""Which axis of a study becomes colour and which becomes dash: the same choice in every chart."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt

from gdbench.execution.records import RunRecord
from gdbench.report.numerals import count, figure
from gdbench.report.settings import Setting, words
from gdbench.report.study import Study

#: A legend that can be clicked holds no more entries; beyond, a colour bar.
LEGEND_LIMIT = 20

#: Dash patterns, solid first; more kinds than these cannot be told apart.
DASHES = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [14, 4], [4, 5]]


@dataclass(frozen=True)
class Visuals:
    """The axes that become colour and dash, if any; all varying axes; each axis's labels in order.

    numeric: whether the colour is a plain learning rate.
    """

    colour: str | None
    dash: str | None
    numeric: bool
    varying: tuple[str, ...]
    order: Mapping[str, list[str]]

    @property
    def discrete(self) -> bool:
        """Whether the colours are few enough for a legend with one entry each."""
        return self.colour is not None and len(self.order[self.colour]) <= LEGEND_LIMIT


def visuals(study: Study, settings: list[Setting]) -> Visuals:
    """The learning rate, where it varies, is the colour; the first other axis that varies, the dash."""
    order = {axis: _ordered(axis, settings) for axis in study.plan.axes}
    varying = tuple(axis for axis, labels in order.items() if len(labels) > 1)
    colour = "learning_rate" if "learning_rate" in varying else next(iter(varying), None)
    few = (axis for axis in varying if axis != colour and len(order[axis]) <= len(DASHES))
    return Visuals(colour, next(few, None), colour == "learning_rate" and _plain(settings), varying, order)


def title(axis: str) -> str:
    """An axis as the title of a legend."""
    return "learning rate η" if axis == "learning_rate" else words(axis)


def facts_of(runs: Iterable[tuple[Setting, RunRecord]], seen: Visuals) -> list[dict[str, Any]]:
    """What the marks of each run carry: its choices, for the encodings, and its facts, for the tooltip."""
    return [
        {
            "run": number,
            **{axis: setting.axes.get(axis, "") for axis in seen.varying},
            "rate": setting.rate,
            "replicate": run.spec.get("replicate", 0),
            "outcome": words(run.result.outcome),
            "done": count(run.result.iterations),
            "gap": figure(setting.problem.relative_gap(run.result.final_cost)),
            "cost_at_end": figure(run.result.final_cost, 7),
        }
        for number, (setting, run) in enumerate(runs)
    ]


def colour(seen: Visuals, settings: list[Setting]) -> dict[str, Any]:
    """The colour channel: a ramp over ordered rates, distinct hues over anything else."""
    if seen.colour is None:
        return {"color": alt.value("#3b76af")}
    if not seen.discrete and seen.numeric:
        return {"color": alt.Color("rate:Q", title=title(seen.colour), scale=alt.Scale(type="log"))}
    labels = seen.order[seen.colour]
    kind: Any = "ordinal" if seen.numeric or len(labels) > 5 else "nominal"
    legend = (
        alt.Legend(labelExpr=_with_fate(seen.colour, settings), symbolLimit=LEGEND_LIMIT)
        if seen.discrete
        else None
    )
    return {"color": alt.Color(seen.colour, type=kind, sort=labels, title=title(seen.colour), legend=legend)}


def dash(seen: Visuals) -> dict[str, Any]:
    if seen.dash is None:
        return {}
    labels = seen.order[seen.dash]
    scale = alt.Scale(domain=labels, range=DASHES[: len(labels)])
    legend = alt.Legend(symbolStrokeColor="#808080")
    return {
        "strokeDash": alt.StrokeDash(
            seen.dash, type="nominal", title=title(seen.dash), scale=scale, legend=legend
        )
    }


def pickers(seen: Visuals) -> list[alt.Parameter]:
    """A selection for each legend: click to pick, click again to let go."""
    legends = [seen.colour if seen.discrete else None, seen.dash]
    return [
        alt.selection_point(f"pick_{axis}", fields=[axis], bind="legend", toggle="true")
        for axis in legends
        if axis is not None
    ]


def tooltip(seen: Visuals, *, run: bool) -> list[alt.Tooltip]:
    """The full setting; for a single run, how it ended too."""
    shown = [alt.Tooltip(axis, type="nominal", title=title(axis)) for axis in seen.varying]
    if not run:
        return shown
    facts = {"replicate": "replicate", "outcome": "outcome", "done": "iterations", "gap": "relative gap"}
    facts["cost_at_end"] = "final cost"
    return [*shown, *(alt.Tooltip(field, type="nominal", title=name) for field, name in facts.items())]


def _with_fate(axis: str, settings: list[Setting]) -> str:
    """Legend labels: one whose every run diverged says so."""
    alive = {setting.axes.get(axis) for setting in settings if not setting.all_diverged}
    gone = [setting.axes[axis] for setting in settings if axis in setting.axes]
    lost = json.dumps([label for label in dict.fromkeys(gone) if label not in alive])
    return f"indexof({lost}, datum.label) >= 0 ? datum.label + ' ✕ diverged' : datum.label"


def _plain(settings: Iterable[Setting]) -> bool:
    return all(setting.rate is not None for setting in settings)


def _ordered(axis: str, settings: list[Setting]) -> list[str]:
    if axis == "learning_rate" and _plain(settings):
        settings = sorted(settings, key=lambda setting: setting.rate or 0.0)
    return list(dict.fromkeys(setting.axes[axis] for setting in settings if axis in setting.axes))
