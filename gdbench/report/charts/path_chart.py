"""The chart of paths: where descent went with two parameters, over the contour lines of the cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import altair as alt

from gdbench.descent.errors import GdbenchError
from gdbench.descent.models import parameter_names
from gdbench.descent.registry import Spec
from gdbench.judgement.model.predicting import PlanData
from gdbench.judgement.numerals import count, figure
from gdbench.judgement.study import Study
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.paths import Box, Contours, Path, box, contours, level_lines, paths
from gdbench.report.charts.encoding import Looks, hole, lit, looked_up, selectable, tooltip
from gdbench.report.charts.figure import Figure, Piece, Subject, filled, first_of

#: Contour lines, and paths drawn at most.
LEVELS, PATHS = 12, 60


def path_figure(study: Study, looks: Looks, subject: Subject, data: PlanData) -> Figure | None:
    """The paths of one problem with two parameters; None for others, or where no path was recorded."""
    problem = subject.problem
    found = [path for path in paths(study, problem) if not path.run.spec.get("replicate")]
    if not found:
        return None
    drawn = found[:: math.ceil(len(found) / PATHS)]
    within = box(drawn, problem)
    lines = _contour_lines(_landscape(drawn[0], within, data), problem)
    return Figure(
        id=subject.id("paths"),
        title=subject.titled("Paths over the landscape"),
        caption=_caption(found, drawn, lines, problem),
        alternative=_alternative(drawn, study),
        spec=_spec(looks, within, subject, _names(drawn[0].run.spec, problem), contoured=bool(lines)),
        data={subject.data("paths"): _rows(drawn, within), subject.data("contours"): lines},
        controls=looks.controls,
        problem=problem.label,
    )


def _landscape(path: Path, within: Box, data: PlanData) -> Contours | None:
    """The heights in the box; None where the data, or a plug-in, is not here."""
    known = data.of(path.setting.problem)  # plug-ins are then loaded as well
    try:
        return contours(path.run, known.table if known else None, within)
    except GdbenchError:
        return None


def _contour_lines(ground: Contours | None, problem: ProblemRecord) -> str:
    """CSV of polylines at levels whose height above the lowest grows by a factor, or valleys would hide."""
    if ground is None:
        return ""
    heights = [value for row in ground.cost for value in row if value is not None]
    levels = _levels(heights, problem.optimum.cost)
    grid = [[math.nan if value is None else value for value in row] for row in ground.cost]
    drawn = level_lines(ground.x, ground.y, grid, levels)
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


def _rows(drawn: Sequence[Path], within: Box) -> list[Piece]:
    rows: list[Piece] = []
    for number, path in enumerate(drawn):
        points = list(zip(path.iteration, path.x, path.y, strict=True))
        marks = {len(points) - 1: "end", 0: "start"}
        for place, (k, x, y) in enumerate(_until_lost(points, within)):
            row = {"n": path.number, "path": number, "k": k, "x": _short(x), "y": _short(y)}
            rows.append({**row, "mark": marks[place]} if place in marks else row)
    return rows


def _until_lost(points: list[tuple[int, float, float]], within: Box) -> list[tuple[int, float, float]]:
    """The points up to the first that is far outside: a diverging path would have no end."""
    wide, high = within.right - within.left, within.top - within.bottom
    kept = points[:1]
    for _, now in pairwise(points):
        kept.append(now)
        _, x, y = now
        if not (
            within.left - wide <= x <= within.right + wide and within.bottom - high <= y <= within.top + high
        ):
            break
    return kept


def _spec(looks: Looks, within: Box, subject: Subject, names: Sequence[str], *, contoured: bool) -> Piece:
    x = alt.X(**_axis("x", names[0], within.left, within.right))
    y = alt.Y(**_axis("y", names[1], within.bottom, within.top))
    layers = [_contours(subject).encode(x=x, y=y)] if contoured else []
    base = looked_up(alt.Chart(alt.NamedData(subject.data("paths"))), looks.axes).encode(x=x, y=y)
    colour = {"color": hole("@colour")} if looks.axes else {}
    tips = [alt.Tooltip("k:Q", title="iteration"), *tooltip(looks.axes)]
    line = base.mark_line(clip=True, strokeWidth=1.4).encode(order="k:Q", detail="path:N")
    dots = base.mark_point(clip=True, filled=True, size=14)
    start = base.transform_filter("datum.mark == 'start'").mark_point(clip=True, size=90, strokeWidth=2)
    end = base.transform_filter("datum.mark == 'end'").mark_point(
        clip=True, size=90, filled=True, shape="square"
    )
    bright = ((line, 0.9), (dots, 0.9), (start, 1.0), (end, 1.0))
    layers += [mark.encode(opacity=lit(much), tooltip=tips, **colour) for mark, much in bright]
    if len(subject.problem.optimum.parameters) == 2:
        layers.append(_optimum(subject.problem).encode(x=x, y=y))
    chart = alt.layer(*layers).properties(width="container", height=420).to_dict()
    return selectable(filled(chart, {"@colour": looks.colour_hole()}))


def _names(spec: Spec, problem: ProblemRecord) -> list[str]:
    """What the two parameters are called."""
    features, names = [str(name) for name in problem.data.get("features", ())], ["", ""]
    with suppress(GdbenchError):
        names = [name.text for name in parameter_names(spec["model"], features, [""])] if features else names
    return [f"{w} · {name}" if name else w for w, name in zip(("w₁", "w₂"), names, strict=False)]


def _axis(field: str, words: str, low: float, high: float) -> dict[str, Any]:
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    return {
        "field": field,
        "type": "quantitative",
        "title": words,
        "scale": scale,
        "axis": alt.Axis(grid=False),
    }


def _contours(subject: Subject) -> alt.Chart:
    types = dict.fromkeys(["line", "x", "y", "level"], "number")
    data = alt.NamedData(subject.data("contours"), format=alt.CsvDataFormat(type="csv", parse=types))
    # without an order that of the data, which would be sorted by x
    line = alt.Chart(data).mark_line(strokeWidth=0.8, opacity=0.45, color="#808080", clip=True, order=False)
    tip = alt.Tooltip("level:Q", title="cost", format=".2~g")
    drawn: alt.Chart = line.encode(detail="line:N", tooltip=tip)
    return drawn


def _optimum(problem: ProblemRecord) -> alt.Chart:
    first, second = problem.optimum.parameters
    values = [{"x": first, "y": second, "optimum": f"f* = {figure(problem.optimum.cost)}"}]
    mark = alt.Chart(alt.InlineData(values=values)).mark_point(shape="cross", size=160, strokeWidth=2.5)
    tip = alt.Tooltip("optimum:N", title="optimum")
    drawn: alt.Chart = mark.encode(color=alt.value("#e69f00"), opacity=alt.value(1), tooltip=tip)
    return drawn


def _caption(found: list[Path], drawn: list[Path], lines: str, problem: ProblemRecord) -> str:
    sentences = ["Circles: the start; squares: the end; dots: recorded iterates."]
    if len(problem.optimum.parameters) == 2:
        sentences.append("The cross is the optimum.")
    sentences.append(
        "From one contour line to the next the height above the optimum grows by a constant factor."
        if lines
        else "No contour lines: the data or the plug-in that the cost is made of is no longer where it was."
    )
    if len(drawn) < len(found):
        sentences.append(f"{count(len(drawn))} of {count(len(found))} paths are drawn, evenly chosen.")
    if any(path.run.result.outcome == "diverged" for path in drawn):
        sentences.append("Diverging paths leave the picture.")
    return " ".join(sentences)


def _alternative(drawn: Sequence[Path], study: Study) -> str:
    ways = [
        f"{path.setting.name(study.plan.varying)}: from ({figure(path.x[0])}, {figure(path.y[0])}) to "
        f"({figure(path.x[-1])}, {figure(path.y[-1])})"
        for path in drawn
    ]
    return f"Paths in the plane of the two parameters. {first_of(ways)}."


def _short(value: float) -> float:
    return float(f"{value:.5g}")
