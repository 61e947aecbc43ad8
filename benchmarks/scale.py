"""How planning, running, resuming, telling and reporting grow with the number of runs.

    python benchmarks/scale.py --keep benchmarks/scale.json    1,000, 10,000, 100,000 runs and 10,000 rates
    python benchmarks/scale.py 1000 10000 --rates 1000         only these
    python benchmarks/scale.py --draw benchmarks/scale.json    the picture of what was kept, nothing is run
    python benchmarks/scale.py --table benchmarks/scale.json   its tables, into docs/explanation/scale.md

The runs do one iteration each: 2 optimizers × rates × 100 starts, or each has a rate of its own. Every step is
the command that a user types, in a process of its own. It tells seconds of the clock, seconds of the processor,
workers included, and the most memory that one of its processes held. The bounds are of the clock, on two quiet
cores.
"""

import argparse
import contextlib
import json
import os
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import vl_convert

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.scale_told import Kept, drawn, million, verdicts, written
from benchmarks.scale_told import measured as measured_table
from benchmarks.timing import adopt_orphans, process

SIZES, RATES = (1000, 10_000, 100_000), (10_000,)
DOCS = Path(__file__).parents[1] / "docs"
PICTURE, PAGE = DOCS / "pictures" / "scale.svg", DOCS / "explanation" / "scale.md"
REPEATS, OPTIMIZERS = 100, 2
#: Runs that are left for the command that goes on.
LEFT = 20
CONFIG = """\
name: scale
description: Runs of one iteration.
data: {{synthetic: {{linear_data: {{rows: 60, features: 4, noise: 0.1, seed: 1}}}}}}
repeats: {repeats}
grid:
  model: linear
  cost: mse
  optimizer: {optimizers}
  learning_rate: [{rates}]
  initialization: {{normal: {{std: 1.0}}}}
  convergence: {{max_iterations: 1}}
"""


def config(folder, runs, shape):
    """A config of so many runs: `repeats`, 100 of each setting, or `rates`, where each is a setting."""
    repeats, optimizers = (
        (REPEATS, ["gradient_descent", "heavy_ball"]) if shape == "repeats" else (1, "heavy_ball")
    )
    count = max(1, runs // (REPEATS * OPTIMIZERS)) if shape == "repeats" else runs
    rates = ", ".join(f"{10 ** (-4 + 4 * i / max(1, count - 1)):.8e}" for i in range(count))
    text = CONFIG.format(repeats=repeats, rates=rates, optimizers=str(optimizers).replace("'", ""))
    (folder / "scale.yaml").write_text(text, encoding="utf-8")


def command(folder, *words, meanwhile=None):
    took = process(
        [sys.executable, "-c", "from gdbench.cli import main; main()", *words], folder, meanwhile=meanwhile
    )
    if took.status and not (meanwhile and took.status == -signal.SIGKILL):
        sys.exit(f"gdbench {' '.join(words)} ended with status {took.status}: {took.last}")
    return took


def figures(took):
    return {"clock": took.clock, "cpu": took.processor, "megabytes": took.megabytes}


class Watch:
    """Follows a store while it is written, and kills the writer once it has so many runs."""

    def __init__(self, folder, least, until):
        self._store = folder / "results" / "scale" / "store.sqlite"
        self._least, self._until = least, until
        self.seen = []

    def _asked(self, query):
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(f"{self._store.as_uri()}?mode=ro", uri=True)) as connection,
        ):
            return connection.execute(query).fetchone()[0]
        return None

    def runs(self):
        return self._asked("SELECT max(position) FROM runs") or 0

    def began(self, after):
        """When the first run after so many began."""
        return self._asked(f"SELECT min(started) FROM runs WHERE position > {after}")

    def __call__(self, child):
        while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            count = self.runs() if self._store.exists() else 0
            if count >= self._least:
                self.seen.append((time.perf_counter(), _processor_of(child.pid), count))
            if count >= self._until:
                os.kill(child.pid, signal.SIGKILL)
                return
            time.sleep(0.02)


def _processor_of(pid):
    """Seconds of the processor of that process alone; where the system does not say: none."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def resumed(folder, runs, sweep):
    """What it takes from the command after a kill to its first run; and the parent's seconds a run."""
    watch = Watch(folder, runs // 10, runs // 2)
    command(folder, *sweep, meanwhile=watch)
    done, (first, last) = watch.runs(), (watch.seen[0], watch.seen[-1])
    took = command(folder, *sweep, meanwhile=Watch(folder, runs, done + 1))
    found = {**figures(took), "clock": watch.began(done) - took.began}
    return found, {"parent": (last[1] - first[1]) / (last[2] - first[2])} if last[2] > first[2] else {}


def measured(runs, shape, workers, load):
    """Step → what it took with so many runs.  load: what the machine had to do before we came."""
    found = {}
    with tempfile.TemporaryDirectory() as root:
        whole, killed = Path(root, "whole"), Path(root, "killed")
        for folder in (whole, killed):
            folder.mkdir()
            config(folder, runs, shape)
        sweep = ["run", "scale.yaml", "--no-tracking", "--quiet", "--yes", "--workers", str(workers)]
        sweep += ["--runner", "processes"]
        found["plan"] = figures(command(whole, "plan", "scale.yaml"))
        found["run"] = figures(command(whole, *sweep, "--limit", str(runs - LEFT)))
        found["resume"], each = resumed(killed, runs, sweep)
        found["end"] = figures(command(whole, *sweep))
        found["status"] = figures(command(whole, "status", "scale"))
        found["report"] = figures(command(whole, "report", "scale"))
        results = whole / "results" / "scale"
        found["page"] = {"megabytes": (results / "report" / "index.html").stat().st_size / 1e6}
        stored = sum(file.stat().st_size for file in results.glob("store.sqlite*"))
        found["each"] = {**each, "stored": stored / runs, "load": load}
    return found


def told(name, found):
    runs, shape = name.split()
    print(f"{int(runs):,} runs, {shape}")
    for step, took in found.items():
        if step == "each":
            print(
                "  each run: "
                f"{took.get('parent', 0) * 1e3:.2f} ms of the parent, {took['stored'] / 1e3:.2f} kB stored"
            )
            continue
        line = f"{took['clock']:8.2f} s {took['cpu']:8.2f} s of the processor" if "clock" in took else " " * 36
        bounds = ", ".join(verdicts(int(runs) if shape == "repeats" else 0, step, took))
        print(f"  {step:7}{line}{took['megabytes']:8.2f} MB   {bounds}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=int, nargs="*")
    parser.add_argument("--rates", type=int, nargs="*", help="runs that differ in the rate")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a file of figures, added to")
    parser.add_argument("--draw", type=Path, help="a file of figures, drawn")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    parser.add_argument("--table", type=Path, help="a file of figures, told in the docs and here")
    given = parser.parse_args()
    for path in filter(None, {given.draw, given.table}):
        kept = Kept(json.loads(path.read_text(encoding="utf-8")))
        if given.draw:
            given.picture.write_text(vl_convert.vegalite_to_svg(drawn(kept)), encoding="utf-8")
        if given.table:
            PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), kept), encoding="utf-8")
            print(measured_table(kept), million(kept), sep="\n\n")
        return
    adopt_orphans()
    sizes, rates = (given.runs, given.rates or ()) if given.runs or given.rates else (SIZES, RATES)
    jobs = [(runs, "repeats") for runs in sizes] + [(runs, "rates") for runs in rates]
    kept = json.loads(given.keep.read_text(encoding="utf-8")) if given.keep and given.keep.exists() else {}
    load = os.getloadavg()[0]
    for runs, shape in jobs:
        name = f"{runs} {shape}"
        kept[name] = measured(runs, shape, given.workers, load)
        told(name, kept[name])
        if given.keep:
            given.keep.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if any(name.endswith("repeats") for name in kept):
        print("\n" + measured_table(Kept(kept)))


if __name__ == "__main__":
    main()
