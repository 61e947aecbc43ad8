"""What the chart of descents is made of: lines, quartiles, targets, and crosses where runs diverge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from gdbench.report.analysis.lines import BEYOND, Band, Scale
from gdbench.report.analysis.units import ITERATIONS, Unit
from gdbench.report.charts.encoding import (
    FADED,
    LIT,
    Looks,
    channels,
    hole,
    lit,
    looked_up,
    selectable,
    title,
    tooltip,
)
from gdbench.report.charts.figure import Control, Piece, Subject, choose, filled
from gdbench.report.charts.palette import DIVERGED
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
    layers: list[alt.Chart | alt.LayerChart | alt.FacetChart] = [*_target_lines(drawing)]
    layers += _grouped(drawing) if drawing.grouped else _each(drawing)
    if drawing.worst:
        fields = [unit.field for unit in drawing.units[1:]]
        layers.append(worst_layer(drawing.worst, drawing.looks.axes, height_of(drawing, "height"), fields))
    if drawing.exits:
        layers.append(_crosses(drawing))
    holes = {
        "@colour": drawing.looks.colour_hole(grouped=drawing.grouped),
        # One ramp for strokes and areas at once would be drawn as symbols.
        "@tint": drawing.looks.colour_hole(grouped=drawing.grouped, bar=False),
        "@dash": drawing.looks.dash_hole(grouped=drawing.grouped),
        "@x": choose(drawing.per, {unit.name: horizontal(drawing, unit) for unit in drawing.units}),
        "@lines": choose(drawing.per, {unit.name: data_name(drawing, unit) for unit in drawing.units}),
        "@bright": {"condition": {"test": {"and": [{"param": "hover"}, LIT]}, "value": 0.9}, "value": FADED},
        **_group_holes(drawing.looks),
    }
    chart = alt.layer(*layers).properties(width="container", height=400).to_dict(validate=False)
    return selectable(filled(chart, holes))


def data_name(drawing: Drawing, unit: Unit) -> str:
    """Where the lines are: grouped ones have points of their own for each unit."""
    return f"{drawing.lines}-{unit.field}" if drawing.grouped and unit is not ITERATIONS else drawing.lines


def _each(drawing: Drawing) -> list[alt.Chart]:
    """A line for each setting, and wide invisible ones over them: a pixel or two is hard to point at."""
    base = _base(drawing).encode(**channels(x=hole("@x"), detail="n:N"))
    for unit in drawing.units[1:]:
        base = base.transform_calculate(**{f"x_{unit.field}": f"datum.x * datum.{unit.field}"})
    looks = _looks(drawing)
    line = base.mark_line(clip=True, strokeWidth=_width(len(drawing.bands)), strokeJoin="round")
    layers = [line.encode(**channels(y=height_of(drawing, "height"), opacity=hole("@bright"), **looks))]
    if drawing.banded:
        area = base.transform_filter("isValid(datum.low)").mark_area(clip=True, line=False)
        shade = {"fill": hole("@tint")} if drawing.looks.axes else {}
        layers.insert(
            0,
            area.encode(**channels(y=height_of(drawing, "low"), y2="high:Q", opacity=lit(0.16, 0.0), **shade)),
        )
    handle = base.mark_line(clip=True, strokeWidth=12, opacity=0.0)
    hover = alt.selection_point("hover", fields=["n"], on="pointerover", clear="pointerout")
    tips = tooltip(drawing.looks.axes)
    return [*layers, handle.encode(y=height_of(drawing, "height"), tooltip=tips).add_params(hover)]


def _grouped(drawing: Drawing) -> list[alt.Chart]:
    """The median over the settings of each colour and dash, with quartiles while there are few."""
    base = (
        _base(drawing)
        .transform_filter(LIT)
        .transform_aggregate(
            middle="median(height)", q1="q1(height)", q3="q3(height)", settings="count()", groupby=["@groups"]
        )
        .encode(**channels(x=hole("@x"), detail=hole("@detail")))
    )
    looks = _looks(drawing)
    shade = {"fill": hole("@tint")} if drawing.looks.axes else {}
    area = base.mark_area(clip=True).encode(
        **channels(y=height_of(drawing, "q1"), y2="q3:Q", opacity=hole("@shade"), **shade)
    )
    line = base.mark_line(clip=True, strokeWidth=2, strokeJoin="round", opacity=0.9)
    handle = base.mark_line(clip=True, strokeWidth=12, opacity=0.0)
    return [
        area,
        line.encode(**channels(y=height_of(drawing, "middle"), **looks)),
        handle.encode(y=height_of(drawing, "middle"), tooltip=alt.Tooltip(field="@tips", type="nominal")),
    ]


def _group_holes(looks: Looks) -> Piece:
    """What depends on the axes by which lines are grouped."""
    if not looks.axes:
        return {}
    fields = {axis: looks.grouped(axis) for axis in looks.axes}
    tips = {
        axis: [
            *({"field": name, "type": "nominal", "title": _title(name)} for name in names),
            {"field": "settings", "type": "quantitative", "title": "settings"},
        ]
        for axis, names in fields.items()
    }
    few = {axis: looks.lines(axis) <= BANDS for axis in looks.axes}
    return {
        "@groups": choose(
            looks.colour,
            {
                axis: [*dict.fromkeys([*names, looks.hue_field(axis), "x"])]
                if "bin" not in names
                else [*names, "x"]
                for axis, names in fields.items()
            },
        ),
        "@detail": choose(
            looks.colour, {a: [{"field": f, "type": "nominal"} for f in fields[a]] for a in fields}
        ),
        "@shade": choose(looks.colour, {axis: {"value": 0.16 if few[axis] else 0.0} for axis in looks.axes}),
        "@tips": choose(looks.colour, tips),
    }


def _title(field: str) -> str:
    return f"{title('learning_rate')}, about" if field == "bin" else title(field)


def _base(drawing: Drawing) -> alt.Chart:
    types = dict.fromkeys(["n", "x", "height", "low", "high"], "number")
    points = alt.NamedData("@lines", format=alt.CsvDataFormat(type="csv", parse=types))
    return looked_up(alt.Chart(points), drawing.looks.axes)


def _looks(drawing: Drawing) -> dict[str, Piece]:
    """Colour and dashes, as far as anything varies."""
    if not drawing.looks.axes:
        return {}
    return {"color": hole("@colour"), "strokeDash": hole("@dash")}


def horizontal(drawing: Drawing, unit: Unit) -> Piece:
    """The axis of a unit: from its zero to the last point that is in sight."""
    field = "x" if drawing.grouped or unit is ITERATIONS else f"x_{unit.field}"
    paces = [unit.per_iteration(band.setting) for band in drawing.bands]
    ends = [_last_seen(band, drawing.axis.top) for band in drawing.bands]
    longest = max(pace * end for pace, end in zip(paces, ends, strict=True)) or 1.0
    if unit is ITERATIONS and longest <= SHORT:
        scale: Piece = {"domain": [0, longest], "nice": False}
        axis: Piece = {"format": "d", "tickMinStep": 1}
        return {"field": field, "type": "quantitative", "title": unit.title, "scale": scale, "axis": axis}
    least = min(paces)
    powers = [10.0**power for power in range(-12, 20) if least <= 10.0**power <= longest]
    return {
        "field": field,
        "type": "quantitative",
        "title": f"{unit.title} (log scale)",
        "scale": {"type": "symlog", "constant": least, "domain": [0, longest], "nice": False},
        "axis": {
            "values": [0, *powers],
            "format": ",d" if least >= 1 else "~g",
            "labelOverlap": "greedy",
        },
    }


def _last_seen(band: Band, top: float) -> float:
    """The last point of a line that is below the top."""
    return max((k for k, height in zip(band.iteration, band.median, strict=True) if height <= top), default=1)


def height_of(drawing: Drawing, field: str) -> alt.Y:
    axis = drawing.axis
    return alt.Y(
        field=field,
        type="quantitative",
        title=f"{axis.quantity}{' (log scale)' if axis.log else ''}",
        scale=alt.Scale(type="log" if axis.log else "linear", domain=[axis.bottom, axis.top], nice=False),
        axis=_labels(axis),
    )


def _labels(axis: Scale) -> alt.Axis:
    """Powers of ten, where a logarithmic axis has enough of them."""
    if not axis.log:
        return alt.Axis(format=",.4~g", tickCount=8)
    words = "replace(format(datum.value, '.0e'), '+', '')"
    powers = [10.0**power for power in range(-20, 301) if axis.bottom <= 10.0**power <= axis.top]
    if len(powers) <= 2:
        return alt.Axis(labelExpr=words, tickCount=8)
    return alt.Axis(labelExpr=words, values=powers[:: 1 + len(powers) // 9])


def _target_lines(drawing: Drawing) -> list[alt.LayerChart]:
    """A quiet rule at each target that is in sight."""
    axis = drawing.axis
    inside = [t for t in drawing.targets if axis.bottom < float(t) < axis.top and axis.quantity != "cost"]
    shown = [{"height": float(target), "target": target} for target in inside]
    if not shown:
        return []
    base = alt.Chart(alt.InlineData(values=shown)).encode(**channels(y="height:Q"))
    rule = base.mark_rule(strokeDash=[1, 3], opacity=0.8)
    words = {"expr": "'target ' + datum.target"}
    text = base.mark_text(align="left", baseline="bottom", dx=3, dy=-1, text=words)
    return [rule + text.encode(**channels(x=alt.value(0)))]


def _crosses(drawing: Drawing) -> alt.Chart:
    """A cross where each diverging line leaves the chart."""
    base = looked_up(alt.Chart(alt.NamedData(drawing.subject.data("exits"))), drawing.looks.axes)
    for unit in drawing.units[1:]:
        base = base.transform_calculate(**{f"x_{unit.field}": f"datum.x * datum.{unit.field}"})
    mark = base.mark_point(shape="cross", angle=45, size=110, color=DIVERGED, filled=True)
    tips = tooltip(drawing.looks.axes)
    drawn: alt.Chart = mark.encode(
        **channels(x=hole("@x"), y=height_of(drawing, "height"), opacity=lit(1.0), tooltip=tips)
    )
    return drawn


def _width(lines: int) -> float:
    return 2.0 if lines <= CROWD else 1.2


def exit_rows(drawing: Drawing) -> list[Piece]:
    """Where the crosses stand."""
    places = [(band, drawing.axis.exit(band)) for band in drawing.exits]
    return [
        {"n": band.number, "x": float(f"{x:.6g}"), "height": min(height, BEYOND)}
        for band, (x, height) in places
    ]
