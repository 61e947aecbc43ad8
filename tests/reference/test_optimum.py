"""Reference optima agree with certified ones, and where there is none they say so, with a proof."""

import math
import random
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.data.data import load
from gdbench.descent.kernels.definition import define, prepare
from gdbench.descent.kernels.kernel import compiled
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms
from gdbench.reference.optimum import reference_optimum
from gdbench.reference.solvers.exact import exact_rows
from gdbench.reference.solvers.separation import falls_along
from tests.oracle_data import (
    CERTIFIED,
    LINEAR,
    LOGISTIC,
    NONE,
    PROBLEMS,
    SOFTMAX,
    Source,
    certified_parameters,
    l2,
    oracle_problem,
)

CROSS_ENTROPY = {"logistic": {}}
ATTAINED = [name for name in PROBLEMS if "min_cost" in CERTIFIED[name]]
L1, L1_BIAS = {"l1": {"strength": 0.05}}, {"l1": {"strength": 0.05, "bias": True}}
NET, L2_BIAS = {"elastic_net": {"strength": 0.1, "ratio": 0.3}}, {"l2": {"strength": 0.1, "bias": True}}


@pytest.mark.parametrize("name", ATTAINED)
def test_the_optimum_is_the_certified_one(name):
    table, model, cost, penalty = oracle_problem(name)
    optimum = reference_optimum(model, cost, penalty, table)
    assert optimum.kind == ("closed form" if "mse" in cost else "solver")
    assert optimum.cost == pytest.approx(float(CERTIFIED[name]["min_cost"]), rel=1e-14)
    assert list(optimum.parameters) == pytest.approx(certified_parameters(name), rel=1e-12)
    assert optimum.gradient_norm < 1e-9


def objective_of(model, cost, penalty, table):
    prepared, outputs = prepare(cost, table)
    return compiled(define(model, cost, table.features, penalty, outputs), prepared)


@pytest.mark.parametrize("name", ATTAINED)
def test_the_costs_that_runs_minimise_have_the_certified_minimum_there(name):
    table, model, cost, penalty = oracle_problem(name)
    objective = objective_of(model, cost, penalty, table)
    at_optimum = objective.cost(certified_parameters(name))
    assert at_optimum == pytest.approx(float(CERTIFIED[name]["min_cost"]), rel=1e-12)


def noisy_table(seed=3, rows=25, classes=None):
    rng = random.Random(seed)
    targets = [rng.gauss(1, 2) if classes is None else float(rng.randrange(classes)) for _ in range(rows)]
    return Table([(rng.gauss(0, 1), rng.gauss(2, 3), y) for y in targets], 2)


REGRESSION = [{name: {}} for name in ("mse", "half_mse", "mae", "huber", "log_cosh")] + [
    {"pinball": {"tau": 0.3}}
]
CLASSIFICATION = [{name: {}} for name in ("logistic", "hinge", "squared_hinge")]
CASES = [
    *product([LINEAR, {"polynomial": {"degree": 2}}], REGRESSION, [None]),
    *product([LOGISTIC], CLASSIFICATION, [2]),
    (SOFTMAX, {"softmax": {}}, 3),
    ({"poisson": {}}, {"poisson": {}}, 4),
]


@pytest.mark.parametrize("penalty", [NONE, l2(0.1), L2_BIAS, L1, L1_BIAS, NET], ids=str)
@pytest.mark.parametrize(("model", "cost", "classes"), CASES, ids=str)
def test_no_point_nearby_costs_less_than_the_optimum(model, cost, classes, penalty):
    table = noisy_table(classes=classes)
    optimum = reference_optimum(model, cost, penalty, table)
    absolute_and_squared = {"mae", "pinball"} & set(cost) and {"l2", "elastic_net"} & set(penalty)
    hinge = "hinge" in cost and penalty in (L2_BIAS, NET)
    if absolute_and_squared or hinge:
        assert optimum.kind == "unknown"
        return
    assert optimum.kind in ("closed form", "solver")
    objective = objective_of(model, cost, penalty, table)
    w = list(optimum.parameters)
    assert objective.cost(w) == pytest.approx(optimum.cost, rel=1e-12)
    rng = random.Random(0)
    for size in (1e-6, 1e-3, 1e-1, 1.0):
        for _ in range(20):
            other = [w_j + size * rng.gauss(0, 1) for w_j in w]
            assert objective.cost(other) >= optimum.cost * (1 - 1e-14 * math.copysign(1, optimum.cost))


@pytest.mark.parametrize(
    "source",
    [
        Source("iris", classes=("setosa", "versicolor"), standardize=True),
        Source("iris", classes=("setosa", "virginica")),
        Source("breast_cancer", standardize=True),
        Source("breast_cancer"),
    ],
    ids=["setosa/versicolor", "setosa/virginica raw", "breast_cancer", "breast_cancer raw"],
)
def test_separable_classes_have_no_optimum_and_the_direction_proves_it(source):
    table = load(source).table
    optimum = reference_optimum(LOGISTIC, CROSS_ENTROPY, NONE, table)
    assert (optimum.kind, optimum.cost) == ("none exists", None)
    for score, y in exact_scores(optimum.parameters, table):
        assert (score > 0) == (y == 1.0)
        assert score != 0


def exact_scores(parameters, table):
    *weights, bias = map(Fraction, parameters)
    for *x, y in table.rows:
        yield bias + sum(w * Fraction(value) for w, value in zip(weights, x, strict=True)), y


@pytest.mark.parametrize("name", ["iris", "wine"])
@pytest.mark.parametrize("standardized", [True, False], ids=["standardized", "raw"])
def test_three_separable_classes_have_no_optimum_and_the_direction_proves_it(name, standardized):
    table = load(Source(name, standardize=standardized)).table
    optimum = reference_optimum(SOFTMAX, {"softmax": {}}, NONE, table)
    assert (optimum.kind, optimum.cost) == ("none exists", None)
    width = table.features + 1
    rows = [optimum.parameters[k * width : (k + 1) * width] for k in range(3)]
    scores = [[score for score, _ in exact_scores(row, table)] for row in rows]
    margins = [
        scores[int(row[-1])][i] - scores[k][i]
        for i, row in enumerate(table.rows)
        for k in range(3)
        if k != row[-1]
    ]
    assert min(margins) >= 0
    assert max(margins) > 0


def test_three_overlapping_classes_have_an_optimum_in_closed_form():
    # the features say nothing, so the scores are the logarithms of the classes' shares 1/6, 2/6, 3/6
    table = Table([(x, y) for y in (0.0, 1.0, 1.0, 2.0, 2.0, 2.0) for x in (-1.0, 1.0)], 1)
    optimum = reference_optimum(SOFTMAX, {"softmax": {}}, NONE, table)
    shares = [1 / 6, 2 / 6, 3 / 6]
    assert optimum.kind == "solver"
    assert optimum.cost == pytest.approx(-sum(p * math.log(p) for p in shares), rel=1e-14)
    biases = optimum.parameters[1::2]
    assert biases[2] - biases[0] == pytest.approx(math.log(3), rel=1e-13)


def test_classes_that_only_touch_have_no_optimum_either():
    # quasi-separable: the cost falls for ever along w = 1, although x = 0 occurs in both classes
    table = Table([(-1.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 1.0)], 1)
    assert reference_optimum(LOGISTIC, CROSS_ENTROPY, NONE, table).kind == "none exists"


def test_classes_that_seem_to_touch_but_cannot_be_proved_to_are_unknown():
    # the same, moved and scaled so that rounding spoils the proof; a solver alone would stop far out on
    # the slope, see no gradient there, and call it the minimum
    thirds = [(x / 3.0 + 0.1, y) for x, y in ((-1.0, 0.0), (0.2, 0.0), (0.2, 1.0), (1.0, 1.0))]
    optimum = reference_optimum(LOGISTIC, CROSS_ENTROPY, NONE, Table(thirds, 1))
    assert optimum.kind in ("none exists", "unknown")


def test_overlapping_classes_have_an_optimum_in_closed_form():
    # without features that tell them apart, the bias is the log-odds: log(3/1)
    table = Table([(0.0, 0.0), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0)], 1)
    optimum = reference_optimum(LOGISTIC, CROSS_ENTROPY, NONE, table)
    assert optimum.kind == "solver"
    assert optimum.parameters[-1] == pytest.approx(1.0986122886681098, rel=1e-12)


@pytest.mark.parametrize("penalty", [NONE, l2(0.1), L1], ids=str)
@pytest.mark.parametrize(
    ("model", "cost", "y", "direction"),
    [
        (LOGISTIC, CROSS_ENTROPY, 1.0, 1.0),
        (LOGISTIC, CROSS_ENTROPY, 0.0, -1.0),
        ({"poisson": {}}, {"poisson": {}}, 0.0, -1.0),
    ],
)
def test_equal_targets_let_a_free_bias_run_away(model, cost, y, direction, penalty):
    table = Table([(0.5, y), (-1.0, y), (2.0, y)], 1)
    optimum = reference_optimum(model, cost, penalty, table)
    assert optimum.kind == "none exists"
    for score, _ in exact_scores(optimum.parameters, table):
        assert score * direction > 0


@pytest.mark.parametrize(("model", "cost"), [(LOGISTIC, CROSS_ENTROPY), ({"poisson": {}}, {"poisson": {}})])
def test_a_penalised_bias_does_not_run_away(model, cost):
    table = Table([(0.5, 0.0), (-1.0, 0.0)], 1)
    assert reference_optimum(model, cost, L2_BIAS, table).kind == "solver"


def test_a_group_without_counts_has_no_poisson_optimum():
    # the second feature marks rows whose counts are all 0: their rate may fall for ever
    table = Table([(0.3, 0.0, 2.0), (1.7, 0.0, 1.0), (0.9, 0.0, 0.0), (0.4, 1.0, 0.0), (1.1, 1.0, 0.0)], 2)
    optimum = reference_optimum({"poisson": {}}, {"poisson": {}}, NONE, table)
    assert optimum.kind == "none exists"
    scores = list(exact_scores(optimum.parameters, table))
    assert all(score == 0 for score, y in scores if y > 0)
    assert max(score for score, _ in scores) == 0
    assert min(score for score, _ in scores) < 0


@pytest.mark.parametrize("cost", [{"hinge": {}}, {"squared_hinge": {}}])
def test_a_hinge_that_fits_every_row_attains_zero(cost):
    table = load(Source("breast_cancer", standardize=True)).table
    optimum = reference_optimum(LOGISTIC, cost, NONE, table)
    assert (optimum.kind, optimum.cost) == ("solver", 0.0)
    assert objective_of(LOGISTIC, cost, NONE, table).cost(list(optimum.parameters)) == 0.0


@pytest.mark.parametrize("cost", REGRESSION, ids=str)
def test_equal_targets_are_fitted_exactly_by_the_bias(cost):
    optimum = reference_optimum(LINEAR, cost, NONE, Table([(1.0, 7.5), (2.0, 7.5), (4.0, 7.5)], 1))
    assert optimum.cost == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("cost", [*REGRESSION[:1], *REGRESSION[2:]], ids=str)
@pytest.mark.parametrize("features", [(2.0,), (3.0, -1.0)], ids=["one feature", "two features"])
def test_one_row_is_fitted_exactly(cost, features):
    optimum = reference_optimum(LINEAR, cost, NONE, Table([(*features, 5.0)], len(features)))
    assert optimum.kind in ("closed form", "solver")
    assert optimum.cost == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("cost", REGRESSION, ids=str)
def test_columns_that_say_nothing_new_change_no_minimum(cost):
    table = noisy_table()
    wider = Table([(a, b, a + b, 0.0, 3.0, y) for a, b, y in table.rows], 5)
    narrow, wide = (reference_optimum(LINEAR, cost, NONE, t) for t in (table, wider))
    assert wide.kind in ("closed form", "solver")
    assert wide.cost == pytest.approx(narrow.cost, rel=1e-12)


@pytest.mark.parametrize("standardized", [True, False], ids=["standardized", "raw"])
def test_constant_columns_of_digits_do_not_disturb_least_squares(standardized):
    optimum = reference_optimum(
        LINEAR, {"mse": {}}, NONE, load(Source("digits", standardize=standardized)).table
    )
    assert optimum.kind == "closed form"
    assert optimum.cost == pytest.approx(3.29561070936, rel=1e-10)


def test_digits_in_ten_classes_have_an_optimum_with_a_penalty():
    table = load(Source("digits", standardize=True)).table
    optimum = reference_optimum(SOFTMAX, {"softmax": {}}, l2(0.01), table)
    assert optimum.kind == "solver"
    assert optimum.gradient_norm < 1e-9


@given(
    st.lists(st.tuples(*[st.fractions(-50, 50, max_denominator=64)] * 3), min_size=1, max_size=8),
    st.sampled_from([0.0, 0.25]),
)
@settings(max_examples=60, deadline=None)
def test_least_squares_solve_the_normal_equations(rows, strength):
    table = Table([tuple(map(float, row)) for row in rows], 2)
    penalty = l2(strength) if strength else NONE
    optimum = reference_optimum(LINEAR, {"half_mse": {}}, penalty, table)
    _, gradient = objective_of(LINEAR, {"half_mse": {}}, penalty, table).cost_and_gradient(
        list(optimum.parameters)
    )
    size = 1.0 + max(abs(float(v)) for row in rows for v in row)
    largest = 1.0 + max(map(abs, optimum.parameters))
    assert max(map(abs, gradient)) <= 1e-13 * size * size * largest


def test_powers_too_alike_for_floats_are_told_apart_exactly():
    # NIST's Wampler1: y = 1 + x + … + x⁵, whose normal equations have condition 10¹³
    table = Table([(float(x), float(sum(x**k for k in range(6)))) for x in range(21)], 1)
    optimum = reference_optimum({"polynomial": {"degree": 5}}, {"mse": {}}, NONE, table)
    assert (optimum.kind, optimum.cost) == ("closed form", 0.0)
    assert list(optimum.parameters) == [1.0] * 6


def test_a_cost_that_is_not_convex_has_no_known_optimum():
    table = load(Source("breast_cancer", standardize=True)).table
    optimum = reference_optimum(LOGISTIC, {"mse": {}}, NONE, table)
    assert (optimum.kind, optimum.cost) == ("unknown", None)
    assert "not convex" in optimum.explanation


@pytest.mark.parametrize(
    ("model", "cost", "y"),
    [(LOGISTIC, CROSS_ENTROPY, 2.0), (LOGISTIC, {"hinge": {}}, -1.0), ({"poisson": {}}, {"poisson": {}}, -1.0)],
)
def test_targets_that_the_cost_is_not_defined_for_have_no_known_optimum(model, cost, y):
    assert reference_optimum(model, cost, NONE, Table([(1.0, y), (2.0, 1.0)], 1)).kind == "unknown"


def test_more_parameters_than_rows_are_fitted_exactly():
    table = Table([(1.0, 2.0, 3.0), (2.0, 1.0, 5.0)], 2)
    assert reference_optimum(LINEAR, {"mse": {}}, NONE, table).cost == pytest.approx(0.0, abs=1e-28)


def test_a_direction_separates_if_no_row_is_on_the_wrong_side_and_one_at_least_is_off_the_boundary():
    exact, sides = exact_rows(Terms(list), Table([(-1.0, 0.0), (1.0, 1.0)], 1)), [-1.0, 1.0]
    assert falls_along((1.0, 0.0), exact, sides)
    assert falls_along((1.0, 1.0), exact, sides)
    assert not falls_along((1.0, 1.5), exact, sides)
    assert not falls_along((-1.0, 0.0), exact, sides)
    assert not falls_along((0.0, 0.0), exact, sides)
