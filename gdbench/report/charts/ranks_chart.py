"""The critical-difference diagram (Demšar 2006): mean ranks on a line, bars join what cannot be told apart."""

from __future__ import annotations

import altair as alt

from gdbench.judgement.numerals import figure, listing
from gdbench.judgement.study import Study
from gdbench.report.analysis.ranks import CriticalDifference, critical_difference
from gdbench.report.charts.figure import Figure, Spec, filled

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
        alternative=_alternative(found),
        spec=_spec(found),
        data={"ranks": _rows(found), "ranks-groups": _groups(found)},
    )


def _rows(found: CriticalDifference) -> list[Spec]:
    return [
        {"method": method, "rank": rank, "row": place, "words": f"{method}  {figure(rank, 3)}"}
        for place, (method, rank) in enumerate(zip(found.methods, found.ranks, strict=True))
    ]


def _groups(found: CriticalDifference) -> list[Spec]:
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


def _spec(found: CriticalDifference) -> Spec:
    bars, methods = len(found.groups), len(found.methods)
    worst = float(methods)
    scale = alt.Scale(domain=[1, worst], nice=False, padding=12)
    x = alt.X("rank:Q", title="mean rank (1 is best)", scale=scale, axis=alt.Axis(orient="top", tickMinStep=1))
    rows = alt.Scale(domain=[methods - 0.4, -bars - 0.8], nice=False, zero=False)
    y = alt.Y("row:Q", scale=rows, axis=None)
    base = alt.Chart(alt.NamedData("ranks"))
    stem = base.mark_rule(opacity=0.5).encode(x=x, y=y, y2=alt.datum(-bars - 0.8))
    dot = base.mark_point(filled=True, size=60, opacity=1).encode(x=x, y=y)
    middle = (1 + worst) / 2
    left = base.transform_filter(f"datum.rank <= {middle}").mark_text(align="left", dx=8, fontSize=12)
    right = base.transform_filter(f"datum.rank > {middle}").mark_text(align="right", dx=-8, fontSize=12)
    bar = alt.Chart(alt.NamedData("ranks-groups")).mark_rule(strokeWidth=5, strokeCap="round")
    layers = [
        stem,
        dot,
        left.encode(x=x, y=y, text="words:N"),
        right.encode(x=x, y=y, text="words:N"),
        bar.encode(x=alt.X("from:Q", scale=scale), x2="to:Q", y=y),
    ]
    height = _ROW * (methods + bars + 1)
    chart = alt.layer(*layers).properties(width="container", height=height).to_dict()
    return filled(chart, {})


def _alternative(found: CriticalDifference) -> str:
    means = [f"{method} {figure(rank, 3)}" for method, rank in zip(found.methods, found.ranks, strict=True)]
    groups = [listing(list(group)) for group in found.groups]
    joined = f" Not told apart: {'; '.join(groups)}." if groups else " All are told apart."
    return f"Mean ranks of {len(means)} methods over {found.problems} problems: {listing(means)}.{joined}"
