"""Every contestant on every shape, in one run: `python benchmarks/run.py [words of shape names]`.

Under CPython, with PyPy's contestants in a process of their own where pypy3 exists. The table gives
microseconds a cost and gradient, then the ratios that the kernels promise, each with its bound.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bounds import preparing_bound, rows_of
from benchmarks.by_c import c_function, compiled_library, folder
from benchmarks.by_numpy import numpy_functions
from benchmarks.contestants import round_of, runs
from benchmarks.shapes import SHAPES
from benchmarks.timing import repeated


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
        self.process.stdin.close()
        self.process.wait()


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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only shapes whose name contains one of these")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.05, help="least length of a contestant's turn")
    chosen = parser.parse_args()
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
