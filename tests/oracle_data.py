"""The tables behind the certified optima in tests/oracles/optima.json."""

import json
from functools import lru_cache
from pathlib import Path

from sklearn.datasets import load_linnerud

from gdbench.data.data import load
from gdbench.data.source import Source
from gdbench.data.standardize import standardize
from gdbench.descent.problems.table import Table

LINEAR, LOGISTIC, SOFTMAX, NONE = {"linear": {}}, {"logistic": {}}, {"softmax": {}}, {"none": {}}
CERTIFIED = json.loads(Path(__file__).parent.joinpath("oracles", "optima.json").read_text(encoding="utf-8"))


def from_config(source):
    return lambda: load(source).table


def target_standardized():
    table = load(DIABETES).table
    y = standardize([row[-1] for row in table.rows]).values
    return Table([(*row[:-1], y_i) for row, y_i in zip(table.rows, y, strict=True)], table.features)


def chins():
    """Weight, waist and pulse, standardized, to the number of chin-ups."""
    bunch = load_linnerud()
    columns = [standardize(column).values for column in bunch.target.T.tolist()]
    return Table(list(zip(*columns, bunch.data[:, 0].tolist(), strict=True)), 3)


DIABETES = Source("diabetes", standardize=True)
VV = Source("iris", classes=("versicolor", "virginica"), standardize=True)
IRIS = Source("iris", standardize=True)


def l2(strength):
    return {"l2": {"strength": strength}}


#: name → (how to get the table, model, cost, penalty)
PROBLEMS = {
    "ols/diabetes_std": (from_config(DIABETES), LINEAR, {"mse": {}}, NONE),
    "ols/diabetes_raw": (from_config(Source("diabetes")), LINEAR, {"mse": {}}, NONE),
    "ols/linnerud_Weight_std": (
        from_config(Source("linnerud", target="Weight", standardize=True)),
        LINEAR,
        {"mse": {}},
        NONE,
    ),
    "ridge/diabetes_std_lam0.1": (from_config(DIABETES), LINEAR, {"mse": {}}, l2(0.2)),
    "poly/diabetes_bmi_std_deg3": (
        from_config(Source("diabetes", features=("bmi",), standardize=True)),
        {"polynomial": {"degree": 3}},
        {"mse": {}},
        NONE,
    ),
    "huber/diabetes_std_ystd_delta1": (target_standardized, LINEAR, {"huber": {"delta": 1.0}}, NONE),
    "logcosh/diabetes_std_ystd": (target_standardized, LINEAR, {"log_cosh": {}}, NONE),
    "logistic/iris_vv_std_lam0": (from_config(VV), LOGISTIC, {"logistic": {}}, NONE),
    "logistic/bc_std_lam0.01": (
        from_config(Source("breast_cancer", standardize=True)),
        LOGISTIC,
        {"logistic": {}},
        l2(0.01),
    ),
    "sqhinge/iris_vv_std_lam0.01": (from_config(VV), LOGISTIC, {"squared_hinge": {}}, l2(0.01)),
    "poisson/linnerud_Chins_std_lam0": (chins, {"poisson": {}}, {"poisson": {}}, NONE),
    "softmax/iris_std_lam0.01": (from_config(IRIS), SOFTMAX, {"softmax": {}}, l2(0.01)),
    "softmax/iris_lam0_INFIMUM": (from_config(IRIS), SOFTMAX, {"softmax": {}}, NONE),
    "mae/diabetes_std": (from_config(DIABETES), LINEAR, {"mae": {}}, NONE),
}

#: Those without penalty, of linear and logistic regression.
ORACLES = (
    "ols/diabetes_std",
    "ols/diabetes_raw",
    "ols/linnerud_Weight_std",
    "logistic/iris_vv_std_lam0",
)


@lru_cache
def oracle_problem(name):
    """(table, model, cost, penalty) of a certified problem."""
    read, model, cost, penalty = PROBLEMS[name]
    return read(), model, cost, penalty


def oracle_table(name):
    """(table, model, cost) of a certified problem without penalty (one of ORACLES)."""
    return oracle_problem(name)[:3]


def certified_parameters(name):
    """The certified minimiser, class after class where there are several."""
    found = CERTIFIED[name]["params"]
    return [float(w) for row in found for w in (row if isinstance(row, list) else [row])]
