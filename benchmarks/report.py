"""How long the frames, the tables and the whole report take for many runs, and how much memory.

    python benchmarks/report.py [RUNS …]       (default: 600 10000)

Each step runs in a process of its own on a generated store: the closed form of gradient descent on a
quadratic, as many recorded points as a real run of 5,000 iterations leaves, every fifth rate diverging.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from gdbench.descent.recording.result import Curve, RunResult
from gdbench.record.records import PlannedRun, PlanRecord, RunRecord
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord

TARGETS = ("0.01", "0.0001", "1e-06")
LIMIT = 5000
#: What a recorder keeps of a run of 5,000 iterations: all of the first thousand, then three digits.
RECORDED = [*range(1000), *range(1000, LIMIT + 1, 10)]
REPEATS = 10
#: Curvatures of the quadratic, and the seconds and memory that the issue allows with them.
LAMBDAS, LOWEST = (8.05, 0.9, 0.06), 2859.7
BOUNDS = {600: (10.0, 1.0), 10_000: (60.0, 1.0)}


def runs(number: int) -> Iterator[RunRecord]:
    """Rates spread over four decades, each from ten starting points."""
    rates = [10 ** (-4 + 4 * i / max(1, number // REPEATS - 1)) for i in range(max(1, number // REPEATS))]
    for place in range(number):
        rate, replicate = rates[place // REPEATS % len(rates)], place % REPEATS
        yield _run(_key(place), rate, replicate)


def _key(place: int) -> str:
    return f"run-{place:05d}"


def _run(key: str, rate: float, replicate: int) -> RunRecord:
    start = [20.0 + replicate, -31.0, 40.0]

    def gap(k: int) -> float:
        shares = (0.5 * a * (s * (1 - rate * a) ** k) ** 2 for a, s in zip(LAMBDAS, start))
        return math.fsum(shares)

    iterations, costs, first = [], [], dict.fromkeys(TARGETS)
    baseline = gap(0)
    outcome = "stopped"
    for k in RECORDED:
        now = gap(k)
        if now > 1e6 * baseline:
            outcome = "diverged"
            break
        iterations.append(k)
        costs.append(LOWEST + now)
        for target in TARGETS:
            if first[target] is None and now <= float(target) * baseline:
                first[target] = k
        if now < 1e-12 * baseline:
            outcome = "converged"
            break
    last = iterations[-1]
    work = {
        t: None if k is None else {"cost_evaluations": k + 1, "gradient_evaluations": k + 1, "row_passes": 0}
        for t, k in first.items()
    }
    result = RunResult(
        outcome,
        f"It {outcome}.",
        "max_iterations",
        last,
        costs[0],
        costs[-1],
        min(costs),
        iterations[costs.index(min(costs))],
        1e-3,
        last if outcome == "diverged" else None,
        first,
        work,
        curve=Curve(iterations, {"cost": costs, "gradient_norm": [abs(c - LOWEST) for c in costs]}),
        parameters=start,
        cost_evaluations=last + 1,
        gradient_evaluations=last + 1,
        seconds=1e-5 * (last + 1),
        interpreter="CPython 3.11.2",
        host="bench",
    )
    spec = {
        "model": {"linear": {}},
        "cost": {"mse": {}},
        "gradient": {"analytic": {}},
        "optimizer": {"gradient_descent": {}},
        "learning_rate": {"constant": {"rate": rate}},
        "initialization": {"normal": {"mean": 0.0, "std": 1.0}},
        "kernel": {"compiled": {}},
        "replicate": replicate,
        "data": "quadratic",
    }
    return RunRecord(key, spec, "p", result, 1.7e9, 1.7e9 + 1, "processes")


def write(folder: Path, number: int) -> Path:
    """A store of so many finished runs."""
    specs = {json.dumps(run.spec["learning_rate"]): run.spec for run in runs(number)}
    first = next(iter(specs.values()))
    axes = {axis: [value] for axis, value in first.items() if axis not in {"replicate", "data"}}
    axes["learning_rate"] = [spec["learning_rate"] for spec in specs.values()]
    baseline = LOWEST + math.fsum(0.5 * a * s * s for a, s in zip(LAMBDAS, (20.0, -31.0, 40.0)))
    optimum = Optimum("closed form", "The minimum of a quadratic is its centre.", LOWEST, (0.0, 0.0, 0.0), 0.0)
    with Store.open(folder) as store:
        store.add_problem(ProblemRecord("p", "quadratic", 442, 10, 3, baseline, optimum, {}, max(LAMBDAS)))
        planned = [PlannedRun(key, key) for key in map(_key, range(number))]
        store.add_plan(
            PlanRecord("plan", "many", "", "many.yaml", "", 0.0, axes, ["learning_rate"], TARGETS, planned)
        )
        for record in runs(number):
            store.add(record)
    return folder


def _frames(folder: Path) -> None:
    from gdbench.record.frames import runs_frame

    with Store.read(folder) as store:
        runs_frame(store)


def _tables(folder: Path) -> None:
    from gdbench.judgement.study import study
    from gdbench.report.tables.contents import tables

    with Store.read(folder) as store:
        tables(study(store))


def _csv(folder: Path) -> None:
    from gdbench.report.page.write import write_report

    write_report(folder, ["csv"])


def _parquet(folder: Path) -> None:
    from gdbench.report.page.export import export

    export(folder, "parquet")


def _export_csv(folder: Path) -> None:
    from gdbench.report.page.export import export

    export(folder, "csv")


def _markdown(folder: Path) -> None:
    from gdbench.report.page.write import write_report

    write_report(folder, ["md"])


def _page(folder: Path) -> None:
    from gdbench.report.page.write import write_report

    write_report(folder, ["html"])


def _everything(folder: Path) -> None:
    from gdbench.report.page.write import write_report

    write_report(folder)


STEPS: dict[str, Callable[[Path], None]] = {
    "frame of runs": _frames,
    "tables": _tables,
    "CSV of the report": _csv,
    "export --to parquet": _parquet,
    "export --to csv": _export_csv,
    "Markdown": _markdown,
    "page": _page,
    "gdbench report": _everything,
}


def _peak() -> float:
    """The most memory that this process has held, in GB; getrusage would tell of its parent's too."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024**2


def main() -> None:
    if len(sys.argv) == 4 and sys.argv[1] == "--step":
        began = time.perf_counter()
        STEPS[sys.argv[2]](Path(sys.argv[3]))
        # a machine that does other things besides stretches the first, not the second
        print(f"{time.perf_counter() - began:8.2f} s {time.process_time():8.2f} s of CPU {_peak():6.2f} GB")
        return
    for number in [int(word) for word in sys.argv[1:]] or [600, 10_000]:
        with tempfile.TemporaryDirectory() as root:
            folder = write(Path(root) / "many", number)
            print(f"{number:,} runs, store of {(folder / 'store.sqlite').stat().st_size / 1e6:.0f} MB")
            for step in STEPS:
                command = [sys.executable, __file__, "--step", step, str(folder)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                print(f"  {step:20} {done.stdout.strip() or done.stderr.strip().splitlines()[-1]}", flush=True)
            for file in sorted(folder.glob("*/*")):
                print(f"  {file.stat().st_size / 1e6:8.2f} MB {file.parent.name}/{file.name}")
            if number in BOUNDS:
                print(f"  bound: gdbench report in {BOUNDS[number][0]:g} s and {BOUNDS[number][1]:g} GB")


if __name__ == "__main__":
    main()
