"""Theory beside measurement: what was to be expected of each setting, and what came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gdbench.descent.theory.forecast import Forecast
from gdbench.descent.theory.worst_case.bounds import Bound, iterations_at_most, of_answers
from gdbench.judgement.diagnoses import apart, forecast_of, known_of, slope_at_most_of, worst_cases_of
from gdbench.judgement.numerals import MISSING, count, figure
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.record.records import RunRecord
from gdbench.report.tables.setting_rows import made_once, table_of_settings
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
    Column("kind", "string", "exact, asymptotic (true in the long run only), or at worst.", "theory is"),
    Column("rate", "float64", "The fixed learning rate η.", "η"),
    Column("limit", "float64", "The rate above which the update is unstable: 2/L for plain descent.", "limit"),
    Column(
        "contraction", "float64", "The factor of the distance to the optimum in an iteration, in the long run."
    ),
)
_NOTE = (
    "Each row is the first run of its setting. “Exact” counts come from the spectrum and the start alone, and "
    "should be met to one iteration; “never” is a theorem too. “At worst”: on no problem of its class (its "
    "L and μ, or with kinks its steepness) does the method take longer from a start that is as far away and as "
    "high; the last column says what part of that this problem took. Settings of which no theorem speaks "
    "(schedules, batches, clipping, adaptive rates) are left out."
)


class _Known(NamedTuple):
    """What theory says of a run: what is to be expected of it, and how slow its method can be at worst."""

    run: RunRecord
    forecast: Forecast | None
    worst: Sequence[Bound]
    gaps: Mapping[str, float]
    slope: float | None = None

    @property
    def foretold(self) -> bool:
        """Whether theory says of this very problem, and not of its class."""
        return self.forecast is not None and self.forecast.kind != "bound"

    def answer_at_worst(self, target: str) -> int | None:
        """The same of the point that the method answers with."""
        return iterations_at_most(of_answers(self.worst), self.gaps[target]) if target in self.gaps else None

    def at_worst(self, target: str) -> int | None:
        return iterations_at_most(self.worst, self.gaps[target]) if target in self.gaps else None


@made_once
def predictions_table(study: Study) -> Table:
    """Predicted and measured iterations to each target, of the settings that theory speaks of, best first."""
    known = [(setting, said) for setting in study.ranked if (said := _said(study, setting))]
    if not known:
        absent = "No fixed rate on a problem whose curvature is known." if study.runs else NOTHING_YET
        return Table(*_NAMES, absent=absent)
    targets = study.plan.targets
    foretold = any(said.foretold for _, said in known)
    sloping = any(said.slope is not None for _, said in known)
    columns = (*_COLUMNS, *(column for target in targets for column in _columns(target, foretold=foretold)))
    rows = (
        (setting, (*_cells(said, targets, foretold=foretold), *_slopes(said, sloping=sloping)))
        for setting, said in known
    )
    last = (_SHARE, *(_SLOPES if sloping else ()))
    return table_of_settings(study, _NAMES, (*columns, *last), rows, f"{_NOTE}{_sources(known)}")


def _said(study: Study, setting: Setting) -> _Known | None:
    run, problem = setting.runs[0], setting.problem
    if run.key not in study.foreseen:
        study.foreseen[run.key] = forecast_of(run, problem)
    expected, worst = study.foreseen[run.key], worst_cases_of(run, problem)
    slope = None if problem.theory.convex or worst else slope_at_most_of(run, problem)
    if not expected and not worst and slope is None:
        return None
    return _Known(run, expected, worst, known_of(run, problem).gaps, slope)


def _sources(known: Sequence[tuple[Setting, _Known]]) -> str:
    exact = dict.fromkeys(
        f" {said.forecast.kind.capitalize()}: {said.forecast.how}."
        for _, said in known
        if said.foretold and said.forecast
    )
    proved = (bound.theorem for _, said in known for bound in said.worst)
    worst = dict.fromkeys(f"{theorem.how}{'' if theorem.tight else ' (not tight)'}" for theorem in proved)
    told = f" Worst cases by {'; '.join(worst)}." if worst else ""
    return f"{''.join(exact)}{told}"


def worst_words(study: Study) -> str:
    """How far from the worst the best setting with a worst case is, in a sentence; "" where none has one."""
    for target in sorted(study.plan.targets, key=float):
        for setting in study.ranked:
            said = _said(study, setting)
            met, worst = setting.runs[0].result.iterations_to.get(target), said and said.at_worst(target)
            if met and worst:
                return (
                    f"{setting.name(study.shown_axes)} took {count(met)} iterations to {target}. On no problem "
                    f"of its class, begun as far away and as high, can it take more than {count(worst)}: here "
                    f"{figure(100.0 * met / worst, 2)} % of that were enough."
                )
    return ""


def _columns(target: str, *, foretold: bool) -> Iterator[Column]:
    expected = f"Iterations to {target} that theory expects; ∞ for never."
    measured_ = f"Iterations to {target} of the run; ∞, shown as > N, where never."
    worst = f"Iterations to {target} that no problem of the class exceeds."
    yield Column(f"measured_{target}", "float64", measured_, f"to {target}: measured")
    if foretold:
        yield Column(f"predicted_{target}", "float64", expected, "by theory")
    yield Column(f"worst_{target}", "float64", worst, "at worst")


_SHARE = Column(
    "share_of_worst",
    "float64",
    "Measured iterations to the tightest target reached, as a part of those at worst.",
    "of the worst",
)


#: Of costs that are not convex: nothing is promised of the gap.
_SLOPES = (
    Column("slope_at_most", "float64", "What ‖∇f‖ was at most at one of the iterates.", "some ‖∇f‖ ≤"),
    Column("final_slope", "float64", "‖∇f‖ where the run ended.", "‖∇f‖ at its end"),
)


def _slopes(said: _Known, *, sloping: bool) -> Iterator[Cell]:
    if sloping:
        yield measured(said.slope)
        yield measured(said.run.result.final_gradient_norm)


def _cells(said: _Known, targets: Sequence[str], *, foretold: bool) -> Iterator[Cell]:
    expected = said.forecast
    yield words(expected.kind if expected and said.foretold else "at worst")
    yield measured(expected.update.rate if expected else None)
    yield measured(expected.limit if expected else None)
    yield measured(expected.contraction if expected else None, 6)
    for target in targets:
        yield _measured(said.run, target)
        if foretold:
            yield _predicted(expected, target)
        yield _worst(said, target)
    yield _share(said, targets)


def _worst(said: _Known, target: str) -> Cell:
    worst, answered = said.at_worst(target), said.answer_at_worst(target)
    if worst is None and answered is not None:
        return Cell(f"≤ {count(answered)}, its answer", answered, "number")
    return unknown(MISSING) if worst is None else Cell(f"≤ {count(worst)}", worst, "number")


def _share(said: _Known, targets: Sequence[str]) -> Cell:
    for target in sorted(targets, key=float):
        met, worst = said.run.result.iterations_to.get(target), said.at_worst(target)
        if met is not None and worst:
            return measured(met / worst, 2)
    return unknown(MISSING)


def _predicted(forecast: Forecast | None, target: str) -> Cell:
    if forecast is None or forecast.kind == "bound" or target not in forecast.iterations:
        return unknown("not known")
    predicted = forecast.iterations[target]
    return censored("never") if predicted is None else counted(predicted)


def _measured(run: RunRecord, target: str) -> Cell:
    if target not in run.result.iterations_to:
        return unknown("not measured")
    met = run.result.iterations_to[target]
    return censored(f"> {count(run.result.iterations)}") if met is None else counted(met)


def agreement(study: Study) -> str:
    """How well the exact predictions of all runs were met, in a sentence; "" where there are none."""
    found: list[int] = []
    for run in study.runs:
        known = study.apart.get(run.key)
        found += apart(run, forecast_of(run, study.problems[run.problem])) if known is None else known
    if not found:
        return ""
    close = sum(difference <= 1 for difference in found)
    return (
        f"{count(close)} of {count(len(found))} counts that theory predicts exactly were met to one iteration"
        f"{'' if close == len(found) else f'; the largest difference is {figure(max(found))}'}."
    )
