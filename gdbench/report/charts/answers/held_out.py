"""The chart of a fit on the rows that it was made with and on those held out, and where the two part."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.problem_answer import Tested, tested
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study, median_run
from gdbench.record.recorded_plan import thinned
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.report.charts.encoding import selectable
from gdbench.report.charts.figure import Figure, Subject
from gdbench.report.charts.vega_lite import Layer, Piece, inline, layered, named, nominal, quantitative, value

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
    layers = list(_layers(rows, run, seen, subject))
    return Figure(
        id=subject.id("test"),
        title=subject.titled("cost on the rows trained on and on those held out"),
        caption=" ".join(_caption(name, run, seen)),
        alternative=_alternative(name, run, seen),
        spec=selectable(layered(layers, width="container", height=_HEIGHT)),
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


def _layers(rows: Sequence[Piece], run: RunRecord, seen: Tested, subject: Subject) -> Iterator[Layer]:
    costs = [float(str(row["cost"])) for row in rows]
    log = min(costs) > 0.0 and max(costs) > WIDE * min(costs)
    scale = {"type": "log" if log else "linear", "zero": False}
    y = quantitative("cost", title=f"mean cost per row{' (log scale)' if log else ''}", scale=scale)
    along = {"type": "symlog", "nice": False}
    x = quantitative("k", title="iteration (log scale)", scale=along, axis=_axis(run))
    order = [_TRAINED, _HELD_OUT]
    yield (
        Layer(named(subject.data("tested")))
        .marked("line", strokeWidth=2)
        .encoded(
            x=x,
            y=y,
            color=nominal("rows", title="rows", sort=order),
            strokeDash=nominal("rows", sort=order, legend=None),
            tooltip=[
                nominal("rows"),
                quantitative("k", title="iteration"),
                quantitative("cost", format=".4~g"),
            ],
        )
    )
    if seen.rose:
        lowest = Layer(inline({"k": seen.lowest_at, "cost": seen.lowest})).encoded(x=x)
        words = f"lowest test cost, iteration {count(seen.lowest_at)}"
        yield lowest.marked("rule", strokeDash=[2, 3])
        yield lowest.marked("point", size=90).encoded(y=y)
        late = (seen.lowest_at or 0) > math.sqrt(run.result.iterations)
        text = lowest.marked("text", align="right" if late else "left", dx=-6 if late else 6, text=words)
        yield text.encoded(y=value(8))


def _axis(run: RunRecord) -> Piece:
    powers = [10**power for power in range(12) if 10**power <= max(1, run.result.iterations)]
    return {"values": [0, *powers], "format": ",d", "labelOverlap": "greedy"}


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
