"""How charts tell settings apart: colour and dashes for the axes that matter most, tooltips for all."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.settings import Setting, words
from gdbench.judgement.study import Study
from gdbench.report.analysis.emphasis import by_effect, ordered
from gdbench.report.analysis.units import MEASURED
from gdbench.report.charts.figure import Control, choose
from gdbench.report.charts.palette import DASHES, HUES
from gdbench.report.charts.vega_lite import Piece, named, nominal, when

#: A legend that can be clicked holds no more entries; beyond, a colour bar for rates and none for others.
LEGEND_LIMIT = 20

#: Lines of groups at most; where a rate has more values than a legend holds, neighbours share one of so many.
CROWDED, BINS = 24, 20

#: Signs at the ends of a label that stay where it is too long.
HEAD, TAIL = 14, 16

#: Before the name of an axis: the field of its colours, where not every value has one.
HUE = "hue_"

#: Whether a mark is bright: nothing is selected, or its setting is.
LIT = "!lit || lit[datum.n]"

#: Opacity of marks that are not.
FADED = 0.07


@dataclass(frozen=True)
class Looks:
    """The axes that vary within a problem, the most telling first; their values; which of them have an order.

    rates: whether every learning rate is a plain number.  lost: the values with which every run diverged.
    hued: of an axis with more values than there are colours, and no order, those that have one: the best.
    """

    axes: tuple[str, ...]
    order: Mapping[str, list[str]]
    with_order: frozenset[str]
    rates: bool
    lost: Mapping[str, list[str]]
    hued: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def colour(self) -> Control:
        """What the reader chooses the colour from."""
        return Control("colour", "Colour", {axis: title(axis) for axis in self.axes})

    @property
    def controls(self) -> tuple[Control, ...]:
        return (self.colour,) if self.axes else ()

    def hue_of(self, axis: str, label: str) -> str:
        """The value itself, or "7 others"."""
        bright = self.hued[axis]
        return label if label in bright else f"{count(len(self.order[axis]) - len(bright))} others"

    def hue_field(self, axis: str) -> str:
        """The field that has the colour while an axis has it."""
        return f"{HUE}{axis}" if axis in self.hued else axis

    def dashed(self, axis: str) -> str | None:
        """The axis of the dashes while another has the colour."""
        few = (a for a in self.axes if a != axis and len(self.order[a]) <= len(DASHES))
        return next(few, None)

    def grouped(self, axis: str) -> list[str]:
        """The fields that tell lines of a group apart while an axis has the colour: few enough for eyes."""
        if self._ramped(axis):
            return ["bin"]
        dash = self.dashed(axis)
        return [axis, dash] if dash and len(self.order[axis]) * len(self.order[dash]) <= CROWDED else [axis]

    def lines(self, axis: str) -> int:
        """How many lines there are at most while they are grouped by an axis."""
        return math.prod(BINS if field == "bin" else len(self.order[field]) for field in self.grouped(axis))

    @property
    def bins(self) -> dict[str, float]:
        """Rate → the middle one of its bin, where there are too many rates for a line each."""
        rates = self.order.get("learning_rate", []) if self._ramped("learning_rate") else []
        width = math.ceil(len(rates) / BINS)
        return {
            rate: float(rates[min(i // width * width + width // 2, len(rates) - 1)])
            for i, rate in enumerate(rates)
        }

    def _ramped(self, axis: str) -> bool:
        return axis == "learning_rate" and self.rates and len(self.order.get(axis, ())) > LEGEND_LIMIT

    def colour_hole(self, *, grouped: bool = False, bar: bool = True) -> Piece | None:
        """The colour channel for each axis that may have it. bar: False leaves out the legend of a ramp."""
        if not self.axes:
            return None
        return choose(self.colour, {axis: self.coloured(axis, grouped=grouped, bar=bar) for axis in self.axes})

    def dash_hole(self, *, grouped: bool = False) -> Piece | None:
        """The dashes that go with each colour."""
        if not self.axes:
            return None
        dashes = {axis: self.dashed(axis) for axis in self.axes}
        if grouped:
            dashes = {axis: dash if dash in self.grouped(axis) else None for axis, dash in dashes.items()}
        return choose(self.colour, {axis: self._dash(dash) for axis, dash in dashes.items()})

    def coloured(self, axis: str, *, grouped: bool = False, bar: bool = True) -> Piece:
        """The colour channel while an axis has it."""
        if self._ramped(axis):
            ramp = {"type": "gradient", "gradientLength": 200, "format": "~g", "tickCount": 5}
            field = {"field": "bin" if grouped else "rate", "type": "quantitative", "scale": {"type": "log"}}
            return {**field, "title": title(axis), "legend": ramp if bar else None}
        labels = self.order[axis]
        if axis in self.hued:
            rest = next(label for label in labels if label not in self.hued[axis])
            labels = [*self.hued[axis], self.hue_of(axis, rest)]
        looks = {"symbolType": "stroke", "symbolOpacity": 1, "symbolStrokeWidth": 3}
        entries = {**looks, "labelExpr": self._with_fate(axis), "symbolLimit": LEGEND_LIMIT}
        return {
            "field": self.hue_field(axis),
            "type": "ordinal" if axis in self.with_order else "nominal",
            "sort": labels,
            "scale": {"domain": labels},
            "title": title(axis),
            "legend": entries if len(labels) <= LEGEND_LIMIT else None,
        }

    def _dash(self, axis: str | None) -> Piece | None:
        if axis is None:
            return None
        labels = self.order[axis]
        return {
            "field": axis,
            "type": "nominal",
            "title": title(axis),
            "scale": {"domain": labels, "range": DASHES[: len(labels)]},
            "legend": {"symbolStrokeColor": "#808080"},
        }

    def _with_fate(self, axis: str) -> str:
        """Legend labels: one whose every run diverged says so."""
        lost = json.dumps(self.lost[axis])
        short = label_words(self.order[axis])
        return f"{short} + (indexof({lost}, datum.label) >= 0 ? ' ✕ diverged' : '')"


def label_words(labels: Sequence[str]) -> str:
    """What says a label, for Vega: long ones without their middles, unless two would then be alike."""
    short = {label: f"{label[:HEAD]}…{label[-TAIL:]}" for label in labels if len(label) > HEAD + TAIL + 1}
    short = {label: told for label, told in short.items() if list(short.values()).count(told) == 1}
    return f"({json.dumps(short, ensure_ascii=False)}[datum.label] || datum.label)" if short else "datum.label"


def looks(study: Study) -> Looks:
    """The same choice for all charts of a study, so that a value has one colour on the whole page."""
    axes = tuple(by_effect(study))
    found = {axis: ordered(axis, study.settings) for axis in axes}
    rates = all(setting.rate is not None for setting in study.settings)
    return Looks(
        axes,
        {axis: labels for axis, (labels, _) in found.items()},
        frozenset(axis for axis, (_, order) in found.items() if order),
        rates,
        {axis: _lost(axis, study.settings) for axis in axes},
        {
            axis: _best(axis, study)
            for axis, (labels, order) in found.items()
            if len(labels) > HUES and not order
        },
    )


def _best(axis: str, study: Study) -> list[str]:
    """The values of the best settings of the problems in turn, as many as have a colour beside the grey."""
    groups: dict[str, list[str]] = {}
    for setting in study.ranked:
        groups.setdefault(setting.problem.id, []).append(setting.axes.get(axis, ""))
    turns = [dict.fromkeys(labels) for labels in groups.values()]
    mixed = dict.fromkeys(label for labels in zip_longest(*turns) for label in labels if label)
    kept = list(mixed)[: HUES - 1]
    return [label for label in ordered(axis, study.settings)[0] if label in kept]


def _lost(axis: str, settings: Sequence[Setting]) -> list[str]:
    """The values of an axis with which every run diverged."""
    alive = {setting.axes.get(axis) for setting in settings if not setting.all_diverged}
    return [label for label in ordered(axis, settings)[0] if label not in alive]


def title(axis: str) -> str:
    """An axis as the title of a legend."""
    return "learning rate η" if axis == "learning_rate" else words(axis)


#: What became of a setting, which tooltips show after its choices: field → title.
ENDINGS = {
    "runs": "runs",
    "outcome": "outcome",
    "done": "iterations",
    "gap": "relative gap",
    "cost_at_end": "final cost",
}


def settings_data(
    numbered: Mapping[Setting, int], looks: Looks, *, problems: bool = False
) -> list[dict[str, object]]:
    """The data set "settings": what the marks of each carry for encodings and tooltips, by number."""
    bins = looks.bins
    return [
        {
            "n": number,
            **{axis: setting.axes.get(axis, "") for axis in looks.axes},
            **{f"{HUE}{axis}": looks.hue_of(axis, setting.axes.get(axis, "")) for axis in looks.hued},
            **({"bin": bins.get(setting.axes.get("learning_rate", ""))} if bins else {}),
            **({"problem": setting.problem.label} if problems else {}),
            "rate": setting.rate,
            "runs": len(setting.runs),
            "outcome": setting.outcome_text,
            "done": count(setting.iterations[0]),
            "gap": figure(setting.relative_gap),
            "cost_at_end": figure(setting.final_cost, 7),
            **{unit.field: float(f"{unit.per_iteration(setting):.4g}") for unit in MEASURED},
        }
        for setting, number in numbered.items()
    ]


def lookup(axes: Sequence[str]) -> Piece:
    """Beside the number of each mark its setting."""
    return {"lookup": "n", "from": {"data": named("settings"), "key": "n", "fields": _looked_up(axes)}}


def _looked_up(axes: Sequence[str]) -> list[str]:
    return [
        *axes,
        *(f"{HUE}{axis}" for axis in axes),
        "rate",
        "bin",
        *ENDINGS,
        *(unit.field for unit in MEASURED),
    ]


def tooltip(axes: Sequence[str]) -> list[Piece]:
    """The full setting and what became of it."""
    told = {axis: title(axis) for axis in axes} | ENDINGS
    return [nominal(field, title=name) for field, name in told.items()]


def lit(bright: float, faded: float = FADED) -> Piece:
    """Opacity by selection."""
    return when({"test": LIT}, bright, faded)


def selectable(spec: Piece) -> Piece:
    """A description that knows of the page's selection: the settings that are bright, by number, or null."""
    params = spec.get("params")
    return {**spec, "params": [{"name": "lit", "value": None}, *(params if isinstance(params, list) else [])]}
