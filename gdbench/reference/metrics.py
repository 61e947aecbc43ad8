"""How good a fit is, on the rows that it was made with and on others: scikit-learn's measures.

Importing it takes a second, so it is imported where rows are held out and not before.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context, metrics

from gdbench.data.portable import CLASSES, TWO_CLASSES
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Spec
from gdbench.reference.predictions import COUNTS, Predictions, predictions, task_of

#: On how many rows R² says nothing.
_FEWEST = 2
Measured = dict[str, object]
Array = NDArray[np.generic]
#: What scikit-learn need not look at again: it takes longer than to measure.
_CHECKED = {"assume_finite": True, "skip_parameter_validation": True}


def measured(spec: Spec, parameters: Sequence[float], training: Table, test: Table) -> Mapping[str, Measured]:
    """{"train": {metric: value}, "test": …}; empty where the parameters predict nothing finite."""
    task = task_of(spec, training)
    found: dict[str, Measured] = {}
    for name, table in (("train", training), ("test", test)):
        predicted = predictions(spec, parameters, training, [row[: table.features] for row in table.rows])
        if predicted is None:
            return {}
        with warnings.catch_warnings(), config_context(**_CHECKED):
            warnings.simplefilter("ignore")  # of classes that are missing among few rows
            found[name] = _measured(task, predicted, np.array([row[table.features] for row in table.rows]))
    return found


def _measured(task: str, predicted: Predictions, y: Array) -> Measured:
    values = np.array(predicted.values)
    if task in (CLASSES, TWO_CLASSES):
        return _of_classes(predicted, values.astype(int), y.astype(int))
    found = _of_numbers(values, y)
    if task == COUNTS and values.min() > 0.0:
        found["poisson_deviance"] = float(metrics.mean_poisson_deviance(y, values))
    return found


def _of_numbers(values: Array, y: Array) -> Measured:
    scored: Measured = {"r2": float(metrics.r2_score(y, values))} if len(y) >= _FEWEST else {}
    return {
        **scored,
        "rmse": math.sqrt(metrics.mean_squared_error(y, values)),
        "mae": float(metrics.mean_absolute_error(y, values)),
        "median_ae": float(metrics.median_absolute_error(y, values)),
    }


def _of_classes(predicted: Predictions, chosen: Array, codes: Array) -> Measured:
    count, chances = predicted.classes, np.array(predicted.probabilities)
    found: Measured = {
        "accuracy": float(metrics.accuracy_score(codes, chosen)),
        "balanced_accuracy": float(metrics.balanced_accuracy_score(codes, chosen)),
    }
    if len(chances):
        found["log_loss"] = float(metrics.log_loss(codes, chances, labels=range(count)))
    if len(np.unique(codes)) == count:
        if count == 2:
            found["roc_auc"] = float(metrics.roc_auc_score(codes, np.array(predicted.scores)))
        elif len(chances):
            found["roc_auc"] = float(metrics.roc_auc_score(codes, chances, multi_class="ovr"))
    return {**found, "confusion": metrics.confusion_matrix(codes, chosen, labels=range(count)).tolist()}
