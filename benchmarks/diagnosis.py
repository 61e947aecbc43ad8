"""What the evidence for diagnoses costs: 1,000 iterations on the diabetes data, with it and without.

python benchmarks/diagnosis.py [--iterations 1000] [--rounds 15]

The two take turns in one process, by its processor time; each is known by its fastest round. And under PyPy:
PYTHONPATH=. pypy3 benchmarks/diagnosis.py --data diabetes.json, with the file that CPython writes by --save.
"""

import argparse
import json
import platform
import sys
import time
from pathlib import Path

from gdbench.descent import execute as module
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table

BOUND = 1.05
SPEC = {
    "digest": "diabetes",
    "model": {"linear": {}},
    "cost": {"mse": {}},
    "penalty": {"none": {}},
    "gradient": {"analytic": {}},
    "optimizer": {"gradient_descent": {}},
    "learning_rate": {"constant": {"rate": 0.1}},
    "initialization": {"zeros": {}},
    "kernel": {"compiled": {}},
    "divergence": 1e6,
    "seed": 0,
    "replicate": 0,
    "targets": ["0.01", "0.0001", "1e-06"],
}


class Nothing:
    """A trail that keeps nothing: what a run was before it left evidence."""

    def see(self, now):
        pass


def seconds(spec, table, trail, gather):
    module.Trail, module.gather = trail, gather
    began = time.process_time()
    module.execute(spec, table, ProblemConstants(2859.69634758675, 29074.481900452488, 8.048421500305567))
    return time.process_time() - began


def rows(path):
    if path:
        return [tuple(row) for row in json.loads(Path(path).read_text(encoding="utf-8"))]
    from gdbench.data.data import load
    from tests.oracle_data import DIABETES

    return load(DIABETES).table.rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--data", help="Rows as JSON, where scikit-learn is missing.")
    parser.add_argument("--save", help="Write the rows there, and stop.")
    options = parser.parse_args()
    data = rows(options.data)
    if options.save:
        Path(options.save).write_text(json.dumps(data), encoding="utf-8")
        return 0
    table = Table(data, len(data[0]) - 1)
    spec = {**SPEC, "convergence": {"max_iterations": {"limit": options.iterations}}}
    real = module.Trail, module.gather
    least = {"with": float("inf"), "without": float("inf")}
    for _ in range(options.rounds):
        least["without"] = min(least["without"], seconds(spec, table, Nothing, lambda *_: {}))
        least["with"] = min(least["with"], seconds(spec, table, *real))
    ratio = least["with"] / least["without"]
    where = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{where}, {options.iterations} iterations on diabetes:")
    print(f"  {1e3 * least['without']:.2f} ms without evidence, {1e3 * least['with']:.2f} ms with it")
    print(f"  ratio {ratio:.3f}, bound {BOUND}: {'holds' if ratio <= BOUND else 'FAILS'}")
    return int(ratio > BOUND)


if __name__ == "__main__":
    sys.exit(main())
