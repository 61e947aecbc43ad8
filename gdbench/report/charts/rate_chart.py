"""The chart of learning rates: what each achieved, from where on runs diverge, and where theory says so."""

from __future__ import annotations

from typing import Any

import altair as alt

from gdbench.judgement.numerals import count, figure, listing
from gdbench.judgement.study import Study
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.sensitivity import RatePoint, Sensitivity, sensitivity
from gdbench.report.charts.encoding import Looks, lit, looked_up, selectable, title, tooltip
from gdbench.report.charts.figure import Control, Figure, choose, filled
from gdbench.report.charts.palette import DIVERGED

#: With more rates than this, ticks stand where Vega puts them.
TICKS = 12
#: With more lines than these, points of one rate are not moved apart.
APART = 6

#: Shape of a mark by what became of its setting.
_SHAPES = {
    "reached": "circle",
    "partly": "diamond",
    "never reached": "triangle-up",
    "measured": "circle",
}
_TOLD = 12


def rate_figure(study: Study, looks: Looks, problem: ProblemRecord, number: int = 1) -> Figure | None:
    """One mark per setting; None where the rate does not vary, is no plain number, or always diverges."""
    found = sensitivity(study, problem)
    measures = _measures(found)
    if found.absent or not measures:
        return None
    place = f" · {problem.label}" if len(study.problems) > 1 else ""
    control = Control("measure", "Show", measures)
    first = next(iter(measures.values()))
    return Figure(
        id="rates" if number == 1 else f"rates-{number}",
        title=f"{first[0].upper()}{first[1:]} by learning rate{place}",
        caption=_caption(found, looks),
        alternative=_alternative(found, study, first),
        spec=_spec(found, looks, control, number),
        data={f"rates-{number}": _rows(found)},
        controls=(*looks.controls, control),
        problem=problem.label,
    )


def _measures(found: Sensitivity) -> dict[str, str]:
    """What can be shown against the rate: name → title."""
    alive = [point for point in found.points if point.state not in {"diverged", "failed"}]
    shown = {}
    if found.target and any(point.effort for point in alive):
        shown["iterations"] = f"iterations to {found.target}"
    if any(point.gap and point.gap.median > 0 for point in alive):
        shown["gap"] = "final relative gap"
    elif any(point.cost for point in alive):
        shown["cost"] = "final cost"
    return shown


def _rows(found: Sensitivity) -> list[dict[str, Any]]:
    groups = list(dict.fromkeys(point.group for point in found.points))
    rates = [point.rate for point in found.points]
    width = max(rates) / min(rates)
    return [_row(point, groups, width) for point in found.points]


def _row(point: RatePoint, groups: list[str], width: float) -> dict[str, Any]:
    offset = groups.index(point.group) - (len(groups) - 1) / 2 if len(groups) <= APART else 0.0
    alive = point.state not in {"diverged", "failed"}
    steps = _iterations(point)
    return {
        "n": point.number,
        # A rate, moved a little so that groups with equal values both show.
        "place": float(f"{point.rate * width ** (0.012 * offset):.5g}"),
        "group": groups.index(point.group),
        "state": point.state,
        # No iterations at all have no logarithm: such a run started within the target.
        "iterations": max(steps, 0.5) if alive and steps is not None else None,
        "gap": point.gap.median if alive and point.gap and point.gap.median > 0 else None,
        "cost": point.cost.median if alive and point.cost else None,
        "text": point.text,
    }


def _iterations(point: RatePoint) -> float | None:
    """To the target, or those done where it was never reached."""
    if point.effort is None:
        return None
    return point.effort.spread.median if point.effort.spread.finite else point.effort.bound or 0.0


def _spec(found: Sensitivity, looks: Looks, control: Control, number: int) -> dict[str, Any]:
    rows = _rows(found)
    x, ends = _horizontal(found)
    base = looked_up(alt.Chart(alt.NamedData(f"rates-{number}")), looks.axes).encode(x=x)
    held: dict[str, Any] = {"y": alt.Y(field="@y", type="quantitative"), "opacity": lit(0.9)}
    if _others(looks):
        held["color"] = alt.Color(field="@colour", type="nominal")
    # The lines join what was measured; a bound is no measurement.
    joined = base.transform_filter("@joined").mark_line(strokeWidth=1.5)
    shape = alt.Shape(
        "state:N",
        title="iterations are",
        scale=alt.Scale(domain=list(_SHAPES), range=list(_SHAPES.values())),
        legend=None,
    )
    tips = [
        *tooltip(looks.axes),
        alt.Tooltip("text:N", title=f"to {found.target}" if found.target else "value"),
    ]
    marks = base.transform_filter("@shown").mark_point(filled=True, size=70)
    layers = [
        *_regions(found, ends),
        joined.encode(**held, detail="group:N"),
        marks.encode(**held, shape=shape, tooltip=tips),
    ]
    if any(row["state"] in {"diverged", "failed"} for row in rows):
        layers.append(_crosses(base, tips))
    holes = {
        "@y": choose(control, {name: _vertical(rows, name, words) for name, words in control.choices.items()}),
        "@joined": choose(control, {name: _joined(name) for name in control.choices}),
        "@shown": choose(control, {name: f"isValid(datum.{name})" for name in control.choices}),
        "@colour": _colour(looks),
    }
    chart = alt.layer(*layers).properties(width="container", height=320).to_dict()
    return selectable(filled(chart, holes))


def _joined(name: str) -> str:
    known = f"isValid(datum.{name})"
    return (
        f"{known} && (datum.state == 'reached' || datum.state == 'measured')" if name == "iterations" else known
    )


def _others(looks: Looks) -> list[str]:
    """The axes that tell lines of this chart apart: all but the one across."""
    return [axis for axis in looks.axes if axis != "learning_rate"]


def _colour(looks: Looks) -> Any:
    """The page's colour, or that of the next axis where the rate has it."""
    hole, others = looks.colour_hole(), _others(looks)
    if not others:
        return None
    pieces = {axis: hole["of"][axis if axis in others else others[0]] for axis in looks.axes}
    return choose(looks.colour, pieces)


def _horizontal(found: Sensitivity) -> tuple[alt.X, tuple[float, float]]:
    """A logarithmic axis with a tick at each rate, and its ends."""
    rates = sorted({point.rate for point in found.points})
    width = rates[-1] / rates[0]
    ends = (rates[0] / width**0.04, rates[-1] * width**0.06)
    ticks: dict[str, Any] = {"values": rates} if len(rates) <= TICKS else {}
    scale = alt.Scale(type="log", domain=list(ends), nice=False)
    axis = alt.Axis(format="~g", labelOverlap="greedy", grid=len(rates) > TICKS, **ticks)
    words = "learning rate η (log scale)"
    return alt.X("place:Q", title=words, scale=scale, axis=axis), ends


def _vertical(rows: list[dict[str, Any]], name: str, words: str) -> dict[str, Any]:
    heights = [row[name] for row in rows if row[name] is not None]
    log = min(heights) > 0 and max(heights) > 3 * min(heights)
    place = {"field": name, "type": "quantitative", "title": f"{words}{' (log scale)' if log else ''}"}
    if not log:
        return {**place, "scale": {"zero": False}, "axis": {"tickCount": 6, "format": ",.4~g"}}
    low, high = min(heights), max(heights)
    powers = [10.0**power for power in range(-30, 31) if low / 2 <= 10.0**power <= high * 2]
    small = low < 1e-3
    labels = {"labelExpr": "replace(format(datum.value, '.0e'), '+', '')"} if small else {"format": ",.4~g"}
    ticks = {"values": powers} if 2 < len(powers) <= TICKS else {"tickCount": 8}
    scale = {"type": "log", "domain": [low / 1.6, high * 1.9], "nice": False}
    return {**place, "scale": scale, "axis": {**labels, **ticks}}


def _regions(found: Sensitivity, ends: tuple[float, float]) -> list[Any]:
    """Where every run diverged, and where theory promises nothing any more."""
    layers: list[Any] = []
    if found.diverges_from is not None:
        base = alt.Chart(alt.InlineData(values=[{"from": found.diverges_from, "to": ends[1]}]))
        layers.append(base.mark_rect(color=DIVERGED, opacity=0.13).encode(x="from:Q", x2="to:Q"))
        word: Any = "diverged"
        text = base.mark_text(
            align="right", baseline="bottom", dx=-4, dy=-6, color=DIVERGED, fontWeight=600, text=word
        )
        layers.append(text.encode(x="to:Q", y=alt.value("height")))
    if found.limit is not None and ends[0] < found.limit < ends[1]:
        base = alt.Chart(alt.InlineData(values=[{"limit": found.limit}]))
        layers.append(base.mark_rule(strokeDash=[4, 3], strokeWidth=1.5).encode(x="limit:Q"))
        word = f"2/L = {figure(found.limit)}"
        text = base.mark_text(align="right", baseline="top", dx=-4, dy=2, text=word)
        layers.append(text.encode(x="limit:Q", y=alt.value(0)))
    return layers


def _crosses(base: alt.Chart, tips: list[alt.Tooltip]) -> Any:
    """Divergence has no number of iterations: its mark stands at the top."""
    lost = base.transform_filter("datum.state == 'diverged' || datum.state == 'failed'")
    mark = lost.mark_point(shape="cross", filled=True, size=90, color=DIVERGED, angle=45)
    return mark.encode(y=alt.value(14), opacity=lit(1.0), tooltip=tips)


def _caption(found: Sensitivity, looks: Looks) -> str:
    states, others = {point.state for point in found.points}, _others(looks)
    sentences = ["One mark for each setting, the median of its runs."]
    if others:
        sentences.append(f"Colour: {title(others[0])}.")
    if 1 < len({point.group for point in found.points}) <= APART:
        sentences.append("Marks of one rate stand side by side.")
    if "never reached" in states:
        sentences.append(f"Triangles: {found.target} was never reached; they stand at the iterations done.")
    if "partly" in states:
        sentences.append("Diamonds: fewer than half of the runs reached it.")
    if states & {"diverged", "failed"}:
        sentences.append(f"Crosses at the top: {listing(sorted(states & {'diverged', 'failed'}))}.")
    return " ".join([*sentences, *([found.note] if found.note else [])])


def _alternative(found: Sensitivity, study: Study, quantity: str) -> str:
    shown = found.points[:_TOLD]
    told = [f"{point.setting.name(study.plan.varying)}: {point.text}" for point in shown]
    rest = len(found.points) - len(shown)
    more = f"; and {count(rest)} more settings" if rest else ""
    return f"Chart of {quantity} against the learning rate. {listing(told)}{more}."
