"""The tables behind the certified optima in tests/oracles/optima.json."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from gdbench.experiment.data import load

LINEAR, LOGISTIC = {"linear": {}}, {"logistic": {}}


@dataclass(frozen=True)
class Source:
    """What a config says of its data."""

    dataset: str | None = None
    file: Path | None = None
    synthetic: Any = None
    target: str | None = None
    features: tuple[str, ...] | None = None
    standardize: bool = False
    classes: tuple[str | int, ...] | None = None


ORACLES = {
    "ols/diabetes_std": (Source("diabetes", standardize=True), LINEAR, {"mse": {}}),
    "ols/diabetes_raw": (Source("diabetes"), LINEAR, {"mse": {}}),
    "ols/linnerud_Weight_std": (Source("linnerud", target="Weight", standardize=True), LINEAR, {"mse": {}}),
    "logistic/iris_vv_std_lam0": (
        Source("iris", classes=("versicolor", "virginica"), standardize=True),
        LOGISTIC,
        {"logistic": {}},
    ),
}


@lru_cache
def oracle_table(name):
    """(table, model, cost) of a certified problem."""
    source, model, cost = ORACLES[name]
    return load(source).table, model, cost
