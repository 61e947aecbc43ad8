"""The chart of finite differences: the error of a numerical gradient by its step, a V with two slopes."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.descent.errors import GdbenchError
from gdbench.descent.execute import starting_point
from gdbench.descent.gradients import STEPS, StepError, step_errors
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.judgement.model.predicting import PlanData
from gdbench.judgement.sentences.strides import step_words
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.report.charts.encoding import selectable
from gdbench.report.charts.figure import Figure, Subject
from gdbench.report.charts.vega_lite import Layer, Piece, layered, named, nominal, quantitative

#: An error of 0 is drawn here, below what floats resolve.
FLOOR = 1e-17
#: Rows that are passed over for a picture: with more, it is not drawn.
MOST_ROWS = 5_000_000
#: Of the cost, by all methods together, for one parameter; complex numbers take ten times as long as compiled.
EVALUATIONS = 13

_METHODS = ("forward", "central", "complex_step")


def step_figure(study: Study, subject: Subject, data: PlanData) -> Figure | None:
    """At the first run's start, where gradients of a study are by differences, or differ in that."""
    runs = [run for setting in study.of_problem(subject.problem) for run in setting.runs]
    used = {name: run.spec["gradient"][name] for run in runs for name in run.spec.get("gradient", {})}
    if not set(used) & set(_METHODS):
        return None
    errors = _errors(runs[0], subject, data)
    if not errors:
        return None
    steps = {name: float(given["step"]) for name, given in used.items() if given.get("step")}
    return Figure(
        id=subject.id("steps"),
        title=subject.titled("Numerical gradients by their step"),
        caption=_caption(marked=bool(steps)),
        alternative=" ".join(step_words(errors)),
        spec=_spec(subject.data("steps"), subject.data("chosen_steps"), marked=bool(steps)),
        data={
            subject.data("steps"): step_rows(errors),
            subject.data("chosen_steps"): [{"h": step, "method": name} for name, step in steps.items()],
        },
        problem=subject.problem.label,
    )


def checked_figure(errors: Sequence[StepError], title: str) -> Figure:
    """The same picture of a choice that is checked."""
    spec, words = _spec("steps", "chosen_steps", marked=False), " ".join(step_words(errors))
    return Figure("steps", title, _caption(marked=False), words, spec, {"steps": step_rows(errors)})


def _errors(run: RunRecord, subject: Subject, data: PlanData) -> Sequence[StepError]:
    """At the run's start; empty where the data is gone, or too large for a picture."""
    known = data.of(subject.problem)
    table = known.table if known else None
    if table is None and "surface" not in run.spec:
        return ()
    passes = len(STEPS) * EVALUATIONS * subject.problem.parameters
    if passes * subject.problem.rows > MOST_ROWS:
        return ()
    spec = {**run.spec, "kernel": {"compiled": {}}}
    try:
        problem = build_problem(spec, table, subject.problem.constants if table else ProblemConstants())
        return step_errors(problem.objective, starting_point(spec, problem.shape))
    except GdbenchError:
        return ()


def step_rows(errors: Sequence[StepError]) -> list[Piece]:
    return [
        {"method": one.method, "h": one.step, "error": max(FLOOR, float(f"{one.error:.4g}"))} for one in errors
    ]


def _caption(*, marked: bool) -> str:
    said = (
        "How far each method is from the exact gradient. To the right truncation errs, by h of forward and by "
        "h² of central differences; to the left rounding does, by 1/h. A complex step subtracts nothing, so it "
        "has no left side."
    )
    return f"{said} Vertical lines: steps that this experiment chose." if marked else said


def _spec(rows: str, chosen: str, *, marked: bool) -> Piece:
    axis = {"format": "~e", "tickCount": 9}
    x = quantitative("h", title="step h", scale={"type": "log", "nice": False}, axis=axis)
    y = quantitative("error", title="relative error", scale={"type": "log"}, axis=axis)
    colour = nominal("method", sort=list(_METHODS), scale={"domain": list(_METHODS)})
    tips = [nominal("method"), quantitative("h")]
    line = Layer(named(rows)).marked("line", point={"size": 18}, strokeWidth=1.6)
    layers = [line.encoded(x=x, y=y, color=colour, tooltip=[*tips, quantitative("error")])]
    if marked:
        rule = Layer(named(chosen)).marked("rule", strokeDash=[4, 3])
        layers.append(rule.encoded(x=quantitative("h"), color=colour, tooltip=tips))
    return selectable(layered(layers, width="container", height=320))
