"""What a column is; those of the tables of settings and of curves. What a record holds, `fields` lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Column(NamedTuple):
    """A column's name, its pandas dtype, its meaning in a sentence, its heading and its unit."""

    name: str
    dtype: str
    meaning: str
    title: str = ""
    unit: str = ""

    @property
    def heading(self) -> str:
        return self.title or self.name.replace("_", " ")


COST_UNIT = "mean cost per row"
GAP = "Cost above the optimum: f − f*. Empty where no optimum is known."
RELATIVE_GAP = (
    "(f − f*) / (f₀ − f*), where f₀ is the cost at all-zero parameters (of a surface at its published "
    "start): 1 is no better than that, 0 is the optimum. Empty where no optimum is known."
)


def settings_columns(axes: Sequence[str], targets: Sequence[str]) -> list[Column]:
    """The columns of the table of settings: one row for all replicates of a combination of axes."""
    return [
        Column("rank", "Int64", _RANK),
        Column("best", "bool", "Whether the setting is the best of its problem."),
        Column("problem", "string", "What was minimised: data, model and cost."),
        *(Column(axis, "string", f"The {axis.replace('_', ' ')} chosen.") for axis in axes),
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
    "Place within the problem: at the tightest target, who keeps it to the end without losing a run (one that "
    "diverged, failed, crashed or timed out), then who keeps it but lost some; among these by the share of "
    "runs that keep it, then by the expected evaluations to the iteration from which they do; then the next "
    "target; then without a lost run, then by gap or cost; failures and divergence last. Of settings under 1 % "
    "apart the cheapest comes first, then the simplest; one whose gradient is wrong comes after all others."
)


def _target_summary(target: str) -> list[Column]:
    name = f"iterations_to_{target}"
    return [
        Column(
            name,
            "string",
            f"The iteration from which the relative gap stays at {target} or less, the median of the runs. "
            "'> N': the median run does not keep it; those that do not had done N iterations (median). 'met K, "
            "left': it was met at K and left again. '(k of n)': only k of n runs keep it.",
        ),
        Column(
            f"{name}_median",
            "float64",
            "That median as a number; inf where the median run does not keep it.",
        ),
        Column(f"{name}_reached", "Int64", f"How many of the runs keep {target}."),
    ]


#: What is known of the series that a curve has; any other is a column and a chart under its own name.
_SERIES = {
    "cost": Column("cost", "float64", "Mean cost per row there.", "Cost", COST_UNIT),
    "gradient_norm": Column(
        "gradient_norm", "float64", "Euclidean norm of the gradient there.", "Gradient norm"
    ),
    "gap": Column("objective_gap", "float64", GAP, "Objective gap", COST_UNIT),
}
SERIES = tuple(_SERIES)


def series_column(name: str) -> Column:
    """The column of a curve's series."""
    words = name.replace("_", " ")
    return _SERIES.get(name) or Column(name, "float64", f"The {words} there.", words.capitalize())


def curve_metric(series: str) -> str:
    """MLflow's key of a series."""
    return f"curve/{series}"


def curves_columns(further: Sequence[str] = ()) -> list[Column]:
    """The columns of the frame of curves. further: names of series besides the usual."""
    return [
        Column("key", "string", "The run, as in the table of runs."),
        Column("iteration", "Int64", "A recorded iteration; 0 is the starting point.", unit="iterations"),
        *map(series_column, SERIES),
        Column("relative_gap", "float64", RELATIVE_GAP),
        *map(series_column, further),
    ]
