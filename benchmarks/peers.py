"""The same job side by side: gdbench, benchopt, a notebook's script, an MLflow script; seconds and memory.

    python benchmarks/peers.py                       what is installed here
    python benchmarks/peers.py --benchopt FOLDER     and benchopt, of the environment in that folder
    python benchmarks/peers.py --rounds 5            on a busy machine

The job: linear regression on the diabetes data by gradient descent, 6 rates × 2 kinds of start × 5 seeds, 60
runs of 1,000 iterations, with their curves and something to look at. The contestants take turns; each is known
by its fastest round, and by its ratio to the notebook's, which keeps nothing. Only gdbench's bounds are held.

    python -m venv FOLDER && FOLDER/bin/pip install benchopt scikit-learn      an environment for benchopt
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

RATES, SEEDS, ITERATIONS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2), 5, 1000

CONFIG = f"""\
name: peers
description: The same job as everybody's.
data: {{dataset: diabetes, standardize: true}}
repeats: {SEEDS}
grid:
  model: linear
  cost: mse
  learning_rate: {list(RATES)}
  initialization: [{{normal: {{std: 1.0}}}}, {{uniform: {{low: -1.0, high: 1.0}}}}]
  convergence: {{max_iterations: {ITERATIONS}}}
"""

#: What everybody else shares: the data, and a run as a person writes it with NumPy.
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
                size = x.shape[1]
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
MLFLOW = f"""{_RUNS}
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

OBJECTIVE = """\
from benchopt import BaseObjective
class Objective(BaseObjective):
    name = "mse"
    min_benchopt_version = "1.5"
    def set_data(self, X, y):
        self.X, self.y = X, y
    def evaluate_result(self, w):
        residual = self.X @ w - self.y
        return dict(value=float(residual @ residual / len(self.y)))
    def get_one_result(self):
        import numpy as np
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
#: A budget is a power of 1.5, as benchopt asks for them: it begins anew for each.
SOLVER = f"""\
import numpy as np
from benchopt import BaseSolver
class Solver(BaseSolver):
    name = "gd"
    sampling_strategy = "iteration"
    parameters = {{"rate": {list(RATES)}, "start": ["normal", "uniform"], "seed": {list(range(SEEDS))}}}
    def set_objective(self, X, y):
        self.X, self.y = X, y
    def run(self, n_iter):
        draw, size = np.random.default_rng(self.seed), self.X.shape[1]
        w = draw.normal(size=size) if self.start == "normal" else draw.uniform(-1, 1, size)
        for _ in range(n_iter):
            w = w - self.rate * 2.0 / len(self.y) * (self.X.T @ (self.X @ w - self.y))
        self.w = w
    def get_result(self):
        return dict(w=self.w)
"""


class Contestant(NamedTuple):
    """lines: the commands, each given by its words.  bound: on the seconds, in those of the notebook."""

    name: str
    lines: list
    bound: float | None = None
    path: str | None = None


def gdbench(folder, name, *more, bound=None, path=None):
    call = [sys.executable, "-c", "from gdbench.cli import main; main()"]
    run = [*call, "run", str(folder / "peers.yaml"), "--quiet", *more]
    return Contestant(name, [run, [*call, "report", "peers"]], bound, path)


def without_pypy(folder):
    """A PATH on which no pypy3 is found, all else is."""
    bin_ = folder / "bin"
    bin_.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).glob("*") if Path(place).is_dir() else ():
            link = bin_ / program.name
            if not program.name.startswith("pypy") and not link.exists() and not link.is_symlink():
                link.symlink_to(program)
    return str(bin_)


def contestants(folder, benchopt):
    (folder / "peers.yaml").write_text(CONFIG, encoding="utf-8")
    for name, script in (("notebook", NOTEBOOK), ("tracked", MLFLOW)):
        (folder / f"{name}.py").write_text(script, encoding="utf-8")
    yield Contestant("interpreter, numpy, matplotlib", [[sys.executable, "-c", "import matplotlib.pyplot"]])
    yield Contestant("notebook, NumPy", [[sys.executable, str(folder / "notebook.py")]])
    if shutil.which("pypy3"):
        yield gdbench(folder, "gdbench, PyPy present", "--no-tracking", bound=1.5)
        yield gdbench(folder, "gdbench, PyPy present, tracked", bound=2.5)
    else:
        print("gdbench with PyPy: left out, there is no pypy3 here")
    bare = without_pypy(folder)
    yield gdbench(folder, "gdbench, PyPy absent", "--no-tracking", path=bare)
    yield gdbench(folder, "gdbench, PyPy absent, tracked", path=bare)
    yield Contestant("MLflow, log_batch and NumPy", [[sys.executable, str(folder / "tracked.py")]])
    program = benchopt / "bin" / "benchopt" if benchopt else None
    if program is None or not program.exists():
        print(
            f"benchopt: left out, {f'there is no {program}' if program else 'no --benchopt FOLDER was given'}"
        )
        return
    bench = folder / "benchopt"
    for name, text in (("objective", OBJECTIVE), ("datasets/diabetes", DATASET), ("solvers/gd", SOLVER)):
        (bench / name).parent.mkdir(parents=True, exist_ok=True)
        (bench / f"{name}.py").write_text(text, encoding="utf-8")
    run = [str(program), "run", str(bench), "--max-runs", str(ITERATIONS), "--n-repetitions", "1"]
    yield Contestant("benchopt, NumPy", [[*run, "--no-display", "--no-cache"]])


def measured(contestant, root):
    """Seconds of the clock and of the processor, and megabytes of the largest process, in a fresh folder."""
    wall = cpu = megabytes = 0.0
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    environment.update({"PATH": contestant.path} if contestant.path else {})
    with tempfile.TemporaryDirectory(dir=root) as folder:
        for words in contestant.lines:
            began = time.perf_counter()
            with Path(folder, "said").open("w", encoding="utf-8") as said:
                process = subprocess.Popen(words, stdout=said, stderr=said, cwd=folder, env=environment)
                _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                last = Path(folder, "said").read_text(encoding="utf-8").strip().splitlines()[-1:]
                raise RuntimeError(f"status {process.returncode}: {' '.join(last)}")
            wall += time.perf_counter() - began
            cpu += used.ru_utime + used.ru_stime
            megabytes = max(megabytes, used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))
    return wall, cpu, megabytes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--benchopt", type=Path, help="the environment of benchopt")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    best, missed = {}, 0
    with tempfile.TemporaryDirectory() as root:
        running = list(contestants(Path(root), given.benchopt))
        for _ in range(given.rounds):
            for one in list(running):
                try:
                    found = measured(one, root)
                except RuntimeError as error:
                    print(f"{one.name}: left out, {error}")
                    running.remove(one)
                    continue
                known = best.get(one.name, found)
                best[one.name] = tuple(map(min, known, found))
    notebook = best["notebook, NumPy"]
    print(f"{'':34}{'clock':>9}{'processor':>11}{'memory':>9}{'× clock':>9}{'× proc.':>9}")
    for one in running:
        wall, cpu, megabytes = best[one.name]
        line = f"{one.name:34}{wall:7.2f} s{cpu:9.2f} s{megabytes:6.0f} MB"
        line += f"{wall / notebook[0]:9.2f}{cpu / notebook[1]:9.2f}"
        if one.bound:
            holds = wall <= one.bound * notebook[0]
            missed += not holds
            line += f"   (bound {one.bound:g}: {'holds' if holds else 'missed'})"
        print(line, flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
