"""Small problems with random data for tests: every model × cost pair that makes sense together."""

from random import Random

from gdbench.descent.kernels.definition import define
from gdbench.descent.problems.table import Table

PAIRS = [("linear", "mse"), ("linear", "logistic"), ("logistic", "logistic"), ("logistic", "mse")]


def definition(model, cost, features):
    return define({model: {}}, {cost: {}}, features)


def table(features=3, rows=20, seed=0):
    """Standard normal features and a 0/1 target, which suits every cost."""
    random = Random(seed)
    return Table(
        [(*(random.gauss(0, 1) for _ in range(features)), float(random.random() < 0.5)) for _ in range(rows)],
        features,
    )


def spec(**changes):
    """A spec as plans make it, in config form; linear mse by plain descent from zeros unless changed."""
    return {
        "digest": "data",
        "model": {"linear": {}},
        "cost": {"mse": {}},
        "gradient": {"analytic": {}},
        "optimizer": {"gradient_descent": {}},
        "learning_rate": {"constant": {"rate": 0.1}},
        "initialization": {"zeros": {}},
        "convergence": {"max_iterations": {"limit": 50}},
        "kernel": {"compiled": {}},
        "divergence": 1e6,
        "seed": 0,
        "replicate": 0,
        "targets": [],
        **changes,
    }
