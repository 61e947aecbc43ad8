"""optima.json: least costs and minimisers of fourteen convex problems, to 25 digits.

Source: scikit-learn's bundled data; Newton's method in 80-digit decimal arithmetic on columns standardized in
that arithmetic; for absolute errors the vertex that SciPy's linear program names, solved in exact fractions,
with the dual certificate that makes it the minimum. Iterations are those of plain gradient descent in NumPy.
    pip install scikit-learn scipy numpy
    python -m tests.oracles.generate.optima [--write]
"""

from collections.abc import Callable, Sequence
from decimal import Decimal, getcontext
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_linnerud

from tests.oracles.generate.oracle import main

getcontext().prec = 80
D = Decimal
ZERO, HALF, ONE, TWO = D(0), D("0.5"), D(1), D(2)
Row = list[Decimal]

#: What a cost of one row gives: its value, and its first and second derivative in the score z.
Loss = Callable[[Decimal, Decimal], tuple[Decimal, Decimal, Decimal]]


# costs ------------------------------------------------------------------------------------------------


def squared(z: Decimal, y: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    r = z - y
    return r * r, 2 * r, TWO


def huber(z: Decimal, y: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """δ = 1."""
    r = z - y
    if abs(r) <= 1:
        return r * r / 2, r, ONE
    return abs(r) - HALF, ONE.copy_sign(r), ZERO


def log_cosh(z: Decimal, y: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    r = z - y
    fall = (-2 * abs(r)).exp()
    slope = ((1 - fall) / (1 + fall)).copy_sign(r)
    return abs(r) + (1 + fall).ln() - TWO.ln(), slope, 1 - slope * slope


def logistic(z: Decimal, y: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    fall = (-abs(z)).exp()
    p = 1 / (1 + fall) if z >= 0 else fall / (1 + fall)
    return max(z, ZERO) + (1 + fall).ln() - y * z, p - y, p * (1 - p)


def squared_hinge(z: Decimal, y: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    s = 2 * y - 1
    h = max(ZERO, 1 - s * z)
    return h * h, -2 * s * h, TWO if h > 0 else ZERO


def poisson(z: Decimal, y: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    e = z.exp()
    return e - y * z, e - y, e


# data -------------------------------------------------------------------------------------------------


def exact(columns: np.ndarray) -> list[Row]:
    """Floats as they are."""
    return [[D(float(value)) for value in row] for row in columns]


def standardized(columns: np.ndarray) -> list[Row]:
    """Mean 0 and standard deviation 1 (dividing by the number of rows), to 80 digits."""
    made = []
    for column in zip(*exact(columns), strict=True):
        mean = sum(column) / len(column)
        deviation = (sum((v - mean) ** 2 for v in column) / len(column)).sqrt()
        made.append([(v - mean) / deviation for v in column])
    return [list(row) for row in zip(*made, strict=True)]


def target(values: np.ndarray) -> Row:
    return [D(float(value)) for value in values]


def standard_target(values: np.ndarray) -> Row:
    return [value for (value,) in standardized(values[:, None])]


class Problem(NamedTuple):
    """x has no column for the bias, which comes last. l2: ½ λ ‖w‖², the bias left out; bound: of the loss'
    second derivative, None where it has none.
    """

    desc: str
    x: list[Row]
    y: Row
    loss: Loss
    bound: float | None
    l2: Decimal = ZERO


def problems() -> dict[str, Problem]:
    diabetes, linnerud, cancer = load_diabetes(scaled=False), load_linnerud(), load_breast_cancer()
    two = load_iris().target > 0
    iris, kinds = load_iris().data[two], load_iris().target[two] - 1
    z, y = standardized(diabetes.data), target(diabetes.target)
    versicolor, ystd = standardized(iris), standard_target(diabetes.target)
    powers = [[row[2], row[2] ** 2, row[2] ** 3] for row in z]
    return {
        "ols/diabetes_std": Problem("diabetes(scaled=False) z-scored, y raw", z, y, squared, 2),
        "ols/diabetes_raw": Problem("load_diabetes(scaled=False), y raw", exact(diabetes.data), y, squared, 2),
        "ols/linnerud_Weight_std": Problem(
            "linnerud exercises z-scored -> Weight",
            standardized(linnerud.data),
            target(linnerud.target[:, 0]),
            squared,
            2,
        ),
        "ridge/diabetes_std_lam0.1": Problem("mse + 0.1*||w||^2", z, y, squared, 2, D("0.2")),
        "poly/diabetes_bmi_std_deg3": Problem(
            "powers 1..3 of z-scored bmi (powers not re-scaled)", powers, y, squared, 2
        ),
        "huber/diabetes_std_ystd_delta1": Problem("y z-scored", z, ystd, huber, 1),
        "logcosh/diabetes_std_ystd": Problem("y z-scored", z, ystd, log_cosh, 1),
        "logistic/iris_vv_std_lam0": Problem(
            "iris versicolor(0)/virginica(1), 4 features z-scored on the 100 rows; unregularised "
            "(not separable: optimum exists)",
            versicolor,
            target(kinds),
            logistic,
            0.25,
        ),
        "logistic/bc_std_lam0.01": Problem(
            "breast_cancer 30 features z-scored, (lam/2)||w||^2",
            standardized(cancer.data),
            target(cancer.target),
            logistic,
            0.25,
            D("0.01"),
        ),
        "sqhinge/iris_vv_std_lam0.01": Problem(
            "iris versicolor -1 / virginica +1", versicolor, target(kinds), squared_hinge, 2, D("0.01")
        ),
        "poisson/linnerud_Chins_std_lam0": Problem(
            "physiological (Weight,Waist,Pulse) z-scored -> count Chins",
            standardized(linnerud.target),
            target(linnerud.data[:, 0]),
            poisson,
            None,
        ),
    }


# Newton's method --------------------------------------------------------------------------------------


def solved(matrix: list[list], right: list) -> list:
    """M v = r by Gauss's elimination with pivots, in whatever arithmetic the entries have."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for k in range(size):
        pivot = max(range(k, size), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(k + 1, size):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    found = [right[0] * 0] * size
    for k in reversed(range(size)):
        rest = sum((rows[k][j] * found[j] for j in range(k + 1, size)), right[0] * 0)
        found[k] = (rows[k][size] - rest) / rows[k][k]
    return found


def dot(a: Sequence[Decimal], b: Sequence[Decimal]) -> Decimal:
    return sum((p * q for p, q in zip(a, b, strict=True)), ZERO)


Derivatives = tuple[Decimal, Row, list[Row]]


def derivatives(problem: Problem, w: Row) -> Derivatives:
    """Cost, gradient and Hessian."""
    size, rows = len(w), [[*row, ONE] for row in problem.x]
    cost, gradient = ZERO, [ZERO] * size
    hessian = [[ZERO] * size for _ in range(size)]
    for row, y in zip(rows, problem.y, strict=True):
        value, slope, bend = problem.loss(dot(w, row), y)
        cost += value
        gradient = [g + slope * x for g, x in zip(gradient, row, strict=True)]
        for i, x in enumerate(row if bend else []):
            bent = bend * x
            for j in range(i + 1):
                hessian[i][j] += bent * row[j]
    return averaged(cost, gradient, hessian, len(rows), w, [problem.l2] * (size - 1) + [ZERO])


def averaged(
    cost: Decimal, gradient: Row, hessian: list[Row], rows: int, w: Row, l2: Sequence[Decimal]
) -> Derivatives:
    """The means, with the penalty of each parameter; of the Hessian the lower half is given."""
    size = len(w)
    full = [[hessian[max(i, j)][min(i, j)] / rows for j in range(size)] for i in range(size)]
    for j in range(size):
        full[j][j] += l2[j]
    penalty = sum((strength * v * v for strength, v in zip(l2, w, strict=True)), ZERO) / 2
    slopes = [g / rows + strength * v for g, strength, v in zip(gradient, l2, w, strict=True)]
    return cost / rows + penalty, slopes, full


def newton(at: Callable[[Row], Derivatives], w: Row) -> tuple[Decimal, Row]:
    """The minimum and the minimiser: steps are halved until the cost falls, or there is nothing to gain."""
    cost, gradient, hessian = at(w)
    for _ in range(100):
        step = solved(hessian, gradient)
        if max(map(abs, step)) <= D("1e-60") * max(map(abs, w)):
            return cost, w
        length = ONE
        while True:
            tried = [v - length * s for v, s in zip(w, step, strict=True)]
            found = at(tried)
            if found[0] <= cost or length < D("1e-6"):
                break
            length /= 2
        w, (cost, gradient, hessian) = tried, found
    raise ArithmeticError


def softmax_derivatives(x: list[Row], labels: Sequence[int], l2: Decimal, w: Row) -> Derivatives:
    """Three classes, parameters class after class. The cost does not change where all biases grow alike; half
    the square of their sum is added, which is 0 where they are chosen to have the sum 0.
    """
    size = len(x[0]) + 1
    cost, gradient = ZERO, [ZERO] * (3 * size)
    hessian = [[ZERO] * (3 * size) for _ in range(3 * size)]
    for features, label in zip(x, labels, strict=True):
        row = [*features, ONE]
        e = [dot(w[k * size : (k + 1) * size], row).exp() for k in range(3)]
        p = [value / sum(e) for value in e]
        cost -= p[label].ln()
        for i in range(3 * size):
            k, x_i = i // size, row[i % size]
            gradient[i] += (p[k] - (k == label)) * x_i
            for j in range(i + 1):
                m = j // size
                hessian[i][j] += (p[k] * (k == m) - p[k] * p[m]) * x_i * row[j % size]
    strengths = ([l2] * (size - 1) + [ZERO]) * 3
    cost, gradient, hessian = averaged(cost, gradient, hessian, len(x), w, strengths)
    biases = range(size - 1, 3 * size, size)
    total = sum(w[i] for i in biases)
    for i in biases:
        gradient[i] += total
        for j in biases:
            hessian[i][j] += 1
    return cost + total * total / 2, gradient, hessian


# what the file holds ----------------------------------------------------------------------------------


def text(value: Decimal, digits: int) -> str:
    """So many significant digits, without zeros at the end."""
    if abs(value) < D("1e-60"):
        return "0.0"
    exponent = value.adjusted() - digits + 1
    shown = f"{value.quantize(D(1).scaleb(exponent)):f}" if exponent < 0 else f"{value:f}"
    return shown.rstrip("0") + "0" if shown.rstrip("0").endswith(".") else shown.rstrip("0")


def rounded(values: Row, digits: int) -> list[str]:
    return [text(value, digits) for value in values]


#: Relative gaps, and the iterations after which descent gives up.
GAPS, MOST = ("0.01", "0.0001", "1e-06", "1e-08"), 100_000

Cost = Callable[[np.ndarray], tuple[float, np.ndarray]]


def iterations(cost: Cost, w: np.ndarray, rate: float, lowest: float) -> dict[str, int | None]:
    """The first iteration at which each gap was reached."""
    reached: dict[str, int | None] = dict.fromkeys(GAPS)
    left, start = list(GAPS), cost(w)[0]
    for k in range(MOST + 1):
        value, gradient = cost(w)
        while left and value - lowest <= float(left[0]) * (start - lowest):
            reached[left.pop(0)] = k
        if not left:
            break
        w = w - rate * gradient
    return reached


def floats(x: list[Row]) -> np.ndarray:
    """With a column for the bias."""
    return np.column_stack([np.array(x, dtype=float), np.ones(len(x))])


#: Slope and value of each loss on all rows.
LOSSES: dict[Loss, Callable] = {
    squared: lambda z, y: ((z - y) ** 2, 2 * (z - y)),
    huber: lambda z, y: (
        np.where(abs(z - y) <= 1, (z - y) ** 2 / 2, abs(z - y) - 0.5),
        np.clip(z - y, -1, 1),
    ),
    log_cosh: lambda z, y: (np.log(np.cosh(z - y)), np.tanh(z - y)),
    logistic: lambda z, y: (np.logaddexp(0, z) - y * z, 1 / (1 + np.exp(-z)) - y),
    squared_hinge: lambda z, y: (
        np.maximum(0, 1 - (2 * y - 1) * z) ** 2,
        -2 * (2 * y - 1) * np.maximum(0, 1 - (2 * y - 1) * z),
    ),
}


def entry(problem: Problem) -> dict:
    size = len(problem.x[0]) + 1
    zeros = [ZERO] * size
    start, slope, _ = derivatives(problem, zeros)
    lowest, w = newton(lambda point: derivatives(problem, point), zeros)
    made = {
        "desc": problem.desc,
        "min_cost": text(lowest, 25),
        "params": rounded(w, 25),
        "cost_at_zero": text(start, 20),
        "grad_at_zero": rounded(slope, 17),
        "L_global": None,
    }
    if problem.bound is None:
        return made
    x, y, l2 = floats(problem.x), np.array(problem.y, dtype=float), float(problem.l2)
    kept = np.array([l2] * (size - 1) + [0.0])
    bend = problem.bound * float(np.linalg.eigvalsh(x.T @ x / len(x))[-1]) + l2

    def cost(w: np.ndarray) -> tuple[float, np.ndarray]:
        values, slopes = LOSSES[problem.loss](x @ w, y)
        return values.mean() + kept @ (w * w) / 2, x.T @ slopes / len(y) + kept * w

    counts = iterations(cost, np.zeros(size), 1 / bend, float(lowest))
    return {**made, "L_global": bend, "gd_iters_lr_1_over_L_global_from_zero": counts}


def softmax() -> dict:
    x, labels, l2 = standardized(load_iris().data), load_iris().target.tolist(), D("0.01")
    zeros = [ZERO] * 15
    start, slope, _ = softmax_derivatives(x, labels, l2, zeros)
    lowest, w = newton(lambda point: softmax_derivatives(x, labels, l2, point), zeros)
    design, ones = floats(x), np.eye(3)[labels]
    kept = np.array([0.01] * 4 + [0.0])
    bend = 0.5 * float(np.linalg.eigvalsh(design.T @ design / len(x))[-1]) + 0.01

    def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(3, 5)
        z = design @ weights.T
        totals = np.logaddexp.reduce(z, axis=1)
        value = (totals - (z * ones).sum(axis=1)).mean() + (kept * weights**2).sum() / 2
        slopes = (np.exp(z - totals[:, None]) - ones).T @ design / len(x) + kept * weights
        return value, slopes.ravel()

    return {
        "desc": "iris 4 features z-scored",
        "min_cost": text(lowest, 25),
        "params": [rounded(w[k : k + 5], 25) for k in (0, 5, 10)],
        "cost_at_zero": text(start, 20),
        "grad_at_zero": [rounded(slope[k : k + 5], 17) for k in (0, 5, 10)],
        "L_global": bend,
        "gd_iters_lr_1_over_L_global_from_zero": iterations(cost, np.zeros(15), 1 / bend, float(lowest)),
    }


def infimum(two_classes: Decimal) -> dict:
    return {
        "desc": "iris 3-class unregularised softmax, any full-rank affine feature scaling. setosa separates "
        "from the rest, so no minimiser exists; infimum = (100/150)*min_cost(logistic/iris_vv lam0). Proof: "
        "-log p_k >= binary loss on the two other classes; setosa direction scaled to infinity "
        "attains it in the limit.",
        "infimum": text(two_classes * 2 / 3, 25),
        "attained": False,
    }


def absolute() -> dict:
    """Least absolute errors: the optimal vertex passes through as many rows as there are parameters."""
    bunch = load_diabetes(scaled=False)
    x, y = floats(standardized(bunch.data)), bunch.target
    rows, size = x.shape
    # min Σ (u + v) with x w + u − v = y and u, v ≥ 0
    costs = np.concatenate([np.zeros(size), np.ones(2 * rows)])
    bounds = [(None, None)] * size + [(0, None)] * (2 * rows)
    found = linprog(costs, A_eq=np.hstack([x, np.eye(rows), -np.eye(rows)]), b_eq=y, bounds=bounds)
    residuals = y - x @ found.x[:size]
    touched = sorted(np.argsort(abs(residuals))[:size].tolist())
    at = [[Fraction(float(v)) for v in row] for row in x]
    w = solved([at[i] for i in touched], [Fraction(float(y[i])) for i in touched])
    left = [
        Fraction(float(t)) - sum(a * b for a, b in zip(w, row, strict=True))
        for t, row in zip(y, at, strict=True)
    ]
    pull = [
        sum(row[j] * (1 if r > 0 else -1) for row, r in zip(at, left, strict=True) if r) / 2
        for j in range(size)
    ]
    dual = solved([[at[i][j] for i in touched] for j in range(size)], [-v for v in pull])
    assert all(abs(v) <= Fraction(1, 2) for v in dual), "the vertex is not the minimum"
    lowest = sum(map(abs, left)) / rows
    return {
        "desc": "diabetes z-scored (float64 z), y raw; mae = mean|r|, pinball as defined",
        "min_cost": text(decimal(lowest), 25),
        "params": rounded([decimal(v) for v in w], 25),
        "dual_certificate_in_[tau-1,tau]": [float(v) for v in dual],
        "interpolated_points": touched,
    }


def decimal(value: Fraction) -> Decimal:
    return D(value.numerator) / D(value.denominator)


def make() -> dict:
    made = {name: entry(problem) for name, problem in problems().items()}
    made["poisson/linnerud_Chins_std_lam0"].pop("gd_iters_lr_1_over_L_global_from_zero", None)
    two = problems()["logistic/iris_vv_std_lam0"]
    least, _ = newton(lambda w: derivatives(two, w), [ZERO] * 5)
    return {
        "source": "tests/oracles/generate/optima.py: Newton's method in 80 digits, or an exact vertex; "
        "costs as defined there",
        **made,
        "softmax/iris_std_lam0.01": softmax(),
        "softmax/iris_lam0_INFIMUM": infimum(least),
        "mae/diabetes_std": absolute(),
    }


if __name__ == "__main__":
    # eigenvalues are LAPACK's; all else comes out to the last digit
    main("optima", make, tolerance=1e-15)
