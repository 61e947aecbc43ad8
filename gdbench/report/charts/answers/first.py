"""The first picture of a problem: the best setting, the worst, and what failed, named beside their lines.

All other settings are thin and grey. Beside a line there is room for its name on a wide page; on a phone, and
where many problems share a page, the names stand in the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.ranking import tightest_reached
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.analysis.lines import BEYOND, Scale, lines, scale
from gdbench.report.analysis.units import ITERATIONS
from gdbench.report.charts.answers.naming import LINE, LOW, TALL, Role, longest_of, names
from gdbench.report.charts.descent_layers import SHORT, Drawing, csv_data, height_of, horizontal
from gdbench.report.charts.encoding import Looks, lookup, tooltip
from gdbench.report.charts.figure import Control, Figure, Subject, choose
from gdbench.report.charts.vega_lite import Layer, Piece, layered, named, nominal, quantitative, value

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
    subject, there = drawing.subject, {role.kind for role in roles}
    place = {"x": _across(drawing), "y": _up(drawing)}
    tips: list[Piece] = [
        quantitative("x", title="iteration"),
        quantitative("height", title=drawing.axis.quantity, format=".3~g"),
    ]
    # small pictures are many: what a line is stands in the sentence beneath
    settings = [] if subject.several else [lookup(drawing.looks.axes)]
    tips += [] if subject.several else tooltip(drawing.looks.axes)
    hovered = {**place, "detail": nominal("n"), "tooltip": tips}
    lines = Layer(named(subject.data("first"))).transformed(*settings).encoded(**hovered)
    ends = Layer(named(subject.data("names"))).encoded(**place)
    layers = list(_rest(study, drawing, roles, settings, hovered))
    for kind in filter(there.__contains__, _KINDS):
        mine = f"datum.role == '{kind}'"
        layers.append(
            lines.where(mine).marked("line", clip=True, style=kind, strokeWidth=3 if kind == "best" else 2)
        )
        looks = {"shape": "cross", "angle": 45} if kind == "failed" else {"shape": "circle", "angle": 0}
        layers.append(ends.where(mine).marked("point", style=kind, filled=True, size=70, opacity=1, **looks))
    layers += [name for kind in _KINDS for name in _words(drawing, kind)]
    return layered(layers, width="container", height=LOW if subject.several else TALL)


#: What is drawn later lies above.
_KINDS = ("failed", "worst", "best")


def _up(drawing: Drawing) -> Piece:
    """Small pictures have no room for a title."""
    height = height_of(drawing, "height")
    return {**height, "title": None} if drawing.subject.several else height


def _across(drawing: Drawing) -> Piece:
    across = horizontal(drawing, ITERATIONS)
    if not drawing.subject.several:
        return across
    longest = int(longest_of(drawing))
    few = {"values": sorted({0, longest // 2, longest})} if longest <= SHORT else {}
    axis = across["axis"]
    assert isinstance(axis, dict)
    return {**across, "title": None, "axis": {**axis, "labelOverlap": "greedy", **few}}


def _rest(
    study: Study, drawing: Drawing, roles: Sequence[Role], settings: Sequence[Piece], hovered: Piece
) -> Iterator[Layer]:
    """Thin lines of some of the others, evenly from best to worst."""
    bright = {role.band.number for role in roles}
    others = [
        number
        for setting in study.ranked
        if setting.problem.id == drawing.subject.problem.id and (number := study.numbers[setting]) not in bright
    ]
    if not others:
        return
    few = others[:: math.ceil(len(others) / REST)]
    base = Layer(csv_data(drawing.lines)).where(f"indexof({few}, datum.n) >= 0").transformed(*settings)
    yield base.marked("line", clip=True, style="rest", strokeWidth=1, opacity=0.35).encoded(**hovered)


def _words(drawing: Drawing, kind: str) -> Iterator[Layer]:
    """A name, over a margin in the colour of the paper that lines do not show through.

    Words in a picture end with it: they would make it narrower, and themselves no less wide.
    """
    base = Layer(named(drawing.subject.data("names"))).where(f"datum.role == '{kind}'")
    lost = base.encoded(x=_across(drawing), y=value(10), text=nominal("lost"))
    for style in ("halo", kind):
        if kind == "failed":
            yield _text(lost.where("datum.early === true"), drawing, style, "'left'", "10")
            yield _text(lost.where("datum.early === false"), drawing, style, "'right'", "-10")
        else:
            yield _beside(base.where("isValid(datum.beside)"), drawing, style)


def _beside(base: Layer, drawing: Drawing, style: str) -> Layer:
    """Beside a wide picture, in a narrow one."""
    wide, up = {"wide": not drawing.subject.several, "narrow": False}, _up(drawing)

    def by_width(beside: object, inside: object) -> Piece:
        return choose(SCREEN, {name: beside if room else inside for name, room in wide.items()})

    words = base.encoded(
        x=value("width"),
        y=by_width({**up, "field": "y_wide"}, {**up, "field": "y_narrow"}),
        text=by_width(nominal("beside"), nominal("inside")),
    )
    align, dx = by_width("'left'", "'right'"), by_width("10", "-4")
    return _text(words, drawing, style, align, dx, clip=by_width(beside=False, inside=True))


def _text(
    base: Layer, drawing: Drawing, style: str, align: object, dx: object, *, clip: object = True
) -> Layer:
    return base.marked(
        "text",
        align={"expr": align},
        dx={"expr": dx},
        clip=clip,
        lineBreak="\n",
        lineHeight=LINE,
        baseline="middle",
        style=style,
        fontSize=11 if drawing.subject.several else 12,
        fontWeight=600,
    )
