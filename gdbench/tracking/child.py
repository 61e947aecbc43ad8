"""One finished run as one MLflow run: its name, params, metrics, tags, status, and the points of its curve."""

from __future__ import annotations

import getpass
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from gdbench.config.grid.axes import AXES_BY_NAME
from gdbench.config.outside import markdown
from gdbench.config.wording import label, usual
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.recording.result import OUTCOMES, UNDONE
from gdbench.judgement.sentences import sentence
from gdbench.planning.searches import KIND
from gdbench.record.columns import Field, Row, curve_metric, measures_of
from gdbench.record.fields import sent_to_mlflow
from gdbench.tracking.server.embedded import KEY_TAG
from gdbench.tracking.wire import Content, Series, alone, millis

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gdbench.descent.recording.result import RunResult
    from gdbench.descent.registry import Spec
    from gdbench.judgement.diagnoses import Diagnosis
    from gdbench.record.records import PlanRecord, RunRecord
    from gdbench.reference.problem import ProblemRecord
    from gdbench.tracking.words import Words

PROBLEM_TAG = "gdbench.problem"  # which of several problems, in few letters: what a table is grouped by
SEARCH_TAG = "gdbench.search"  # what a probe is for: "critical" or "fastest"
ROLE_TAG = "gdbench.role"  # "sweep" on a parent, "run" on a child: a filter for the run table

#: What a parameter begins with that MLflow is to sort as a number.
_HYPERPARAMETER = "hp/"

_CLOSENESS = "final/log10"

#: MLflow's page samples 320 points a curve; what we choose is better than what it would drop.
CURVE_POINTS = 300


def status(result: RunResult) -> str:
    """MLflow's word for an outcome: a divergence is a finding, only broken runs are failures."""
    if OUTCOMES[result.outcome].unfinished:
        return "KILLED"
    return "FAILED" if result.outcome in UNDONE else "FINISHED"


def content(
    record: RunRecord,
    problem: ProblemRecord | None,
    curve_points: int = CURVE_POINTS,
    words: Words | None = None,
) -> Content:
    """Everything logged in batches; the tags that identify the run come from `tags`.

    words: of the run's plan, which knows what varies in it.
    """
    short = words.problem(record.spec) if words else ""
    about = {"problem": problem.label if problem else "", PROBLEM_TAG: short}
    about = {tag: value for tag, value in about.items() if value}
    return Content(_params(record.spec), about, list(_metrics(record, problem, curve_points, words)))


def tags(record: RunRecord, plan: PlanRecord) -> dict[str, str]:
    """Set as the run is made, so that no moment exists at which it cannot be told apart."""
    row, data = Row(record), record.spec.get("data")
    values = {field.tag: field.value(row) for field in _sent(record) if field.tag}
    foreign = optimizer_facts(record.spec["optimizer"]).foreign if "optimizer" in record.spec else ""
    values["steps_by"] = foreign  # of a package that is not pure Python
    chosen = {KEY_TAG: record.key, ROLE_TAG: "run", **values, "data": None if data is None else label(data)}
    chosen[SEARCH_TAG] = _searched(record.key, plan)
    bookkeeping = {
        key: value for key, value in record.spec.items() if not (value is None or _chosen(key, value))
    }
    chosen |= {f"gdbench.{key}": label(value) for key, value in bookkeeping.items()}
    given = {key: str(value) for key, value in chosen.items() if value not in (None, "")}
    return {**given, **source_tags(plan)}


def description(run: RunRecord, label: str, diagnosis: Diagnosis | None, answer: str, picture: str) -> str:
    """Markdown: what became of the run, why and what to do about it, and what its problem's answer is.

    diagnosis: None where nobody asked for it.  picture: the address of its curve, "" where there is none.
    """
    reason = f": {markdown(run.result.reason)}" if run.result.reason else ""
    lines = [f"**{markdown(label)} {run.result.outcome.replace('_', ' ')}**{reason}"]
    if diagnosis:
        first, *others = map(sentence, diagnosis.causes)
        lines.append(f"{markdown(first)} ({diagnosis.grade})")
        lines += [
            f"Also: {markdown(other)} ({cause.grade})"
            for cause, other in zip(diagnosis.causes[1:], others, strict=True)
        ]
    if answer:
        lines.append(f"The answer of its problem: {markdown(answer)}")
    if picture:
        lines.append(f"![Its curve]({picture})")
    return "\n\n".join(lines)


def verdict(diagnosis: Diagnosis | None) -> dict[str, str]:
    """What a run's diagnosis points to and how sure that is, as columns of MLflow's table."""
    return {"verdict": diagnosis.verdict, "grade": diagnosis.grade} if diagnosis else {}


def _searched(key: str, plan: PlanRecord) -> str:
    """What the search is for that a run probes a rate of; "" where it is of none."""
    sought = {stage["id"]: stage["what"] for stage in plan.stages if stage["kind"] == KIND}
    return next((sought.get(run.stage, "") for run in plan.runs if run.key == key), "") if sought else ""


def _sent(record: RunRecord) -> Sequence[Field[Row]]:
    return sent_to_mlflow(tuple(record.result.iterations_to), measures_of([record.result]))


def source_tags(plan: PlanRecord) -> dict[str, str]:
    """Who tracked it, and MLflow's Source column: the config, its commit, and whether that was changed."""
    known = {
        "mlflow.user": _user(),
        "mlflow.source.name": plan.config_path,
        "mlflow.source.type": "LOCAL",
        **{f"mlflow.source.git.{theirs}": plan.environment.get(ours) for ours, theirs in _GIT.items()},
    }
    if known["mlflow.source.git.commit"]:
        known["mlflow.source.git.dirty"] = "true" if plan.environment.get("git_dirty") == "yes" else "false"
    return {tag: value for tag, value in known.items() if value}


#: What a plan records of git → MLflow's name for it.
_GIT = {"git_commit": "commit", "git_branch": "branch", "git_repository": "repoURL"}


@cache
def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without a user's name
        return ""


def _chosen(axis: str, value: object) -> bool:
    """Whether a part of a spec is a choice, to be compared; the others say by what it can be found again."""
    return axis in AXES_BY_NAME or axis in ("data", "replicate") or isinstance(value, Mapping)


def _params(spec: Spec) -> dict[str, str]:
    # watched rules are stored under their own names
    named = {**spec, **({"watch": ", ".join(spec["watch"])} if spec.get("watch") else {})}
    return {
        axis: label(named[axis]) for axis, value in spec.items() if value is not None and _chosen(axis, value)
    }


def _metrics(
    record: RunRecord, problem: ProblemRecord | None, curve_points: int, words: Words | None
) -> Iterator[Series]:
    """In the order in which MLflow lists them: how it came out, how it went, what was chosen."""
    at = millis(record.finished)
    row = Row(record, problem)
    # of what came out, how close first: MLflow takes the first for its picture of runs compared
    for field in sorted(_sent(record), key=lambda field: not field.metric.startswith(_CLOSENESS)):
        value = field.value(row) if field.metric else None
        if isinstance(value, int | float):
            yield alone(field.metric, float(value), at)
    yield from _curves(record, problem, curve_points)
    yield from _hyperparameters(record, words)


def _hyperparameters(record: RunRecord, words: Words | None) -> Iterator[Series]:
    """Numbers that were chosen, once more as metrics: MLflow sorts and compares params as text.

    `hp/learning_rate` for a constant, `hp/<axis>.<parameter>` for the parameters of any other choice that vary
    or are not the usual; trees of stopping rules are left out, as one rule may stand in several branches.
    """
    at = millis(record.started)
    for axis, choice in record.spec.items():
        for name, parameters in choice.items() if isinstance(choice, Mapping) else ():
            for parameter, value in parameters.items() if isinstance(parameters, Mapping) else ():
                if isinstance(value, bool) or not isinstance(value, int | float):
                    continue
                if name == "constant" and len(parameters) == 1:
                    yield alone(f"{_HYPERPARAMETER}{axis}", float(value), at)
                elif words.telling(axis, name, parameter, value) if words else value != usual(name, parameter):
                    yield alone(f"{_HYPERPARAMETER}{axis}.{parameter}", float(value), at)


def _curves(record: RunRecord, problem: ProblemRecord | None, most: int) -> Iterator[Series]:
    """Stepped metrics: step 1 is the start and step k + 1 the k-th update, as a log axis has no 0.

    Times are spread evenly over the loop's seconds, which is what MLflow's time axis shows.
    """
    result, curve = record.result, record.result.curve
    crossings = [k for k in (*result.iterations_to.values(), result.best_iteration) if k is not None]
    chosen = choose(curve.iteration, crossings, most)
    begun = max(record.started, record.finished - result.seconds)
    pace = (record.finished - begun) / max(1, curve.iteration[-1] if curve.iteration else 1)

    def moments(places: Sequence[int]) -> tuple[list[int], list[int]]:
        reached = [curve.iteration[place] for place in places]
        return [millis(begun + pace * k) for k in reached], [k + 1 for k in reached]

    usual = moments(chosen)
    for name, values, unit in _series(record, problem):
        places = _looked_at(values, chosen) if values else ()
        shown = values if len(places) == len(values) else [values[place] for place in places]
        scaled = shown if unit == 1.0 else [value / unit for value in shown]
        yield Series(curve_metric(name), scaled, *(usual if places is chosen else moments(places)))


def _series(record: RunRecord, problem: ProblemRecord | None) -> Iterator[tuple[str, Sequence[float], float]]:
    """(name, values, what to divide them by): the gap by its problem's yardstick, as what shows convergence."""
    curve, measure = record.result.curve, problem.yardstick if problem else None
    for name, values in curve.series.items():
        if name == "cost" and measure and problem and problem.optimum.cost is not None:
            yield "relative_gap", curve.gaps(problem.optimum.cost), measure.length
        if name != "gap" or measure is None:
            yield name, values, 1.0


def _looked_at(values: Sequence[float], chosen: Sequence[int]) -> Sequence[int]:
    """The positions chosen; of a series that was looked at here and there, those where it was."""
    if all(value == value for value in values):
        return chosen
    return [position for position, value in enumerate(values) if value == value]


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
