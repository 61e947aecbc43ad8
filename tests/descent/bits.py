"""Runs specs under whatever interpreter executes it and prints every bit of the results, as JSON.

Started by test_same_bits.py with the project's folder as the only entry of the path; reads a list of
[spec, rows, features] on stdin. It runs under Python 3.9, so it is written for that.
"""

import json
import sys

from gdbench.descent.execute import execute
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table


def bits(spec, rows, features):
    table, constants = Table([tuple(row) for row in rows], features), ProblemConstants(0.0, 1.0, 20.0, (), 0.5)
    gaps = "centred" in spec["kernel"]
    if gaps:  # from a minimum of its own
        constants = constants._replace(optimum=build_problem(spec, table, constants).objective.minimum)
    result = execute(spec, table, constants)
    floats = result.curve.cost + result.curve.gradient_norm + result.parameters
    floats += result.curve.series["gap"] if gaps else []
    return [result.outcome, result.iterations, result.iterations_to, result.reason, [f.hex() for f in floats]]


if __name__ == "__main__":
    print(json.dumps([bits(*job) for job in json.load(sys.stdin)]))
