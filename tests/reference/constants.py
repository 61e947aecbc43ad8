"""What runs are told of twenty problems and what cards show of them, as JSON: the same wherever this is run.

    python -m tests.reference.constants

It needs gdbench's numerical packages and its config's, and nothing else.
"""

import json
import sys
import tempfile
from pathlib import Path

from gdbench.config.experiment import load_experiment
from gdbench.planning.plan import make_plan
from gdbench.reference.problem_records import problem_record

DIABETES = "{dataset: diabetes, standardize: true}"
CANCER = "{dataset: breast_cancer, standardize: true}"
#: data, model, cost, penalty
PROBLEMS = (
    ("{dataset: diabetes}", "linear", "mse", "none"),
    (DIABETES, "linear", "half_mse", "{l2: 0.1}"),
    (DIABETES, "linear", "mse", "{l1: 2.0}"),
    (DIABETES, "linear", "huber", "none"),
    (DIABETES, "linear", "log_cosh", "{l2: 0.01}"),
    (DIABETES, "linear", "mae", "none"),
    (DIABETES, "linear", "{pinball: {tau: 0.8}}", "{l1: 0.05}"),
    ("{dataset: diabetes, features: [bmi, bp]}", "{polynomial: {degree: 3}}", "mse", "none"),
    ("{dataset: Longley}", "linear", "mse", "none"),
    ("{dataset: digits, standardize: true}", "linear", "mse", "none"),
    ("{synthetic: {ill_conditioned: {kappa: 1e6}}}", "linear", "mse", "none"),
    (CANCER, "logistic", "logistic", "{l2: 0.01}"),
    ("{dataset: breast_cancer}", "logistic", "logistic", "{l2: 0.01}"),
    (CANCER, "logistic", "logistic", "none"),
    (CANCER, "logistic", "logistic", "{l1: 0.01}"),
    (CANCER, "logistic", "hinge", "{l2: 0.01}"),
    (CANCER, "logistic", "hinge", "{l1: 0.01}"),
    (CANCER, "logistic", "squared_hinge", "{l2: 0.01}"),
    (CANCER, "logistic", "squared_hinge", "none"),
    ("{dataset: linnerud}", "poisson", "poisson", "none"),
    ("{dataset: iris, standardize: true}", "softmax", "softmax", "{l2: 0.01}"),
    ("{dataset: wine, standardize: true}", "softmax", "softmax", "{elastic_net: {strength: 0.02}}"),
    ("{dataset: digits, standardize: true, classes: [0, 1]}", "softmax", "softmax", "{l2: 0.1}"),
)


def records():
    """problem → its record, JSON-plain."""
    with tempfile.TemporaryDirectory() as folder:
        return {" · ".join(problem): _record(Path(folder), *problem) for problem in PROBLEMS}


def _record(folder, data, model, cost, penalty):
    path = folder / "problem.yaml"
    path.write_text(
        f"name: problem\ndata: {data}\ngrid:\n  model: {model}\n  cost: {cost}\n  penalty: {penalty}\n"
        "  learning_rate: 0.01\n  initialization: zeros\n  convergence: {max_iterations: 3}\n",
        encoding="utf-8",
    )
    (problem,) = make_plan(load_experiment(path)).problems.values()
    found = problem_record(problem)
    optimum = found.optimum
    return {
        "constants": found.constants.to_plain(),
        "optimum": [optimum.kind, optimum.explanation, optimum.gradient_norm, list(optimum.parameters)],
        "card": found.card,
        "data": found.data,
    }


if __name__ == "__main__":
    json.dump(records(), sys.stdout)
