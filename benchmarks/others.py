"""One job as users of other tools write it, for `peers.py`: NumPy and matplotlib, MLflow, benchopt.

Linear regression on the diabetes data by gradient descent: 6 rates × 2 kinds of start × 5 seeds, 60 runs of
1,000 iterations, with their curves and something to look at.
"""

RATES, SEEDS, ITERATIONS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2), 5, 1000

#: gdbench's own: {more} is left empty, or says which kernel.
CONFIG = f"""\
name: peers
description: The same job as everybody's.
data: {{{{dataset: diabetes, standardize: true}}}}
repeats: {SEEDS}
grid:
  model: linear
  cost: mse
  learning_rate: {list(RATES)}
  initialization: [{{{{normal: {{{{std: 1.0}}}}}}}}, {{{{uniform: {{{{low: -1.0, high: 1.0}}}}}}}}]
  convergence: {{{{max_iterations: {ITERATIONS}}}}}
{{more}}"""

#: What the scripts share: the data, and a run as a person writes it with NumPy.
_RUNS = f"""\
import numpy as np
from sklearn.datasets import load_diabetes
x, y = load_diabetes(return_X_y=True)
x = np.column_stack([np.ones(len(x)), (x - x.mean(0)) / x.std(0)])
def descend(rate, start):
    w, costs = start, []
    for _ in range({ITERATIONS}):
        residual = x @ w - y
        costs.append(residual @ residual / len(y))
        w = w - rate * 2.0 / len(y) * (x.T @ residual)
    return w, costs
def jobs():
    for rate in {list(RATES)}:
        for kind in ("normal", "uniform"):
            for seed in range({SEEDS}):
                draw = np.random.default_rng(seed)
                width = x.shape[1]
                start = draw.normal(size=width) if kind == "normal" else draw.uniform(-1, 1, width)
                yield rate, kind, seed, start
"""
NOTEBOOK = f"""{_RUNS}
import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt
for rate, kind, seed, start in jobs():
    plt.semilogy(descend(rate, start)[1], label=f"{{rate}} {{kind}} {{seed}}")
plt.savefig("costs.svg")
"""

#: As MLflow's tutorials log: a call for each value.
FLUENT = f"""{_RUNS}
import mlflow
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.set_experiment("peers")
for rate, kind, seed, start in jobs():
    with mlflow.start_run():
        mlflow.log_params({{"rate": rate, "start": kind, "seed": seed}})
        for k, cost in enumerate(descend(rate, start)[1]):
            mlflow.log_metric("cost", cost, step=k)
"""
#: As MLflow's reference tells those who log much: 1,000 values a call at most.
BATCHES = f"""{_RUNS}
import time
import mlflow
from mlflow.entities import Metric, Param
mlflow.set_tracking_uri("sqlite:///mlflow.db")
client = mlflow.MlflowClient()
experiment = client.create_experiment("peers")
for rate, kind, seed, start in jobs():
    w, costs = descend(rate, start)
    run = client.create_run(experiment).info.run_id
    now = int(time.time() * 1000)
    params = [Param("rate", str(rate)), Param("start", kind), Param("seed", str(seed))]
    metrics = [Metric("cost", float(cost), now, k) for k, cost in enumerate(costs)]
    client.log_batch(run, metrics=metrics[:997], params=params)
    client.log_batch(run, metrics=metrics[997:])
    client.set_terminated(run)
"""

# benchopt. Its default (`sampling_strategy = "iteration"`) calls a solver anew for each point of a curve, with
# 1, 2, 3, 4, 6, 9, … iterations, until the objective moves no more. At a rate of 0.001 these are millions: so
# this job does not end in minutes. For solvers that can be asked between two iterations its guide has
# "callback", and `NoCriterion` where all are to do the same number of iterations. The points of a curve are
# then 1.5 times apart, 19 of 1,000 iterations.

OBJECTIVE = """\
import numpy as np
from benchopt import BaseObjective
from benchopt.stopping_criterion import NoCriterion
class Objective(BaseObjective):
    name = "mse"
    sampling_strategy = "callback"
    stopping_criterion = NoCriterion()
    def set_data(self, X, y):
        self.X, self.y = X, y
    def evaluate_result(self, w):
        residual = self.X @ np.asarray(w) - self.y
        return dict(value=float(residual @ residual / len(self.y)))
    def get_one_result(self):
        return dict(w=np.zeros(self.X.shape[1]))
    def get_objective(self):
        return dict(X=self.X, y=self.y)
"""
DATASET = """\
import numpy as np
from benchopt import BaseDataset
from sklearn.datasets import load_diabetes
class Dataset(BaseDataset):
    name = "diabetes"
    def get_data(self):
        x, y = load_diabetes(return_X_y=True)
        return dict(X=np.column_stack([np.ones(len(x)), (x - x.mean(0)) / x.std(0)]), y=y)
"""
_SOLVER = f"""\
import numpy as np
from benchopt import BaseSolver
class Solver(BaseSolver):
    name = "gd"
    parameters = {{{{"rate": {list(RATES)}, "start": ["normal", "uniform"], "seed": {list(range(SEEDS))}}}}}
    def set_objective(self, X, y):
        {{data}}
    def start_at(self, size):
        draw = np.random.default_rng(self.seed)
        return draw.normal(size=size) if self.start == "normal" else draw.uniform(-1, 1, size)
    def run(self, callback):
        {{loop}}
    def get_result(self):
        return dict(w=self.w)
{{more}}"""
_IN_NUMPY = f"""\
self.w = self.start_at(self.X.shape[1])
        for _ in range({ITERATIONS}):
            if not callback():
                break
            self.w = self.w - self.rate * 2.0 / len(self.y) * (self.X.T @ (self.X @ self.w - self.y))"""
_BY_LOOPS = f"""\
self.w = list(self.start_at(len(self.rows[0])))
        for _ in range({ITERATIONS}):
            if not callback():
                break
            gradient = [0.0] * len(self.w)
            for row, target in zip(self.rows, self.y):
                residual = -target
                for wj, xj in zip(self.w, row):
                    residual += wj * xj
                for j, xj in enumerate(row):
                    gradient[j] += residual * xj
            factor = self.rate * 2.0 / len(self.y)
            self.w = [wj - factor * gj for wj, gj in zip(self.w, gradient)]"""
_POINTS = """\
    def get_next(self, stop):
        return stop + max(1, stop // 40)
"""
#: Name → solver. The third has points as close as gdbench keeps them, 192 a curve.
SOLVERS = {
    "NumPy": _SOLVER.format(data="self.X, self.y = X, y", loop=_IN_NUMPY, more=""),
    "loops in Python": _SOLVER.format(
        data="self.rows, self.y = X.tolist(), y.tolist()", loop=_BY_LOOPS, more=""
    ),
    "NumPy, 10 × the points": _SOLVER.format(data="self.X, self.y = X, y", loop=_IN_NUMPY, more=_POINTS),
}
