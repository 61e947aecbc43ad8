"""The one table of what a record holds: name, type, unit, meaning, MLflow's key, and how each is read off.

The frames, the exported files, what MLflow is sent and the reference page all derive from it. To record a
further number of a run: a field of `RunResult`, a line where it is measured, and a line here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from operator import attrgetter

from gdbench.config.wording import labeller
from gdbench.descent.registry import Spec
from gdbench.record.columns import COST_UNIT, GAP, RELATIVE_GAP, Column, Field, Row, held_out_fields
from gdbench.reference.problem import ProblemRecord


def _result(
    name: str, dtype: str, meaning: str, unit: str = "", *, metric: str = "", tag: str = ""
) -> Field[Row]:
    """What a `RunResult` holds under the same name."""
    return Field(name, dtype, meaning, attrgetter(f"run.result.{name}"), unit, metric, tag)


def _row(name: str, dtype: str, meaning: str, *, at: str = "", tag: str = "") -> Field[Row]:
    """What a `Row` holds under the same name, or at `at`."""
    return Field(name, dtype, meaning, attrgetter(at or name), tag=tag)


def _objective_gap(row: Row) -> float | None:
    return row.run.result.gap(row.problem.optimum.cost if row.problem else None)


def _relative_gap(row: Row) -> float | None:
    return row.problem.relative_gap_of(row.run.result) if row.problem else None


def _log10_relative_gap(row: Row) -> float | None:
    gap = _relative_gap(row)
    return math.log10(gap) if gap is not None and 0 < gap < math.inf else None


_IDENTITY = [
    _row("key", "string", "Hash of everything that can change the result of the run.", at="run.key"),
    _row("label", "string", "The run's name, what varies first."),
    Field[Row](
        "problem",
        "string",
        "What was minimised: model, cost and data, or a surface.",
        lambda row: row.problem and row.problem.label,
    ),
]

_ENDING = [
    Field[Row](
        "replicate",
        "Int64",
        "Which of the repeats with another random start, from 0.",
        lambda row: row.run.spec.get("replicate"),
    ),
    _result(
        "outcome",
        "string",
        "How the run ended; only converged is success; stopped met a limit.",
        tag="outcome",
    ),
    _result("reason", "string", "The outcome in a sentence.", tag="reason"),
    _result("rule", "string", "The stopping rule that fired.", tag="rule"),
    _result(
        "iterations",
        "Int64",
        "Updates done; the starting point is iteration 0.",
        "iterations",
        metric="iterations",
    ),
    _result("initial_cost", "float64", "Mean cost per row at the starting point.", COST_UNIT),
    _result("final_cost", "float64", "Mean cost per row where the run ended.", COST_UNIT, metric="final/cost"),
    _result("best_cost", "float64", "The lowest cost that the run met.", COST_UNIT, metric="final/best_cost"),
    _result("best_iteration", "Int64", "The iteration at which it met it.", "iterations"),
    Field(
        "objective_gap",
        "float64",
        f"{GAP} At the end of the run.",
        _objective_gap,
        COST_UNIT,
        "final/objective_gap",
    ),
    Field(
        "relative_gap",
        "float64",
        f"{RELATIVE_GAP} At the end of the run.",
        _relative_gap,
        metric="final/relative_gap",
    ),
    Field(
        "log10_relative_gap",
        "float64",
        "The power of ten of the relative gap at the end: −6 is 1e-6. Empty where the gap is 0 or not known.",
        _log10_relative_gap,
        metric="final/log10_relative_gap",
    ),
    _result("best_gap", "float64", f"{GAP} At the best iteration.", COST_UNIT, metric="final/best_gap"),
    _result(
        "final_gradient_norm",
        "float64",
        "Euclidean norm of the gradient where the run ended; of proximal optimizers, of the least subgradient.",
        metric="final/gradient_norm",
    ),
    _result(
        "diverged_at",
        "Int64",
        "The iteration whose cost or gradient was first beyond the limit.",
        "iterations",
        tag="diverged_at",
    ),
]

_WORK = [
    _result(
        "cost_evaluations",
        "Int64",
        "Evaluations of the cost, those along with a gradient included.",
        "evaluations",
    ),
    _result("gradient_evaluations", "Int64", "Evaluations of the gradient.", "evaluations"),
    Field[Row](
        "evaluations",
        "Int64",
        "Evaluations of the cost and of its gradient, together.",
        lambda row: row.run.result.cost_evaluations + row.run.result.gradient_evaluations,
        "evaluations",
    ),
    _result("row_passes", "Int64", "Rows of data read: the work done, whatever the machine.", "rows"),
    _result(
        "seconds",
        "float64",
        "Seconds inside the loop; compiling and recording are excluded.",
        "s",
        metric="seconds",
    ),
    _result("interpreter", "string", "The Python that ran it.", tag="interpreter"),
    _result("host", "string", "The machine that it ran on."),
    _row("runner", "string", "The profile that it was run with.", at="run.runner", tag="runner"),
    _row("finished", "datetime64[us, UTC]", "When it ended.", at="run.finished"),
    _row("timed", "boolean", "Whether it had a core to itself, so that its seconds can be compared."),
]


def _audited(name: str, dtype: str, meaning: str) -> Field[Row]:
    return Field(f"audit_{name}", dtype, meaning, lambda row: (row.run.result.audit or {}).get(name))


_AUDIT = [
    _audited("against", "string", "The gradient method that the chosen one was compared with at the start."),
    _audited("relative_error", "float64", "‖g − h‖ / max(‖g‖, ‖h‖) of the two gradients there."),
    _audited(
        "taylor_order",
        "float64",
        "The power of the step at which f(w + td) − f(w) − t g·d falls: 2 for a right gradient, 1 for a wrong "
        "one; empty where it is lost in rounding.",
    ),
]


def run_fields(
    axes: Mapping[str, bool],
    targets: Sequence[str],
    watched: Sequence[str] = (),
    *,
    audited: bool = False,
    measured: Sequence[str] = (),
) -> list[Field[Row]]:
    """The fields of a run, in the order of their columns; `axes` says of each axis whether it is numeric.

    watched: the stopping rules under `watch:`.  audited: whether gradients were compared with others.
    measured: what is known of rows held out, as `measures_of`.
    """
    return [
        *_IDENTITY,
        *(_axis(axis, numeric=numeric) for axis, numeric in axes.items()),
        *_ENDING,
        *chain.from_iterable(zip(*map(_target, targets), strict=True)),
        *map(_watched, watched),
        *(_AUDIT if audited else ()),
        *held_out_fields(measured),
        *_WORK,
    ]


def runs_columns(
    axes: Mapping[str, bool],
    targets: Sequence[str],
    watched: Sequence[str] = (),
    *,
    audited: bool = False,
    measured: Sequence[str] = (),
) -> list[Column]:
    """The columns of the frame of runs, as `run_fields`."""
    return [field.column for field in run_fields(axes, targets, watched, audited=audited, measured=measured)]


@cache
def sent_to_mlflow(targets: tuple[str, ...], measured: tuple[str, ...] = ()) -> list[Field[Row]]:
    """The fields that MLflow gets as metrics or as tags."""
    return [field for field in run_fields({}, targets, measured=measured) if field.metric or field.tag]


def rate_of(spec: Spec) -> float | None:
    """The learning rate of a spec where it is constant."""
    chosen = spec.get("learning_rate")
    constant = chosen.get("constant") if isinstance(chosen, Mapping) else None
    return float(constant["rate"]) if isinstance(constant, Mapping) else None


def _axis(axis: str, *, numeric: bool) -> Field[Row]:
    label = labeller()

    def chosen(row: Row) -> object:
        if numeric:
            return rate_of(row.run.spec)
        return label(row.run.spec[axis]) if axis in row.run.spec else None

    return Field(axis, "float64" if numeric else "string", f"The {axis.replace('_', ' ')} chosen.", chosen)


def _target(target: str) -> list[Field[Row]]:
    """When a target was met, and from when on it was kept, and the evaluations until then."""
    until = "Evaluations of the cost and of its gradient, together, until it is"
    first = f"The first iteration whose relative gap was {target} or less; empty where there was none."
    kept = f"The iteration from which the relative gap stayed at {target} or less to the end; empty where none."
    return [
        _met(f"iterations_to_{target}", first, "iterations_to", target),
        _met(f"kept_from_{target}", kept, "kept_from", target),
        _met(f"evaluations_to_{target}", f"{until} first met; empty where never.", "work_to", target),
        _met(f"evaluations_kept_{target}", f"{until} kept; empty where it is not.", "kept_work", target),
    ]


def _met(name: str, meaning: str, at: str, target: str) -> Field[Row]:
    def value(row: Row) -> object:
        met = getattr(row.run.result, at).get(target)
        return met["cost_evaluations"] + met["gradient_evaluations"] if isinstance(met, Mapping) else met

    sent = f"{at}/{target}" if name.startswith(at) else ""
    return Field(name, "Int64", meaning, value, "iterations" if sent else "evaluations", sent)


def _watched(rule: str) -> Field[Row]:
    return Field(
        f"would_stop: {rule}",
        "Int64",
        f"The first iteration at which '{rule}', only watched, would have ended the run; empty where never.",
        lambda row: (row.run.result.shadows.get(rule) or {}).get("iteration"),
        "iterations",
    )


def _problem(name: str, dtype: str, meaning: str, unit: str = "", *, at: str = "") -> Field[ProblemRecord]:
    """What a `ProblemRecord` holds under the same name, or at `at`."""
    return Field(name, dtype, meaning, attrgetter(at or name), unit)


PROBLEM_FIELDS = [
    _problem("id", "string", "Hash of what is minimised: the data's content, model, cost and penalty."),
    _problem("label", "string", "The problem's name, as in the table of runs."),
    _problem("rows", "Int64", "Rows of data; 0 of a surface.", "rows"),
    _problem("features", "Int64", "Columns of data besides the target."),
    _problem("parameters", "Int64", "Numbers that are fitted."),
    _problem(
        "baseline",
        "float64",
        "f₀: the cost at zero (surfaces: at their start); relative gaps count from it.",
        COST_UNIT,
    ),
    _problem(
        "optimum",
        "string",
        "How the optimum is known: certified, closed form, solved … or not.",
        at="optimum.kind",
    ),
    _problem(
        "lowest_cost",
        "float64",
        "f*: the cost at the optimum; empty where none is known.",
        COST_UNIT,
        at="optimum.cost",
    ),
    _problem("gradient_norm_there", "float64", "‖∇f‖₂ there: how near it is.", at="optimum.gradient_norm"),
    _problem("evidence", "string", "Where the optimum comes from, in a sentence.", at="optimum.explanation"),
    _problem("smoothness", "float64", "L: a Lipschitz constant of the gradient; empty where none is known."),
    Field("digest", "string", "Hash of the data's content.", lambda problem: problem.data.get("digest")),
]
PROBLEMS = [field.column for field in PROBLEM_FIELDS]
