"""The same costs and gradients in C, compiled here with gcc -O2; the loop over calls is in C as well."""

import ctypes
import shutil
import subprocess
import tempfile
from array import array
from pathlib import Path

SOURCE = r"""
#include <math.h>
#define H 16
static volatile double sink;

static double affine(int logistic, int n, int d, const double *rows, const double *w, double *g) {
    double total = 0.0;
    for (int j = 0; j <= d; j++) g[j] = 0.0;
    for (int i = 0; i < n; i++) {
        const double *x = rows + (long)i * (d + 1);
        double z = w[d], s, y = x[d];
        for (int j = 0; j < d; j++) z += w[j] * x[j];
        if (logistic) {
            double t = exp(-fabs(z));
            total += log1p(t) + (z > 0.0 ? z : 0.0) - y * z;
            s = (z < 0.0 ? t : 1.0) / (1.0 + t) - y;
        } else { double r = z - y; total += r * r; s = r + r; }
        for (int j = 0; j < d; j++) g[j] += s * x[j];
        g[d] += s;
    }
    for (int j = 0; j <= d; j++) g[j] /= n;
    return total / n;
}

static double mlp(int n, int d, const double *rows, const double *w, double *g) {
    const double *b1 = w + H * d, *v = b1 + H; double b2 = v[H], total = 0.0;
    double *gb1 = g + H * d, *gv = gb1 + H, a[H];
    for (int j = 0; j < H * d + 2 * H + 1; j++) g[j] = 0.0;
    for (int i = 0; i < n; i++) {
        const double *x = rows + i * (d + 1); double out = b2;
        for (int h = 0; h < H; h++) {
            double z = b1[h];
            for (int j = 0; j < d; j++) z += w[h * d + j] * x[j];
            a[h] = tanh(z); out += v[h] * a[h];
        }
        double r = out - x[d], s = r + r; total += r * r; gv[H] += s;
        for (int h = 0; h < H; h++) {
            double back = s * v[h] * (1.0 - a[h] * a[h]);
            gv[h] += s * a[h]; gb1[h] += back;
            for (int j = 0; j < d; j++) g[h * d + j] += back * x[j];
        }
    }
    for (int j = 0; j < H * d + 2 * H + 1; j++) g[j] /= n;
    return total / n;
}

double repeat(int kind, long calls, int n, int d, const double *rows, const double *w, double *g) {
    double cost = 0.0;
    for (long c = 0; c < calls; c++) {
        cost = kind == 2 ? mlp(n, d, rows, w, g) : affine(kind, n, d, rows, w, g);
        sink = cost + g[0];
    }
    return cost;
}
"""
KINDS = {"linear": 0, "logistic": 1, "mlp": 2}


def compiled_library(folder):
    """The library, or None where there is no C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    source, target = Path(folder) / "loops.c", Path(folder) / "loops.so"
    source.write_text(SOURCE)
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", target, source, "-lm"], check=True)
    library = ctypes.CDLL(str(target))
    library.repeat.restype = ctypes.c_double
    return library


def c_function(library, shape, table):
    """run(calls) → (cost, gradient), or None for a shape that has no C."""
    return c_function_on(library, shape, array("d", (value for row in table.rows for value in row)))


def c_function_on(library, shape, doubles):
    """The same, on an array of all numbers, row by row."""
    if library is None or shape.model not in KINDS:
        return None
    w = shape.weights()
    data, weights = (ctypes.c_double * len(doubles)).from_buffer(doubles), (ctypes.c_double * len(w))(*w)
    gradient = (ctypes.c_double * len(w))()

    def run(calls):
        sizes = ctypes.c_int(shape.rows), ctypes.c_int(shape.features)
        kind, count = ctypes.c_int(KINDS[shape.model]), ctypes.c_long(calls)
        cost = library.repeat(kind, count, *sizes, data, weights, gradient)
        return cost, list(gradient)

    return run


def folder():
    return tempfile.TemporaryDirectory(prefix="gdbench-c-")
