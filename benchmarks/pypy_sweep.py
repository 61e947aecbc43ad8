"""How much sooner a sweep is over under PyPy: configs/lr_sweep.yaml, made larger, from the command line.

python benchmarks/pypy_sweep.py [--runs 60] [--iterations 20000] [--workers 2]

Both commands are timed from their start to their end: the interpreter, the imports, the plan, the workers'
start and the store are in it; tracking is off. The two stores are compared bit for bit besides.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from gdbench.record.store import Store

ROOT = Path(__file__).parents[1]
BOUND = 10.0
REPEATS = 3


def overrides(runs, iterations):
    """The grid: rates that all go on to the last iteration, each from three starting points."""
    count = max(1, runs // REPEATS)
    rates = [round(0.24 * (i + 1) / count, 6) for i in range(count)]  # 2/L is 0.2485
    return {
        "grid.learning_rate": rates,
        "grid.initialization": "{normal: {std: 1.0}}",
        "grid.convergence": f"{{max_iterations: {iterations}}}",
        "repeats": REPEATS,
    }


def seconds(runner, folder, changes, workers):
    command = [sys.executable, "-c", "from gdbench.cli import main; main()", "run", "configs/lr_sweep.yaml"]
    command += ["--runner", runner, "--workers", str(workers), "--no-tracking", "--quiet", "--results", folder]
    for key, value in changes.items():
        command += ["--set", f"{key}={value}"]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    spent = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stderr)
    return spent


def recorded(folder):
    """Everything but what a run's place and time may change."""
    with Store.read(Path(folder) / "lr_sweep") as store:
        runs = {record.key: record.result for record in store.runs()}
    return {key: repr(replace(result, seconds=0.0, host="", interpreter="")) for key, result in runs.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=60, help=f"rounded to a multiple of {REPEATS}")
    parser.add_argument("--iterations", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    changes, spent, stores = overrides(given.runs, given.iterations), {}, {}
    for runner in ("pypy", "processes"):
        with tempfile.TemporaryDirectory() as folder:
            spent[runner] = seconds(runner, folder, changes, given.workers)
            stores[runner] = recorded(folder)
        print(
            f"{runner:<10} {spent[runner]:8.2f} s   {len(stores[runner])} runs of {given.iterations:,}",
            flush=True,
        )
    ratio = spent["processes"] / spent["pypy"]
    same = stores["pypy"] == stores["processes"]
    print(f"pypy is {ratio:.1f}× faster (bound {BOUND:g}×: {'holds' if ratio >= BOUND else 'missed'})")
    print(f"the same bits: {'yes' if same else 'NO'}")
    return 0 if same and ratio >= BOUND else 1


if __name__ == "__main__":
    sys.exit(main())
