"""What each way to descend came to from each of its starts: a dot a run, in a row for each way."""

from __future__ import annotations

import math

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.study import Study
from gdbench.report.analysis.starts import Starts, starts
from gdbench.report.charts.encoding import label_words
from gdbench.report.charts.figure import Figure, Subject, first_of
from gdbench.report.charts.palette import HUES
from gdbench.report.charts.vega_lite import Layer, Piece, named, nominal, quantitative

#: Rows at most; height of one in pixels; runs drawn of one.
_ROWS, _STEP, _RUNS = 12, 24, 60


def starts_figure(study: Study, subject: Subject) -> Figure | None:
    """None where no way to descend has several runs of which one arrived."""
    what, ways = starts(study, subject.problem)
    shown = [one for one in ways if one.reached][:_ROWS]
    if not shown:
        return None
    rows = [row for one in shown for row in _rows(one)]
    left = len(ways) - len(shown)
    caption = ["A dot for each run that arrived, best way first."]
    caption += [f"{count(left)} more ways are in the table."] if left else []
    ends = [f"{one.name}: {figure(one.reached[0])} to {figure(one.reached[-1])}" for one in shown]
    return Figure(
        id=subject.id("starts"),
        title=subject.titled(f"{what}, start by start"),
        caption=" ".join(caption),
        alternative=f"A row of dots for each way to descend: {what}. {first_of(ends, ' ways')}.",
        spec=_spec(what, [one.name for one in shown], rows, subject),
        data={subject.data("starts"): rows},
        problem=subject.problem.label,
    )


def _rows(one: Starts) -> list[Piece]:
    arrived = [(start, value) for start, value in one.each if math.isfinite(value)][:_RUNS]
    return [{"way": one.name, "start": start, "value": float(f"{value:.5g}")} for start, value in arrived]


def _spec(what: str, names: list[str], rows: list[Piece], subject: Subject) -> Piece:
    values = [float(str(row["value"])) for row in rows]
    log = min(values) > 0 and max(values) > 20 * min(values)
    labels = list(dict.fromkeys(str(row["start"]) for row in rows))
    x = quantitative(
        "value",
        title=f"{what}{' (log scale)' if log else ''}",
        scale={"type": "log" if log else "linear", "zero": False, "padding": 12},
        axis={"format": ".4~g" if min(values) >= 1e-3 else ".0~e", "tickCount": 8, "labelOverlap": "greedy"},
    )
    axis = {"labelLimit": 0, "labelExpr": label_words(names), "grid": True}
    few = 1 < len(labels) <= HUES
    dots = Layer(named(subject.data("starts"))).marked("point", filled=True, size=70, opacity=0.75)
    drawn = dots.encoded(
        x=x,
        y=nominal("way", sort=names, title=None, axis=axis),
        color=nominal("start", title="start", sort=labels) if few else None,
        tooltip=[nominal("way", title="way"), nominal("start"), quantitative("value", title=what)],
    )
    return {**drawn.piece, "width": "container", "height": _STEP * len(names)}
