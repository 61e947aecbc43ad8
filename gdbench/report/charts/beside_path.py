"""What moves beside the paths: the fitted line, or the cost along the line from start to end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from gdbench.judgement.model import LearnedModel
from gdbench.judgement.model.predicting import PlanData
from gdbench.judgement.numerals import figure
from gdbench.report.analysis.paths import Ground, Path, spaced
from gdbench.report.analysis.scene import Scene, fitted_rows, scene, short
from gdbench.report.analysis.ways import Ways, spans
from gdbench.report.charts.encoding import Looks, lit, lookup
from gdbench.report.charts.figure import FRAME, Figure, Subject
from gdbench.report.charts.palette import DIVERGED
from gdbench.report.charts.vega_lite import (
    Layer,
    Piece,
    csv,
    inline,
    layered,
    named,
    nominal,
    quantitative,
    value,
)

#: Points of a line that is no straight one; of the cost along a line, and at least.
POINTS, ALONG, FEWEST = 33, 81, 15
#: How far the cost is looked at beyond start and end, as a share of their distance.
BEYOND = 0.25
#: A line this many times as high as the rows has left the picture.
AWAY = 1e3

HEIGHT = 420
#: The words beside a chart and the table under it tell what it shows; a kind of mark of which there is none
#: at an iteration would be a picture without words to those who hear the page.
QUIET = {"aria": False}

#: Iterates up to the one that is shown, and that one alone.
PAST = f"datum.k <= {FRAME}"
NOW = f"{PAST} && {FRAME} < datum.until"


# --- the fitted line


def line_figure(
    gone: Ways, model: LearnedModel | None, data: PlanData, looks: Looks, subject: Subject
) -> Figure | None:
    """The rows of one feature, and what each path's iterate predicts between them."""
    if model is None or len(model.problem.data.get("features", ())) != 1 or model.scale == "margin":
        return None
    shown = scene(model, data)
    if shown is None or (shown.classes and len(model.classes) != 2):
        return None
    straight = not shown.classes and all(_straight(shown, path) for path in gone.paths)
    drawn = gone.paths if straight else gone.paths[:1]
    colours = looks if len(drawn) > 1 else None
    rest = "" if straight else " Of the best setting."
    return Figure(
        id=subject.id("paths_line"),
        title=subject.titled("The line at that iteration"),
        caption=f"What the parameters of the iterate that is shown predict between the rows.{rest}",
        alternative=_line_in_words(shown, drawn[0]),
        spec=_line_spec(shown, colours, subject),
        data={
            subject.data("fitted"): fitted_rows(shown),
            subject.data("lines_of_paths"): _lines(shown, drawn, 2 if straight else POINTS),
        },
        controls=looks.controls if colours else (),
        problem=subject.problem.label,
    )


def _straight(shown: Scene, path: Path) -> bool:
    """Whether what is predicted lies on a line, at the start and at the end."""
    for w in (path.points[0], path.points[-1]):
        low, middle, high = (said.value for said in shown.predicted([[x] for x in shown.span(0, 3)], w))
        if not abs(low + high - 2 * middle) <= 1e-9 * (abs(low) + abs(high) + abs(middle)):
            return False
    return True


def _lines(shown: Scene, drawn: Sequence[Path], points: int) -> str:
    """CSV of lines: of each path at each iterate."""
    xs = shown.span(0, points)
    most = AWAY * max(1e-300, *(abs(row.y) for row in shown.rows))
    rows = ["path,n,k,until,x,y"]
    for number, path in enumerate(drawn):
        for k, until, w in spans(path):
            said = shown.predicted([[x] for x in xs], w)
            heights = [s.probabilities[1] if s.probabilities else s.value for s in said]
            if all(abs(height) <= most for height in heights):
                rows += [
                    f"{number},{path.number},{k},{until},{short(x)},{short(y)}"
                    for x, y in zip(xs, heights, strict=True)
                ]
    return "\n".join(rows)


def _line_in_words(shown: Scene, path: Path) -> str:
    ends = shown.span(0, 2)
    said = []
    for when, w in (("At first", path.points[0]), ("At the end", path.points[-1])):
        low, high = (s.value for s in shown.predicted([[x] for x in ends], w))
        said.append(f"{when} the prediction goes from {figure(low)} to {figure(high)}.")
    return f"{shown.name(0)} from {figure(ends[0])} to {figure(ends[1])}. {' '.join(said)}"


def _line_spec(shown: Scene, looks: Looks | None, subject: Subject) -> Piece:
    title = f"probability of {shown.model.classes[1]}" if shown.classes else shown.target
    heights = [row.y for row in shown.rows]
    room = 0.25 * (max(heights) - min(heights)) or 1.0
    within = min(heights) - room, max(heights) + room
    axes = looks.axes if looks else ()
    dots = {"filled": True, "size": 30, "opacity": 0.6, "color": "#808080"}
    rows = Layer(named(subject.data("fitted"))).marked("point", **dots)
    lines = Layer(csv(subject.data("lines_of_paths"), "path", "n", "k", "until", "x", "y")).where(NOW)
    line = lines.transformed(lookup(axes)).marked("line", clip=True, strokeWidth=2.2, **QUIET)
    colour = looks.colour_hole() if looks and axes else None
    shown_now = line.encoded(detail=nominal("path"), opacity=lit(0.95), color=colour)
    place = {"x": _number("x", shown.name(0)), "y": _number("y", title, within)}
    return layered([rows, shown_now], width="container", height=HEIGHT, encoding=place)


def _number(field: str, title: str, domain: tuple[float, float] | None = None) -> Piece:
    scale = {"zero": False} if domain is None else {"zero": False, "nice": False, "domain": list(domain)}
    return quantitative(field, title=title, scale=scale)


# --- the cost along a line


def along_figure(gone: Ways, subject: Subject) -> Figure | None:
    """The cost on the straight way of the best path, start to end, with its iterates; not of two parameters."""
    on, path = gone.on, gone.paths[0]
    if on is None or gone.two:
        return None
    start, end = path.points[0], path.points[-1]
    one = len(start) == 1
    low, high = _reach(path) if one else (-BEYOND, 1.0 + BEYOND)
    points = min(ALONG, max(FEWEST, on.affordable // 4))
    heights = _heights(on, start, end, spaced(low, high, points), one=one)
    steps = _iterates(on, path, one=one)
    if not heights or not steps:
        return None
    name = gone.axes[0] if one else "share of the way from start (0) to end (1)"
    title = "The cost from start to end"
    caption = (
        "The cost on the straight line from start to end; the square is the iterate that is shown, at its own "
        "cost and as far along as it has come: it is on the curve where it is on the line."
    )
    if one:
        title = "The descent, on the cost"
        caption = "The cost, and on it the iterates up to the one that is shown, the square."
    return Figure(
        id=subject.id("paths_along"),
        title=subject.titled(title),
        caption=caption,
        alternative=f"From {figure(steps[0]['y'])} at the start to {figure(steps[-1]['y'])} at the end; "
        f"between them it is {_shape(heights, one=one)}.",
        spec=_along_spec(gone, subject, name, (low, high), _top(heights, steps)),
        data={subject.data("along"): heights, subject.data("iterates"): steps},
        problem=subject.problem.label,
    )


_Row = dict[str, float]


def _reach(path: Path) -> tuple[float, float]:
    """From where to where one parameter went, with some room."""
    values = [w for (w,) in path.points]
    room = BEYOND * (max(values) - min(values)) or 1.0
    return min(values) - room, max(values) + room


def _heights(
    on: Ground, start: Sequence[float], end: Sequence[float], shares: Sequence[float], *, one: bool
) -> list[_Row]:
    rows = []
    for share in shares:
        w = [share] if one else [a + share * (b - a) for a, b in zip(start, end, strict=True)]
        height = on.height(w)
        if math.isfinite(height):
            rows.append({"x": short(share), "y": short(height)})
    return rows


def _iterates(on: Ground, path: Path, *, one: bool) -> list[_Row]:
    """Each at its own cost, and as far on the way as it has come."""
    start, end = path.points[0], path.points[-1]
    way = [b - a for a, b in zip(start, end, strict=True)]
    square = math.fsum(part * part for part in way)
    rows = []
    for k, until, w in spans(path):
        gone = math.fsum((c - a) * part for c, a, part in zip(w, start, way, strict=True))
        height = on.height(w)
        if square and math.isfinite(height):
            x = w[0] if one else gone / square
            rows.append({"k": k, "until": until, "x": short(x), "y": short(height)})
    return rows


def _top(heights: Sequence[_Row], steps: Sequence[_Row]) -> tuple[float, float]:
    """From the lowest to what the iterates reach: beyond its ends the line may rise far higher."""
    values = [row["y"] for row in steps]
    low = min(*values, *(row["y"] for row in heights))
    high = max(values)
    room = 0.06 * (high - low) or 1.0
    return low - room, high + 2 * room


def _shape(heights: Sequence[_Row], *, one: bool) -> str:
    """Whether it falls all the way."""
    inside = [row["y"] for row in heights if one or 0 <= row["x"] <= 1]
    rises = sum(b > a for a, b in pairwise(inside))
    return "falling all the way" if not rises else "falling and rising"


def _along_spec(
    gone: Ways, subject: Subject, name: str, across: tuple[float, float], within: tuple[float, float]
) -> Piece:
    steps = Layer(named(subject.data("iterates"))).encoded(
        tooltip=[quantitative("k", title="iteration"), quantitative("y", title="cost")]
    )
    curve = Layer(named(subject.data("along"))).marked("line", clip=True, color="#808080", strokeWidth=1.6)
    dots = {"clip": True, "filled": True, **QUIET}
    layers = [
        curve,
        steps.where(PAST).marked("point", **dots, size=18),
        steps.where(NOW).marked("point", **dots, size=130, shape="square"),
    ]
    best = gone.problem.optimum.cost
    if best is not None and within[0] <= best <= within[1]:
        rule = Layer(inline({"y": best})).marked("rule", strokeDash=[5, 3], color=DIVERGED)
        layers.append(rule.encoded(x=value(0), x2=value("width")))
    place = {"x": _number("x", name, across), "y": _number("y", "cost", within)}
    return layered(layers, width="container", height=HEIGHT, encoding=place)
