"""Every contestant on every shape, in one run: `python benchmarks/run.py [words of shape names]`.

Under CPython, with PyPy's contestants in a process of their own where pypy3 exists. The table gives
microseconds a cost and gradient, then the ratios that the kernels promise, each with its bound.

With --million, instead: the compiled kernel on 1,000,000 rows of 20 features against C, as a Markdown table.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import time
from array import array
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bounds import markdown, preparing_bound, rows_of, verdict
from benchmarks.by_c import c_function, c_function_on, compiled_library, folder
from benchmarks.by_numpy import numpy_functions
from benchmarks.contestants import round_of, runs
from benchmarks.shapes import LARGE, SHAPES
from benchmarks.timing import repeated, seconds

#: What PyPy's compiled kernel may take of C's time on a table of a million rows.
MILLION_BOUND = 2.2


class Elsewhere:
    """The contestants under another interpreter, asked for one round at a time."""

    def __init__(self, interpreter):
        script = Path(__file__).with_name("contestants.py")
        self.process = subprocess.Popen(
            [interpreter, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        """Megabytes that it held at its height."""
        self.process.stdin.close()
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def measure(index, pypy, library, rounds, least):
    """(contestant → least seconds a call, interpreter → seconds to prepare the definition)."""
    shape = SHAPES[index]
    contestants, preparing = runs(shape)
    c, in_numpy = c_function(library, shape, shape.table()), numpy_functions(shape, shape.table())
    contestants.update({"C": c} if c else {}, **({"numpy": repeated(*in_numpy)} if in_numpy else {}))
    preparings = {"": preparing, **({"pypy ": pypy.ask(shape=index)} if pypy else {})}
    turns, calls = [], {}
    for _ in range(rounds):
        turn = round_of(contestants, calls, least)
        theirs = pypy.ask(round=least) if pypy else {}
        turns.append({**turn, **{f"pypy {name}": spent for name, spent in theirs.items()}})
    fastest = {name: min(turn[name] for turn in turns) for name in turns[0]}
    if "cost" in fastest:
        fastest["2p costs"] = 2 * shape.definition().size * fastest["cost"]
    return fastest, preparings


def show(shape, fastest, preparings):
    print(
        f"\n{shape.name}   " + ", ".join(f"{name} {spent * 1e6:.4g} µs" for name, spent in fastest.items()),
        flush=True,
    )
    rows = list(rows_of(shape, fastest))
    limit = preparing_bound(shape)
    rows += [(f"{w}preparing, ms", t * 1e3, f"≤ {limit * 1e3:g}", t <= limit) for w, t in preparings.items()]
    for what, ratio, bound, holds in rows:
        print(f"    {what:<32}{ratio:>9.3f}   {bound:<8}{'holds' if holds else 'FAILS'}")
    return [holds for *_, holds in rows]


def million(index, library, place, rounds):
    """A row for each: milliseconds of the processor for one cost and gradient, against C in the same rounds."""
    shape, file = LARGE[index], str(Path(place, "doubles"))
    interpreters = {"PyPy": shutil.which("pypy3"), "CPython": sys.executable}
    running = {name: Elsewhere(path) for name, path in interpreters.items() if path}
    next(iter(running.values())).ask(write=index, file=file)
    doubles = array("d")
    with Path(file).open("rb") as source:
        doubles.fromfile(source, shape.rows * (shape.features + 1))
    c = c_function_on(library, shape, doubles)
    cost, gradient = c(1)
    for name, one in running.items():
        other, slopes = one.ask(load=index, file=file)
        pairs = zip([cost, *gradient], [other, *slopes])
        assert all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in pairs), name
    turns = []
    for _ in range(rounds):
        turns.append({"C": seconds(c, 1, time.process_time)})
        turns[-1].update({name: one.ask(processor=1) for name, one in running.items()})
    best = {name: min(turn[name] for turn in turns) for name in turns[0]}
    held = {name: one.close() for name, one in running.items()}
    for name, spent in best.items():
        bound = verdict(spent / best["C"], MILLION_BOUND) if name == "PyPy" else ""
        memory = f"{held[name]:.0f}" if name in held else ""
        yield [f"{shape.name}, {name}", f"{spent * 1e3:.1f}", f"{spent / best['C']:.2f}", bound, memory]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only shapes whose name contains one of these")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.05, help="least length of a contestant's turn")
    parser.add_argument("--million", action="store_true", help="instead: tables of 1,000,000 × 20")
    chosen = parser.parse_args()
    if chosen.million:
        with folder() as place:
            library = compiled_library(place) or sys.exit("There is no C compiler here.")
            rows = [row for index in range(len(LARGE)) for row in million(index, library, place, chosen.rounds)]
        print(markdown(["one cost and gradient", "ms", "÷ C", "bound", "MB"], rows))
        return
    found, interpreter = [], shutil.which("pypy3")
    with folder() as place:
        library = compiled_library(place)
        for missing in [n for n, x in (("C compiler", library), ("pypy3", interpreter)) if x is None]:
            print(f"There is no {missing} here: its columns are left out.")
        pypy = Elsewhere(interpreter) if interpreter else None
        for index, shape in enumerate(SHAPES):
            if not chosen.words or any(word in shape.name for word in chosen.words):
                found += show(shape, *measure(index, pypy, library, chosen.rounds, chosen.seconds))
        if pypy:
            pypy.close()
    print(f"\n{sum(found)} of {len(found)} bounds hold.")


if __name__ == "__main__":
    main()
