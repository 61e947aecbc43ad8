"""What every column of every table means: the one place that the frames, the page and the reader share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Column(NamedTuple):
    """A column's name, its pandas dtype, its meaning in a sentence, and what stands above it for people."""

    name: str
    dtype: str
    meaning: str
    title: str = ""

    @property
    def heading(self) -> str:
        return self.title or self.name.replace("_", " ")


_GAP = "Cost above the optimum: f − f*. Empty where no optimum is known."
RELATIVE_GAP = (
    "(f − f*) / (f₀ − f*), where f₀ is the cost at all-zero parameters: 1 is no better than "
    "predicting zero, 0 is the optimum. Empty where no optimum is known."
)


def runs_columns(
    axes: Mapping[str, bool], targets: Sequence[str], watched: Sequence[str] = (), *, audited: bool = False
) -> list[Column]:
    """The columns of the frame of runs; `axes` says of each axis whether it is numeric.

    watched: the stopping rules under `watch:`.  audited: whether gradients were compared with others.
    """
    return [
        Column("key", "string", "Hash of everything that can change the result of the run."),
        Column("label", "string", "The run's name, what varies first."),
        Column("problem", "string", "What was minimised: model, cost and data, or a surface."),
        *(_axis(axis, numeric=numeric) for axis, numeric in axes.items()),
        Column("replicate", "Int64", "Which of the repeats with another random start, from 0."),
        Column(
            "outcome",
            "string",
            "How the run ended; only converged is success; stopped met a limit.",
        ),
        Column("reason", "string", "The outcome in a sentence."),
        Column("rule", "string", "The stopping rule that fired."),
        Column("iterations", "Int64", "Updates done; the starting point is iteration 0."),
        Column("initial_cost", "float64", "Mean cost per row at the starting point."),
        Column("final_cost", "float64", "Mean cost per row where the run ended."),
        Column("best_cost", "float64", "The lowest cost that the run met."),
        Column("best_iteration", "Int64", "The iteration at which it met it."),
        Column("objective_gap", "float64", f"{_GAP} At the end of the run."),
        Column("relative_gap", "float64", f"{RELATIVE_GAP} At the end of the run."),
        Column("final_gradient_norm", "float64", "Euclidean norm of the gradient where the run ended."),
        Column("diverged_at", "Int64", "The iteration whose cost or gradient was first beyond the limit."),
        *(_target(target) for target in targets),
        *(_evaluations(target) for target in targets),
        *(_watched(rule) for rule in watched),
        *(AUDIT if audited else ()),
        Column("cost_evaluations", "Int64", "Evaluations of the cost, those along with a gradient included."),
        Column("gradient_evaluations", "Int64", "Evaluations of the gradient."),
        Column("evaluations", "Int64", "Evaluations of the cost and of its gradient, together."),
        Column("row_passes", "Int64", "Rows of data read: the work done, whatever the machine."),
        Column("seconds", "float64", "Seconds inside the loop; compiling and recording are excluded."),
        Column("interpreter", "string", "The Python that ran it."),
        Column("host", "string", "The machine that it ran on."),
        Column("runner", "string", "The profile that it was run with."),
        Column("finished", "datetime64[us, UTC]", "When it ended."),
        Column("timed", "boolean", "Whether it had a core to itself, so that its seconds can be compared."),
    ]


AUDIT = [
    Column(
        "audit_against", "string", "The gradient method that the chosen one was compared with at the start."
    ),
    Column("audit_relative_error", "float64", "‖g − h‖ / max(‖g‖, ‖h‖) of the two gradients there."),
    Column(
        "audit_taylor_order",
        "float64",
        "The power of the step at which f(w + td) − f(w) − t g·d falls: 2 for a right gradient, 1 for a wrong "
        "one; empty where it is lost in rounding.",
    ),
]

CURVES = [
    Column("key", "string", "The run, as in the table of runs."),
    Column("iteration", "Int64", "A recorded iteration; 0 is the starting point."),
    Column("cost", "float64", "Mean cost per row there."),
    Column("gradient_norm", "float64", "Euclidean norm of the gradient there."),
    Column("objective_gap", "float64", _GAP),
    Column("relative_gap", "float64", RELATIVE_GAP),
]


PROBLEMS = [
    Column("id", "string", "Hash of what is minimised: the data's content, model, cost and penalty."),
    Column("label", "string", "The problem's name, as in the table of runs."),
    Column("rows", "Int64", "Rows of data; 0 of a surface."),
    Column("features", "Int64", "Columns of data besides the target."),
    Column("parameters", "Int64", "Numbers that are fitted."),
    Column("baseline", "float64", "f₀: the cost at all-zero parameters, from which relative gaps count."),
    Column("optimum", "string", "How the optimum is known: certified, closed form, solved … or not."),
    Column("lowest_cost", "float64", "f*: the cost at the optimum; empty where none is known."),
    Column("gradient_norm_there", "float64", "‖∇f‖₂ at the optimum: how nearly it is one."),
    Column("evidence", "string", "Where the optimum comes from, in a sentence."),
    Column("smoothness", "float64", "L: a Lipschitz constant of the gradient; empty where none is known."),
    Column("digest", "string", "Hash of the data's content."),
]


def settings_columns(axes: Sequence[str], targets: Sequence[str]) -> list[Column]:
    """The columns of the table of settings: one row for all replicates of a combination of axes."""
    return [
        Column("rank", "Int64", _RANK),
        Column("best", "bool", "Whether the setting is the best of its problem."),
        Column("problem", "string", "What was minimised: data, model and cost."),
        *(_axis(axis, numeric=False) for axis in axes),
        Column("runs", "Int64", "Finished runs of the setting."),
        Column("outcome", "string", "How many of the runs ended how."),
        Column("iterations", "float64", "Updates done: the median of the runs."),
        Column("iterations_min", "Int64", "Updates done: the least."),
        Column("iterations_max", "Int64", "Updates done: the most."),
        Column("final_cost", "float64", "Mean cost per row at the end: the median of the runs."),
        Column("relative_gap", "float64", f"{RELATIVE_GAP} At the end, the median of the runs."),
        *(column for target in targets for column in _target_summary(target)),
        Column("remarks", "string", "What the numbers do not say by themselves."),
    ]


_RANK = (
    "Place within the problem: at the tightest target, who meets it without losing a run (one that diverged, "
    "failed, crashed or timed out), then who meets it but lost some; among these by the share of runs that "
    "meet it, then by their median iterations; then the next target; then without a lost run, then by final "
    "cost; failures and divergence last."
)


def _axis(axis: str, *, numeric: bool) -> Column:
    return Column(axis, "float64" if numeric else "string", f"The {axis.replace('_', ' ')} chosen.")


def _target(target: str) -> Column:
    return Column(
        f"iterations_to_{target}",
        "Int64",
        f"The first iteration whose relative gap was {target} or less; empty where there was none.",
    )


def _evaluations(target: str) -> Column:
    return Column(
        f"evaluations_to_{target}",
        "Int64",
        "Evaluations of the cost and of its gradient, together, until then; empty where never met.",
    )


def watched_name(rule: str) -> str:
    """The column of a rule that was watched."""
    return f"would_stop: {rule}"


def _watched(rule: str) -> Column:
    return Column(
        watched_name(rule),
        "Int64",
        f"The first iteration at which '{rule}', only watched, would have ended the run; empty where never.",
    )


def _target_summary(target: str) -> list[Column]:
    name = f"iterations_to_{target}"
    return [
        Column(
            name,
            "string",
            f"Iterations to a relative gap of {target}, the median of the runs. '> N': the median run never "
            "reached it; those that did not had done N iterations (median). '(k of n)': only k of n runs did.",
        ),
        Column(
            f"{name}_median",
            "float64",
            "That median as a number; inf where the median run never did.",
        ),
        Column(f"{name}_reached", "Int64", f"How many of the runs reached {target}."),
    ]
