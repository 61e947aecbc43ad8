"""The chart of paths: where descent went, iteration by iteration, over the contour lines of the cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from gdbench.judgement.model import LearnedModel
from gdbench.judgement.model.predicting import PlanData
from gdbench.judgement.numerals import count, figure
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.analysis.paths import Contours, contours, level_lines
from gdbench.report.analysis.ways import Ways, spans, ways
from gdbench.report.charts.beside_path import HEIGHT, NOW, PAST, QUIET, along_figure, line_figure
from gdbench.report.charts.encoding import Looks, lit, lookup, selectable, tooltip
from gdbench.report.charts.figure import FRAME, Figure, Played, Subject, first_of
from gdbench.report.charts.palette import DIVERGED
from gdbench.report.charts.vega_lite import Layer, Piece, csv, inline, layered, named, nominal, quantitative

#: Contour lines.
LEVELS = 12
#: The shapes of frame that they fill, width to height: a telephone's, and a page's.
NARROW, BROAD = 0.8, 1.8


def path_figures(
    study: Study,
    store: Store,
    looks: Looks,
    subject: Subject,
    data: PlanData,
    model: LearnedModel | None,
    asked: Sequence[int] = (),
) -> list[Figure]:
    """The paths of one problem, and beside them the fitted line or the cost on the way; none without one.

    asked: iterations that are wanted besides those that are kept.
    """
    gone = ways(study, store, subject.problem, data, asked)
    if gone is None:
        return []
    beside = line_figure(gone, model, data, looks, subject) or along_figure(gone, subject)
    drawn = [*([_figure(gone, looks, subject)] if gone.seen else []), *([beside] if beside else [])]
    return [_played(one, drawn[0].id, gone, subject) for one in drawn]


def _played(one: Figure, lead: str, gone: Ways, subject: Subject) -> Figure:
    """The figure, moved by the controls of the first; these tell what holds at each iterate."""
    one = replace(one, spec=_framed(one.spec, gone))
    if one.id != lead:
        return replace(one, played=Played(lead, gone.frames))
    told = subject.data("stops")
    rows, columns = _stops(gone)
    called = [
        (name, path.run.result.outcome, path.number) for name, path in zip(gone.names, gone.paths, strict=True)
    ]
    played = Played(lead, gone.frames, told, called, columns)
    return replace(one, played=played, data={**one.data, told: rows})


def _stops(gone: Ways) -> tuple[str, dict[str, str]]:
    """What holds at each iterate, as CSV: the numbers as they were recorded, and their costs."""
    on, seen = gone.on if gone.measured else None, gone.seen
    columns = {"k": "iteration k", **({"cost": "cost"} if on else {})}
    few = len(gone.paths[0].points[0]) <= 2
    if few:
        columns |= {f"w{j}": name for j, name in enumerate(gone.axes[: len(gone.paths[0].points[0])], start=1)}
    elif seen:
        columns["off"] = "distance from the plane"
    lines = [",".join(["path", "k", "until", *list(columns)[1:]])]
    for number, path in enumerate(gone.paths):
        for k, until, w in spans(path):
            row = [str(number), str(k), str(until), *([repr(on.height(w))] if on else [])]
            row += list(map(repr, w)) if few else [f"{seen.off(w):.4g}"] if seen else []
            lines.append(",".join(row))
    return "\n".join(lines), columns


# --- the picture


def _figure(gone: Ways, looks: Looks, subject: Subject) -> Figure:
    assert gone.seen is not None
    area = gone.within.shaped(NARROW, BROAD) if gone.equal else gone.within
    ground = contours(gone.on, gone.seen, area) if gone.on else None
    lines = _contour_lines(ground, subject) if ground else ""
    several = len(gone.paths) > 1
    return Figure(
        id=subject.id("paths"),
        title=subject.titled("The descent, over the landscape"),
        caption=" ".join(_caption(gone, lines)),
        alternative=_alternative(gone),
        spec=_spec(gone, looks if several else None, subject, contoured=bool(lines)),
        data={subject.data("paths"): _rows(gone), subject.data("contours"): lines},
        controls=looks.controls if several else (),
        problem=subject.problem.label,
    )


def _contour_lines(ground: Contours, subject: Subject) -> str:
    """CSV of polylines at levels whose height above the lowest grows by a factor, or valleys would hide."""
    heights = [value for row in ground.cost for value in row if not math.isnan(value)]
    levels = _levels(heights, subject.problem.optimum.cost)
    drawn = level_lines(ground.x, ground.y, ground.cost, levels)
    rows = [
        f"{number},{x:.4g},{y:.4g},{level:.2g}" for number, (level, line) in enumerate(drawn) for x, y in line
    ]
    return "\n".join(["line,x,y,level", *rows]) if levels else ""


def _levels(heights: Sequence[float], best: float | None) -> list[float]:
    """Heights of contour lines above the optimum, or the lowest point; none on flat ground."""
    lowest = min(heights, default=0.0) if best is None else best
    above = sorted(value - lowest for value in heights if value > lowest)
    if not above:
        return []
    low, high = above[len(above) // 20], above[-1]
    return [lowest + low * (high / low) ** (i / LEVELS) for i in range(LEVELS)]


def _rows(gone: Ways) -> list[Piece]:
    """A row for each iterate: where it is, until when, and where the slope points."""
    rows: list[Piece] = []
    for number, (path, stops) in enumerate(zip(gone.paths, gone.stops(), strict=True)):
        marks = {path.iteration[-1]: "end", 0: "start"}
        for k, until, x, y, tip in stops:
            row = {"n": path.number, "path": number, "k": k, "until": until, "x": _short(x), "y": _short(y)}
            if tip:
                turn = math.degrees(math.atan2(tip[0] - x, tip[1] - y))
                row |= {"tx": _short(tip[0]), "ty": _short(tip[1]), "turn": round(turn, 1)}
            rows.append({**row, "mark": marks[k]} if k in marks else row)
    return rows


def _spec(gone: Ways, looks: Looks | None, subject: Subject, *, contoured: bool) -> Piece:
    axes, data = looks.axes if looks else (), subject.data
    paths = layered(_path_layers(gone, looks), data=named(data("paths")), transform=[lookup(axes)])
    layers: list[Layer | Piece] = [_contours(data("contours"))] if contoured else []
    layers += [paths, *([_optimum(gone)] if gone.optimum else [])]
    return layered(layers, width="container", height=HEIGHT, encoding=_place(gone))


def _framed(spec: Piece, gone: Ways) -> Piece:
    """A description that knows the iteration that is shown, the last before anybody chooses, and tells it."""
    words = {"expr": f"'iteration ' + format({FRAME}, ',')"}
    spec = selectable({**spec, "title": {"text": words, "anchor": "start", "fontSize": 13}})
    params = spec["params"]
    assert isinstance(params, list)
    return {**spec, "params": [*params, {"name": FRAME, "value": gone.frames[-1]}]}


def _path_layers(gone: Ways, looks: Looks | None) -> list[Layer]:
    axes = looks.axes if looks else ()
    told = [quantitative("k", title="iteration"), *tooltip(axes)]
    base = Layer().encoded(tooltip=told, color=looks.colour_hole() if looks and axes else None)

    def layer(rows: Layer, bright: float, kind: str, **looks_of: object) -> Layer:
        return rows.marked(kind, clip=True, **QUIET, **looks_of).encoded(opacity=lit(bright))

    line = base.encoded(order=quantitative("k"), detail=nominal("path"))
    past, now = base.where(PAST), base.where(NOW)
    layers = [
        layer(line, 0.3, "line", strokeWidth=1),
        layer(line.where(PAST), 0.95, "line", strokeWidth=1.8),
        layer(past, 0.95, "point", filled=True, size=14),
        layer(base.where("datum.mark == 'start'"), 1.0, "point", size=90, strokeWidth=2),
    ]
    if gone.arrows:
        sloping = base.where(f"{NOW} && isValid(datum.tx)")
        tips = sloping.encoded(**_place(gone, "tx", "ty"), angle=quantitative("turn", scale=None))
        layers += [
            layer(sloping.encoded(x2={"field": "tx"}, y2={"field": "ty"}), 1.0, "rule", strokeWidth=2),
            layer(tips, 1.0, "point", shape="triangle-up", filled=True, size=70),
        ]
    return [*layers, layer(now, 1.0, "point", filled=True, size=80, shape="square")]


def _place(gone: Ways, x: str = "x", y: str = "y") -> dict[str, Piece]:
    """Two fields on the axes of the plane."""
    area = gone.within
    across = _scale((area.left, area.right), area.high, "width / height", equal=gone.equal)
    up = _scale((area.bottom, area.top), area.wide, "height / width", equal=gone.equal)
    return {
        "x": quantitative(x, title=gone.axes[0], scale=across, axis={"grid": False}),
        "y": quantitative(y, title=gone.axes[1], scale=up, axis={"grid": False}),
    }


def _scale(ends: tuple[float, float], other: float, shape: str, *, equal: bool) -> Piece:
    """Of an axis of the plane. other: how long the other one is; equal: a length is drawn alike on both."""
    low, high = ends
    if not equal:
        return {"domain": [low, high], "nice": False, "zero": False}
    half = f"max({(high - low) / 2!r}, {other / 2!r} * {shape})"
    middle = repr((low + high) / 2)
    lowest, highest = {"expr": f"{middle} - {half}"}, {"expr": f"{middle} + {half}"}
    return {"domain": [lowest, highest], "nice": False, "zero": False}


def _contours(name: str) -> Layer:
    # without an order that of the data, which would be sorted by x
    looks = {"strokeWidth": 0.8, "opacity": 0.45, "color": "#808080", "clip": True, "order": False}
    lines = Layer(csv(name, "line", "x", "y", "level")).marked("line", **looks)
    return lines.encoded(detail=nominal("line"), tooltip=quantitative("level", title="cost", format=".2~g"))


def _optimum(gone: Ways) -> Layer:
    assert gone.seen is not None
    place = dict(zip("xy", gone.seen.seen(gone.optimum), strict=True))
    cross = Layer(inline({**place, "optimum": f"f* = {figure(gone.problem.optimum.cost)}"}))
    looks = {"shape": "cross", "size": 160, "strokeWidth": 2.5, "color": DIVERGED}
    return cross.marked("point", **looks).encoded(tooltip=nominal("optimum", title="optimum"))


# --- words


def _caption(gone: Ways, lines: str) -> list[str]:
    said = ["Circle: the start; square: the iterate that is shown; dots: the recorded ones before it."]
    if not gone.two:
        third = "the optimum" if gone.third == "optimum" else "the iterate farthest from their line"
        plane = f"The best setting in the plane through start, end and {third};"
        said.insert(0, f"{plane} other iterates stand where they are nearest to it.")
    if gone.arrows:
        said.append("Arrows: down the slope, −∇f, longer where it is steeper, though not to scale.")
    if gone.optimum:
        said.append("The cross is the optimum.")
    why = "it would take too long to evaluate the cost so often"
    if gone.on is None:
        why = "the data or the plug-in that the cost is made of is no longer where it was"
    said.append(
        "From one contour line to the next the height above the optimum grows by a constant factor."
        if lines
        else f"No contour lines: {why}."
    )
    if len(gone.paths) < gone.of:
        drawn = f"{count(len(gone.paths))} of {count(gone.of)} paths are drawn"
        said.append(f"{drawn}: the best setting's, and others evenly chosen.")
    if not gone.equal:
        said.append("The axes have different scales, for one is far longer than the other.")
    if any(path.run.result.outcome == "diverged" for path in gone.paths):
        said.append("Diverging paths leave the picture.")
    return said


def _alternative(gone: Ways) -> str:
    said = []
    for name, path in zip(gone.names, gone.paths, strict=True):
        start, end = path.points[0], path.points[-1]
        places = f"to a point {figure(math.dist(start, end))} away from the start"
        if gone.two:
            places = f"from ({', '.join(map(figure, start))}) to ({', '.join(map(figure, end))})"
        said.append(f"{name}: {places}, in {count(path.iteration[-1])} iterations")
    what = "the two parameters" if gone.two else "start and end"
    return f"Paths in the plane of {what}, iteration by iteration. {first_of(said)}."


def _short(value: float) -> float:
    return float(f"{value:.5g}")
