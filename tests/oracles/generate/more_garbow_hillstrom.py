"""more_garbow_hillstrom.json: values, gradients, minimisers and curvatures of the problems of the 1981 paper.

Sources: "exact" is worked out here from the paper's formulas in 100-digit arithmetic (mpmath); "evaluations"
are those of BenDFO (github.com/POptUS/BenDFO, py/), whose folder is given; "least" and "minimisers" are figures
as the paper and funconstrain (github.com/jlmelville/funconstrain) print them, kept as they are.
    pip install mpmath numpy
    python -m tests.oracles.generate.more_garbow_hillstrom path/to/BenDFO/py [--write]
"""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mpmath import atan, cos, eigsy, exp, lu_solve, matrix, mp, mpf, nstr, pi, sin, sqrt

from tests.oracles.generate.oracle import ORACLES, main

mp.dps = 100
Vector = list[Any]

#: Osborne's first data (table of problem 17).
OSBORNE_1 = (
    "0.844 0.908 0.932 0.936 0.925 0.908 0.881 0.850 0.818 0.784 0.751 0.718 0.685 0.658 0.628 0.603 0.580 "
    "0.558 0.538 0.522 0.506 0.490 0.478 0.467 0.457 0.448 0.438 0.431 0.424 0.420 0.414 0.411 0.406"
)


def turn(x: Vector) -> Any:
    """θ of the helical valley, in turns."""
    return atan(x[1] / x[0]) / (2 * pi) + (mpf("0.5") if x[0] < 0 else 0)


def brown_dennis(x: Vector) -> Vector:
    times = [mpf(i) / 5 for i in range(1, 21)]
    return [(x[0] + t * x[1] - exp(t)) ** 2 + (x[2] + x[3] * sin(t) - cos(t)) ** 2 for t in times]


def osborne_1(x: Vector) -> Vector:
    measured = [mpf(value) for value in OSBORNE_1.split()]
    return [
        y - (x[0] + x[1] * exp(-10 * i * x[3]) + x[2] * exp(-10 * i * x[4])) for i, y in enumerate(measured)
    ]


#: Name → the residuals, the standard start, and the least value that the paper gives.
PROBLEMS: dict[str, tuple[Callable[[Vector], Vector], Sequence[str], float]] = {
    "rosenbrock": (lambda x: [10 * (x[1] - x[0] ** 2), 1 - x[0]], ("-1.2", "1"), 0.0),
    "freudenstein_roth": (
        lambda x: [
            -13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1],
            -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1],
        ],
        ("0.5", "-2"),
        48.9842,
    ),
    "powell_badly_scaled": (
        lambda x: [10**4 * x[0] * x[1] - 1, exp(-x[0]) + exp(-x[1]) - mpf("1.0001")],
        ("0", "1"),
        0.0,
    ),
    "brown_badly_scaled": (
        lambda x: [x[0] - 10**6, x[1] - mpf("2e-6"), x[0] * x[1] - 2],
        ("1", "1"),
        0.0,
    ),
    "beale": (
        lambda x: [mpf(y) - x[0] * (1 - x[1] ** i) for i, y in ((1, "1.5"), (2, "2.25"), (3, "2.625"))],
        ("1", "1"),
        0.0,
    ),
    "helical_valley": (
        lambda x: [10 * (x[2] - 10 * turn(x)), 10 * (sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2]],
        ("-1", "0", "0"),
        0.0,
    ),
    "powell_singular": (
        lambda x: [
            x[0] + 10 * x[1],
            sqrt(mpf(5)) * (x[2] - x[3]),
            (x[1] - 2 * x[2]) ** 2,
            sqrt(mpf(10)) * (x[0] - x[3]) ** 2,
        ],
        ("3", "-1", "0", "1"),
        0.0,
    ),
    "wood": (
        lambda x: [
            10 * (x[1] - x[0] ** 2),
            1 - x[0],
            sqrt(mpf(90)) * (x[3] - x[2] ** 2),
            1 - x[2],
            sqrt(mpf(10)) * (x[1] + x[3] - 2),
            (x[1] - x[3]) / sqrt(mpf(10)),
        ],
        ("-3", "-1", "-3", "-1"),
        0.0,
    ),
    "brown_dennis": (brown_dennis, ("25", "5", "-5", "-1"), 85822.2),
    "osborne_1": (osborne_1, ("0.5", "1.5", "-1", "0.01", "0.02"), 5.46489e-05),
}


def moved(x: Vector, j: int, h: Any) -> Vector:
    return [v + (h if i == j else 0) for i, v in enumerate(x)]


def jacobian(residuals: Callable, x: Vector) -> Any:
    """By differences of 1e-45, which are right to 40 digits."""
    h, at = mpf("1e-45"), residuals(x)
    columns = [residuals(moved(x, j, h)) for j in range(len(x))]
    return matrix([[(column[i] - at[i]) / h for column in columns] for i in range(len(at))])


def value(residuals: Callable, x: Vector) -> Any:
    return sum(r * r for r in residuals(x))


def gradient(residuals: Callable, x: Vector) -> Any:
    return 2 * (jacobian(residuals, x).T * matrix(residuals(x)))


def hessian(residuals: Callable, x: Vector) -> Any:
    h, at = mpf("1e-20"), gradient(residuals, x)
    columns = [(gradient(residuals, moved(x, j, h)) - at) / h for j in range(len(x))]
    size = range(len(x))
    return matrix([[(columns[j][i] + columns[i][j]) / 2 for j in size] for i in size])


def minimised(residuals: Callable, x: Vector) -> Vector:
    """By Levenberg and Marquardt's method down from the start, then by Newton's."""
    damping, cost = mpf(1), value(residuals, x)
    for _ in range(400):
        j = jacobian(residuals, x)
        curved = j.T * j
        for i in range(len(x)):
            curved[i, i] += damping * (curved[i, i] + mpf("1e-30"))
        step = lu_solve(curved, -(j.T * matrix(residuals(x))))
        tried = [v + s for v, s in zip(x, step, strict=True)]
        if (found := value(residuals, tried)) < cost:
            change, x, cost, damping = cost - found, tried, found, damping / 5
            if change < mpf("1e-20") * cost or cost < mpf("1e-70"):
                break
        else:
            damping *= 4
    for _ in range(8 if cost > mpf("1e-60") else 0):
        step = lu_solve(hessian(residuals, x), -gradient(residuals, x))
        x = [v + s for v, s in zip(x, step, strict=True)]
    return x


def rounded(number: Any, least: str) -> float:
    """As a float; what is nothing but the last step's rest is 0."""
    return 0.0 if abs(number) < mpf(least) else float(number)


def exact(residuals: Callable, start: Sequence[str], documented: float) -> dict:
    x0 = [mpf(v) for v in start]
    x = minimised(residuals, x0)
    curvatures = sorted(eigsy(hessian(residuals, x), eigvals_only=True))
    return {
        "x0": [float(v) for v in x0],
        "f_x0": float(value(residuals, x0)),
        "grad_x0": [rounded(v, "1e-30") for v in gradient(residuals, x0)],
        "documented_fmin": documented,
        "f_star_from_x0": rounded(value(residuals, x), "1e-60"),
        "x_star": [rounded(v, "1e-15") for v in x],
        "hess_star_eigs_minmax": [
            float(nstr(v, 6)) if v > mpf("1e-15") else 0.0 for v in (curvatures[0], curvatures[-1])
        ],
    }


#: Surface, parameters, BenDFO's number and rows, and whether its Jacobian covers the problem.
EVALUATED: list[tuple[str, dict[str, int], int, int, bool]] = [
    ("linear_full_rank", {"dimension": 9, "rows": 45}, 1, 45, True),
    ("linear_rank_one", {"dimension": 7, "rows": 35}, 2, 35, True),
    ("linear_rank_one_with_zeros", {"dimension": 7, "rows": 35}, 3, 35, True),
    ("rosenbrock", {}, 4, 2, True),
    ("helical_valley", {}, 5, 3, True),
    ("powell_singular", {}, 6, 4, True),
    ("freudenstein_roth", {}, 7, 2, True),
    ("bard", {}, 8, 15, True),
    ("kowalik_osborne", {}, 9, 11, True),
    ("meyer", {}, 10, 16, True),
    ("watson", {"dimension": 6}, 11, 31, True),
    ("watson", {"dimension": 9}, 11, 31, True),
    ("box_three_dimensional", {}, 12, 10, True),
    ("jennrich_sampson", {}, 13, 10, False),
    ("brown_dennis", {}, 14, 20, False),
    ("chebyquad", {"dimension": 8}, 15, 8, True),
    ("brown_almost_linear", {"dimension": 10}, 16, 10, True),
    ("osborne_1", {}, 17, 33, True),
    ("osborne_2", {}, 18, 65, True),
]


def evaluations(committed: Sequence[dict]) -> list[dict]:
    """At the points of the file, which are the paper's standard starts."""
    from dfovec import dfovec  # noqa: PLC0415 (of BenDFO, whose folder is an argument)
    from jacobian import jacobian as jacobian_of  # noqa: PLC0415

    made = []
    for (name, parameters, number, rows, covered), known in zip(EVALUATED, committed, strict=True):
        w = np.array(known["w"])
        residuals = dfovec(rows, len(w), w, number)
        slopes = 2 * jacobian_of(rows, len(w), w, number)[0].T @ residuals if covered else None
        made.append(
            {
                "surface": name,
                "parameters": parameters,
                "w": w.tolist(),
                "f": float(residuals @ residuals),
                "gradient": None if slopes is None else slopes.tolist(),
            }
        )
    return made


def make() -> dict:
    committed = json.loads((ORACLES / "more_garbow_hillstrom.json").read_text(encoding="utf-8"))
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    sys.path[:0] = folders
    return {
        "meta": committed["meta"],
        "exact": {name: exact(*problem) for name, problem in PROBLEMS.items()},
        "evaluations": evaluations(committed["evaluations"]) if folders else committed["evaluations"],
        "least": committed["least"],
        "minimisers": committed["minimisers"],
    }


def layout(made: dict) -> str:
    """A line for each problem."""
    parts = []
    for name, part in made.items():
        if isinstance(part, dict):
            lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in part.items()]
            parts.append(f'"{name}": {{\n' + ",\n".join(lines) + "\n}")
        else:
            parts.append(f'"{name}": [\n' + ",\n".join(f" {json.dumps(one)}" for one in part) + "\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    # BenDFO's gradients are sums in NumPy's order; curvatures are kept to six digits
    main("more_garbow_hillstrom", make, layout, tolerance=1e-13)
