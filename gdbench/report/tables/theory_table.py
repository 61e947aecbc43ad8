"""Theory beside measurement: what was to be expected of each setting, and what came."""

from __future__ import annotations

from gdbench.descent.theory.forecast import Forecast
from gdbench.judgement.forecasts import forecast_of
from gdbench.judgement.numerals import count, figure
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.record.records import RunRecord
from gdbench.report.tables.settings_table import axis_cell, axis_column, shown_axes
from gdbench.report.tables.table import Cell, Row, Table, censored, counted, measured, words

TITLE = "Theory beside measurement"
_COLUMNS = (
    Column("kind", "string", "exact, an upper bound, or asymptotic: true in the long run only.", "theory is"),
    Column("rate", "float64", "The fixed learning rate η.", "η"),
    Column("limit", "float64", "The rate above which the update is unstable: 2/L for plain descent.", "limit"),
    Column(
        "contraction", "float64", "The factor of the distance to the optimum in an iteration, in the long run."
    ),
)
_NOTE = (
    "Each row is the first run of its setting. “Exact” counts come from the spectrum and the start alone, and "
    "should be met to one iteration; a bound says how many iterations it takes at most; “never” is a theorem "
    "too. Settings of which no theorem speaks (schedules, batches, clipping, adaptive rates) are left out."
)


def predictions_table(study: Study) -> Table:
    """Predicted and measured iterations to each target, of the settings that theory speaks of, best first."""
    rows = [
        (setting, run, found)
        for setting in study.ranked
        for run in setting.runs[:1]
        if (found := forecast_of(run, setting.problem)) is not None
    ]
    if not rows:
        absent = (
            "No fixed rate on a problem whose curvature is known." if study.runs else "No run has finished yet."
        )
        return Table("theory", TITLE, absent=absent)
    axes, targets = shown_axes(study), list(study.plan.targets)
    columns = (*map(axis_column, axes), *_COLUMNS, *(column for t in targets for column in _target(t)))
    made = (_row(study, setting, run, found, axes) for setting, run, found in rows)
    theorems = dict.fromkeys(f"{found.kind}: {found.how}" for _, _, found in rows)
    return Table("theory", TITLE, columns, tuple(made), f"{_NOTE} What it rests on: {'; '.join(theorems)}.")


def _target(target: str) -> tuple[Column, Column]:
    return (
        Column(
            f"predicted_{target}",
            "float64",
            f"Iterations to {target} that theory expects; ∞ for never.",
            f"to {target}: theory",
        ),
        Column(
            f"measured_{target}",
            "float64",
            f"Iterations to {target} of the run; ∞, shown as > N, where never.",
            "measured",
        ),
    )


def _row(study: Study, setting: Setting, run: RunRecord, found: Forecast, axes: list[str]) -> Row:
    cells = [axis_cell(setting, axis) for axis in axes]
    cells += [
        words(found.kind),
        measured(found.update.rate),
        measured(found.limit),
        measured(found.contraction, 6),
    ]
    for target in study.plan.targets:
        cells += [_predicted(found, target), _measured(run, target)]
    return Row(tuple(cells), setting in study.best, setting=study.numbers[setting])


def _predicted(found: Forecast, target: str) -> Cell:
    if target not in found.iterations:
        return Cell("not known", None, "number censored")
    predicted = found.iterations[target]
    if predicted is None:
        return censored("never")
    return Cell(f"≤ {count(predicted)}" if found.kind == "bound" else count(predicted), predicted, "number")


def _measured(run: RunRecord, target: str) -> Cell:
    if target not in run.result.iterations_to:
        return Cell("not measured", None, "number censored")
    met = run.result.iterations_to[target]
    return censored(f"> {count(run.result.iterations)}") if met is None else counted(met)


def agreement(study: Study) -> str:
    """How well the exact predictions of all runs were met, in a sentence; "" where there are none."""
    apart: list[int] = []
    for run in study.runs:
        found = forecast_of(run, study.problems[run.problem])
        if found is not None and found.kind == "exact":
            met = run.result.iterations_to
            pairs = [(k, met.get(target)) for target, k in found.iterations.items()]
            apart += [abs(k - m) for k, m in pairs if k is not None and m is not None]
    if not apart:
        return ""
    close = sum(difference <= 1 for difference in apart)
    return (
        f"{count(close)} of {count(len(apart))} counts that theory predicts exactly were met to one iteration"
        f"{'' if close == len(apart) else f'; the largest difference is {figure(max(apart))}'}."
    )
