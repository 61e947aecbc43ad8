"""The chart of learning rates: what each achieved, from where on runs diverge, and where theory says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gdbench.judgement.numerals import figure, listing
from gdbench.judgement.study import Study
from gdbench.report.analysis.sensitivity import RatePoint, Sensitivity, sensitivity
from gdbench.report.charts.encoding import Looks, lit, lookup, selectable, title, tooltip
from gdbench.report.charts.figure import Control, Figure, Subject, choose, first_of
from gdbench.report.charts.palette import DIVERGED
from gdbench.report.charts.vega_lite import Layer, Piece, inline, layered, named, nominal, quantitative, value

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
_LOST = {"diverged", "failed"}


def rate_figure(study: Study, looks: Looks, subject: Subject) -> Figure | None:
    """One mark per setting; None where the rate does not vary, is no plain number, or always diverges."""
    found = sensitivity(study, subject.problem)
    measures = _measures(found)
    if found.absent or not measures:
        return None
    control = Control("measure", "Show", measures)
    first = next(iter(measures.values()))
    # the axes that tell its lines apart: all but the one across, and what settings are merged along
    others = [axis for axis in looks.axes if axis != "learning_rate" and axis in study.plan.varying]
    return Figure(
        id=subject.id("rates"),
        title=subject.titled(f"{first} by learning rate"),
        caption=" ".join(_caption(found, others)),
        alternative=_alternative(found, study, first),
        spec=_spec(found, looks, others, control, subject),
        data={subject.data("rates"): _rows(found)},
        controls=(*looks.controls, control),
        problem=subject.problem.label,
    )


def _measures(found: Sensitivity) -> dict[str, str]:
    """What can be shown against the rate: name → title."""
    alive = [point for point in found.points if point.state not in _LOST]
    shown = {}
    if found.target and any(point.effort for point in alive):
        shown["iterations"] = f"iterations to {found.target}"
    if any(point.gap and point.gap.median > 0 for point in alive):
        shown["gap"] = "final relative gap"
    elif any(point.cost for point in alive):
        shown["cost"] = "final cost"
    return shown


def _rows(found: Sensitivity) -> list[Piece]:
    groups = list(dict.fromkeys(point.group for point in found.points))
    rates = [point.rate for point in found.points]
    width = max(rates) / min(rates)
    return [_row(point, groups, width) for point in found.points]


def _row(point: RatePoint, groups: list[str], width: float) -> Piece:
    offset = groups.index(point.group) - (len(groups) - 1) / 2 if len(groups) <= APART else 0.0
    return {
        "n": point.number,
        # A rate, moved a little so that groups with equal values both show.
        "place": float(f"{point.rate * width ** (0.012 * offset):.5g}"),
        "group": groups.index(point.group),
        "state": point.state,
        "lost": _lost(point),
        **{_field(name): _height(point, name) for name in ("iterations", "gap", "cost")},
        "text": point.text,
    }


def _field(measure: str) -> str:
    """Where a row has it: a name that no setting, which a mark looks up, has for something else."""
    return f"at_{measure}"


def _lost(point: RatePoint) -> str | None:
    """'2 of 5 runs lost': of a setting that has other runs to show; None where none was lost, or all."""
    lost = point.setting.lost
    return f"{lost} of {len(point.setting.runs)} runs lost" if lost and point.state not in _LOST else None


def _height(point: RatePoint, measure: str) -> float | None:
    """Of a mark, in one of the measures; None of a run that was lost, and where there is no number."""
    if point.state in _LOST:
        return None
    if measure == "iterations":
        return _iterations(point)
    ending = point.gap if measure == "gap" else point.cost
    if ending is None or (measure == "gap" and ending.median <= 0):
        return None
    return ending.median


def _iterations(point: RatePoint) -> float | None:
    """To the target, or those done where it was never reached."""
    if point.effort is None:
        return None
    steps = point.effort.spread.median if point.effort.spread.finite else point.effort.bound or 0.0
    # No iterations at all have no logarithm: such a run started within the target.
    return max(steps, 0.5)


def _spec(found: Sensitivity, looks: Looks, others: Sequence[str], control: Control, subject: Subject) -> Piece:
    x, ends = _horizontal(found)
    y = choose(control, {name: _vertical(found, name, words) for name, words in control.choices.items()})
    base = Layer(named(subject.data("rates"))).transformed(lookup(looks.axes)).encoded(x=x, y=y)
    tips = [*tooltip(looks.axes), nominal("text", title=f"to {found.target}" if found.target else "value")]
    layers = [*_regions(found, ends), *_marks(base, _colour(looks, others), control, tips)]
    if any(point.state in _LOST for point in found.points):
        layers.append(_crosses(base, tips))
    if any(map(_lost, found.points)):
        layers.append(_small_crosses(base, tips))
    return selectable(layered(layers, width="container", height=320))


def _marks(base: Layer, colour: Piece | None, control: Control, tips: Sequence[Piece]) -> list[Layer]:
    """A mark for each setting, and a line that joins what was measured: a bound is no measurement."""
    scale = {"domain": list(_SHAPES), "range": list(_SHAPES.values())}
    shape = nominal("state", title="iterations are", scale=scale, legend=None)
    joined = base.where(choose(control, {name: _joined(name) for name in control.choices}))
    shown = base.where(choose(control, {name: f"isValid(datum.{_field(name)})" for name in control.choices}))
    line = joined.marked("line", strokeWidth=1.5).encoded(detail=nominal("group"))
    marks = shown.marked("point", filled=True, size=70).encoded(shape=shape, tooltip=tips)
    return [one.encoded(opacity=lit(0.9), color=colour) for one in (line, marks)]


def _joined(name: str) -> str:
    known = f"isValid(datum.{_field(name)})"
    return (
        f"{known} && (datum.state == 'reached' || datum.state == 'measured')" if name == "iterations" else known
    )


def _colour(looks: Looks, others: Sequence[str]) -> Piece | None:
    """The page's colour, or that of the next axis where the rate has it."""
    if not others:
        return None
    telling = {axis: axis if axis in others else others[0] for axis in looks.axes}
    return choose(looks.colour, {axis: looks.coloured(other) for axis, other in telling.items()})


def _horizontal(found: Sensitivity) -> tuple[Piece, tuple[float, float]]:
    """A logarithmic axis with a tick at each rate, and its ends."""
    rates = sorted({point.rate for point in found.points})
    width, few = rates[-1] / rates[0], len(rates) <= TICKS
    ends = (rates[0] / width**0.04, rates[-1] * width**0.06)
    scale = {"type": "log", "domain": list(ends), "nice": False}
    axis = {"format": "~g", "labelOverlap": "greedy", "grid": not few, **({"values": rates} if few else {})}
    return quantitative("place", title="learning rate η (log scale)", scale=scale, axis=axis), ends


def _vertical(found: Sensitivity, measure: str, words: str) -> Piece:
    heights = [height for point in found.points if (height := _height(point, measure)) is not None]
    low, high = min(heights), max(heights)
    place = quantitative(_field(measure))
    if not (low > 0 and high > 3 * low):
        axis = {"tickCount": 6, "format": ",.4~g"}
        return {**place, "title": words, "scale": {"zero": False}, "axis": axis}
    scale = {"type": "log", "domain": [low / 1.6, high * 1.9], "nice": False}
    return {**place, "title": f"{words} (log scale)", "scale": scale, "axis": _ticks(low, high)}


def _ticks(low: float, high: float) -> Piece:
    """Of a logarithmic axis: the powers of ten, where there are some and not too many."""
    powers = [10.0**power for power in range(-30, 31) if low / 2 <= 10.0**power <= high * 2]
    small = {"labelExpr": "replace(format(datum.value, '.0e'), '+', '')"}
    ticks = {"values": powers} if 2 < len(powers) <= TICKS else {"tickCount": 8}
    return {**(small if low < 1e-3 else {"format": ",.4~g"}), **ticks}


def _regions(found: Sensitivity, ends: tuple[float, float]) -> Iterator[Layer]:
    """Where every run diverged, and where theory promises nothing any more."""
    if found.diverges_from is not None:
        base = Layer(inline({"from": found.diverges_from, "to": ends[1]}))
        area = base.marked("rect", color=DIVERGED, opacity=0.13)
        yield area.encoded(x=quantitative("from"), x2={"field": "to"})
        looks = {"style": "failed", "fontWeight": 600, "text": "diverged"}
        text = base.marked("text", align="right", baseline="bottom", dx=-4, dy=-6, **looks)
        yield text.encoded(x=quantitative("to"), y=value("height"))
    if found.limit is not None and ends[0] < found.limit < ends[1]:
        base = Layer(inline({"limit": found.limit})).encoded(x=quantitative("limit"))
        yield base.marked("rule", strokeDash=[4, 3], strokeWidth=1.5)
        text = base.marked(
            "text", align="right", baseline="top", dx=-4, dy=2, text=f"2/L = {figure(found.limit)}"
        )
        yield text.encoded(y=value(0))


def _crosses(base: Layer, tips: Sequence[Piece]) -> Layer:
    """Divergence has no number of iterations: its mark stands at the top."""
    lost = base.where("datum.state == 'diverged' || datum.state == 'failed'")
    mark = lost.marked("point", shape="cross", filled=True, size=90, color=DIVERGED, angle=45)
    return mark.encoded(y=value(14), opacity=lit(1.0), tooltip=tips)


def _small_crosses(base: Layer, tips: Sequence[Piece]) -> Layer:
    """Runs that a setting lost beside those that its mark stands for, at the top too."""
    lost = base.where("isValid(datum.lost)")
    mark = lost.marked("point", shape="cross", size=40, color=DIVERGED, angle=45)
    return mark.encoded(y=value(14), opacity=lit(1.0), tooltip=[*tips, nominal("lost", title="of these")])


def _caption(found: Sensitivity, others: Sequence[str]) -> Iterator[str]:
    states = {point.state for point in found.points}
    yield "One mark for each setting, the median of its runs."
    if others:
        yield f"Colour: {title(others[0])}."
    if 1 < len({point.group for point in found.points}) <= APART:
        yield "Marks of one rate stand side by side."
    if "never reached" in states:
        yield f"Triangles: {found.target} was never reached; they stand at the iterations done."
    if "partly" in states:
        yield "Diamonds: fewer than half of the runs reached it."
    if states & _LOST:
        yield f"Crosses at the top: {listing(sorted(states & _LOST))}."
    if any(map(_lost, found.points)):
        yield "Small crosses: settings that lost some of their runs."
    if found.note:
        yield found.note


def _alternative(found: Sensitivity, study: Study, quantity: str) -> str:
    marks = [
        f"{point.setting.name(study.plan.varying)}: {', '.join(filter(None, (point.text, _lost(point))))}"
        for point in found.points
    ]
    return f"Chart of {quantity} against the learning rate. {first_of(marks, ' settings')}."
