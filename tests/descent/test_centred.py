"""The centred kernel: O(p²) an evaluation, and the digits that near a minimum every other kernel loses."""

import json
import math
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.data.data import load
from gdbench.data.source import Source
from gdbench.descent.errors import BadPairing
from gdbench.descent.execute import execute
from gdbench.descent.kernels.centred import centred_at, looped, unrolled
from gdbench.descent.kernels.definition import define
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.numerics.exact import gram, rounded_root
from gdbench.descent.numerics.householder import rotation
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.quadratic import Quadratic
from gdbench.descent.problems.table import Table
from tests.descent.problems import spec, table

LINEAR, MSE, HALF, NONE = {"linear": {}}, {"mse": {}}, {"half_mse": {}}, {"none": {}}
ROUNDING = 2.0**-53


def objective(kernel, data, *, model=LINEAR, cost=MSE, penalty=NONE):
    return KERNELS[kernel].function(define(model, cost, data.features, penalty), data)


class Truth:
    """f, ∇f and f − f* of a squared error in rational arithmetic, by rows and by plain elimination."""

    def __init__(self, data, *, degree=1, curvature=2, ridge=0.0, bias=False):
        self.rows = [
            (
                [*(Fraction(v) ** k for v in row[:-1] for k in range(1, degree + 1)), Fraction(1)],
                Fraction(row[-1]),
            )
            for row in data.rows
        ]
        size = len(self.rows[0][0])
        self.share = Fraction(curvature) / len(self.rows)
        self.ridge = [Fraction(ridge)] * (size - 1) + [Fraction(ridge if bias else 0)]
        hessian = [
            [
                self.share * sum(x[i] * x[j] for x, _ in self.rows) + self.ridge[i] * (i == j)
                for j in range(size)
            ]
            for i in range(size)
        ]
        moments = [self.share * sum(x[i] * y for x, y in self.rows) for i in range(size)]
        self.minimiser = solved(hessian, moments)
        self.minimum = self.cost(self.minimiser)
        self.bends = sum(hessian[i][i] for i in range(size))  # ≥ L, and ≤ p L

    def cost(self, w):
        w = [Fraction(v) for v in w]
        errors = [dot(x, w) - y for x, y in self.rows]
        return (
            self.share * dot(errors, errors) + sum(r * v * v for r, v in zip(self.ridge, w, strict=True))
        ) / 2

    def gradient(self, w):
        w = [Fraction(v) for v in w]
        slopes = [r * v for r, v in zip(self.ridge, w, strict=True)]
        for x, y in self.rows:
            error = self.share * (dot(x, w) - y)
            slopes = [s + error * x_j for s, x_j in zip(slopes, x, strict=True)]
        return slopes


def dot(a, b):
    return sum((Fraction(u) * Fraction(v) for u, v in zip(a, b, strict=True)), Fraction(0))


def solved(matrix, right):
    """Gauss–Jordan elimination of fractions; an unknown that is free is 0."""
    rows, size = [[*row, b] for row, b in zip(matrix, right, strict=True)], len(right)
    for k in range(size):
        if rows[k][k]:
            rows[k] = [v / rows[k][k] for v in rows[k]]
            for i in range(size):
                if i != k:
                    rows[i] = [a - rows[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[-1] if row[k] else Fraction(0) for k, row in enumerate(rows)]


def distance(a, b):
    return norm([float(Fraction(u) - Fraction(v)) for u, v in zip(a, b, strict=True)])


def conditioned(kappa, seed, features=4, rows=24):
    """Features whose second moments are rotated from 1 … 1/κ, a target that they explain in part."""
    random = Random(seed)
    axes = rotation(features, random)
    scales = [kappa ** (-0.5 * j / (features - 1)) for j in range(features)]
    found = []
    for _ in range(rows):
        z = [s * random.gauss(0, 1) for s in scales]
        x = [float(dot(axis, z)) for axis in axes]
        found.append((*x, sum(z) / scales[-1] * 0.1 + random.gauss(0, 1)))
    return Table(found, features)


def path(ours, start, rate, length):
    """The iterates of gradient descent at 0, 1, 2, 4, 8, …"""
    w, points = list(start), [list(start)]
    for k in range(1, length + 1):
        w = [w_j - rate * g_j for w_j, g_j in zip(w, ours.cost_and_gradient(w)[1], strict=True)]
        if k & (k - 1) == 0 or k == length:
            points.append(w)
    return points


PROBLEMS = [(10.0 ** (10 * i / 19), i) for i in range(20)]


def starts(truth, seed):
    """Zeros, near the minimum, far from it in every direction, and far out along the valleys."""
    random, size = Random(seed), len(truth.minimiser)
    yield [0.0] * size
    yield [float(v) + 1e-3 * random.gauss(0, 1) for v in truth.minimiser]
    yield [100 * random.gauss(0, 1) for _ in range(size)]
    yield [float(v) * (1 + 100 * random.gauss(0, 1)) for v in truth.minimiser]


@pytest.mark.parametrize(("kappa", "seed"), PROBLEMS, ids=[f"kappa {k:.0e}" for k, _ in PROBLEMS])
def test_along_whole_paths_its_errors_are_what_distance_makes_and_at_most_twice_the_compiled_kernels(
    kappa, seed
):
    data = conditioned(kappa, seed)
    truth, theirs = Truth(data), objective("compiled", data)
    bound = float(truth.bends)
    for start in starts(truth, seed):
        ours = objective("centred", data).about(start)
        for w in path(ours, start, 1 / bound, 1024):
            gradient, cost = truth.gradient(w), truth.cost(w)
            gap, steep = cost - truth.minimum, norm([float(g) for g in gradient])
            found, slopes, found_gap = ours.with_gap(w)
            _, compiled_slopes = theirs.cost_and_gradient(w)
            away = min(distance(w, start), distance(w, truth.minimiser))
            # a float's share of a slope is lost however it is worked out
            allowed = max(2 * distance(compiled_slopes, gradient), 100 * ROUNDING * bound * away)
            assert distance(slopes, gradient) <= allowed + ROUNDING * steep
            assert distance(slopes, gradient) <= 4 * ROUNDING * (bound * away + steep)
            assert abs(Fraction(found_gap) - gap) <= 1e-13 * gap
            assert abs(Fraction(found) - cost) <= 2 * ROUNDING * cost + Fraction(1e-13) * gap


def test_near_the_optimum_of_the_diabetes_data_sixteen_digits_of_the_gradient_are_left():
    data = standardized("diabetes")
    truth = Truth(data)
    kernels = {name: objective(name, data) for name in ("compiled", "qr", "centred")}
    for away, compiled, qr in [
        (1e-2, 1e-14, 1e-13),
        (1e-5, 1e-11, 1e-10),
        (1e-8, 1e-8, 1e-7),
        (1e-11, 1e-5, 1e-4),
    ]:
        w = [float(v) + away for v in truth.minimiser]
        gradient = truth.gradient(w)
        steep = norm([float(g) for g in gradient])
        error = {k: distance(f.cost_and_gradient(w)[1], gradient) / steep for k, f in kernels.items()}
        assert error["centred"] <= 4e-16
        assert error["compiled"] >= compiled
        assert error["qr"] >= qr
        gap = truth.cost(w) - truth.minimum
        assert abs(Fraction(kernels["centred"].with_gap(w)[2]) - gap) <= 1e-15 * gap


def standardized(name):
    return load(Source(name, standardize=True)).table


@given(
    seed=st.integers(0, 10**6),
    features=st.integers(1, 6),
    rows=st.integers(1, 20),
    cost=st.sampled_from([(MSE, 2), (HALF, 1)]),
    penalty=st.sampled_from([{}, {"strength": 0.3}, {"strength": 2.0, "bias": True}]),
)
@settings(max_examples=60, deadline=None)
def test_with_fewer_rows_than_parameters_and_with_ridge_it_is_the_function_that_rationals_give(
    seed, features, rows, cost, penalty
):
    random, data = Random(seed), table(features, rows, seed)
    chosen = {"l2": penalty} if penalty else NONE
    truth = Truth(data, curvature=cost[1], ridge=penalty.get("strength", 0.0), bias=penalty.get("bias", False))
    start, w, d = ([random.uniform(-3, 3) for _ in range(features + 1)] for _ in range(3))
    ours = objective("centred", data, cost=cost[0], penalty=chosen).about(start)
    for point in (start, w):
        found, slopes, gap = ours.with_gap(point)
        exact, gradient = truth.cost(point), truth.gradient(point)
        scale = max(1.0, *map(abs, map(float, gradient)))
        assert found == pytest.approx(float(exact), rel=1e-14, abs=1e-30)
        assert gap == pytest.approx(float(exact - truth.minimum), rel=1e-13, abs=1e-30)
        assert slopes == pytest.approx([float(g) for g in gradient], rel=1e-14, abs=1e-14 * scale)
        assert ours.cost_and_gradient(point) == (found, slopes)
        assert ours.cost(point) == found
    moved = [v + 0.7 * d_j for v, d_j in zip(w, d, strict=True)]
    slope = float(dot(truth.gradient(moved), d))
    assert ours.along(w, d)(0.7) == pytest.approx((float(truth.cost(moved)), slope), rel=1e-13, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_dependent_and_constant_columns_are_expanded_about_the_minimiser_nearest_to_the_start(seed):
    random = Random(seed)
    rows = [(a, 2.0 * a, 0.0, 1.0, random.gauss(0, 1)) for a in (random.gauss(0, 1) for _ in range(25))]
    data, start = Table(rows, 4), [random.gauss(0, 5) for _ in range(5)]
    truth, ours = Truth(data), objective("centred", data).about(start)
    end = path(ours, start, 0.1, 400)[-1]
    assert ours.with_gap(end)[2] == pytest.approx(float(truth.cost(end) - truth.minimum), rel=1e-13)
    known = centred_at(quadratic_in(data), tuple(start))
    assert known.minimiser.point == pytest.approx(end, rel=1e-12)
    assert distance(ours.cost_and_gradient(end)[1], truth.gradient(end)) <= 1e-14 * 1e-14


def quadratic_in(data, ridge=0.0):
    columns = [*zip(*(row[:-1] for row in data.rows), strict=True), [1.0] * len(data.rows)]
    return Quadratic([*columns, [row[-1] for row in data.rows]], 2.0, [ridge] * len(columns))


def test_powers_of_degree_fifteen_are_no_obstacle():
    random = Random(1)
    rows = [(x, random.gauss(0, 1) + x) for x in (random.uniform(0, 3) for _ in range(40))]
    data, model = Table(rows, 1), {"polynomial": {"degree": 15}}
    truth, ours = Truth(data, degree=15), objective("centred", data, model=model)
    zeros, best = [0.0] * 16, [float(v) for v in truth.minimiser]
    for w in (zeros, best):
        gradient = truth.gradient(w)
        assert ours.with_gap(w)[1] == pytest.approx([float(g) for g in gradient], rel=1e-15)
        assert ours.with_gap(w)[2] == pytest.approx(float(truth.cost(w) - truth.minimum), rel=1e-14)
    assert ours.cost(zeros) == pytest.approx(float(truth.cost(zeros)), rel=1e-15)


def test_a_target_that_is_fitted_exactly_has_the_minimum_zero():
    data = Table([(1.0, 3.0), (2.0, 5.0), (4.0, 9.0)], 1)
    assert objective("centred", data).with_gap([2.0, 1.0]) == (0.0, [0.0, 0.0], 0.0)


@pytest.mark.parametrize("size", [1, 2, 7, 22, 33])
@pytest.mark.parametrize("dependent", [False, True])
def test_unrolled_and_looped_give_the_same_bits(size, dependent):
    random = Random(size)
    rows = [[random.gauss(0, 1) for _ in range(size)] for _ in range(40)]
    if dependent:
        rows = [(*row[:-1], 2.0 * row[0], row[-1]) for row in rows]
    data = Table([tuple(row) for row in rows], len(rows[0]) - 1)
    width = data.features + 1
    start = [random.gauss(0, 1) for _ in range(width)]
    known = centred_at(quadratic_in(data), tuple(start))
    straight, loops = unrolled(width, known.first)(known), looped(known)
    for w in (start, known.minimiser.point, [random.gauss(0, 1) for _ in range(width)], [1e300] * width):
        for ours, theirs in zip(straight, loops, strict=True):
            assert repr(ours(list(w))) == repr(theirs(list(w)))
        assert repr(straight[2](list(w))[:2]) == repr(straight[1](list(w)))


def test_products_of_columns_are_those_of_whole_numbers():
    random = Random(2)
    columns = [[random.randint(-(2**b), 2**b) for _ in range(50)] for b in (1, 60, 200, 3, 0)]
    naive = [
        [sum(a * b for a, b in zip(u, v, strict=True)) for v in columns[i:]] for i, u in enumerate(columns)
    ]
    assert gram(columns) == naive


@given(
    numerator=st.integers(-(2**200), 2**200), denominator=st.integers(1, 2**300), shift=st.integers(-900, 900)
)
def test_roots_are_rounded_to_the_nearest_float(numerator, denominator, shift):
    numerator, denominator = numerator << max(shift, 0), denominator << max(-shift, 0)
    found = rounded_root(numerator, denominator)
    assert (found < 0) == (numerator < 0)
    square = Fraction(numerator**2, denominator)
    below, above = (
        (Fraction(found) + Fraction(math.nextafter(found, to))) / 2
        for to in (0.0, math.copysign(math.inf, found))
    )
    assert below**2 <= square <= above**2


def test_the_complex_step_goes_through_it():
    data, w = table(), [0.1, 0.2, -0.3, 0.4]
    ours = objective("centred", data, penalty={"l2": {"strength": 0.5}})
    gradient = ours.cost_and_gradient(w)[1]
    for j in range(4):
        moved = [complex(v, 1e-100 if i == j else 0.0) for i, v in enumerate(w)]
        assert ours.complex_cost(moved).imag / 1e-100 == pytest.approx(gradient[j], rel=1e-12)


def test_a_target_far_below_the_roundings_of_the_cost_is_met_where_it_is_met_and_else_not_measured():
    data = standardized("diabetes")
    truth = Truth(data)
    constants = ProblemConstants(float(truth.minimum), float(truth.cost([0.0] * 11)))
    asked = {"learning_rate": {"constant": {"rate": 0.2}}, "targets": ["1e-06", "1e-20"]}
    rule = {"any": [{"target": {"gap": 1e-20}}, {"max_iterations": {"limit": 6000}}]}
    ours = execute(spec(kernel={"centred": {}}, convergence=rule, **asked), data, constants)
    # 60 digits say 5,683 as well; the rounded cost happens to equal f* at 4,261
    assert (ours.iterations, ours.iterations_to["1e-20"], ours.outcome) == (5683, 5683, "converged")
    # what is not measured is neither a target met nor a reason to stop
    for kernel, gradient in (("qr", "analytic"), ("centred", "complex_step")):
        changes = {"kernel": {kernel: {}}, "gradient": {gradient: {}}, "convergence": rule}
        theirs = execute(spec(**changes, **asked), data, constants)
        assert theirs.iterations_to == {"1e-06": ours.iterations_to["1e-06"], "1e-20": None}
        assert theirs.outcome == "stopped"


@pytest.mark.parametrize("rate", ["backtracking", "wolfe"])
def test_a_line_search_sees_decreases_that_no_cost_shows(rate):
    data = conditioned(30.0, 2)
    truth = Truth(data)
    constants = ProblemConstants(float(truth.minimum), float(truth.cost([0.0] * 5)))
    ends = {}
    for kernel in ("centred", "compiled"):
        changes = {"learning_rate": {rate: {}}, "convergence": {"max_iterations": {"limit": 1500}}}
        end = execute(spec(kernel={kernel: {}}, **changes), data, constants)
        ends[kernel] = norm([float(g) for g in truth.gradient(end.parameters)])
    assert ends["centred"] <= 1e-15
    assert ends["centred"] < 1e-3 * ends["compiled"]


def test_the_rise_along_a_line_keeps_its_digits_where_costs_differ_by_less_than_a_rounding():
    data = conditioned(1e3, 1)
    truth = Truth(data)
    w = [float(v) + 1e-11 for v in truth.minimiser]
    d = [-float(g) for g in truth.gradient(w)]
    for alpha in (1e-3, 0.3, 1.5):
        moved = [Fraction(v) + Fraction(alpha) * Fraction(d_j) for v, d_j in zip(w, d, strict=True)]
        rise, slope = objective("centred", data).rise(w, d)(alpha)
        assert rise == pytest.approx(float(truth.cost(moved) - truth.cost(w)), rel=1e-10)
        assert slope == pytest.approx(float(dot(truth.gradient(moved), d)), rel=1e-10)


def test_batches_are_the_compiled_kernels():
    data, w = table(), [0.1, 0.2, -0.3, 0.4]
    for ours in (objective("centred", data), objective("centred", data).about(w)):
        assert ours.on(data.rows[:5])(w) == objective("compiled", data).on(data.rows[:5])(w)


def test_numbers_beyond_the_range_make_a_cost_that_is_not_finite():
    data = Table([(1e200, 1.0), (2e200, 3.0), (-1e200, 2.0)], 1)
    ours = objective("centred", data)
    assert ours.cost([1e-190, 0.0]) == pytest.approx(2e20, rel=1e-9)
    assert not math.isfinite(ours.cost([1e200, 0.0]))
    assert not math.isfinite(ours.cost_and_gradient([1e200, 0.0])[1][0])


def test_a_run_counts_the_same_evaluations_and_ends_at_the_same_place():
    data = table(rows=50)
    ours, theirs = (execute(spec(kernel={k: {}}), data, ProblemConstants()) for k in ("centred", "compiled"))
    assert (ours.row_passes, ours.iterations) == (theirs.row_passes, theirs.iterations)
    assert ours.parameters == pytest.approx(theirs.parameters, rel=1e-12)


@pytest.mark.parametrize(
    ("model", "cost", "penalty", "blamed"),
    [
        (LINEAR, {"huber": {}}, NONE, "squared error, such as cost mse or half_mse"),
        (LINEAR, MSE, {"l1": {"strength": 0.1}}, "penalty none or l2"),
        ({"logistic": {}}, MSE, NONE, "unlike model 'logistic'"),
        ({"mlp": {}}, MSE, NONE, "unlike model 'mlp'"),
    ],
    ids=json.dumps,
)
def test_other_costs_and_models_are_refused_with_the_remedy(model, cost, penalty, blamed):
    with pytest.raises(BadPairing, match=f"{blamed}.*; use kernel 'compiled'"):
        objective("centred", table(), model=model, cost=cost, penalty=penalty)
