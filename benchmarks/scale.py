"""How planning, running, resuming, telling and reporting grow with the number of runs.

    python benchmarks/scale.py                               1,000, 10,000 and 100,000 runs
    python benchmarks/scale.py 1000 10000 --keep scale.json  fewer; figures of earlier calls are kept beside
    python benchmarks/scale.py --draw scale.json             the picture of what was kept, nothing is run

The runs do one iteration each: 2 optimizers × rates × 100 starts. Every step is the command that a user types,
in a process of its own. It tells seconds of the processor, workers included, since a machine with other work
stretches the clock; seconds of the clock; and the most memory that one of its processes held. The bounds are of
the clock on two quiet cores, for 100,000 runs; of fewer their share.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (1000, 10_000, 100_000)
PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "scale.svg"
REPEATS, OPTIMIZERS = 100, 2
#: Runs that are left for the command that goes on.
LEFT = 20
#: Step → seconds and megabytes for 100,000 runs.
BOUNDS = {
    "plan": (8.0, 400),
    "run": (60.0, 400),
    "resume": (5.0, 400),
    "status": (0.5, 400),
    "report": (60.0, 800),
}
PAGE_MEGABYTES = 3.0

CONFIG = """\
name: scale
description: Runs of one iteration.
data: {{synthetic: {{linear_data: {{rows: 60, features: 4, noise: 0.1, seed: 1}}}}}}
repeats: {repeats}
grid:
  model: linear
  cost: mse
  optimizer: [gradient_descent, heavy_ball]
  learning_rate: [{rates}]
  initialization: {{normal: {{std: 1.0}}}}
  convergence: {{max_iterations: 1}}
"""


def config(folder, runs):
    path, count = folder / "scale.yaml", max(1, runs // (REPEATS * OPTIMIZERS))
    rates = ", ".join(f"{10 ** (-4 + 4 * i / max(1, count - 1)):.5e}" for i in range(count))
    path.write_text(CONFIG.format(repeats=REPEATS, rates=rates), encoding="utf-8")
    return path


def command(folder, *words):
    """Seconds of the processor and of the clock, the megabytes of the largest process, and when it began."""
    line = [sys.executable, "-c", "from gdbench.cli import main; main()", *words]
    began, wall = time.time(), time.perf_counter()
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, cwd=folder)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"gdbench {' '.join(words)} ended with status {process.returncode}")
    each = 1e6 if sys.platform == "darwin" else 1e3
    found = {"cpu": used.ru_utime + used.ru_stime, "clock": time.perf_counter() - wall}
    return {**found, "megabytes": used.ru_maxrss / each}, began


def first_started(folder, since):
    """Seconds from then until the first run of the last command began."""
    from gdbench.record.store import Store

    with Store.read(folder / "results" / "scale") as store:
        numbers = store.sessions_of_runs()
        last = max(number for number in numbers.values() if number is not None)
        keys = [key for key, number in numbers.items() if number == last]
        return min(run.started for run in store.runs(keys, curves=False)) - since


def measured(runs, workers):
    """Step → what it took with so many runs."""
    with tempfile.TemporaryDirectory() as root:
        folder, found = Path(root), {}
        name = str(config(folder, runs))
        sweep = ["run", name, "--no-tracking", "--quiet", "--runner", "processes", "--workers", str(workers)]
        found["plan"], _ = command(folder, "plan", name)
        found["run"], _ = command(folder, *sweep, "--limit", str(runs - LEFT))
        found["resume"], began = command(folder, *sweep)
        found["resume"]["clock"] = first_started(folder, began)
        found["status"], _ = command(folder, "status", "scale")
        found["report"], _ = command(folder, "report", "scale")
        page = folder / "results" / "scale" / "report" / "index.html"
        found["report"]["page"] = page.stat().st_size / 1e6
        return found


def told(runs, found):
    print(f"{runs:,} runs")
    for step, took in found.items():
        seconds, megabytes = BOUNDS[step]
        seconds *= 1 if step in ("resume", "status") else runs / max(SIZES)
        held = "holds" if took["clock"] <= seconds and took["megabytes"] <= megabytes else "missed"
        line = f"  {step:7} {took['cpu']:8.2f} s of the processor {took['clock']:8.2f} s of the clock"
        line += f" {took['megabytes']:6.0f} MB   (bound {seconds:g} s, {megabytes} MB: {held})"
        print(line, flush=True)
    page = found["report"]["page"]
    held = "holds" if page <= PAGE_MEGABYTES else "missed"
    print(f"  page    {page:8.2f} MB   (bound {PAGE_MEGABYTES:g} MB: {held})")


def draw(kept, path):
    """Seconds of the processor and megabytes against runs, by logarithms: what is linear is straight."""
    import altair as alt

    rows = [
        {"runs": int(runs), "step": step, "value": took[name], "measure": measure}
        for runs, found in kept.items()
        for step, took in found.items()
        for name, measure in (("cpu", "seconds of the processor"), ("megabytes", "megabytes"))
    ]
    base = alt.Chart(alt.Data(values=rows)).mark_line(point=True)
    drawn = base.encode(
        x=alt.X("runs:Q", title="runs", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s")),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(type="log")),
        color=alt.Color("step:N", title=None, sort=list(BOUNDS)),
    )
    drawn.properties(width=280, height=240).facet(
        alt.Facet("measure:N", title=None, sort=["seconds of the processor", "megabytes"])
    ).resolve_scale(y="independent").save(str(path))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=int, nargs="*")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a file of figures, added to")
    parser.add_argument("--draw", type=Path, help="a file of figures, drawn")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args()
    if given.draw:
        draw(json.loads(given.draw.read_text(encoding="utf-8")), given.picture)
        return
    for runs in given.runs or SIZES:
        found = measured(runs, given.workers)
        told(runs, found)
        if given.keep:
            kept = json.loads(given.keep.read_text(encoding="utf-8")) if given.keep.exists() else {}
            given.keep.write_text(json.dumps({**kept, str(runs): found}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
