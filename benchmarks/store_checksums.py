"""What the checksums of the store cost: writing and reading runs of 100 points, with them and without.

    python benchmarks/store_checksums.py [runs]

Prints the best of several rounds of each, and the ratios. Both ways go through the same code; without checksums
it is handed a function that returns a number at once.
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from gdbench.config.experiment import load_experiment
from gdbench.descent.recording.result import Curve
from gdbench.execution.launch import launch, record_problems
from gdbench.execution.profiles.profile import Profile
from gdbench.planning.plan import make_plan
from gdbench.record import rows
from gdbench.record.store import Store

ROOT = Path(__file__).parents[1]
POINTS, ROUNDS = 100, 15


def real_run(folder):
    """A run of the quickstart with a curve of so many points, as the store gives it."""
    plan = make_plan(load_experiment(ROOT / "configs" / "quickstart.yaml"))
    with Store.open(folder) as store:
        record_problems(plan, store)
        launch(plan, plan.runs[:1], store, Profile(kind="serial"), lambda *_: None)
        run = store.run(plan.runs[0].key)
    curve = run.result.curve
    series = {name: [1.0 / (k + 3) for k in range(POINTS)] for name in curve.series}
    return replace(run, result=replace(run.result, curve=Curve(list(range(POINTS)), series)))


def seconds(run, count):
    """(to write, to read, to read without curves) so many runs."""
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder)) as store:
            records = [replace(run, key=f"{number:020x}") for number in range(count)]
            began = time.process_time()
            for record in records:
                store.add(record)
            wrote = time.process_time() - began
        with Store.read(Path(folder)) as store:
            took = [wrote]
            for curves in (True, False):
                began = time.process_time()
                for _ in store.runs(curves=curves):
                    pass
                took.append(time.process_time() - began)
    return took


def main(count):
    names = ("checksum_of_ending", "checksum_of_record", "checksum_of_curves")
    sums = [getattr(rows, name) for name in names]
    without = [lambda *_: 0] * 3
    best = {}
    with tempfile.TemporaryDirectory() as folder:
        run = real_run(Path(folder))
    for _ in range(ROUNDS):
        for name, chosen in (("with", sums), ("without", without)):
            for function, member in zip(chosen, names):
                setattr(rows, member, function)
            found = seconds(run, count)
            best[name] = [min(pair) for pair in zip(found, best.get(name, found))]
    for what, one, other in zip(("write", "read", "read without curves"), best["with"], best["without"]):
        each = 1e6 * one / count, 1e6 * other / count
        print(f"{what:<20} {each[0]:6.1f} µs a run, without {each[1]:6.1f}: {one / other:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
