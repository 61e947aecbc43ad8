"""The loop's own share of an iteration, less kernel and update: printed, and as `descend` reads.

python benchmarks/loop.py            442×10, kernel qr; and PyPy's figures where there is a pypy3
python benchmarks/loop.py --here     under this interpreter alone

Kernel, update and both loops take turns, and each is known by its fastest round, in seconds of the processor.
"""

import argparse
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[1]))

import gdbench.descent.execute as execution
from gdbench.descent.execute import execute, starting_point
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table

ITERATIONS, ROUNDS, CALLS = (1_000, 10_000), 25, 2_000
#: What an iteration may take besides kernel and update, in microseconds, of runs of 10,000.
BOUND = {"CPython": 1.0, "PyPy": 0.3}
OPTIMIZERS_MEASURED = {"gradient_descent": {}, "heavy_ball": {"beta": 0.9}}


def spec(optimizer, kernel, iterations):
    """Two rules, and a rate at which neither holds before the end."""
    rules = [{"gradient_norm": {"tolerance": 1e-8}}, {"max_iterations": {"limit": iterations}}]
    return {
        "digest": "normal",
        "model": {"linear": {}},
        "cost": {"mse": {}},
        "gradient": {"analytic": {}},
        "optimizer": {optimizer: OPTIMIZERS_MEASURED[optimizer]},
        "learning_rate": {"constant": {"rate": 1e-5}},
        "initialization": {"zeros": {}},
        "convergence": {"any": rules},
        "kernel": {kernel: {}},
        "divergence": 1e6,
        "seed": 0,
        "replicate": 0,
        "targets": ["1e-06"],
    }


def data():
    """442 rows of 10 standard normal features; y is their sum, and noise."""
    random = Random(0)
    rows = [[random.gauss(0.0, 1.0) for _ in range(10)] for _ in range(442)]
    return Table([(*row, sum(row) + random.gauss(0.0, 1.0)) for row in rows], 10)


def microseconds(optimizer, kernel, table):
    """Name → the fastest round of kernel, update, and an iteration by either loop after so many."""
    constants = ProblemConstants(0.5, 10.0, 3.0)
    problem = build_problem(spec(optimizer, kernel, 1), table, constants)
    start = starting_point(spec(optimizer, kernel, 1), problem.shape)
    objective = problem.about(start).objective
    evaluate = objective.with_gap or objective.cost_and_gradient
    _, gradient, *_ = evaluate(start)
    method = OPTIMIZERS[optimizer].function(**OPTIMIZERS_MEASURED[optimizer])

    def kernels(calls):
        for _ in range(calls):
            evaluate(start)

    def updates(calls):
        w, state = start, method.init(start)
        for _ in range(calls):
            w, state = method.update(w, gradient, state, 1e-5)

    found = {}
    printable, execution.time = execution.printable, SimpleNamespace(perf_counter=time.process_time)
    for _ in range(ROUNDS):
        for name, run in (("kernel", kernels), ("update", updates)):
            began = time.process_time()
            run(CALLS)
            keep(found, name, 1e6 * (time.process_time() - began) / CALLS)
        for iterations in ITERATIONS:
            for name in ("printed", "readable"):
                execution.printable = printable if name == "printed" else _none
                result = execute(spec(optimizer, kernel, iterations), table, constants)
                assert result.iterations == iterations
                keep(found, (name, iterations), 1e6 * result.seconds / iterations)
    execution.printable = printable
    return found


def _none(*_):
    """As if no part of the run had a printed form."""


def keep(found, name, value):
    found[name] = min(value, found.get(name, value))


def report(kernel):
    where, table = platform.python_implementation(), data()
    for optimizer in OPTIMIZERS_MEASURED:
        found = microseconds(optimizer, kernel, table)
        rest = found["kernel"] + found["update"]
        print(f"{where}, {optimizer}: kernel {found['kernel']:.3f}, update {found['update']:.3f} µs")
        for iterations in ITERATIONS:
            for name in ("printed", "readable"):
                whole = found[name, iterations]
                own = whole - rest
                print(f"  {name:8} {iterations:6} iterations: {whole:.3f} µs each, the loop's own {own:.3f}")
        own = found["printed", ITERATIONS[-1]] - rest
        print(f"  bound {BOUND[where]} µs: {'holds' if own <= BOUND[where] else 'MISSED'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--here", action="store_true", help="under this interpreter alone")
    parser.add_argument("--kernel", default="qr", help="default: qr")
    options = parser.parse_args()
    report(options.kernel)
    if not options.here and shutil.which("pypy3"):
        sys.stdout.flush()
        subprocess.run(["pypy3", __file__, "--here", "--kernel", options.kernel], check=True)
