"""On tiny, degenerate and extreme tables a problem is recorded without a crash, and claims no false optimum."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.data.data import Dataset
from gdbench.descent.kernels.definition import define, prepare
from gdbench.descent.kernels.kernel import compiled
from gdbench.descent.problems.table import Table
from gdbench.reference.problem import Problem
from gdbench.reference.problem_records import problem_record
from tests.oracle_data import LINEAR, LOGISTIC, SOFTMAX, l2
from tests.sampling import most

ORDINARY = (0.0, 1.0, -1.0, 2.0, 3.0, 0.1)
EXTREME = (5e-324, 1e-160, -1e-160, 1e-8, 1e8, 1e80, 1e160, -1e160, 2e160, 1e300, 1.7e308, -1.7e308)
NUMBERS = st.sampled_from(ORDINARY) | st.sampled_from((*ORDINARY, *EXTREME))
CLASSES = {"binary": (0.0, 1.0), "classes": (0.0, 1.0, 2.0)}
COSTS = [
    *[(LINEAR, cost, "numbers") for cost in ("mse", "half_mse", "mae", "huber", "log_cosh", "pinball")],
    *[(LOGISTIC, cost, "binary") for cost in ("logistic", "hinge", "squared_hinge")],
    (SOFTMAX, "softmax", "classes"),
    ({"poisson": {}}, "poisson", "counts"),
]
#: Costs whose optimum is found on a path of easier ones, which is long where the targets are large.
SLOW = ("huber", "log_cosh")
#: What a claim may be missed by, of the cost at zero; a solver's cost is rounded down to the digits that hold.
SURE, ROUNDED_DOWN = Fraction(1, 10**8), Fraction(1, 10**3)
DEFAULTS = {"huber": {"delta": 1.0}, "pinball": {"tau": 0.3}}
STRENGTHS = st.sampled_from([0.1, 0.0, 1.0, 1e-300, 1e-12, 1e12, 1e300])
PENALTIES = (
    st.just({"none": {}})
    | st.builds(
        lambda name, strength, bias: {name: {"strength": strength, "bias": bias}},
        st.sampled_from(["l1", "l2"]),
        STRENGTHS,
        st.booleans(),
    )
    | st.builds(
        lambda strength: {"elastic_net": {"strength": strength, "ratio": 0.3, "bias": False}}, STRENGTHS
    )
)


@st.composite
def tables(draw, targets):
    """One to four rows of one or two features; often a row twice, or a column that is a multiple of another."""
    features = draw(st.integers(1, 2))
    of = {
        "numbers": NUMBERS,
        "counts": st.sampled_from([0.0, 1.0, 2.0, 7.0, 1e15, 1e160]),
        **{name: st.sampled_from(codes) for name, codes in CLASSES.items()},
    }[targets]
    rows = draw(st.lists(st.tuples(*[NUMBERS] * features, of), min_size=1, max_size=4))
    if draw(st.booleans()):
        rows = [(*[row[0]] * features, row[-1]) for row in rows]
    if draw(st.booleans()):
        rows += [(*row[:-1], draw(of)) for row in rows]
    if targets == "classes":
        rows.append((*rows[0][:-1], 1.0))  # of one class alone a config says so
    return Table(rows, features)


def recorded(model, cost, penalty, table, targets="numbers"):
    names = tuple("ab"[: table.features])
    data = Dataset("rows", "rows", table, names, "y", tuple(map(str, CLASSES.get(targets, ()))))
    return problem_record(Problem("id", {"model": model, "cost": cost, "penalty": penalty}, data))


def cost_of(model, cost, penalty, table):
    prepared, outputs = prepare(cost, table)
    return compiled(define(model, cost, table.features, penalty, outputs), prepared)


def size(record, table):
    """Of the cost at zero parameters, also where no float is as large."""
    if record.baseline is not None:
        return Fraction(max(abs(record.optimum.cost), record.baseline))
    return max(Fraction(row[-1]) ** 2 for row in table.rows)


def below(objective, optimum, slack):
    """Points near the claimed minimiser, and away from it, whose cost is below the claimed one."""
    at = list(optimum.parameters)
    points = [[v] * objective.size for v in (0.0, 1.0, -1.0, 1e-3, -100.0)]
    for j in range(len(at)):
        for share in (1e-4, -1e-4, 0.1, -0.5):
            moved = list(at)
            moved[j] += share * (abs(at[j]) or 1.0)
            points.append(moved)
    for point in points:
        try:
            value = objective.cost(point)
        except (ArithmeticError, ValueError):
            continue
        if math.isfinite(value) and Fraction(value) < Fraction(optimum.cost) - slack:
            yield point


@pytest.mark.exhaustive
@pytest.mark.parametrize(("model", "name", "targets"), COSTS, ids=[name for _, name, _ in COSTS])
def test_no_table_of_extremes_crashes_or_gets_a_false_optimum(model, name, targets):
    cost = {name: DEFAULTS.get(name, {})}

    @settings(max_examples=most(10, 250) if name in SLOW else most(40, 1000), deadline=None, derandomize=True)
    @given(tables(targets), PENALTIES)
    def holds(table, penalty):
        record = recorded(model, cost, penalty, table, targets)
        for value in (record.baseline, record.smoothness, record.convexity, record.optimum.cost):
            assert value is None or math.isfinite(value)
        if record.optimum.cost is not None:
            objective, scale = cost_of(model, cost, penalty, table), size(record, table)
            assert not list(below(objective, record.optimum, SURE * scale)), record.optimum
            if record.optimum.parameters:
                reached = objective.cost(list(record.optimum.parameters))
                slack = SURE if record.optimum.kind == "closed form" else ROUNDED_DOWN
                assert math.isfinite(reached)
                assert Fraction(reached) - Fraction(record.optimum.cost) <= slack * scale, record.optimum

    holds()


@pytest.mark.parametrize(
    ("model", "cost", "rows", "least"),
    [
        (LINEAR, {"huber": {"delta": 1.0}}, [(0.0, 0.0)], 0.0),
        (LINEAR, {"log_cosh": {}}, [(3.0, 0.0), (3.0, 0.0)], 0.0),
        (LOGISTIC, {"logistic": {}}, [(1, 1, 0), (1, 1, 1), (2, 2, 0), (2, 2, 1)], math.log(2.0)),
    ],
    ids=["one row of zeros", "nothing to fit", "each row in both classes"],
)
def test_zeros_that_are_a_minimiser_are_known_to_be_one(model, cost, rows, least):
    table = Table([tuple(map(float, row)) for row in rows], len(rows[0]) - 1)
    optimum = recorded(model, cost, {"none": {}}, table, "binary" if model == LOGISTIC else "numbers").optimum
    assert (optimum.kind, optimum.cost) == ("solver", pytest.approx(least, rel=1e-15))


@pytest.mark.parametrize("penalty", [{"none": {}}, l2(0.1)], ids=str)
@pytest.mark.parametrize("name", ["mse", "half_mse", "huber", "log_cosh"])
def test_an_optimum_beyond_the_largest_float_is_unknown(name, penalty):
    table = Table([(1.0, 1e160), (2.0, -1e160), (3.0, 2e160)], 1)
    record = recorded(LINEAR, {name: DEFAULTS.get(name, {})}, penalty, table)
    assert (record.optimum.kind, record.optimum.cost) == ("unknown", None)


@pytest.mark.parametrize("cost", ["huber", "log_cosh"])
def test_a_feature_that_stands_there_twice_costs_a_lasso_no_digits(cost):
    # what one weight does two of the same sign do together, at the same 1-norm: both have one minimum
    rows = [(0.0, 2.0), (0.0, 0.1), (1.0, 0.0)]
    choice, penalty = {cost: DEFAULTS.get(cost, {})}, {"l1": {"strength": 0.1, "bias": False}}
    once = recorded(LINEAR, choice, penalty, Table(rows, 1)).optimum
    twice = recorded(LINEAR, choice, penalty, Table([(x, x, y) for x, y in rows], 2)).optimum
    assert twice.cost == pytest.approx(once.cost, rel=1e-12)
    assert twice.cost <= once.cost


def test_a_minimiser_whose_direction_is_beyond_the_floats_is_said_to_be_unknown():
    optimum = recorded(LINEAR, {"mse": {}}, {"none": {}}, Table([(1.7e308, 0.0)], 1)).optimum
    assert (optimum.kind, optimum.cost) == ("unknown", None)
