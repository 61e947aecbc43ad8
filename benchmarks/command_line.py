"""What the command line costs before anything runs: `python benchmarks/command_line.py [--benchopt PATH]`.

`gdbench --help`, and `gdbench plan` of 1,000 runs, in processor seconds of a fresh process; the contestants
take turns, and each is known by its fastest round. PATH is a benchopt command, which must live in an
environment of its own; without it, that column is left out. Modules are compiled once, before the clock.

`commands` is what `tracking.py --commands` measures: `gdbench run`, tracked into a database that is there and
not tracked, again with nothing to do, and `gdbench report`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bounds import markdown, verdict
from benchmarks.others import CONFIG
from benchmarks.timing import adopt_orphans, process, waited

ROOT = Path(__file__).parents[1]
GDBENCH = [sys.executable, "-c", "from gdbench.cli import main; main()"]
PLAN = ["plan", "configs/lr_sweep.yaml", "--set", "grid.learning_rate={linspace: [0.001, 0.25, 250]}"]

#: contestant → seconds that it may take on a quiet machine.
BOUNDS = {"gdbench --help": 0.15, "gdbench plan, 1,000 runs": 0.5}


def cpu_seconds(command, environment):
    """User and system time of one process."""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:4])} … ended with status {process.returncode}")
    return usage.ru_utime + usage.ru_stime


#: Config → what it is, bounds on tracked against untracked, to the end and to the answer, and on the seconds
#: and megabytes of a report.
TRACKED = {
    "quickstart": ("quickstart, 8 runs", 1.6, 1.1, None, None),
    "peers": ("60 runs of 1,000 iterations", None, 1.1, 1.5, 250.0),
    "short": ("600 runs of 100 iterations", 1.15, 1.1, 2.5, None),
}
NOTHING_TO_DO = 0.8


def _configs(folder):
    quickstart = (ROOT / "configs" / "quickstart.yaml").read_text(encoding="utf-8")
    rates = [round(0.0002 * (i + 1), 6) for i in range(600)]
    texts = {
        "quickstart": quickstart,
        # another experiment: of one that is there already, nothing would be sent
        "warm": quickstart.replace("name: quickstart", "name: warm"),
        "peers": CONFIG.format(more=""),
        "short": "name: short\ndata: {dataset: diabetes, standardize: true}\ngrid: {model: linear, cost: mse, "
        f"learning_rate: {rates}, convergence: {{max_iterations: 100}}}}\n",
    }
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def commands(folder, rounds):
    """Two Markdown tables: tracked against untracked, and small commands by themselves."""
    adopt_orphans()
    _configs(folder)
    to_the_answer(folder, "warm", "warm")
    rows, small = [], []
    for name, (what, end, answer, seconds, megabytes) in TRACKED.items():
        best, again = {}, {}
        for _ in range(rounds):
            for way in ("untracked", "tracked"):
                options = ["--no-tracking"] if way == "untracked" else []
                with tempfile.TemporaryDirectory(dir=folder) as results:
                    shutil.copy(folder / "warm" / "mlflow.db", Path(results, "mlflow.db"))
                    _least(best, way, to_the_answer(folder, name, results, *options))
                    words = [*GDBENCH, "run", f"{name}.yaml", "--results", results, *options]
                    _least(again, way, process(words, folder))
                    if way == "untracked":
                        words = [*GDBENCH, "report", name, "--results", results]
                        _least(again, "report", process(words, folder))
        for i, (which, bound) in enumerate([("end", end), ("answer", answer), ("processor", None)]):
            untracked, tracked = best["untracked"][i], best["tracked"][i]
            held = verdict(tracked / untracked, bound) if bound else ""
            told = f"{untracked:.2f}", f"{tracked:.2f}", f"{tracked / untracked:.2f}"
            rows.append([f"{what}: {'to the ' * (i < 2)}{which}", *told, held])
        small += [
            _small(f"{what}: nothing to do, {way}", again[way], NOTHING_TO_DO, None)
            for way in ("untracked", "tracked")
        ]
        small.append(_small(f"{what}: `gdbench report`", again["report"], seconds, megabytes))
    first = markdown(["`gdbench run`, s", "untracked", "tracked", "÷", "bound"], rows)
    return f"{first}\n\n{markdown(['', 's', 's of the processor', 'MB', 'bound'], small)}"


def _least(best, name, found):
    best[name] = [min(pair) for pair in zip(found[:3], best.get(name, found))]


def _small(what, found, seconds, megabytes):
    clock, processor, memory = found
    held = [verdict(value, bound) for value, bound in ((clock, seconds), (memory, megabytes)) if bound]
    return [what, f"{clock:.2f}", f"{processor:.2f}", f"{memory:.0f}", "; ".join(held)]


def to_the_answer(folder, config, results, *options):
    """Seconds to the end, seconds to the last line of the answer, seconds of the processor."""
    words = [*GDBENCH, "run", f"{config}.yaml", "--results", results, *options]
    began, answered = time.perf_counter(), 0.0
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        start_new_session=True,
    ) as child:
        for line in child.stdout:
            if line.startswith("see: "):
                answered = time.perf_counter() - began
        processor, _, child.returncode = waited(child.pid)
    if child.returncode:
        raise SystemExit(f"{' '.join(words)} ended with status {child.returncode}")
    return time.perf_counter() - began, answered, processor


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--benchopt", metavar="PATH")
    arguments.add_argument("--rounds", type=int, default=7)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        contestants = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "gdbench --help": [*GDBENCH, "--help"],
            "gdbench plan, 1,000 runs": [*GDBENCH, *PLAN, "--results", folder],
        }
        if asked.benchopt:
            contestants["benchopt --help"] = [asked.benchopt, "--help"]
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(Path(folder, "compiled"))
        fastest = dict.fromkeys(contestants, float("inf"))
        for command in contestants.values():
            cpu_seconds(command, environment)
        for _ in range(asked.rounds):
            for name, command in contestants.items():
                fastest[name] = min(fastest[name], cpu_seconds(command, environment))
    slow = False
    for name, seconds in fastest.items():
        bound = BOUNDS.get(name)
        verdict = "" if bound is None else f"  ≤ {bound} s: {'holds' if seconds <= bound else 'FAILS'}"
        slow |= bound is not None and seconds > bound
        print(f"{name:26} {seconds:6.3f} s  {seconds / fastest['gdbench --help']:5.1f}×{verdict}")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
