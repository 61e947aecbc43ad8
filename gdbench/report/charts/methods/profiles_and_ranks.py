"""The charts of methods over many problems: profiles, the critical-difference diagram, and against an archive.

A profile tells which share of the problems each method solves within how much effort; the diagram (Demšar 2006)
shows mean ranks on a line, where bars join what cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.judgement.methods.views import DEFAULTS, ONE, TUNED, VIEWS
from gdbench.judgement.numerals import count, figure, listing
from gdbench.judgement.study import Study
from gdbench.report.analysis.lines import GapLine
from gdbench.report.analysis.profiles import Profile, data_profile, performance_profile
from gdbench.report.analysis.ranks import CriticalDifference, critical_difference
from gdbench.report.charts.figure import Figure, first_of
from gdbench.report.charts.methods.lines import Lit, lines_of_methods, lit
from gdbench.report.charts.palette import HUES, THEORY
from gdbench.report.charts.vega_lite import Layer, Piece, layered, named, nominal, quantitative

_NAMES = {"performance": "Performance profile", "data": "Data profile"}
_OF_VIEW = {ONE: "one-setting", DEFAULTS: "defaults"}


def profile_figures(study: Study) -> list[Figure]:
    """Both profiles of the methods, tuned, and the first in the other views too, as far as they apply."""
    views = VIEWS if study.methods.has_grid else (TUNED,)
    performance = [(performance_profile(study, view), view) for view in views]
    found = [performance[0], (data_profile(study), TUNED), *performance[1:]]
    return [_figure(study, profile, view) for profile, view in found if not profile.absent]


def _figure(study: Study, profile: Profile, view: str) -> Figure:
    name = f"profile-{_OF_VIEW.get(view, profile.kind)}"
    shown = lit(study, [line.method for line in profile.lines])
    rows = [
        {**shown.of(line.method), "x": x, "y": y}
        for line in profile.lines
        for x, y in zip(line.x, line.y, strict=True)
    ]
    caption = [
        profile.note,
        "Higher is better; the left end tells who is fastest, the right who solves most.",
        shown.note,
    ]
    how = f", {view}" if study.methods.tunes else ""
    return Figure(
        id=name,
        title=f"{_NAMES[profile.kind]}{how}",
        caption=" ".join(filter(None, caption)),
        alternative=_profile_in_words(profile),
        spec=_profile_spec(profile, shown, name),
        data={name: rows},
    )


def _profile_spec(profile: Profile, shown: Lit, name: str) -> Piece:
    left = min(line.x[0] for line in profile.lines)
    powers = [10.0**power for power in range(20) if 10.0**power <= profile.end]
    ticks = {"values": [*([0] if left < 1 else []), *powers]} if len(powers) > 1 else {}
    scale = {"type": "log" if left >= 1 else "symlog", "domain": [left, profile.end], "nice": False}
    title = [profile.x_title, "(log scale)"]
    x = quantitative("x", title=title, scale=scale, axis={"format": "~g", **ticks})
    share = {"scale": {"domain": [0, 1]}, "axis": {"format": "%"}}
    y = quantitative("y", title="share of problems solved", **share)
    tooltip = [nominal("method"), quantitative("y", format=".0%", title="share solved")]
    return lines_of_methods(name, x, y, shown, tooltip, interpolate="step-after")


def _profile_in_words(profile: Profile) -> str:
    lines = [
        f"{line.method}: {figure(100 * line.y[0], 3)} % at the left end, {count(line.solved)} of "
        f"{count(profile.problems)} in the end"
        for line in profile.lines
    ]
    told = first_of(lines, " methods")
    return f"{_NAMES[profile.kind]}, the share of problems solved against {profile.x_title}. {told}."


#: Height of a row of the diagram in pixels.
_ROW = 22


def ranks_figure(study: Study) -> Figure | None:
    """The diagram over a study's methods, where the tests' conditions hold."""
    found = critical_difference(study)
    if found.absent or not found.methods:
        return None
    return Figure(
        id="ranks",
        title="Mean ranks and critical difference",
        caption=(
            f"Rank 1 is best. Methods that a bar joins are not told apart at α = {found.alpha:g}: their mean "
            f"ranks differ by less than CD = {figure(found.cd, 3)} (Nemenyi). {found.note}"
        ).strip(),
        alternative=_ranks_in_words(found),
        spec=_ranks_spec(found),
        data={"ranks": _rows(found), "ranks-groups": _groups(found)},
    )


def _rows(found: CriticalDifference) -> list[Piece]:
    return [
        {"method": method, "rank": rank, "row": place, "words": f"{method}  {figure(rank, 3)}"}
        for place, (method, rank) in enumerate(zip(found.methods, found.ranks, strict=True))
    ]


def _groups(found: CriticalDifference) -> list[Piece]:
    """Bars above the methods, each from its best to its worst member, and one as long as CD."""
    rank = dict(zip(found.methods, found.ranks, strict=True))
    return [
        {
            "from": min(rank[m] for m in group) - 0.03,
            "to": max(rank[m] for m in group) + 0.03,
            "row": -1 - place,
        }
        for place, group in enumerate(found.groups)
    ]


def _ranks_spec(found: CriticalDifference) -> Piece:
    bars, methods = len(found.groups), len(found.methods)
    worst = float(methods)
    scale = {"domain": [1, worst], "nice": False, "padding": 12}
    axis = {"orient": "top", "tickMinStep": 1}
    rows = {"domain": [methods - 0.4, -bars - 0.8], "nice": False, "zero": False}
    place = {
        "x": quantitative("rank", title="mean rank (1 is best)", scale=scale, axis=axis),
        "y": quantitative("row", scale=rows, axis=None),
    }
    base = Layer(named("ranks")).encoded(**place)
    stem = base.marked("rule", opacity=0.5).encoded(y2={"datum": -bars - 0.8})
    dot = base.marked("point", filled=True, size=60, opacity=1)
    words = base.encoded(text=nominal("words"))
    middle = (1 + worst) / 2
    left = words.where(f"datum.rank <= {middle}").marked("text", align="left", dx=8, fontSize=12)
    right = words.where(f"datum.rank > {middle}").marked("text", align="right", dx=-8, fontSize=12)
    ends = {"x": quantitative("from", scale=scale), "x2": {"field": "to"}, "y": place["y"]}
    bar = Layer(named("ranks-groups")).marked("rule", strokeWidth=5, strokeCap="round").encoded(**ends)
    height = _ROW * (methods + bars + 1)
    return layered([stem, dot, left, right, bar], width="container", height=height)


def _ranks_in_words(found: CriticalDifference) -> str:
    means = [f"{method} {figure(rank, 3)}" for method, rank in zip(found.methods, found.ranks, strict=True)]
    groups = [listing(list(group)) for group in found.groups]
    joined = f" Not told apart: {'; '.join(groups)}." if groups else " All are told apart."
    return f"Mean ranks of {len(means)} methods over {found.problems} problems: {listing(means)}.{joined}"


# --- against an archive

#: Gaps below are drawn here: a logarithm has no 0.
LOWEST = 1e-17


def against_figure(
    number: int, problem: str, own: Sequence[GapLine], others: Sequence[GapLine], archive: str
) -> Figure:
    """number: of the problem, from 1.  own, others: its lines."""
    rows, grey = f"own-{number}", f"frozen-{number}"
    methods = [line.method for line in own][:HUES]
    left = len(own) - len(methods)
    caption = (
        f"In colour the methods of this experiment, in grey {count(len(others))} of {archive}, each with what "
        "was best on this problem. The relative gap by iteration; further left and further down is better."
    )
    if left:
        caption += f" {count(left)} more methods of this experiment are left out."
    told = [
        f"{line.name}: {figure(line.gaps[-1], 2)} after {count(line.iterations[-1])} iterations" for line in own
    ]
    return Figure(
        id="against" if number == 1 else f"against-{number}",
        title=f"Against {archive} · {problem}",
        caption=caption,
        alternative=f"Relative gaps over those of {archive}. {first_of(told, ' methods')}.",
        spec=_against_spec(rows, grey, methods),
        data={rows: _line_rows([line for line in own if line.method in methods]), grey: _line_rows(others)},
        problem=problem,
    )


def _line_rows(lines: Sequence[GapLine]) -> list[Piece]:
    """k + 1, so that the start has a place on a logarithmic axis."""
    return [
        {"method": line.method, "name": line.name, "k": k + 1, "gap": max(LOWEST, gap)}
        for line in lines
        for k, gap in zip(line.iterations, line.gaps, strict=True)
        if gap < 1e6
    ]


def _against_spec(rows: str, grey: str, methods: Sequence[str]) -> Piece:
    log = {"type": "log", "nice": False}
    base = Layer().encoded(
        x=quantitative("k", title="iteration + 1", scale=log, axis={"format": "~s"}),
        y=quantitative("gap", title="relative gap", scale=log, axis={"format": "~e", "tickCount": 8}),
        tooltip=[nominal("name", title="method"), quantitative("k"), quantitative("gap", format=".3~e")],
    )
    colour = nominal("method", sort=list(methods), scale={"domain": list(methods)}, title="method")
    behind = base.of(named(grey)).marked("line", color=THEORY, strokeWidth=1, opacity=0.35)
    before = base.of(named(rows)).marked("line", strokeWidth=2.6)
    layers = [behind.encoded(detail=nominal("method")), before.encoded(color=colour)]
    return layered(layers, width="container", height=300)
