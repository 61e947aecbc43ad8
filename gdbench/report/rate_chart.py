"""The chart of learning rates: iterations to the tightest target against the rate, and where runs diverge."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from gdbench.execution.records import ProblemRecord
from gdbench.report.encoding import Visuals, title, visuals
from gdbench.report.figure import Figure
from gdbench.report.numerals import count, figure, listing
from gdbench.report.palette import DIVERGED
from gdbench.report.settings import Setting
from gdbench.report.study import Study

#: With more rates than this, ticks stand where Vega puts them.
TICKS = 12

#: Shape of a setting's mark by what became of it.
_SHAPES = {"reached": "circle", "never reached": "triangle-up", "diverged": "cross", "measured": "circle"}


def rate_figure(study: Study, problem: ProblemRecord, number: int = 1) -> Figure | None:
    """One mark per setting; None where the rate does not vary, is no plain number, or always diverges."""
    settings = study.of_problem(problem)
    if len({setting.rate for setting in settings} - {None}) < 2:
        return None
    seen, target = visuals(study, settings), _measured_target(study, settings)
    rows = [_row(setting, seen, target) for setting in settings if setting.rate is not None]
    if all(row["height"] is None for row in rows):
        return None
    edge = _divergence_edge(settings)
    place = f" · {problem.label}" if len(study.problems) > 1 else ""
    quantity = f"iterations to {target}" if target else "final cost"
    return Figure(
        id="rates" if number == 1 else f"rates-{number}",
        title=f"{quantity.capitalize()} by learning rate{place}",
        caption=_caption(rows, seen, target, edge),
        alternative=_alternative(rows, quantity),
        spec=_chart(rows, seen, quantity, edge),
    )


def _measured_target(study: Study, settings: list[Setting]) -> str | None:
    """The tightest target, if it could be measured; the final cost is drawn where none could."""
    target = study.tightest
    return target if target and any(setting.reach(target) for setting in settings) else None


def _row(setting: Setting, seen: Visuals, target: str | None) -> dict[str, Any]:
    reach = setting.reach(target) if target else None
    height: float | None = setting.final_cost
    if target:
        height = None if reach is None else reach.median if math.isfinite(reach.median) else reach.bound
    state = "diverged" if setting.all_diverged else _state(setting, target)
    return {
        "rate": setting.rate,
        "others": " · ".join(setting.axes[axis] for axis in seen.varying if axis != "learning_rate"),
        "group": setting.axes.get(_group(seen) or "", ""),
        "state": state,
        # A height of zero iterations has no logarithm; such a run started within the target.
        "height": None if height is None or state == "diverged" else max(height, 0.5) if target else height,
        "text": setting.reach_text(target) if target else figure(setting.final_cost),
        "outcome": setting.outcome_text,
        "rate_label": setting.axes["learning_rate"],
        "name": setting.name(seen.varying),
    }


def _state(setting: Setting, target: str | None) -> str:
    if not target:
        return "measured"
    reach = setting.reach(target)
    return "reached" if reach and math.isfinite(reach.median) else "never reached"


def _group(seen: Visuals) -> str | None:
    """The axis that tells lines of this chart apart."""
    return seen.dash if seen.dash != "learning_rate" else None


def _divergence_edge(settings: list[Setting]) -> float | None:
    """The smallest rate from which on every run diverged."""
    edge = None
    for rate in sorted({s.rate for s in settings if s.rate is not None}, reverse=True):
        if not all(setting.all_diverged for setting in settings if setting.rate == rate):
            break
        edge = rate
    return edge


def _chart(rows: list[dict[str, Any]], seen: Visuals, quantity: str, edge: float | None) -> dict[str, Any]:
    x, right = _horizontal(rows)
    looks: dict[str, Any] = {"x": x, "y": _vertical(rows, quantity), "color": alt.value("#3b76af")}
    pick, group = (
        alt.selection_point("pick_group", fields=["group"], bind="legend", toggle="true"),
        _group(seen),
    )
    if group:
        looks["color"] = alt.Color("group:N", title=title(group), sort=seen.order[group])
        looks["opacity"] = alt.condition(pick, alt.value(1), alt.value(0.12))
    # The lines join what was measured; a bound is no measurement.
    good = [row for row in rows if row["state"] in {"reached", "measured"}]
    line = alt.Chart(alt.InlineData(values=good)).mark_line(strokeWidth=2).encode(**looks, detail="others:N")
    layers = [*_shading(edge, right), line.add_params(pick) if group else line]
    layers += [_marks(members, state, looks) for state in _SHAPES if (members := _drawable(rows, state))]
    return alt.layer(*layers).properties(width="container", height=320).to_dict()


def _drawable(rows: list[dict[str, Any]], state: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["state"] == state and (row["height"] is not None or state == "diverged")]


def _horizontal(rows: list[dict[str, Any]]) -> tuple[alt.X, float]:
    """A logarithmic axis with a tick at each rate, and its right end."""
    rates = sorted({row["rate"] for row in rows})
    width = rates[-1] / rates[0]
    left, right = rates[0] / width**0.04, rates[-1] * width**0.06
    ticks: dict[str, Any] = {"values": rates} if len(rates) <= TICKS else {}
    _stand_side_by_side(rows, width)
    scale = alt.Scale(type="log", domain=[left, right], nice=False)
    axis = alt.Axis(format="~g", labelOverlap="greedy", **ticks)
    return alt.X("place:Q", title="learning rate η (log scale)", scale=scale, axis=axis), right


def _stand_side_by_side(rows: list[dict[str, Any]], width: float) -> None:
    """Give each row its place: its rate, moved a little so that groups with equal values both show."""
    groups = list(dict.fromkeys(row["group"] for row in rows))
    for row in rows:
        offset = groups.index(row["group"]) - (len(groups) - 1) / 2
        row["place"] = row["rate"] * width ** (0.012 * offset)


def _vertical(rows: list[dict[str, Any]], quantity: str) -> alt.Y:
    heights = [row["height"] for row in rows if row["height"] is not None]
    log = bool(heights) and min(heights) > 0 and max(heights) > 3 * min(heights)
    ends: Any = {"domain": [min(heights) / 1.6, max(heights) * 1.9]} if log else {"zero": False}
    low, high = (min(heights), max(heights)) if log else (1.0, 1.0)
    powers = [10.0**power for power in range(-18, 19) if low / 2 <= 10.0**power <= high * 2]
    axis: Any = alt.Axis(format=",.4~g", **({"values": powers} if len(powers) > 2 else {"tickCount": 6}))
    return alt.Y(
        "height:Q",
        title=f"{quantity}{' (log scale)' if log else ''}",
        scale=alt.Scale(type="log" if log else "linear", nice=not log, **ends),
        axis=axis,
    )


def _shading(edge: float | None, right: float) -> list[Any]:
    if edge is None:
        return []
    data = alt.InlineData(values=[{"from": edge, "to": right, "word": "diverged"}])
    base = alt.Chart(data)
    area = base.mark_rect(color=DIVERGED, opacity=0.13).encode(x="from:Q", x2="to:Q")
    text = base.mark_text(align="right", baseline="bottom", dx=-4, dy=-6, color=DIVERGED, fontWeight=600)
    return [area, text.encode(x="to:Q", y=alt.value("height"), text="word:N")]


def _marks(rows: list[dict[str, Any]], state: str, looks: dict[str, Any]) -> Any:
    lost = state == "diverged"
    # Divergence has no number of iterations: its mark stands at the top.
    changed = {"y": alt.value(14), "color": alt.value(DIVERGED)} if lost else {}
    tips = [("name", "setting"), ("text", "value"), ("outcome", "outcome")]
    mark = alt.Chart(alt.InlineData(values=rows)).mark_point(
        shape=_SHAPES[state],
        filled=state != "never reached",
        size=110,
        strokeWidth=2,
        angle=45 if lost else 0,
        opacity=1,
    )
    tooltip = [alt.Tooltip(field, type="nominal", title=name) for field, name in tips]
    return mark.encode(**{**looks, **changed}, tooltip=tooltip)


def _caption(rows: list[dict[str, Any]], seen: Visuals, target: str | None, edge: float | None) -> str:
    states = {row["state"] for row in rows}
    group = _group(seen)
    sentences = [
        f"One mark for each setting{f', coloured by {title(group)}' if group else ''}; median of its runs."
    ]
    if group:
        sentences.append("Marks of one rate stand side by side.")
    if "never reached" in states and target:
        sentences.append(f"Open triangles: {target} was never reached; the mark stands at the iterations done.")
    if "diverged" in states:
        sentences.append("Crosses at the top: diverged.")
    if edge is not None:
        sentences.append(f"Shaded: η = {edge:g} and above, where every run diverged.")
    return " ".join(sentences)


def _alternative(rows: list[dict[str, Any]], quantity: str) -> str:
    told = [f"{row['name']}: {'diverged' if row['state'] == 'diverged' else row['text']}" for row in rows[:12]]
    more = f"; and {count(len(rows) - 12)} more settings" if len(rows) > len(told) else ""
    return f"Chart of {quantity} against the learning rate. {listing(told)}{more}."
