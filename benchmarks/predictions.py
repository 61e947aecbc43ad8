"""Predicted and measured iterations of the slowest problems: raw diabetes, and spectra up to κ = 10⁶.

python benchmarks/predictions.py [--runner pypy] [--workers 2]

The tests do the same for what CPython can wait for; these runs take up to millions of iterations.
Every count that is met at all must be met to one iteration, and the cost must grow at 2.01/L.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from gdbench.judgement.diagnoses import forecast_of
from gdbench.judgement.study import study
from gdbench.record.store import Store

GRID = """\
  learning_rate: [{{over_L: [0.5, 1, 1.9, 2.01]}}, theoretical]
  convergence: {{any: [{{target: {{gap: 1.0e-6}}}}, {{max_iterations: {limit}}}]}}
targets: [1e-2, 1e-4, 1e-6]
"""
LINEAR = "grid:\n  model: linear\n  cost: mse\n"
SCALED = (
    "[{dataset: diabetes, standardize: true}, {dataset: diabetes, standardize: true, perturb: {scale: 3.0}}]"
)
SPECTRA = "grid:\n  surface: {quadratic: {condition: [100, 10000, 1000000], dimension: 5, rotated: true}}\n"
#: Raw diabetes (κ = 5.2e7) reaches 1e-2 in these; 1e-4 would take it a hundred million.
FEW, MANY = 200_000, 4_000_000
CONFIGS = {
    "raw": "data: {dataset: diabetes}\n" + LINEAR + GRID.format(limit=FEW),
    "diabetes": f"data: {SCALED}\n{LINEAR}{GRID.format(limit=FEW)}",
    "others": "data: [{dataset: linnerud, standardize: true}, {dataset: wine, standardize: true}]\n"
    + LINEAR
    + GRID.format(limit=FEW),
    "spectra": SPECTRA + "  initialization: published\n" + GRID.format(limit=MANY),
}


def run(folder, name, text, runner, workers):
    path = folder / f"{name}.yaml"
    path.write_text(f"name: {name}\n{text}", encoding="utf-8")
    command = [sys.executable, "-c", "from gdbench.cli import main; main()", "run", path, "--runner", runner]
    command += ["--workers", str(workers), "--no-tracking", "--quiet", "--results", folder]
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)


def compare(folder, name):
    """Prints a line for each run; gives (counts, how many were off by more than one)."""
    counts = off = 0
    with Store.read(folder / name) as store:
        about = study(store)
        for done in about.runs:
            problem = about.problems[done.problem]
            expected, met = forecast_of(done, problem), done.result.iterations_to
            apart = []
            for target, predicted in expected.iterations.items():
                measured, done_ = met[target], done.result.iterations
                if predicted is None or (measured is None and predicted > done_):
                    good = measured is None
                else:
                    good, counts = measured is not None and abs(predicted - measured) <= 1, counts + 1
                off += not good
                apart.append(f"{target}: {predicted} / {measured or f'> {done_}'}{'' if good else '  WRONG'}")
            grows = done.result.outcome == "diverged"
            off += grows != (expected.contraction > 1.0)
            rate = expected.update.rate * problem.smoothness
            print(f"{problem.label:52} η = {rate:6.4g}/L {done.result.outcome:9} {',  '.join(apart)}")
    return counts, off


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runner", default="pypy")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    total = wrong = 0
    with tempfile.TemporaryDirectory() as name:
        for config, text in CONFIGS.items():
            run(Path(name), config, text, options.runner, options.workers)
            counts, off = compare(Path(name), config)
            total, wrong = total + counts, wrong + off
    print(f"{total} predicted counts, {wrong} not met to one iteration")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
