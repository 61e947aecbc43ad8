"""The chart of a fit on the rows that it was made with and on those held out, and where the two part."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import altair as alt

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.problem_answer import Tested, tested
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study, median_run
from gdbench.record.recorded_plan import thinned
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.report.charts.encoding import channels, selectable
from gdbench.report.charts.figure import Figure, Piece, Subject, filled

#: Points of a line at most.
POINTS = 400
#: Costs are drawn on a logarithmic axis where the highest is so many times the lowest.
WIDE = 20.0

_TRAINED, _HELD_OUT = "trained on", "held out"
_HEIGHT = 320


def held_out_figure(study: Study, store: Store, subject: Subject) -> Figure | None:
    """The cost of the best setting's middle run on both; None where no rows are held out."""
    best = study.tied.get(subject.problem.id)
    if not best:
        return None
    for run in store.runs([median_run(best[0]).key]):
        seen = tested(run, subject.problem)
        return _figure(study, best[0], run, seen, subject) if seen else None
    return None


def _figure(study: Study, best: Setting, run: RunRecord, seen: Tested, subject: Subject) -> Figure:
    rows = list(_rows(run))
    name = best.called(study.varying_in(study.of_problem(subject.problem)))
    chart = alt.layer(*_layers(rows, run, seen, subject))
    spec = filled({**chart.to_dict(validate=False), "width": "container", "height": _HEIGHT}, {})
    return Figure(
        id=subject.id("test"),
        title=subject.titled("cost on the rows trained on and on those held out"),
        caption=" ".join(_caption(name, run, seen)),
        alternative=_alternative(name, run, seen),
        spec=selectable(spec),
        data={subject.data("tested"): rows},
        problem=subject.problem.label,
    )


def _rows(run: RunRecord) -> Iterator[Piece]:
    """The points of both lines, few enough to be read."""
    curve = run.result.curve
    trained = "cost" if run.result.answer is None else "answer_cost"
    for name, key in ((_TRAINED, trained), (_HELD_OUT, "test_cost")):
        series = zip(curve.iteration, curve.series.get(key, ()), strict=False)
        known = [(k, cost) for k, cost in series if math.isfinite(cost)]
        for place in thinned([k for k, _ in known], POINTS, [run.result.best_iteration or 0]):
            yield {"k": known[place][0], "cost": float(f"{known[place][1]:.6g}"), "rows": name}


def _layers(rows: Sequence[Piece], run: RunRecord, seen: Tested, subject: Subject) -> Iterator[alt.Chart]:
    data = alt.Chart(alt.NamedData(subject.data("tested")))
    costs = [float(str(row["cost"])) for row in rows]
    log = min(costs) > 0.0 and max(costs) > WIDE * min(costs)
    scale = alt.Scale(type="log" if log else "linear", zero=False)
    y = alt.Y("cost:Q", title=f"mean cost per row{' (log scale)' if log else ''}", scale=scale)
    x = alt.X("k:Q", title="iteration (log scale)", scale=alt.Scale(type="symlog", nice=False), axis=_axis(run))
    colour = alt.Color("rows:N", title="rows", sort=[_TRAINED, _HELD_OUT])
    dash = alt.StrokeDash("rows:N", sort=[_TRAINED, _HELD_OUT], legend=None)
    tips = [alt.Tooltip("rows:N"), alt.Tooltip("k:Q", title="iteration"), alt.Tooltip("cost:Q", format=".4~g")]
    yield data.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, strokeDash=dash, tooltip=tips)
    if seen.rose:
        lowest = alt.Chart(alt.InlineData(values=[{"k": seen.lowest_at, "cost": seen.lowest}]))
        words = f"lowest test cost, iteration {count(seen.lowest_at)}"
        yield lowest.mark_rule(strokeDash=[2, 3]).encode(x=x)
        yield lowest.mark_point(size=90).encode(x=x, y=y)
        late = (seen.lowest_at or 0) > math.sqrt(run.result.iterations)
        text = lowest.mark_text(align="right" if late else "left", dx=-6 if late else 6, text=words)
        yield text.encode(**channels(x=x, y=alt.value(8)))


def _axis(run: RunRecord) -> alt.Axis:
    powers = [10**power for power in range(12) if 10**power <= max(1, run.result.iterations)]
    return alt.Axis(values=[0, *powers], format=",d", labelOverlap="greedy")


def _caption(name: str, run: RunRecord, seen: Tested) -> Iterator[str]:
    yield f"The best setting{'' if name == 'this setting' else f', {name}'}: its middle run."
    if seen.rose:
        at = f"at iteration {count(seen.lowest_at)}"
        yield f"The test cost was lowest, {figure(seen.lowest)}, {at}, where the two part:"
        yield "what is learned after it holds for the rows trained on alone."
    else:
        yield "They do not part: the test cost is as low at the end as anywhere on the way."
    if "none" not in run.spec.get("penalty", {"none": {}}):
        yield "The cost on the rows trained on includes the penalty, the other does not."


def _alternative(name: str, run: RunRecord, seen: Tested) -> str:
    lowest = f", lowest at iteration {count(seen.lowest_at)} with {figure(seen.lowest)}" if seen.rose else ""
    there = f"On the {count(seen.rows)} held out it ends at {figure(seen.cost)}{lowest}."
    here = f"On the {count(seen.trained_on)} rows trained on it ends at {figure(run.result.answered_cost)}."
    return f"The cost over {count(run.result.iterations)} iterations of {name}, as two lines. {here} {there}"
