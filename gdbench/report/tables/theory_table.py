"""Theory beside measurement: what was to be expected of each setting, and what came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gdbench.descent.theory.forecast import Forecast
from gdbench.judgement.diagnoses import forecast_of
from gdbench.judgement.numerals import count, figure
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.record.records import RunRecord
from gdbench.report.tables.setting_rows import table_of_settings
from gdbench.report.tables.table import (
    NOTHING_YET,
    Cell,
    Table,
    censored,
    counted,
    measured,
    unknown,
    words,
)

_NAMES = ("theory", "Theory beside measurement")
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
    known = [
        (setting, setting.runs[0], forecast)
        for setting in study.ranked
        if (forecast := forecast_of(setting.runs[0], setting.problem)) is not None
    ]
    if not known:
        absent = "No fixed rate on a problem whose curvature is known." if study.runs else NOTHING_YET
        return Table(*_NAMES, absent=absent)
    targets = study.plan.targets
    columns = (*_COLUMNS, *(column for target in targets for column in _columns(target)))
    rows = ((setting, _cells(run, forecast, targets)) for setting, run, forecast in known)
    theorems = dict.fromkeys(f"{forecast.kind}: {forecast.how}" for _, _, forecast in known)
    return table_of_settings(study, _NAMES, columns, rows, f"{_NOTE} What it rests on: {'; '.join(theorems)}.")


def _columns(target: str) -> tuple[Column, Column]:
    expected = f"Iterations to {target} that theory expects; ∞ for never."
    measured_ = f"Iterations to {target} of the run; ∞, shown as > N, where never."
    return (
        Column(f"predicted_{target}", "float64", expected, f"to {target}: theory"),
        Column(f"measured_{target}", "float64", measured_, "measured"),
    )


def _cells(run: RunRecord, forecast: Forecast, targets: Sequence[str]) -> Iterator[Cell]:
    yield words(forecast.kind)
    yield measured(forecast.update.rate)
    yield measured(forecast.limit)
    yield measured(forecast.contraction, 6)
    for target in targets:
        yield _predicted(forecast, target)
        yield _measured(run, target)


def _predicted(forecast: Forecast, target: str) -> Cell:
    if target not in forecast.iterations:
        return unknown("not known")
    predicted = forecast.iterations[target]
    if predicted is None:
        return censored("never")
    return Cell(f"≤ {count(predicted)}" if forecast.kind == "bound" else count(predicted), predicted, "number")


def _measured(run: RunRecord, target: str) -> Cell:
    if target not in run.result.iterations_to:
        return unknown("not measured")
    met = run.result.iterations_to[target]
    return censored(f"> {count(run.result.iterations)}") if met is None else counted(met)


def agreement(study: Study) -> str:
    """How well the exact predictions of all runs were met, in a sentence; "" where there are none."""
    apart: list[int] = []
    for run in study.runs:
        forecast = forecast_of(run, study.problems[run.problem])
        if forecast is not None and forecast.kind == "exact":
            met = run.result.iterations_to
            pairs = [(k, met.get(target)) for target, k in forecast.iterations.items()]
            apart += [abs(k - m) for k, m in pairs if k is not None and m is not None]
    if not apart:
        return ""
    close = sum(difference <= 1 for difference in apart)
    return (
        f"{count(close)} of {count(len(apart))} counts that theory predicts exactly were met to one iteration"
        f"{'' if close == len(apart) else f'; the largest difference is {figure(max(apart))}'}."
    )
