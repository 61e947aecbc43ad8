"""The charts of what was learned: the fitted line, the boundary, or predictions beside what is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gdbench.judgement.model import LearnedModel
from gdbench.judgement.model.predicting import PlanData, Prediction
from gdbench.judgement.numerals import count, figure
from gdbench.report.analysis.paths import level_lines
from gdbench.report.analysis.scene import HELD_OUT, PARTS, TRAINING, Scene, fitted_rows, scene, short, spaced
from gdbench.report.charts.encoding import selectable
from gdbench.report.charts.figure import Figure, Subject
from gdbench.report.charts.vega_lite import (
    Layer,
    Piece,
    inline,
    layered,
    named,
    nominal,
    quantitative,
    value,
    when,
)

#: Points of a line, and of a side of the grid under contour lines; lines of predicted numbers.
POINTS, SIDE, LEVELS = 120, 60, 9
#: Log-odds at which a model is sure of one of two classes, or of neither.
ODDS = {-math.log(9.0): "10 %", 0.0: "50 %", math.log(9.0): "90 %"}

_HEIGHT = 320


def model_figures(model: LearnedModel, data: PlanData, subject: Subject) -> list[Figure]:
    """The charts of one model; none where its data is no longer what it was."""
    shown = scene(model, data)
    if shown is None:
        return []
    features = shown.data.table.features
    drawn: list[Figure] = []
    if features == 1 and model.scale != "margin":
        drawn.append(_fit(shown, subject))
    if features == 2:
        drawn.append(_plane(shown, subject))
    if shown.classes:
        drawn.append(_confusion(shown, subject))
    elif features > 2:
        drawn += [_against(shown, subject), _residuals(shown, subject)]
    return drawn


def _figure(
    subject: Subject,
    title: str,
    layers: Sequence[Layer],
    words: tuple[str, str],
    data: Mapping[str, Sequence[Piece]],
) -> Figure:
    """words: the caption, and what replaces the chart."""
    return Figure(
        id=subject.id(f"model_{title.split(maxsplit=1)[0].lower()}"),
        title=subject.titled(title),
        caption=words[0],
        alternative=words[1],
        spec=selectable(layered(layers, width="container", height=_HEIGHT)),
        data={subject.data(name): rows for name, rows in data.items()},
        problem=subject.problem.label,
    )


# --- one feature


def _fit(shown: Scene, subject: Subject) -> Figure:
    """The rows, and what is predicted between them, at a few iterations where the path is known."""
    stages, lines = shown.stages, _lines(shown)
    names = list(dict.fromkeys(str(line["line"]) for line in lines))
    classes = list(shown.model.classes) if shown.classes else []
    colour = {
        **nominal("line", title=shown.target if classes else "iteration"),
        "type": "nominal" if classes else "ordinal",
        "sort": names,
        "scale": {"domain": classes or names},
    }
    place = _place(shown.name(0), "probability" if classes else shown.target)
    dots = _dots(subject, "fitted").encoded(**place, color=colour if classes else value("#808080"))
    line = Layer(named(subject.data("fits"))).marked("line", strokeWidth=2)
    at = f"iteration{'s' if len(stages) > 1 else ''} {', '.join(map(count, stages))}"
    ends = shown.span(0, 2)
    told = [_told(said) for said in shown.predicted([[end] for end in ends])]
    reach = f"From {shown.name(0)} = {figure(ends[0])} to {figure(ends[1])}"
    said = f"{reach} the prediction goes from {told[0]} to {told[1]}."
    words = f"The rows, and what the model predicts between them at {at}.{_note(shown)}", said
    layers = [_parted(dots, shown), line.encoded(**place, color=colour, detail=nominal("k"))]
    return _figure(subject, "Fit", layers, words, {"fitted": fitted_rows(shown), "fits": lines})


def _lines(shown: Scene) -> list[Piece]:
    """What is predicted over where the rows lie: a line for each stage, or for each class."""
    xs = shown.span(0, POINTS)
    return [
        {"x": short(x), "y": short(y), "line": name, "k": f"{k} {name}"}
        for k, parameters in shown.stages.items()
        for x, said in zip(xs, shown.predicted([[x] for x in xs], parameters), strict=True)
        for name, y in _heights(shown, said, k).items()
        if math.isfinite(y)
    ]


def _heights(shown: Scene, said: Prediction, k: int) -> dict[str, float]:
    """The lines at one point: the probability of each class, of two the second one's; or the number."""
    if not shown.classes:
        return {count(k): said.value}
    shares = dict(zip(shown.model.classes, said.probabilities, strict=True))
    return shares if len(shares) > 2 else {shown.model.classes[1]: said.probabilities[1]}


def _told(said: Prediction) -> str:
    return f"{said.label} ({figure(max(said.probabilities), 2)})" if said.probabilities else figure(said.value)


# --- two features


def _plane(shown: Scene, subject: Subject) -> Figure:
    """The rows by colour, over lines along which the prediction is the same."""
    xs, ys = shown.span(0, SIDE), shown.span(1, SIDE)
    grid = [shown.predicted([[x, y] for x in xs]) for y in ys]
    rows = [
        {
            "x": short(row.x[0]),
            "y": short(row.x[1]),
            "target": shown.class_of(row.y) if shown.classes else short(row.y),
            "part": row.part,
        }
        for row in shown.rows
    ]
    place = _place(shown.name(0), shown.name(1), nice=False)
    domain = {"domain": list(shown.model.classes)} if shown.classes else {}
    target = {"field": "target", "type": "nominal" if shown.classes else "quantitative"}
    under = Layer(named(subject.data("boundaries"))).marked("line", color="#808080", clip=True, order=False)
    layers = [
        under.encoded(
            **place,
            detail=nominal("line"),
            strokeWidth=when({"test": "datum.strong"}, 2.4, 0.9),
            tooltip=nominal("level", title="between" if shown.classes else "predicted"),
        ),
        _parted(_dots(subject, "plane"), shown).encoded(
            **place,
            color={**target, "title": shown.target, "scale": domain},
            tooltip=[quantitative("x"), quantitative("y"), target],
        ),
    ]
    lines = _boundaries(shown, xs, ys, grid) if shown.classes else _level_lines(xs, ys, grid)
    title = "Boundary" if shown.classes else "Predictions"
    return _figure(subject, title, layers, _words_of_plane(shown), {"plane": rows, "boundaries": lines})


def _words_of_plane(shown: Scene) -> tuple[str, str]:
    if not shown.classes:
        values = [row.predicted.value for row in shown.rows]
        said = f"Predictions go from {figure(min(values))} to {figure(max(values))}."
        return f"The rows by their target, over lines of equal prediction.{_note(shown)}", said
    caption = "The rows by their class; the thick line is where the model changes its mind."
    if shown.model.scale == "σ":
        caption += " Between the thin lines it is less than 90 % sure."
    right = sum(row.predicted.value == row.y for row in shown.rows)
    return f"{caption}{_note(shown)}", f"{count(right)} of {count(len(shown.rows))} rows are on their own side."


def _boundaries(
    shown: Scene, xs: Sequence[float], ys: Sequence[float], grid: Sequence[Sequence[Prediction]]
) -> list[Piece]:
    """Where one class takes over from the others; of two also where the model is sure."""
    outputs = range(len(shown.model.outputs))
    if len(outputs) == 1:
        heights = [[said.scores[0] for said in row] for row in grid]
        return _contours(xs, ys, heights, ODDS if shown.model.scale == "σ" else {0.0: "margin 0"})
    found: list[Piece] = []
    for k in outputs:
        others = [j for j in outputs if j != k]
        ahead = [[said.scores[k] - max(said.scores[j] for j in others) for said in row] for row in grid]
        found += _contours(xs, ys, ahead, {0.0: shown.model.classes[k]}, first=len(found))
    return found


def _level_lines(xs: Sequence[float], ys: Sequence[float], grid: Sequence[Sequence[Prediction]]) -> list[Piece]:
    heights = [[said.value if math.isfinite(said.value) else math.nan for said in row] for row in grid]
    known = [value for row in heights for value in row if not math.isnan(value)]
    if not known or min(known) == max(known):
        return []
    levels = spaced(min(known), max(known), LEVELS + 2)[1:-1]
    return _contours(xs, ys, heights, {level: figure(level, 3) for level in levels}, strong=math.nan)


def _contours(
    xs: Sequence[float],
    ys: Sequence[float],
    heights: Sequence[Sequence[float]],
    levels: Mapping[float, str],
    *,
    strong: float = 0.0,
    first: int = 0,
) -> list[Piece]:
    found = enumerate(level_lines(xs, ys, heights, list(levels)), start=first)
    return [
        {"line": n, "x": short(x), "y": short(y), "level": levels[level], "strong": level == strong}
        for n, (level, line) in found
        for x, y in line
    ]


# --- more features


def _against(shown: Scene, subject: Subject) -> Figure:
    """Predicted against actual: on the diagonal they are the same."""
    finite = [row for row in shown.rows if math.isfinite(row.predicted.value)]
    rows = [{"x": short(row.y), "y": short(row.predicted.value), "part": row.part} for row in finite]
    values = [value for row in finite for value in (row.y, row.predicted.value)] or [0.0]
    place = _place(f"{shown.target}, actual", f"{shown.target}, predicted")
    ends = inline(*({"x": short(end), "y": short(end)} for end in (min(values), max(values))))
    line = Layer(ends).marked("line", color="#808080", strokeDash=[5, 3]).encoded(**place)
    worst = max(shown.rows, key=lambda row: abs(row.error))
    said = f"The largest error: {figure(worst.predicted.value)} is predicted where it is {figure(worst.y)}."
    words = f"A row on the dashed line is predicted exactly.{_note(shown)}", said
    layers = [line, _parted(_dots(subject, "actual").encoded(**place), shown, coloured=True)]
    return _figure(subject, "Predicted against actual", layers, words, {"actual": rows})


def _residuals(shown: Scene, subject: Subject) -> Figure:
    """What is left over, by what was predicted: a good model leaves no pattern."""
    finite = [row for row in shown.rows if math.isfinite(row.predicted.value)]
    rows = [{"x": short(row.predicted.value), "y": short(row.error), "part": row.part} for row in finite]
    x = quantitative("x", title=f"{shown.target}, predicted", scale={"zero": False})
    y = quantitative("y", title="actual − predicted")
    zero = Layer(inline({"y": 0.0})).marked("rule", strokeDash=[5, 3]).encoded(y=quantitative("y"))
    square = math.fsum(row.error * row.error for row in finite) / max(1, len(finite))
    said = f"The root of their mean square is {figure(math.sqrt(square))}."
    words = f"What the model leaves unexplained; a pattern shows what it cannot express.{_note(shown)}", said
    layers = [zero, _parted(_dots(subject, "residuals").encoded(x=x, y=y), shown, coloured=True)]
    return _figure(subject, "Residuals", layers, words, {"residuals": rows})


def _confusion(shown: Scene, subject: Subject) -> Figure:
    """How often each class was taken for each, among the rows held out where there are any."""
    part = HELD_OUT if shown.data.held_out else TRAINING
    classes, rows = list(shown.model.classes), [row for row in shown.rows if row.part == part]
    pairs = [(shown.class_of(row.y), row.predicted.label) for row in rows]
    cells = [
        {"actual": a, "predicted": b, "rows": pairs.count((a, b)), "own": a == b}
        for a in classes
        for b in classes
    ]
    base = Layer(named(subject.data("confusion"))).encoded(
        x=nominal("predicted", sort=classes, axis={"labelAngle": 0, "orient": "top"}),
        y=nominal("actual", sort=classes),
        tooltip=[nominal("actual"), nominal("predicted"), quantitative("rows")],
    )
    shade = quantitative("rows", legend=None, scale={"range": [0.04, 0.6]})
    kind = nominal("own", legend=None, scale={"domain": [True, False]})
    digits = base.encoded(text=quantitative("rows"))
    layers = [
        base.marked("rect").encoded(opacity=shade, color=kind),
        digits.marked("text", fontSize=14, stroke="white", strokeWidth=4),
        digits.marked("text", fontSize=14, color="black"),
    ]
    right = sum(a == b for a, b in pairs)
    said = f"{count(right)} of {count(len(rows))} {part} rows are told right."
    words = f"{said} Each row of the matrix is an actual class.{_note(shown)}", said
    return _figure(subject, "Confusion matrix", layers, words, {"confusion": cells})


def _place(across: str, up: str, **scale: object) -> dict[str, Piece]:
    """Both axes, by their titles."""
    seen = {"zero": False, **scale}
    return {"x": quantitative("x", title=across, scale=seen), "y": quantitative("y", title=up, scale=seen)}


def _dots(subject: Subject, name: str) -> Layer:
    return Layer(named(subject.data(name))).marked("point", filled=True, size=30, opacity=0.6)


def _parted(drawn: Layer, shown: Scene, *, coloured: bool = False) -> Layer:
    """Rows that were held out look different."""
    if not shown.data.held_out:
        return drawn
    part = nominal("part", title="rows", scale={"domain": list(PARTS)})
    return drawn.encoded(shape=part, color=part if coloured else None)


def _note(shown: Scene) -> str:
    left = shown.left_out
    return f" {count(left)} training rows are left out, evenly." if left else ""
