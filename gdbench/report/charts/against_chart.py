"""The chart of a study's methods in colour over those of an archive in grey, one for each problem."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from gdbench.judgement.numerals import count, figure
from gdbench.report.analysis.lines import GapLine
from gdbench.report.charts.figure import Figure, Piece, filled, first_of
from gdbench.report.charts.palette import HUES, THEORY

#: Gaps below are drawn here: a logarithm has no 0.
FLOOR = 1e-17


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
        spec=_spec(rows, grey, methods),
        data={rows: _rows([line for line in own if line.method in methods]), grey: _rows(others)},
        problem=problem,
    )


def _rows(lines: Sequence[GapLine]) -> list[Piece]:
    """k + 1, so that the start has a place on a logarithmic axis."""
    return [
        {"method": line.method, "name": line.name, "k": k + 1, "gap": max(FLOOR, gap)}
        for line in lines
        for k, gap in zip(line.iterations, line.gaps, strict=True)
        if gap < 1e6
    ]


def _spec(rows: str, grey: str, methods: Sequence[str]) -> Piece:
    log = alt.Scale(type="log", nice=False)
    x = alt.X("k:Q", title="iteration + 1", scale=log, axis=alt.Axis(format="~s"))
    y = alt.Y("gap:Q", title="relative gap", scale=log, axis=alt.Axis(format="~e", tickCount=8))
    tip = [alt.Tooltip("name:N", title="method"), alt.Tooltip("k:Q"), alt.Tooltip("gap:Q", format=".3~e")]
    behind = alt.Chart(alt.NamedData(grey)).mark_line(color=THEORY, strokeWidth=1, opacity=0.35)
    colour = alt.Color("method:N", sort=list(methods), scale=alt.Scale(domain=list(methods)), title="method")
    before = alt.Chart(alt.NamedData(rows)).mark_line(strokeWidth=2.6)
    layers = alt.layer(
        behind.encode(x=x, y=y, detail="method:N", tooltip=tip),
        before.encode(x=x, y=y, color=colour, tooltip=tip),
    )
    return filled(layers.properties(width="container", height=300).to_dict(), {})
