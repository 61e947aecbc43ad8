"""What the chart of descents is made of: lines, quartiles, targets, and crosses where runs diverge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gdbench.report.analysis.lines import BEYOND, Band, Scale
from gdbench.report.analysis.units import ITERATIONS, Unit
from gdbench.report.charts.encoding import FADED, LIT, Looks, lit, lookup, selectable, title, tooltip
from gdbench.report.charts.figure import Control, Subject, choose
from gdbench.report.charts.palette import DIVERGED
from gdbench.report.charts.vega_lite import (
    Layer,
    Piece,
    calculate,
    csv,
    inline,
    layered,
    named,
    nominal,
    quantitative,
    value,
    when,
)
from gdbench.report.charts.worst_layer import Worst, worst_layer

#: Up to this many settings have a line each; more are drawn as medians and quartiles of groups.
EACH = 60
#: Up to this length the horizontal axis is linear, beyond it logarithmic (with a zero).
SHORT = 60
#: With more lines than these, quartiles would cover one another.
BANDS = 12
#: More lines than these are drawn finer.
CROWD = 30


@dataclass(frozen=True)
class Drawing:
    """All that the layers of one problem's chart share."""

    looks: Looks
    bands: Sequence[Band]
    axis: Scale
    units: Sequence[Unit]
    targets: Sequence[str]
    subject: Subject
    worst: Worst | None = None

    @property
    def per(self) -> Control:
        return Control("per", "Count", {unit.name: unit.title for unit in self.units})

    @property
    def lines(self) -> str:
        """The name of the data of the lines."""
        return self.subject.data("lines")

    @property
    def grouped(self) -> bool:
        """Whether lines are medians of several settings."""
        return len(self.bands) > EACH

    @property
    def exits(self) -> list[Band]:
        """The lines that leave the chart with a cross."""
        return [] if self.grouped else [band for band in self.bands if band.setting.all_diverged]

    @property
    def banded(self) -> bool:
        """Whether quartiles are drawn."""
        return self.grouped or (len(self.bands) <= BANDS and any(band.runs > 1 for band in self.bands))


def spec(drawing: Drawing) -> Piece:
    """The chart in Vega-Lite, with its holes."""
    across = choose(drawing.per, {unit.name: horizontal(drawing, unit) for unit in drawing.units})
    layers: list[Layer | Piece] = [*_target_lines(drawing)]
    layers += _grouped(drawing, across) if drawing.grouped else _each(drawing, across)
    if drawing.worst:
        fields = [unit.field for unit in drawing.units[1:]]
        up = height_of(drawing, "height")
        layers.append(worst_layer(drawing.worst, drawing.looks.axes, across, up, fields))
    if drawing.exits:
        layers.append(_crosses(drawing, across))
    return selectable(layered(layers, width="container", height=400))


def data_name(drawing: Drawing, unit: Unit) -> str:
    """Where the lines are: grouped ones have points of their own for each unit."""
    return f"{drawing.lines}-{unit.field}" if drawing.grouped and unit is not ITERATIONS else drawing.lines


def _each(drawing: Drawing, across: Piece) -> list[Layer]:
    """A line for each setting, and wide invisible ones over them: a pixel or two is hard to point at."""
    base = _counted(_base(drawing), drawing).encoded(x=across, detail=nominal("n"))
    line = base.marked("line", clip=True, strokeWidth=_width(len(drawing.bands)), strokeJoin="round")
    bright = when({"test": {"and": [{"param": "hover"}, LIT]}}, 0.9, FADED)
    layers = [line.encoded(y=height_of(drawing, "height"), opacity=bright, **_looks(drawing))]
    if drawing.banded:
        area = base.where("isValid(datum.low)").marked("area", clip=True, line=False)
        low, high = height_of(drawing, "low"), {"field": "high"}
        layers.insert(0, area.encoded(y=low, y2=high, opacity=lit(0.16, 0.0), fill=_shade(drawing)))
    handle = base.marked("line", clip=True, strokeWidth=12, opacity=0.0).encoded(
        y=height_of(drawing, "height"), tooltip=tooltip(drawing.looks.axes)
    )
    select = {"type": "point", "fields": ["n"], "on": "pointerover", "clear": "pointerout"}
    return [*layers, handle.selecting({"name": "hover", "select": select})]


def _grouped(drawing: Drawing, across: Piece) -> list[Layer]:
    """The median over the settings of each colour and dash, with quartiles while there are few."""
    by = _of_groups(drawing.looks)
    found = {"middle": ("median", "height"), "q1": ("q1", "height"), "q3": ("q3", "height")}
    several: list[Piece] = [{"op": op, "field": field, "as": name} for name, (op, field) in found.items()]
    several.append({"op": "count", "as": "settings"})
    base = _base(drawing).where(LIT).transformed({"aggregate": several, "groupby": by["groups"]})
    base = base.encoded(x=across, detail=by["detail"])
    area = base.marked("area", clip=True).encoded(
        y=height_of(drawing, "q1"), y2={"field": "q3"}, opacity=by["shade"], fill=_shade(drawing)
    )
    middle = height_of(drawing, "middle")
    line = base.marked("line", clip=True, strokeWidth=2, strokeJoin="round", opacity=0.9)
    handle = base.marked("line", clip=True, strokeWidth=12, opacity=0.0)
    return [area, line.encoded(y=middle, **_looks(drawing)), handle.encoded(y=middle, tooltip=by["tips"])]


def _of_groups(looks: Looks) -> Piece:
    """What depends on the axes by which lines are grouped."""
    fields = {axis: looks.grouped(axis) for axis in looks.axes}
    tips = {
        axis: [
            *(nominal(name, title=_title(name)) for name in names),
            quantitative("settings", title="settings"),
        ]
        for axis, names in fields.items()
    }
    groups = {
        axis: [*names, "x"] if "bin" in names else [*dict.fromkeys([*names, looks.hue_field(axis), "x"])]
        for axis, names in fields.items()
    }
    shades = {axis: value(0.16 if looks.lines(axis) <= BANDS else 0.0) for axis in looks.axes}
    details = {axis: list(map(nominal, names)) for axis, names in fields.items()}
    found: dict[str, Piece] = {"groups": groups, "detail": details, "shade": shades, "tips": tips}
    return {name: choose(looks.colour, pieces) for name, pieces in found.items()}


def _title(field: str) -> str:
    return f"{title('learning_rate')}, about" if field == "bin" else title(field)


def _base(drawing: Drawing) -> Layer:
    name = choose(drawing.per, {unit.name: data_name(drawing, unit) for unit in drawing.units})
    return Layer(csv_data(name)).transformed(lookup(drawing.looks.axes))


def csv_data(name: object) -> Piece:
    """Lines as `analysis.lines.csv` writes them."""
    return csv(name, "n", "x", "height", "low", "high")


def _counted(layer: Layer, drawing: Drawing) -> Layer:
    """With a place along the axis of each unit: `x_` and its field."""
    others = [unit.field for unit in drawing.units[1:]]
    return layer.transformed(*(calculate(f"x_{unit}", f"datum.x * datum.{unit}") for unit in others))


def _looks(drawing: Drawing) -> dict[str, Piece | None]:
    """Colour and dashes, as far as anything varies."""
    looks, grouped = drawing.looks, drawing.grouped
    return {"color": looks.colour_hole(grouped=grouped), "strokeDash": looks.dash_hole(grouped=grouped)}


def _shade(drawing: Drawing) -> Piece | None:
    """One ramp for strokes and areas at once would be drawn as symbols: this one has no legend."""
    return drawing.looks.colour_hole(grouped=drawing.grouped, bar=False)


def horizontal(drawing: Drawing, unit: Unit) -> Piece:
    """The axis of a unit: from its zero to the last point that is in sight."""
    field = "x" if drawing.grouped or unit is ITERATIONS else f"x_{unit.field}"
    paces = [unit.per_iteration(band.setting) for band in drawing.bands]
    ends = [_last_seen(band, drawing.axis.top) for band in drawing.bands]
    longest = max(pace * end for pace, end in zip(paces, ends, strict=True)) or 1.0
    if unit is ITERATIONS and longest <= SHORT:
        scale: Piece = {"domain": [0, longest], "nice": False}
        axis: Piece = {"format": "d", "tickMinStep": 1}
        return quantitative(field, title=unit.title, scale=scale, axis=axis)
    least = min(paces)
    powers = [10.0**power for power in range(-12, 20) if least <= 10.0**power <= longest]
    return quantitative(
        field,
        title=f"{unit.title} (log scale)",
        scale={"type": "symlog", "constant": least, "domain": [0, longest], "nice": False},
        axis={"values": [0, *powers], "format": ",d" if least >= 1 else "~g", "labelOverlap": "greedy"},
    )


def _last_seen(band: Band, top: float) -> float:
    """The last point of a line that is below the top."""
    return max((k for k, height in zip(band.iteration, band.median, strict=True) if height <= top), default=1)


def height_of(drawing: Drawing, field: str) -> Piece:
    axis = drawing.axis
    return quantitative(
        field,
        title=f"{axis.quantity}{' (log scale)' if axis.log else ''}",
        scale={"type": "log" if axis.log else "linear", "domain": [axis.bottom, axis.top], "nice": False},
        axis=_labels(axis),
    )


#: From the bottom of a logarithmic axis to its top, below which one digit does not tell its ticks apart.
_NARROW = 4.0


def _labels(axis: Scale) -> Piece:
    """Powers of ten, where a logarithmic axis has enough of them; never the same words at several heights."""
    if not axis.log:
        return {"format": ",.4~g", "tickCount": 8}
    words = "replace(format(datum.value, '.0e'), '+', '')"
    if axis.top < _NARROW * axis.bottom:
        words, flat = words.replace(".0e", ".1~e"), axis.top <= 1.5 * axis.bottom
        return {"labelExpr": words, **({"values": [axis.bottom]} if flat else {"tickCount": 6})}
    powers = [10.0**power for power in range(-20, 301) if axis.bottom <= 10.0**power <= axis.top]
    if len(powers) <= 2:
        return {"labelExpr": words, "tickCount": 8}
    return {"labelExpr": words, "values": powers[:: 1 + len(powers) // 9]}


def _target_lines(drawing: Drawing) -> list[Piece]:
    """A quiet rule at each target that is in sight."""
    axis = drawing.axis
    inside = [t for t in drawing.targets if axis.bottom < float(t) < axis.top and axis.quantity != "cost"]
    shown = [{"height": float(target), "target": target} for target in inside]
    if not shown:
        return []
    base = Layer().encoded(y=quantitative("height"))
    rule = base.marked("rule", strokeDash=[1, 3], opacity=0.8)
    words = {"expr": "'target ' + datum.target"}
    text = base.marked("text", align="left", baseline="bottom", dx=3, dy=-1, text=words).encoded(x=value(0))
    return [layered([rule, text], data=inline(*shown))]


def _crosses(drawing: Drawing, across: Piece) -> Layer:
    """A cross where each diverging line leaves the chart."""
    exits = Layer(named(drawing.subject.data("exits"))).transformed(lookup(drawing.looks.axes))
    mark = _counted(exits, drawing).marked(
        "point", shape="cross", angle=45, size=110, color=DIVERGED, filled=True
    )
    tips, up = tooltip(drawing.looks.axes), height_of(drawing, "height")
    return mark.encoded(x=across, y=up, opacity=lit(1.0), tooltip=tips)


def _width(lines: int) -> float:
    return 2.0 if lines <= CROWD else 1.2


def exit_rows(drawing: Drawing) -> list[Piece]:
    """Where the crosses stand."""
    places = [(band, drawing.axis.exit(band)) for band in drawing.exits]
    return [
        {"n": band.number, "x": float(f"{x:.6g}"), "height": min(height, BEYOND)}
        for band, (x, height) in places
    ]
