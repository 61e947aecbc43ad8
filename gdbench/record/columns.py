"""What a column and a field are; those of settings, curves and rows held out. `fields` lists the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from gdbench.descent.recording.result import RunResult
from gdbench.planning.specs import training_key_of
from gdbench.record.records import SERIES, RunRecord
from gdbench.reference.predictions import MEASURES
from gdbench.reference.problem import ProblemRecord

Source = TypeVar("Source")


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


class Row(NamedTuple):
    """What a row of the table of runs is read off. label: the run's name in its plan."""

    run: RunRecord
    problem: ProblemRecord | None = None
    label: str = ""
    timed: bool = True


class Field(NamedTuple, Generic[Source]):
    """A column that knows how its value is read off a record. metric, tag: MLflow's key, where it is sent."""

    name: str
    dtype: str
    meaning: str
    value: Callable[[Source], object]
    unit: str = ""
    metric: str = ""
    tag: str = ""

    @property
    def column(self) -> Column:
        return Column(self.name, self.dtype, self.meaning, unit=self.unit)


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
_USUAL = (
    Column("cost", "float64", "Mean cost per row there.", "Cost", COST_UNIT),
    Column("gradient_norm", "float64", "Euclidean norm of the gradient there.", "Gradient norm"),
    Column("objective_gap", "float64", GAP, "Objective gap", COST_UNIT),
)
_SERIES = dict(zip(SERIES, _USUAL, strict=True))
_SERIES["relative_gap"] = Column("relative_gap", "float64", RELATIVE_GAP, "Relative gap")
_SERIES["test_cost"] = Column(
    "test_cost",
    "float64",
    "Mean cost per row held out there, without penalty; empty where it was not looked at.",
    "Test cost",
    COST_UNIT,
)
_SERIES["answer_cost"] = Column(
    "answer_cost",
    "float64",
    "Mean cost per row of the point that the method answers with; empty where it was not looked at.",
    "Cost of the answer",
    COST_UNIT,
)


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
        series_column("relative_gap"),
        *map(series_column, further),
    ]


# --- answers, and rows held out

#: Among what is known of runs: that methods answer with another point than their iterate.
ANSWER = "answer"


def measures_of(results: Sequence[RunResult]) -> tuple[str, ...]:
    """What is known of answers, and of rows held out: 'answer', 'cost', 'train/r2', …; nothing without."""
    found = {key for result in results for key in _measured(result)}
    every = ["cost", *(f"{part}/{name}" for name in MEASURES for part in ("train", "test"))]
    answers = [ANSWER] if any(result.answer for result in results) else []
    return (*answers, *(key for key in every if key in found))


def _measured(result: RunResult) -> Mapping[str, object]:
    known = result.held_out
    if not known:
        return {}
    parts = {part: known.get(part) or {} for part in ("train", "test")}
    return {
        "cost": known.get("cost"),
        **{f"{part}/{name}": v for part in parts for name, v in parts[part].items()},
    }


def held_out_fields(measured: Sequence[str]) -> list[Field[Row]]:
    """The fields of runs on data that holds rows out, and of answers. measured: as `measures_of`."""
    whole = {"cost": _OF_COST, ANSWER: _OF_ANSWER}
    return [field for key in measured for field in whole.get(key) or [_measure(key)]]


def _measure(key: str) -> Field[Row]:
    part, name = key.split("/")
    rows = "the rows held out" if part == "test" else "the rows trained on"
    meaning = f"{MEASURES[name].meaning} At the end, on {rows}."
    return Field(
        f"{part}_{name}", "float64", meaning, lambda row: _measured(row.run.result).get(key), metric=key
    )


def _of_cost(name: str, dtype: str, meaning: str, unit: str, at: str, metric: str = "") -> Field[Row]:
    return Field(name, dtype, meaning, lambda row: (row.run.result.held_out or {}).get(at), unit, metric)


_OF_COST: list[Field[Row]] = [
    Field(
        "training_key",
        "string",
        "Hash of everything that can change the training: the key without the rows held out.",
        lambda row: training_key_of(row.run.spec),
    ),
    _of_cost(
        "test_cost",
        "float64",
        "Mean cost per row held out, without penalty, at the end.",
        COST_UNIT,
        "cost",
        "final/test_cost",
    ),
    _of_cost(
        "best_test_cost",
        "float64",
        "The lowest of those recorded.",
        COST_UNIT,
        "best_cost",
        "final/best_test_cost",
    ),
    _of_cost(
        "best_test_iteration", "Int64", "The iteration at which it was met.", "iterations", "best_iteration"
    ),
]


def _of_answer(name: str, dtype: str, meaning: str, unit: str, at: str, metric: str = "") -> Field[Row]:
    return Field(name, dtype, meaning, lambda row: (row.run.result.answer or {}).get(at), unit, metric)


_OF_ANSWER: list[Field[Row]] = [
    _of_answer(
        "answer_cost",
        "float64",
        "Mean cost per row of what the method answers with, at the end; empty where that is the iterate.",
        COST_UNIT,
        "cost",
        "final/answer_cost",
    ),
    _of_answer(
        "answer_gap", "float64", f"{GAP} Of the answer, at the end.", COST_UNIT, "gap", "final/answer_gap"
    ),
    _of_answer(
        "best_answer_cost",
        "float64",
        "The lowest cost of an answer among those recorded.",
        COST_UNIT,
        "best_cost",
        "final/best_answer_cost",
    ),
    _of_answer(
        "best_answer_iteration", "Int64", "The iteration at which it was met.", "iterations", "best_iteration"
    ),
]


#: Which run a parameter is of, in frames.
PARAMETER_KEY = Column("key", "string", "The run, as in the table of runs.")
#: What is said of a parameter, in tables and frames alike.
PARAMETER_COLUMNS = (
    Column("parameter", "string", "Its name."),
    Column("layer", "Int64", "The layer that it is part of, from 1; 0 where there is one only."),
    Column("output", "string", "The class or unit whose score it is part of; empty where there is one only."),
    Column("term", "string", "What it multiplies; empty of a bias.", "multiplies"),
    Column("value", "float64", "The number as it was fitted.", "as fitted"),
    Column(
        "original",
        "float64",
        "The same model in the units of the data: standardizing and perturbing undone. Empty where that "
        "cannot be told.",
        "original units",
    ),
)
