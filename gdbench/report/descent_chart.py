"""The chart of descents: how far each run is from the optimum, iteration by iteration."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

import altair as alt

from gdbench.execution.records import ProblemRecord
from gdbench.execution.store import Store
from gdbench.report.encoding import Visuals, colour, dash, facts_of, pickers, title, tooltip, visuals
from gdbench.report.figure import Figure
from gdbench.report.numerals import count, figure, listing
from gdbench.report.palette import DIVERGED
from gdbench.report.settings import Setting
from gdbench.report.study import Study
from gdbench.report.traces import FLOOR, Scale, Trace, measurable, scale, traces

#: Up to this many iterations the horizontal axis is linear, beyond it logarithmic (with a zero).
SHORT = 60
#: More curves than this are drawn finer and fainter.
CROWD = 60


def descent_figure(study: Study, store: Store, problem: ProblemRecord, number: int = 1) -> Figure | None:
    """The chart of one problem's runs; None where no run left a curve."""
    drawn = traces(study, store, problem)
    if not drawn:
        return None
    settings, axis = study.of_problem(problem), scale(problem, drawn)
    seen = visuals(study, settings)
    what = "Distance from the optimum" if measurable(problem) else "Cost"
    place = f" · {problem.label}" if len(study.problems) > 1 else ""
    return Figure(
        id="gap" if number == 1 else f"gap-{number}",
        title=f"{what}, iteration by iteration{place}",
        caption=_caption(drawn, axis, seen),
        alternative=_alternative(study, settings, axis),
        spec=_chart(drawn, axis, settings, seen, study.plan.targets),
    )


def _chart(
    drawn: list[Trace], axis: Scale, settings: list[Setting], seen: Visuals, targets: Sequence[str]
) -> dict[str, Any]:
    place = {"x": _horizontal(drawn, axis.top), "y": _vertical(axis)}
    layers = [*_target_lines(targets, axis), *_lines(drawn, axis, settings, seen, place)]
    exits = [trace for trace in drawn if trace.diverged]
    if exits:
        layers.append(_crosses(exits, axis, seen, place))
    return alt.layer(*layers).properties(width="container", height=400).to_dict()


def _lines(
    drawn: list[Trace], axis: Scale, settings: list[Setting], seen: Visuals, place: dict[str, Any]
) -> list[alt.Chart]:
    """The curves, and wide invisible ones over them: a line of a pixel or two is hard to point at."""
    types = {"run": "number", "iteration": "number", "height": "number"}
    points = alt.InlineData(values=_points(drawn, axis), format=alt.CsvDataFormat(type="csv", parse=types))
    facts = facts_of([(trace.setting, trace.run) for trace in drawn], seen)
    named = alt.LookupData(data=alt.InlineData(values=facts), key="run", fields=list(facts[0])[1:])
    base = alt.Chart(points).transform_lookup("run", from_=named).encode(**place, detail="run:N")
    legends, hover = pickers(seen), _hover()
    lit: Any = reduce(operator.and_, legends, hover)
    thin, clear = (1.8, 0.9) if len(drawn) <= CROWD else (1.0, 0.6)
    looks = colour(seen, settings) | dash(seen)
    looks["opacity"] = alt.condition(lit, alt.value(clear), alt.value(0.08))
    line = base.mark_line(clip=True, strokeWidth=thin, strokeJoin="round").encode(**looks)
    handle = base.mark_line(clip=True, strokeWidth=12, opacity=0.0).encode(tooltip=tooltip(seen, run=True))
    return [line.add_params(*legends), handle.add_params(hover)]


def _hover() -> alt.Parameter:
    return alt.selection_point("hover", fields=["run"], on="pointerover", clear="pointerout")


def _horizontal(drawn: list[Trace], top: float) -> alt.X:
    longest = max(trace.below(top)[-1][0] for trace in drawn)
    if longest <= SHORT:
        ends = alt.Scale(domain=[0, max(1, longest)], nice=False)
        return alt.X("iteration:Q", title="iteration", scale=ends, axis=alt.Axis(format="d", tickMinStep=1))
    powers = [10**power for power in range(20) if 10**power <= longest]
    return alt.X(
        "iteration:Q",
        title="iteration (log scale)",
        scale=alt.Scale(type="symlog", constant=1, domain=[0, longest], nice=False),
        axis=alt.Axis(values=[0, *powers], format=",d"),
    )


def _vertical(axis: Scale) -> alt.Y:
    kind: Any = "log" if axis.log else "linear"
    labels: Any = (
        {"labelExpr": "replace(format(datum.value, '.0e'), '+', '')"} if axis.log else {"format": ",.4~g"}
    )
    ends = alt.Scale(type=kind, domain=[axis.bottom, axis.top], nice=False)
    return alt.Y(
        "height:Q",
        title=f"{axis.quantity}{' (log scale)' if axis.log else ''}",
        scale=ends,
        axis=alt.Axis(tickCount=8, **labels),
    )


def _points(drawn: list[Trace], axis: Scale) -> str:
    """All points as CSV: a third of the size of JSON, and Vega reads it as it is."""
    lines = [
        f"{number},{iteration},{min(height, 1e300):.6g}"
        for number, trace in enumerate(drawn)
        for iteration, height in trace.below(axis.top)
    ]
    return "\n".join(["run,iteration,height", *lines])


def _target_lines(targets: Sequence[str], axis: Scale) -> list[Any]:
    """A quiet rule at each target that is in sight."""
    inside = [
        target for target in targets if axis.bottom < float(target) < axis.top and axis.quantity != "cost"
    ]
    shown = [{"height": float(target), "target": target} for target in inside]
    if not shown:
        return []
    base = alt.Chart(alt.InlineData(values=shown)).encode(y="height:Q")
    rule = base.mark_rule(strokeDash=[1, 3], opacity=0.8)
    text = base.mark_text(
        align="left", baseline="bottom", dx=3, dy=-1, text={"expr": "'target ' + datum.target"}
    )
    return [rule + text.encode(x=alt.value(0))]


def _crosses(exits: list[Trace], axis: Scale, seen: Visuals, place: dict[str, Any]) -> Any:
    """A cross where each diverging run leaves the chart."""
    facts = facts_of([(trace.setting, trace.run) for trace in exits], seen)
    places = [trace.exit(axis) for trace in exits]
    rows = [
        {**fact, "iteration": iteration, "height": height}
        for fact, (iteration, height) in zip(facts, places, strict=True)
    ]
    mark = alt.Chart(alt.InlineData(values=rows)).mark_point(
        shape="cross", angle=45, size=110, color=DIVERGED, filled=True, opacity=1
    )
    return mark.encode(**place, tooltip=tooltip(seen, run=True))


def _caption(drawn: list[Trace], axis: Scale, seen: Visuals) -> str:
    sentences = [f"One line for each of {count(len(drawn))} runs." if len(drawn) > 1 else "The one run."]
    if seen.colour:
        sentences.append(f"Colour: {title(seen.colour)}{f'; dashes: {title(seen.dash)}' if seen.dash else ''}.")
    if seen.discrete:
        sentences.append("Click entries of the legend to compare them; point at a line for its setting.")
    gone = [trace for trace in drawn if trace.diverged]
    if gone:
        which = "1 run" if len(gone) == 1 else f"{count(len(gone))} runs"
        sentences.append(
            f"The vertical axis is cut at {figure(axis.top, 2)}; a cross marks where a diverging run "
            f"leaves it or ends ({which})."
        )
    if axis.quantity != "cost" and axis.bottom <= FLOOR:
        sentences.append(f"Gaps below {figure(FLOOR)} are rounding and drawn there.")
    return " ".join(sentences)


def _alternative(study: Study, settings: list[Setting], axis: Scale) -> str:
    """Where each setting's curves end, in words; the table has the rest."""
    shown = settings[:12]
    ends = [f"{s.name(study.plan.varying)}: {_end(s, axis)}" for s in shown]
    more = f"; and {count(len(settings) - 12)} more settings" if len(settings) > len(shown) else ""
    return f"Line chart of the {axis.quantity} against iteration. Ends of the lines: {listing(ends)}{more}."


def _end(setting: Setting, axis: Scale) -> str:
    if setting.all_diverged:
        return f"diverged at iteration {count(setting.diverged_at)}"
    height = setting.final_cost if axis.quantity == "cost" else setting.relative_gap
    return f"{figure(height, 2)} after {count(setting.iterations[0])} iterations"
