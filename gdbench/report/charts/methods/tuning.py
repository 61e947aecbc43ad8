"""What tuning brings, a line for each method: the chance to be good against the settings tried."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.judgement.methods.tuning import FACTOR, TuningCurve, tuning_curves
from gdbench.judgement.numerals import count
from gdbench.judgement.study import Study
from gdbench.report.charts.figure import Figure, first_of
from gdbench.report.charts.methods.lines import lines_of_methods, lit
from gdbench.report.charts.vega_lite import nominal, quantitative


def tuning_figure(study: Study) -> Figure | None:
    """The chance to be good against the number of settings tried; None where nothing is tuned."""
    curves = tuning_curves(study)
    if not curves or len(study.methods.methods) < 2:
        return None
    shown = lit(study, [curve.method for curve in curves])
    highest = max(float(chance) for curve in curves for chance in curve.within)
    rows = [
        {**shown.of(curve.method), "tries": k, "chance": float(chance)}
        for curve in curves
        for k, chance in enumerate(curve.within, 1)
    ]
    most = max(curve.settings for curve in curves)
    several = len(study.methods.problems) > 1
    what = "expected share of problems solved" if several else "chance"
    x = quantitative(
        "tries",
        title=["settings tried,", "drawn at random from the grid"],
        scale={"domain": [1, most], "nice": False},
        axis={"tickMinStep": 1, "format": "d"},
    )
    y = quantitative(
        "chance",
        title=[what, f"within {FACTOR:g}× of the best method"],
        scale={"domain": [0, max(0.05, highest)]},
        axis={"format": "%"},
    )
    tooltip = [
        nominal("method"),
        quantitative("tries", title="tries"),
        quantitative("chance", format=".0%"),
    ]
    return Figure(
        id="tuning",
        title="What tuning brings",
        caption=" ".join(filter(None, [_CAPTION, study.methods.parting_text, shown.note])),
        alternative=_in_words(curves),
        spec=lines_of_methods("tuning", x, y, shown, tooltip),
        data={"tuning": rows},
    )


_CAPTION = (
    "Exact expectation over all draws of so many settings, without replacement; of each draw the one counts "
    "that is best on the runs that tune. A line that goes on rising needs much tuning."
)


def _in_words(curves: Sequence[TuningCurve]) -> str:
    told = [
        f"{curve.method}: {float(curve.within[0]):.0%} after one, {float(curve.within[-1]):.0%} after all "
        f"{count(curve.settings)}"
        for curve in curves
    ]
    methods = first_of(told, " methods")
    return f"The chance to be within {FACTOR:g}× of the best method by settings tried. {methods}."
