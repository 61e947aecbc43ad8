"""The same job side by side: gdbench, benchopt, a notebook's script, MLflow scripts; seconds and memory.

    python benchmarks/peers.py --benchopt FOLDER     all of them, benchopt of the environment in that folder
    python benchmarks/peers.py --busy 4              beside 4 processes that spin
    python benchmarks/peers.py benchopt notebook     only those whose name contains one of these

The job is that of `others.py`. The contestants take turns for so many seconds; each is known by its fastest
round, and by its ratio to the notebook's, which keeps nothing. What took long takes part in the first round
alone, and what does not end in time is ended. Only gdbench's bounds are held.

    python -m venv FOLDER && FOLDER/bin/pip install benchopt scikit-learn      an environment for benchopt
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import others
from benchmarks.bounds import markdown, verdict
from benchmarks.timing import adopt_orphans, process

#: Who took longer than so many notebooks takes part once.
LONG = 4.0
NOTEBOOK = "notebook: NumPy, matplotlib"


class Contestant(NamedTuple):
    """lines: the commands, each given by its words.  files: path → text, which they find in their folder.
    bound: on the seconds, in those of the notebook.  path: where programs are looked for, if not as here.
    """

    name: str
    lines: list
    files: dict
    bound: float | None = None
    path: str | None = None


def gdbench(name, *more, bound=None, path=None, kernel=""):
    call = [sys.executable, "-c", "from gdbench.cli import main; main()"]
    lines = [[*call, "run", "peers.yaml", "--quiet", *more], [*call, "report", "peers"]]
    config = others.CONFIG.format(more=f"  kernel: {kernel}\n" if kernel else "")
    return Contestant(f"gdbench, {name}", lines, {"peers.yaml": config}, bound, path)


def script(name, text):
    return Contestant(name, [[sys.executable, "script.py"]], {"script.py": text})


def benchopt(program, name):
    files = {"objective.py": others.OBJECTIVE, "datasets/diabetes.py": others.DATASET}
    files["solvers/gd.py"] = others.SOLVERS[name]
    run = [str(program), "run", ".", "--max-runs", str(others.ITERATIONS), "--n-repetitions", "1"]
    return Contestant(f"benchopt, {name}", [[*run, "--no-display"]], files)


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


def contestants(folder, environment):
    yield script("floor: interpreter, NumPy, matplotlib", "import numpy, matplotlib.pyplot")
    yield script(NOTEBOOK, others.NOTEBOOK)
    bare = without_pypy(folder)
    ways = {"PyPy present": None, "PyPy absent": bare} if shutil.which("pypy3") else {"PyPy absent": bare}
    if len(ways) < 2:
        print("gdbench with PyPy: left out, there is no pypy3 here")
    for way, path in ways.items():
        yield gdbench(way, "--no-tracking", bound=1.5, path=path)
        yield gdbench(f"{way}, tracked", bound=2.5, path=path)
    for way, path in ways.items():
        yield gdbench(f"{way}, kernel: compiled", "--no-tracking", path=path, kernel="compiled")
    yield script("MLflow: log_batch and NumPy", others.BATCHES)
    yield script("MLflow: a call for each value, and NumPy", others.FLUENT)
    program = environment / "bin" / "benchopt" if environment else None
    if program is None or not program.exists():
        why = f"there is no {program}" if program else "no --benchopt FOLDER was given"
        print(f"benchopt: left out, {why}")
        return
    for name in others.SOLVERS:
        yield benchopt(program, name)


def measured(one, root, limit):
    """Seconds of the clock and of the processor, and megabytes of the largest process, in a fresh folder.

    Raises RuntimeError where it failed, or did not end in time.
    """
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment.update({"PATH": one.path} if one.path else {})
    found = [0.0, 0.0, 0.0]
    with tempfile.TemporaryDirectory(dir=root) as folder:
        for name, text in one.files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for words in one.lines:
            took = process(words, folder, environment, limit - found[0])
            if took.status is None:
                raise RuntimeError(f"did not end in {limit:g} s")
            if took.status:
                raise RuntimeError(f"status {took.status}: {took.last}")
            found = [found[0] + took.clock, found[1] + took.processor, max(found[2], took.megabytes)]
    return found


@contextlib.contextmanager
def busy(count):
    """So many processes that spin."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for one in spinning:
            one.kill()
            one.wait()


def compete(running, root, limit, within):
    """Name → its least seconds, seconds and megabytes; name → why it has none; how many rounds there were."""
    best, failed, rounds, began = {}, {}, 0, time.perf_counter()
    while True:
        round_began = time.perf_counter()
        for one in running:
            if one.name in failed or (rounds and best[one.name][0] > LONG * best[NOTEBOOK][0]):
                continue
            try:
                found = measured(one, root, limit)
            except RuntimeError as error:
                failed[one.name] = str(error)
                print(f"{one.name}: {error}", file=sys.stderr, flush=True)
                continue
            best[one.name] = list(map(min, best.get(one.name, found), found))
            told = f"{found[0]:.2f} s, {found[1]:.2f} s of the processor"
            print(f"{one.name}: {told}", file=sys.stderr, flush=True)
        rounds += 1
        if NOTEBOOK in failed:
            sys.exit("there is nothing to compare with")
        now = time.perf_counter()
        # what took long is in the first round alone: the next is shorter than it
        if now - began + 0.6 * (now - round_began) > within:
            return best, failed, rounds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only contestants whose name contains one of these")
    parser.add_argument("--benchopt", type=Path, help="the environment of benchopt")
    parser.add_argument("--busy", type=int, default=0, help="so many processes spin beside")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds that a contestant may take")
    parser.add_argument("--within", type=float, default=300.0, help="seconds for all; one round at least")
    given = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory() as root, busy(given.busy):
        running = [
            one
            for one in contestants(Path(root), given.benchopt)
            if not given.words or one.name == NOTEBOOK or any(word in one.name for word in given.words)
        ]
        best, failed, rounds = compete(running, root, given.limit, given.within)
    beside = f"; {given.busy} processes spun beside" if given.busy else ""
    print(f"\nThe best of {rounds} rounds on {os.cpu_count()} cores{beside}.\n", flush=True)
    head = ["", "s", "÷ notebook", "bound", "s of the processor", "÷ notebook", "MB"]
    rows, missed = [], 0
    for one in running:
        if one.name in failed:
            rows.append([one.name, failed[one.name], *[""] * 5])
            continue
        wall, cpu, megabytes = best[one.name]
        ratio = wall / best[NOTEBOOK][0]
        held = verdict(ratio, one.bound) if one.bound else ""
        missed += held.endswith("missed")
        ratios = f"{ratio:.2f}", held, f"{cpu:.2f}", f"{cpu / best[NOTEBOOK][1]:.2f}"
        rows.append([one.name, f"{wall:.2f}", *ratios, f"{megabytes:.0f}"])
    print(markdown(head, rows))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
