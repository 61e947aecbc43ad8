"""The first picture of a problem: the best setting, the worst, and what failed, named beside their lines.

All other settings are thin and grey. Beside a line there is room for its name on a wide page; on a phone, and
where many problems share a page, the names stand in the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import altair as alt

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.ranking import tightest_reached
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.analysis.lines import BEYOND, Scale, lines, scale
from gdbench.report.analysis.units import ITERATIONS
from gdbench.report.charts.answers.naming import LINE, LOW, TALL, Role, longest_of, names
from gdbench.report.charts.descent_layers import SHORT, Drawing, height_of, horizontal
from gdbench.report.charts.encoding import Looks, channels, hole, looked_up, tooltip
from gdbench.report.charts.figure import Control, Figure, Piece, Subject, choose, filled

#: What the page's script fills by the width of the window; still pictures are wide.
SCREEN = Control("screen", "Screen", {"wide": "wide", "narrow": "narrow"})

#: Lines of the rest at most, and of what failed; points of a line that has a name.
REST, FAILED, POINTS = 40, 5, 120


def first_figure(
    study: Study, drawn: Study, store: Store, looks: Looks, subject: Subject, gap: Figure
) -> Figure | None:
    """None where no line has a name. drawn: as charts have it, which may have merged settings.

    gap: the chart of all lines, whose data the grey ones share.
    """
    roles = list(_roles(study, homes(drawn), store, subject))
    if not roles:
        return None
    axis = scale(subject.problem, [role.band for role in roles])
    drawing = Drawing(looks, [role.band for role in roles], axis, [ITERATIONS], [], subject)
    shared = subject.data("lines")
    told = "; ".join(" ".join(filter(None, role.words)) for role in roles if any(role.words))
    others = len(study.of_problem(subject.problem)) - len(roles)
    caption = (
        f"{count(others)} other setting{'s' if others > 1 else ''} in grey: point at one." if others else ""
    )
    return Figure(
        id=subject.id("first"),
        title=subject.titled(f"{axis.quantity}, iteration by iteration"),
        caption=" ".join(filter(None, [caption, *_cut(roles, axis)])),
        alternative=f"Line chart of the {axis.quantity} against iteration. {told}.",
        spec=_spec(drawn, drawing, roles),
        data={
            shared: gap.data[shared],
            subject.data("first"): [row for role in roles for row in _rows(role, axis)],
            subject.data("names"): list(names(drawing, roles)),
        },
        controls=(SCREEN,),
        problem=subject.problem.label,
    )


def _cut(roles: Sequence[Role], axis: Scale) -> Iterator[str]:
    if any(role.kind == "failed" for role in roles):
        yield f"Cut at {figure(axis.top, 2)}: a cross marks where a diverging line leaves or ends."


def homes(drawn: Study) -> dict[str, int]:
    """Key of a run → the number of its setting in charts."""
    return {run.key: number for setting, number in drawn.numbers.items() for run in setting.runs}


def _roles(study: Study, known: Mapping[str, int], store: Store, subject: Subject) -> Iterator[Role]:
    """The best setting, the worst that can be used, and some of those that cannot, the longest-lived first."""
    ranked = [setting for setting in study.ranked if setting.problem.id == subject.problem.id]
    axes = study.varying_in(ranked)
    best = study.tied.get(subject.problem.id, [])[:1]
    usable = list(filter(_arrived, ranked))
    worst = [setting for setting in usable[-1:] if setting not in best]
    failed = sorted(
        set(ranked) - set(usable), key=lambda setting: (-setting.iterations[2], ranked.index(setting))
    )
    shown = failed[:: math.ceil(len(failed) / FAILED) or 1]
    members = [(known.get(setting.runs[0].key, -1), setting) for setting in (*best, *worst, *shown)]
    bands = lines(members, store, subject.problem, crowd=24_000 // POINTS)
    named = False
    for band in bands:
        name = band.setting.called(axes)
        if band.setting in best:
            yield Role("best", band, (name, _achieved(study, band.setting)))
        elif band.setting in worst:
            yield Role("worst", band, (name, f"worst: {_ended(band.setting)}"))
        else:
            yield Role("failed", band, ("", "") if named else (_whose(name, len(failed)), _lost(failed)))
            named = True


def _arrived(setting: Setting) -> bool:
    return setting.usable and not setting.all_diverged


def _whose(name: str, many: int) -> str:
    return name if many == 1 else f"{count(many)} settings"


def _achieved(study: Study, best: Setting) -> str:
    """'best: keeps 1e-06 from 981'."""
    target = tightest_reached(best, study.plan.targets)
    reach = best.reach(target) if target else None
    if reach and math.isfinite(reach.median):
        return f"best: keeps {target} from {count(reach.median)}"
    return f"best: {_ended(best)}"


def _ended(setting: Setting) -> str:
    gap = setting.relative_gap
    return f"cost {figure(setting.final_cost)} at last" if gap is None else f"gap {figure(gap, 2)} at last"


def _lost(failed: Sequence[Setting]) -> str:
    return "diverged" if all(setting.all_diverged for setting in failed) else "failed"


def _rows(role: Role, axis: Scale) -> Iterator[Piece]:
    """The points of a line, up to where it leaves the picture."""
    band = role.band
    for x, height in zip(band.iteration, band.median, strict=True):
        yield {
            "n": band.number,
            "role": role.kind,
            "x": x,
            "height": min(max(float(f"{height:.4g}"), axis.bottom if axis.log else -BEYOND), BEYOND),
        }


# --- the description


def _spec(study: Study, drawing: Drawing, roles: Sequence[Role]) -> Piece:
    subject = drawing.subject
    height = _height(drawing)
    tips = [
        alt.Tooltip("x:Q", title="iteration"),
        alt.Tooltip("height:Q", title=drawing.axis.quantity, format=".3~g"),
    ]
    # small pictures are many: what a line is stands in the sentence beneath
    axes = None if subject.several else drawing.looks.axes
    tips += [] if axes is None else tooltip(axes)
    layers = [*_rest(study, drawing, roles, tips)]
    points = alt.Chart(alt.NamedData(subject.data("first")))
    data = (points if axes is None else looked_up(points, axes)).encode(
        **channels(x=hole("@x"), y=height, detail="n:N", tooltip=tips)
    )
    ends = alt.Chart(alt.NamedData(subject.data("names"))).encode(**channels(x=hole("@x"), y=height))
    for kind in ("failed", "worst", "best"):
        mine, there = f"datum.role == '{kind}'", {role.kind for role in roles}
        if kind not in there:
            continue
        line = data.transform_filter(mine).mark_line(
            clip=True, style=kind, strokeWidth=3 if kind == "best" else 2
        )
        shape = "cross" if kind == "failed" else "circle"
        angle = 45 if kind == "failed" else 0
        mark = ends.transform_filter(mine).mark_point(
            style=kind, filled=True, shape=shape, angle=angle, size=70, opacity=1
        )
        layers += [line, mark]
    layers += [name for kind in ("failed", "worst", "best") for name in _words(drawing, kind)]
    chart = alt.layer(*layers).properties(width="container", height=LOW if subject.several else TALL)
    return filled(_clipped(chart.to_dict(validate=False)), _holes(drawing))


def _clipped(spec: dict[str, object]) -> Piece:
    """Words in a picture end with it: they would make it narrower, and themselves no less wide."""
    layers = spec["layer"]
    assert isinstance(layers, list)
    for layer in layers:
        if layer["mark"]["type"] == "text":
            layer["mark"]["clip"] = "@clip" if "beside" in str(layer.get("transform")) else True
    return spec


def _height(drawing: Drawing) -> alt.Y:
    """Small pictures have no room for a title."""
    height = height_of(drawing, "height")
    return height.title(None) if drawing.subject.several else height


def _holes(drawing: Drawing) -> Piece:
    low = drawing.subject.several
    across = horizontal(drawing, ITERATIONS)
    if low:
        longest = int(longest_of(drawing))
        few = {"values": sorted({0, longest // 2, longest})} if longest <= SHORT else {}
        axis = {**_mapping(across["axis"]), "labelOverlap": "greedy", **few}
        across = {**across, "title": None, "axis": axis}
    by = {"wide": not low, "narrow": False}
    up = _mapping(_height(drawing).to_dict(validate=False))
    return {
        "@x": across,
        "@name": choose(
            SCREEN, {n: {"field": "beside" if wide else "inside", "type": "nominal"} for n, wide in by.items()}
        ),
        "@y": choose(SCREEN, {n: {**up, "field": "y_wide" if wide else "y_narrow"} for n, wide in by.items()}),
        "@align": choose(SCREEN, {name: "'left'" if wide else "'right'" for name, wide in by.items()}),
        "@clip": choose(SCREEN, {name: not wide for name, wide in by.items()}),
        "@dx": choose(SCREEN, {name: "10" if wide else "-4" for name, wide in by.items()}),
    }


def _mapping(piece: object) -> Piece:
    assert isinstance(piece, dict)
    return piece


def _rest(
    study: Study, drawing: Drawing, roles: Sequence[Role], tips: list[alt.Tooltip]
) -> Iterator[alt.Chart]:
    """Thin lines of some of the others, evenly from best to worst."""
    named = {role.band.number for role in roles}
    others = [
        number
        for setting in study.ranked
        if setting.problem.id == drawing.subject.problem.id and (number := study.numbers[setting]) not in named
    ]
    if not others:
        return
    few = others[:: math.ceil(len(others) / REST)]
    types = dict.fromkeys(["n", "x", "height", "low", "high"], "number")
    points = alt.NamedData(drawing.lines, format=alt.CsvDataFormat(type="csv", parse=types))
    base = alt.Chart(points).transform_filter(f"indexof({few}, datum.n) >= 0")
    if not drawing.subject.several:
        base = looked_up(base, drawing.looks.axes)
    yield base.mark_line(clip=True, style="rest", strokeWidth=1, opacity=0.35).encode(
        **channels(x=hole("@x"), y=_height(drawing), detail="n:N", tooltip=tips)
    )


def _words(drawing: Drawing, kind: str) -> Iterator[alt.Chart]:
    """A name, over a margin in the colour of the paper that lines do not show through."""
    base = alt.Chart(alt.NamedData(drawing.subject.data("names"))).transform_filter(f"datum.role == '{kind}'")
    for style in ("halo", kind):
        if kind != "failed":
            named = _text(base.transform_filter("isValid(datum.beside)"), drawing, style, "@align", "@dx")
            yield named.encode(**channels(x=alt.value("width"), y=hole("@y"), text=hole("@name")))
            continue
        for early, align, dx in (("true", "'left'", "10"), ("false", "'right'", "-10")):
            named = _text(base.transform_filter(f"datum.early === {early}"), drawing, style, align, dx)
            yield named.encode(**channels(x=hole("@x"), y=alt.value(10), text=alt.Text("lost:N")))


def _text(base: alt.Chart, drawing: Drawing, style: str, align: str, dx: str) -> alt.Chart:
    drawn: alt.Chart = base.mark_text(
        align=alt.ExprRef(align),
        dx=alt.ExprRef(dx),
        lineBreak="\n",
        lineHeight=LINE,
        baseline="middle",
        style=style,
        fontSize=11 if drawing.subject.several else 12,
        fontWeight=600,
    )
    return drawn
