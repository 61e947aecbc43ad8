"""Linear mse by plain descent: a loop in C, compiled -O2, gives the bits of the Python kernels."""

import shutil
import struct
import subprocess

import pytest

from gdbench.descent.execute import execute
from gdbench.descent.problems.problem_constants import ProblemConstants
from tests.descent.problems import spec
from tests.oracle_data import oracle_table

ITERATIONS, RATE = 300, 0.1
SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>

/* reads n, d, the rate, the iterations and n rows of d features and a target, all as doubles;
   prints the cost of every iterate and the last parameters as hexadecimal floats */
static double number(void) {
    double v;
    if (fread(&v, sizeof v, 1, stdin) != 1) exit(1);
    return v;
}

int main(void) {
    int n = (int)number(), d = (int)number();
    double rate = number();
    int iterations = (int)number();
    double *rows = malloc(sizeof(double) * n * (d + 1));
    double *w = calloc(d + 1, sizeof(double)), *g = malloc(sizeof(double) * (d + 1));
    for (int i = 0; i < n * (d + 1); i++) rows[i] = number();
    for (int k = 0; k <= iterations; k++) {
        double total = 0.0;
        for (int j = 0; j <= d; j++) g[j] = 0.0;
        for (int i = 0; i < n; i++) {
            const double *x = rows + i * (d + 1);
            double p = w[0] * x[0];
            for (int j = 1; j < d; j++) p += w[j] * x[j];
            double r = p + w[d] - x[d], s = r + r;
            total += r * r;
            for (int j = 0; j < d; j++) g[j] += s * x[j];
            g[d] += s;
        }
        printf("%a\n", total / n);
        if (k == iterations) break;
        for (int j = 0; j <= d; j++) w[j] -= rate * (g[j] / n);
    }
    for (int j = 0; j <= d; j++) printf("%a\n", w[j]);
    return 0;
}
"""


def by_c(table, folder):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler on this machine")
    (folder / "descent.c").write_text(SOURCE)
    # without -ffp-contract=off some processors would fuse a multiplication and an addition into one rounding
    command = [compiler, "-O2", "-ffp-contract=off", "-o", "descent", "descent.c"]
    subprocess.run(command, cwd=folder, check=True)
    values = [len(table.rows), table.features, RATE, ITERATIONS, *(v for row in table.rows for v in row)]
    packed = struct.pack(f"={len(values)}d", *values)
    done = subprocess.run([folder / "descent"], input=packed, capture_output=True, check=True)
    found = [float.fromhex(line) for line in done.stdout.decode().split()]
    return found[: ITERATIONS + 1], found[ITERATIONS + 1 :]


@pytest.mark.parametrize("kernel", ["compiled", "reference"])
def test_three_hundred_iterations_on_diabetes_have_the_bits_of_a_loop_in_c(kernel, tmp_path):
    table, _, _ = oracle_table("ols/diabetes_std")
    costs, parameters = by_c(table, tmp_path)
    run = execute(
        spec(
            kernel={kernel: {}},
            learning_rate={"constant": {"rate": RATE}},
            convergence={"max_iterations": {"limit": ITERATIONS}},
        ),
        table,
        ProblemConstants(),
    )
    assert run.iterations == ITERATIONS
    assert [f.hex() for f in run.parameters] == [f.hex() for f in parameters]
    recorded = dict(zip(run.curve.iteration, run.curve.cost, strict=True))
    assert {k: cost.hex() for k, cost in recorded.items()} == {k: costs[k].hex() for k in recorded}
