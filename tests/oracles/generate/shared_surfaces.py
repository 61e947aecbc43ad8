"""shared_surfaces.json: minimisers of the test functions that other collections share, by Newton in 60 digits.

Source: the formulas of Jamil & Yang (2013) and of SFU's virtual library, written down again here, and mpmath.
    pip install mpmath
    python -m tests.oracles.generate.shared_surfaces [--write]
"""

from collections.abc import Callable

from mpmath import cos, diff, exp, eye, fabs, lu_solve, matrix, mp, mpf, nstr, pi, sin, sqrt

from tests.oracles.generate.oracle import main

mp.dps = 60


def matyas(x: mpf, y: mpf) -> mpf:
    return mpf("0.26") * (x**2 + y**2) - mpf("0.48") * x * y


def levy(x: mpf, y: mpf) -> mpf:
    u, v = 1 + (x - 1) / 4, 1 + (y - 1) / 4
    first = sin(pi * u) ** 2 + (u - 1) ** 2 * (1 + 10 * sin(pi * u + 1) ** 2)
    return first + (v - 1) ** 2 * (1 + sin(2 * pi * v) ** 2)


def easom(x: mpf, y: mpf) -> mpf:
    return -cos(x) * cos(y) * exp(-((x - pi) ** 2) - (y - pi) ** 2)


def goldstein_price(x: mpf, y: mpf) -> mpf:
    one = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    two = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return one * two


def three_hump_camel(x: mpf, y: mpf) -> mpf:
    return 2 * x**2 - mpf("1.05") * x**4 + x**6 / 6 + x * y + y**2


def mccormick(x: mpf, y: mpf) -> mpf:
    return sin(x + y) + (x - y) ** 2 - mpf("1.5") * x + mpf("2.5") * y + 1


def eggholder(x: mpf, y: mpf) -> mpf:
    return -(y + 47) * sin(sqrt(fabs(x / 2 + y + 47))) - x * sin(sqrt(fabs(x - (y + 47))))


def schwefel(x: mpf, y: mpf) -> mpf:
    return -x * sin(sqrt(fabs(x))) - y * sin(sqrt(fabs(y)))


def colville(a: mpf, b: mpf, c: mpf, d: mpf) -> mpf:
    valleys = 100 * (a**2 - b) ** 2 + (a - 1) ** 2 + (c - 1) ** 2 + 90 * (c**2 - d) ** 2
    return valleys + mpf("10.1") * ((b - 1) ** 2 + (d - 1) ** 2) + mpf("19.8") * (b - 1) * (d - 1)


#: Function, and where the literature has its minimisers, to the digits that it prints.
MINIMA: list[tuple[Callable[..., mpf], list[list[str]]]] = [
    (matyas, [["0.001", "0.001"]]),
    (levy, [["1.001", "0.999"]]),
    (easom, [["3.1416", "3.1416"]]),
    (goldstein_price, [["0.001", "-1"], ["-0.6001", "-0.4"], ["1.8001", "0.2"], ["1.2001", "0.8"]]),
    (three_hump_camel, [["0.001", "0"], ["1.74755", "-0.87378"], ["-1.74755", "0.87378"]]),
    (mccormick, [["-0.54719", "-1.54719"]]),
    (eggholder, [["482.353", "432.879"]]),
    (schwefel, [["420.9687", "420.9687"]]),
    (colville, [["1.001", "1", "1", "1"]]),
]


def gradient(f: Callable[..., mpf], w: list[mpf]) -> matrix:
    size = len(w)
    return matrix([diff(f, tuple(w), tuple(int(i == j) for i in range(size))) for j in range(size)])


def hessian(f: Callable[..., mpf], w: list[mpf]) -> matrix:
    size, found = len(w), eye(len(w))
    for i in range(size):
        for j in range(size):
            found[i, j] = diff(f, tuple(w), tuple(int(k == i) + int(k == j) for k in range(size)))
    return found


def newton(f: Callable[..., mpf], start: list[str]) -> list[mpf]:
    w = [mpf(v) for v in start]
    for _ in range(12):
        step = lu_solve(hessian(f, w), gradient(f, w))
        w = [w_j - step[j] for j, w_j in enumerate(w)]
    return w


def entry(f: Callable[..., mpf], start: list[str]) -> dict:
    w = newton(f, start)
    # what Newton leaves of a 0 is rounding in 60 digits
    clean = [mpf(0) if abs(v) < mpf(10) ** -25 else v for v in w]
    value = f(*clean)
    return {
        "w": [nstr(v, 20) for v in clean],
        "f": nstr(mpf(0) if abs(value) < mpf(10) ** -25 else value, 20),
        "slope": float(max(map(abs, gradient(f, w)))) < 1e-20,
    }


def make() -> dict:
    points = {f.__name__: [mpf(p) for p in ("1.25", "-0.75", "2.5", "0.5")] for f, _ in MINIMA}
    return {
        "source": "Newton in 60 digits (mpmath); values at (1.25, −0.75[, 2.5, 0.5])",
        "minima": {f.__name__: [entry(f, start) for start in starts] for f, starts in MINIMA},
        "values": {f.__name__: nstr(f(*points[f.__name__][: len(starts[0])]), 20) for f, starts in MINIMA},
    }


if __name__ == "__main__":
    main("shared_surfaces", make)
