"""What a fitted model predicts: numbers, or classes with how sure it is of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from gdbench.data.portable import CLASSES, NUMBERS, TWO_CLASSES, largest, positive, softmax
from gdbench.descent.costs import cost_facts
from gdbench.descent.functions import Function, exp, sigmoid
from gdbench.descent.kernels.compiler import compile_function, compile_scores
from gdbench.descent.kernels.definition import define, prepare
from gdbench.descent.models import model_facts
from gdbench.descent.problems.table import Row, Table
from gdbench.descent.registry import Spec

#: What is predicted where the numbers are counts.
COUNTS = "counts"


class Measure(NamedTuple):
    """title: in a sentence.  meaning: of its column.  greater: whether more of it is better."""

    title: str
    meaning: str
    greater: bool = False


#: What is measured of a fit, by the names of scikit-learn's functions; what there is of it depends on the task.
MEASURES = {
    "r2": Measure("R²", "R²: the share of the target's variance that is predicted; 1 is all.", True),
    "rmse": Measure("RMSE", "Root of the mean squared error, in units of the target."),
    "mae": Measure("MAE", "Mean absolute error, in units of the target."),
    "median_ae": Measure("median error", "Median absolute error, in units of the target."),
    "poisson_deviance": Measure("deviance", "Mean Poisson deviance of the counts predicted; 0 is exact."),
    "accuracy": Measure("accuracy", "Share of the rows whose class is predicted.", True),
    "balanced_accuracy": Measure("balanced accuracy", "The same, the mean over the classes.", True),
    "log_loss": Measure("log loss", "Mean of −log of the probability given to the row's own class."),
    "roc_auc": Measure(
        "ROC AUC",
        "Area under the ROC curve; of several classes, the mean of each against the rest.",
        greater=True,
    ),
}


class Predictions(NamedTuple):
    """values: a number for each row, of classes their codes 0, 1, ….  classes: how many, 0 of numbers.

    probabilities: for each row one for each class; empty where the cost gives none, as hinge.
    scores: what the model gives, before it is made a class or a mean.
    """

    values: list[float]
    classes: int
    probabilities: list[list[float]]
    scores: list[float]


def task_of(spec: Spec, training: Table) -> str:
    """What a spec predicts of such data. A model of log-odds fitted to 0 and 1 tells two classes apart."""
    wanted = cost_facts(spec["cost"]).targets
    if wanted == "classes":
        return CLASSES
    if wanted == "binary" or (model_facts(spec["model"]).link == "logit" and _targets(training) <= {0.0, 1.0}):
        return TWO_CLASSES
    counting = wanted == "counts" or model_facts(spec["model"]).link == "log"
    return COUNTS if counting and all(y >= 0.0 and y == int(y) for y in _targets(training)) else NUMBERS


def _targets(training: Table) -> set[float]:
    return {row[training.features] for row in training.rows}


def predictions(
    spec: Spec, parameters: Sequence[float], training: Table, rows: Sequence[Row]
) -> Predictions | None:
    """Of rows of features, prepared as those of the training; None where one of them has no finite value.

    training: the table that the parameters were fitted to, which tells how many classes there are.
    """
    _, outputs = prepare(spec["cost"], training)
    definition = define(spec["model"], spec["cost"], training.features, outputs=outputs)
    try:
        given = compile_scores(definition)(list(parameters), rows)
        if not all(math.isfinite(score) for row in given for score in row):
            return None
        found = predicted(spec, task_of(spec, training), given)
    except (ArithmeticError, ValueError):
        return None
    return found if all(map(math.isfinite, found.values)) else None


def predicted(spec: Spec, task: str, given: Sequence[Row]) -> Predictions:
    """What scores come to. task: as `task_of`.  given: for each row its scores."""
    if task == CLASSES:
        chances = [softmax(row) for row in given]
        return Predictions([*map(largest, given)], len(given[0]) if given else 0, chances, [])
    single, respond = [score for (score,) in given], response_of(spec, task)
    told = [_number(value) for value in map(compile_function(respond), single)] if respond else []
    if task == TWO_CLASSES:
        return Predictions([*map(positive, single)], 2, [[1.0 - p, p] for p in told], single)
    return Predictions(told, 0, [], single)


def response_of(spec: Spec, task: str) -> Function | None:
    """From a score to the chance of class 1, or to the scale of the target; None where neither is told."""
    if task == CLASSES or (task == TWO_CLASSES and not _gives_chances(spec)):
        return None
    if task == TWO_CLASSES:
        return sigmoid
    fitted, compared = model_facts(spec["model"]), cost_facts(spec["cost"])
    return exp if compared.on == "score" and compared.link == "log" else fitted.response


def _gives_chances(spec: Spec) -> bool:
    """Whether a score is the log-odds of class 1."""
    link = cost_facts(spec["cost"]).link
    return (model_facts(spec["model"]).link if link is None else link) == "logit"


def _number(value: Any) -> float:
    return float(value)
