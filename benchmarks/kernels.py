"""How fast are the kernels? Compiled and reference against textbook double loops, in one run.

Textbooks write a cost function and a gradient function, each with its own double loop; "fused" is the
same loops made one by hand.

Run it under any interpreter that should be measured: `python benchmarks/kernels.py`, `pypy3 …`.
"""

import platform
import sys
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from gdbench.descent.definition import define
from gdbench.descent.kernels import compiled, reference
from gdbench.descent.table import Table

ROUNDS, SECONDS = 9, 0.15
SHAPES = [(100, 2), (442, 10), (1000, 20)]


def textbook(table):
    """Mean squared error, then its gradient, as most courses write them."""
    X, y = columns(table)
    n, d = len(X), len(X[0])

    def cost(w):
        total = 0.0
        for i in range(n):
            prediction = w[d]
            for j in range(d):
                prediction += w[j] * X[i][j]
            total += (prediction - y[i]) ** 2
        return total / n

    def gradient(w):
        slopes = [0.0] * (d + 1)
        for i in range(n):
            prediction = w[d]
            for j in range(d):
                prediction += w[j] * X[i][j]
            error = prediction - y[i]
            for j in range(d):
                slopes[j] += 2 * error * X[i][j]
            slopes[d] += 2 * error
        return [slope / n for slope in slopes]

    return lambda w: (cost(w), gradient(w))


def fused(table):
    """The textbook's two double loops as one."""
    X, y = columns(table)
    n, d = len(X), len(X[0])

    def cost_and_gradient(w):
        total, slopes = 0.0, [0.0] * (d + 1)
        for i in range(n):
            prediction = w[d]
            for j in range(d):
                prediction += w[j] * X[i][j]
            error = prediction - y[i]
            total += error * error
            for j in range(d):
                slopes[j] += 2 * error * X[i][j]
            slopes[d] += 2 * error
        return total / n, [slope / n for slope in slopes]

    return cost_and_gradient


def columns(table):
    return [list(row[:-1]) for row in table.rows], [row[-1] for row in table.rows]


def table(rows, features):
    random = Random(0)
    return Table([tuple(random.gauss(0, 1) for _ in range(features + 1)) for _ in range(rows)], features)


def fastest(functions, w):
    """Name → the least seconds a call, the functions taking turns."""
    calls = {name: max(1, int(SECONDS / once(f, w, 1))) for name, f in functions.items()}
    rounds = [{name: once(f, w, calls[name]) for name, f in functions.items()} for _ in range(ROUNDS)]
    return {name: min(r[name] for r in rounds) for name in functions}


def once(function, w, calls):
    began = time.perf_counter()
    for _ in range(calls):
        function(w)
    return (time.perf_counter() - began) / calls


def main():
    print(f"{platform.python_implementation()} {platform.python_version()}, linear mse, one evaluation")
    names = ("textbook", "fused", "reference", "compiled")
    print(f"{'shape':>10}{''.join(f'{name:>13}' for name in names)}   compiled against textbook, fused")
    for rows, features in SHAPES:
        data = table(rows, features)
        problem = define({"linear": {}}, {"mse": {}}, features)
        kernels = {
            "textbook": textbook(data),
            "fused": fused(data),
            "reference": reference(problem, data).cost_and_gradient,
            "compiled": compiled(problem, data).cost_and_gradient,
        }
        seconds = fastest(kernels, [0.1] * (features + 1))
        shown = "".join(f"{seconds[name] * 1e6:>10.1f} µs" for name in names)
        ratios = [seconds[name] / seconds["compiled"] for name in ("textbook", "fused")]
        print(f"{f'{rows}×{features}':>10}{shown}   {ratios[0]:.2f}×, {ratios[1]:.2f}× faster")


if __name__ == "__main__":
    main()
