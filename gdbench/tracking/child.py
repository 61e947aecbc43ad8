"""One finished run as one MLflow run: its name, params, metrics, tags, status, and the points of its curve."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gdbench.config.wording import label
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.recording.result import OUTCOMES, UNDONE
from gdbench.planning.searches import KIND
from gdbench.record.columns import Field, Row, curve_metric, measures_of
from gdbench.record.fields import sent_to_mlflow
from gdbench.tracking.server.embedded import KEY_TAG
from gdbench.tracking.wire import Content, Point, millis

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gdbench.descent.recording.result import RunResult
    from gdbench.descent.registry import Spec
    from gdbench.record.records import PlanRecord, RunRecord
    from gdbench.reference.problem import ProblemRecord

SEARCH_TAG = "gdbench.search"  # what a probe is for: "critical" or "fastest"
ROLE_TAG = "gdbench.role"  # "sweep" on a parent, "run" on a child: a filter for the run table

#: Runs of this type unfold their parent when MLflow's page first shows it, so that a chart has their
#: curves without a click. It is meant for evaluations; nothing else on the training pages heeds it.
_UNFOLDED = {"mlflow.runType": "evaluation"}

#: What names a run after all that varies, unless it varies itself.
_SUBJECT = ("surface", "model", "cost")

#: MLflow's page samples 320 points a curve; what we choose is better than what it would drop.
CURVE_POINTS = 300


def status(result: RunResult) -> str:
    """MLflow's word for an outcome: a divergence is a finding, only broken runs are failures."""
    if OUTCOMES[result.outcome].unfinished:
        return "KILLED"
    return "FAILED" if result.outcome in UNDONE else "FINISHED"


def name(planned: str, spec: Spec, varying: Sequence[str]) -> str:
    """'η=0.1 linear · mse': what varies, which is all that a narrow column shows, then what it is about."""
    constant = [label(spec[axis]) for axis in _SUBJECT if axis in spec and axis not in varying]
    subject = " · ".join(constant)
    return planned if not subject or subject in planned else f"{planned} {subject}"


def content(record: RunRecord, problem: ProblemRecord | None, curve_points: int = CURVE_POINTS) -> Content:
    """Everything logged in batches; the tags that identify the run come from `tags`."""
    return Content(_params(record.spec), {}, list(_points(record, problem, curve_points)))


def tags(record: RunRecord, plan: PlanRecord) -> dict[str, str]:
    """Set as the run is made, so that no moment exists at which it cannot be told apart."""
    row, data = Row(record), record.spec.get("data")
    values = {field.tag: field.value(row) for field in _sent(record) if field.tag}
    foreign = optimizer_facts(record.spec["optimizer"]).foreign if "optimizer" in record.spec else ""
    values["steps_by"] = foreign  # of a package that is not pure Python
    chosen = {KEY_TAG: record.key, ROLE_TAG: "run", **values, "data": None if data is None else label(data)}
    chosen[SEARCH_TAG] = _searched(record.key, plan)
    given = {key: str(value) for key, value in chosen.items() if value not in (None, "")}
    return {**given, **_UNFOLDED, **source_tags(plan)}


def _searched(key: str, plan: PlanRecord) -> str:
    """What the search is for that a run probes a rate of; "" where it is of none."""
    sought = {stage["id"]: stage["what"] for stage in plan.stages if stage["kind"] == KIND}
    return next((sought.get(run.stage, "") for run in plan.runs if run.key == key), "") if sought else ""


def _sent(record: RunRecord) -> Sequence[Field[Row]]:
    return sent_to_mlflow(tuple(record.result.iterations_to), measures_of([record.result]))


def source_tags(plan: PlanRecord) -> dict[str, str]:
    """What MLflow's Source column shows: the config, the commit that it was run at, and changes upon it."""
    named = {"mlflow.source.name": plan.config_path, "mlflow.source.type": "LOCAL"}
    commit = plan.environment.get("git_commit")
    if not commit:
        return named
    dirty = "true" if plan.environment.get("git_dirty") == "yes" else "false"
    return {**named, "mlflow.source.git.commit": commit, "mlflow.source.git.dirty": dirty}


def _params(spec: Spec) -> dict[str, str]:
    # watched rules are stored under their own names
    named = {**spec, **({"watch": ", ".join(spec["watch"])} if spec.get("watch") else {})}
    return {axis: label(value) for axis, value in named.items() if value is not None}


def _points(record: RunRecord, problem: ProblemRecord | None, curve_points: int) -> Iterator[Point]:
    yield from _hyperparameters(record)
    yield from _curves(record, curve_points)
    at = millis(record.finished)
    row = Row(record, problem)
    for field in _sent(record):
        value = field.value(row) if field.metric else None
        if isinstance(value, int | float):
            yield Point(field.metric, float(value), at)


def _hyperparameters(record: RunRecord) -> Iterator[Point]:
    """Numbers that were chosen, once more as metrics: MLflow sorts and compares params as text.

    `hp/learning_rate` for a constant, `hp/<axis>.<parameter>` for the parameters of any other choice;
    trees of stopping rules are left out, because the same rule may stand in several branches.
    """
    at = millis(record.started)
    for axis, choice in record.spec.items():
        for name, parameters in choice.items() if isinstance(choice, Mapping) else ():
            for parameter, value in parameters.items() if isinstance(parameters, Mapping) else ():
                if isinstance(value, int | float) and not isinstance(value, bool):
                    key = axis if name == "constant" and len(parameters) == 1 else f"{axis}.{parameter}"
                    yield Point(f"hp/{key}", float(value), at)


def _curves(record: RunRecord, most: int) -> Iterator[Point]:
    """Stepped metrics: step 1 is the start and step k + 1 the k-th update, as a log axis has no 0.

    Times are spread evenly over the loop's seconds, which is what MLflow's time axis shows.
    """
    result, curve = record.result, record.result.curve
    crossings = [k for k in (*result.iterations_to.values(), result.best_iteration) if k is not None]
    chosen = choose(curve.iteration, crossings, most)
    begun = max(record.started, record.finished - result.seconds)
    pace = (record.finished - begun) / max(1, curve.iteration[-1] if curve.iteration else 1)
    for name, values in curve.series.items():
        for position in _looked_at(values, chosen) if values else ():
            k = curve.iteration[position]
            yield Point(curve_metric(name), values[position], millis(begun + pace * k), k + 1)


def _looked_at(values: Sequence[float], chosen: Sequence[int]) -> Sequence[int]:
    """The positions chosen; of a series that was looked at here and there, those where it was."""
    known = [position for position, value in enumerate(values) if value == value]
    return chosen if len(known) == len(values) else known


def choose(iterations: Sequence[int], required: Iterable[int] = (), limit: int = CURVE_POINTS) -> list[int]:
    """Positions of at most `limit` points: all, or first, last, the required ones and log-spaced others.

    iterations: those recorded, increasing.  required: iterations to keep wherever they are recorded.
    """
    count = len(iterations)
    if count <= limit:
        return list(range(count))
    kept = {0, count - 1}
    for iteration in sorted(set(required)):
        position = bisect_left(iterations, iteration)
        if position < count and iterations[position] == iteration and len(kept) < limit:
            kept.add(position)
    return sorted(kept | _log_spaced(iterations, limit - len(kept)))


def _log_spaced(iterations: Sequence[int], budget: int) -> set[int]:
    """`budget` positions after the first, evenly spaced in log(iteration + 1).

    The ratio is taken anew at each point, so that what the crowded start cannot use goes to the rest.
    """
    chosen, position, last = set[int](), 0, iterations[-1] + 1
    for remaining in range(budget, 0, -1):
        here = iterations[position] + 1
        ahead = here * (last / here) ** (1 / (remaining + 1))
        position = max(position + 1, bisect_left(iterations, ahead - 1))
        if position >= len(iterations) - 1:
            break
        chosen.add(position)
    return chosen
