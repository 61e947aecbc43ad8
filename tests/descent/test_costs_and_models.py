"""Costs, models and penalties against torch's autograd and closed forms, through the one mechanism."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import PolynomialFeatures

from gdbench.config.grid.components import read_choices
from gdbench.config.yaml.places import ConfigText, Mistakes, Places, Spot
from gdbench.data.data import load
from gdbench.descent.costs import COSTS
from gdbench.descent.kernels.definition import define, prepare
from gdbench.descent.kernels.kernel import compiled, reference
from gdbench.descent.models import MODELS
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import powers
from tests.oracle_data import Source

CASES = {
    case["name"]: case
    for case in json.loads(Path(__file__).parents[1].joinpath("oracles", "gradients.json").read_text("utf-8"))[
        "cases"
    ]
}
XOR = Table([(0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)], 2)


def standardized_target(table):
    y = [row[-1] for row in table.rows]
    mean = math.fsum(y) / len(y)
    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in y) / len(y))
    return Table([(*row[:-1], (row[-1] - mean) / sd) for row in table.rows], table.features)


def diabetes():
    return standardized_target(load(Source("diabetes", standardize=True)).table)


def iris():
    return load(Source("iris", standardize=True)).table


def mlp(width, activation):
    return {"mlp": {"hidden": [width], "activation": activation}}


LINEAR = {"linear": {}}
PROBLEMS = {
    "mse diabetes ystd": (diabetes, LINEAR, {"mse": {}}),
    "huber delta=1 diabetes ystd": (diabetes, LINEAR, {"huber": {"delta": 1.0}}),
    "pinball tau=.9 diabetes ystd": (diabetes, LINEAR, {"pinball": {"tau": 0.9}}),
    "hinge bc": (lambda: load(Source("breast_cancer", standardize=True)).table, LINEAR, {"hinge": {}}),
    "poisson iris target": (iris, {"poisson": {}}, {"poisson": {}}),
    "mlp 4-5-3 tanh softmax iris": (iris, mlp(5, "tanh"), {"softmax": {}}),
    "mlp 4-5-3 sigmoid softmax iris": (iris, mlp(5, "sigmoid"), {"softmax": {}}),
    "mlp 4-5-3 relu softmax iris": (iris, mlp(5, "relu"), {"softmax": {}}),
    "mlp 2-2-1 tanh bce xor": (lambda: XOR, mlp(2, "tanh"), {"logistic": {}}),
}


def objective_of(table, model, cost, penalty=None, kernel=compiled):
    prepared, outputs = prepare(cost, table)
    definition = define(model, cost, table.features, penalty or {"none": {}}, outputs)
    return kernel(definition, prepared)


def test_every_published_case_is_tested():
    assert PROBLEMS.keys() == CASES.keys()


@pytest.mark.parametrize("name", PROBLEMS)
def test_cost_and_gradient_are_those_of_autograd(name):
    make, model, cost = PROBLEMS[name]
    objective, case = objective_of(make(), model, cost), CASES[name]
    value, gradient = objective.cost_and_gradient(case["theta"])
    assert objective.size == case["n_params"]
    assert value == pytest.approx(case["cost"], rel=1e-12)
    assert gradient == pytest.approx(case["grad"], rel=1e-12, abs=1e-14)


#: r = p − y → (cost, slope) in closed form.
CLOSED_FORMS = {
    "mse": ({}, lambda r: (r * r, 2 * r)),
    "half_mse": ({}, lambda r: (r * r / 2, r)),
    "mae": ({}, lambda r: (abs(r), math.copysign(1.0, r) if r else 0.0)),
    "huber": (
        {"delta": 0.5},
        lambda r: (r * r / 2, r) if abs(r) <= 0.5 else (0.5 * (abs(r) - 0.25), math.copysign(0.5, r)),
    ),
    "log_cosh": ({}, lambda r: (math.log(math.cosh(r)), math.tanh(r))),
    "pinball": ({"tau": 0.25}, lambda r: (-0.25 * r if r < 0 else 0.75 * r, -0.25 if r < 0 else 0.75)),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
@given(r=st.floats(-20, 20).filter(lambda r: abs(r) > 1e-3))
def test_a_cost_of_the_residual_is_its_closed_form(name, r):
    parameters, form = CLOSED_FORMS[name]
    objective = objective_of(Table([(1.0, 0.0)], 1), LINEAR, {name: parameters})
    value, gradient = objective.cost_and_gradient([r, 0.0])
    cost, slope = form(r)
    assert value == pytest.approx(cost, rel=1e-12, abs=1e-15)
    assert gradient == pytest.approx([slope, slope], rel=1e-12)


@given(z=st.floats(-30, 30), y=st.sampled_from([0.0, 1.0]))
def test_margin_costs_are_their_closed_forms(z, y):
    s = 2 * y - 1
    for name, cost in [("hinge", max(0.0, 1 - s * z)), ("squared_hinge", max(0.0, 1 - s * z) ** 2)]:
        assert objective_of(Table([(1.0, y)], 1), LINEAR, {name: {}}).cost([z, 0.0]) == pytest.approx(
            cost, abs=1e-12
        )


@given(z=st.lists(st.floats(-700, 700), min_size=3, max_size=3), label=st.integers(0, 2))
def test_softmax_stays_finite_and_its_slopes_are_probabilities_less_the_label(z, label):
    # one feature that is 0, so that the scores are the biases; every class occurs
    table = Table([(0.0, float(label))], 1)
    prepared = Table([(0.0, *(1.0 if k == label else 0.0 for k in range(3)))], 1, 3)
    definition = define({"softmax": {}}, {"softmax": {}}, table.features, outputs=3)
    value, gradient = compiled(definition, prepared).cost_and_gradient([v for z_k in z for v in (0.0, z_k)])
    largest = max(z)
    total = math.fsum(math.exp(z_k - largest) for z_k in z)
    assert value == pytest.approx(largest + math.log(total) - z[label], rel=1e-12, abs=1e-12)
    shares = [math.exp(z_k - largest) / total - (k == label) for k, z_k in enumerate(z)]
    assert gradient[1::2] == pytest.approx(shares, rel=1e-12, abs=1e-14)


def test_two_classes_of_softmax_are_logistic_regression():
    table = Table([(0.5, 0.0), (-1.0, 1.0), (2.0, 1.0)], 1)
    two = objective_of(table, {"softmax": {}}, {"softmax": {}}).cost([0.0, 0.0, 1.5, -0.5])
    assert two == pytest.approx(
        objective_of(table, {"logistic": {}}, {"logistic": {}}).cost([1.5, -0.5]), rel=1e-14
    )


def test_a_polynomial_has_each_features_powers_and_no_products():
    assert powers([2.0, 3.0], 3) == [2.0, 4.0, 8.0, 3.0, 9.0, 27.0]
    objective = objective_of(Table([(2.0, 0.0)], 1), {"polynomial": {"degree": 3}}, {"mae": {}})
    assert objective.cost([1.0, 10.0, 100.0, 0.5]) == 2.0 + 40.0 + 800.0 + 0.5


def test_a_formula_is_fitted_like_any_model():
    objective = objective_of(
        Table([(0.5, 0.0)], 1), {"formula": {"expression": "b1 * (1 - exp(-b2 * x))"}}, {"half_mse": {}}
    )
    value, gradient = objective.cost_and_gradient([3.0, 2.0])
    p = 3.0 * (1 - math.exp(-1.0))
    assert value == pytest.approx(p * p / 2, rel=1e-14)
    assert gradient == pytest.approx([p * p / 3.0, p * 3.0 * 0.5 * math.exp(-1.0)], rel=1e-14)


PENALTIES = {
    "l1": ({"l1": {"strength": 0.5}}, lambda w: 0.5 * sum(abs(v) for v in w)),
    "l2": ({"l2": {"strength": 0.5}}, lambda w: 0.25 * sum(v * v for v in w)),
    "elastic_net": (
        {"elastic_net": {"strength": 0.5, "ratio": 0.25}},
        lambda w: 0.5 * (0.25 * sum(abs(v) for v in w) + 0.375 * sum(v * v for v in w)),
    ),
}


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("kernel", [compiled, reference])
@pytest.mark.parametrize("bias", [False, True])
def test_a_penalty_is_added_once_and_spares_biases_unless_asked(name, kernel, bias):
    choice, form = PENALTIES[name]
    choice = {name: {**choice[name], "bias": bias}}
    table, w = Table([(1.0, -2.0, 3.0), (0.5, 1.0, -1.0)], 2), [0.5, -0.25, 2.0]
    plain, penalised = (objective_of(table, LINEAR, {"mse": {}}, p, kernel) for p in (None, choice))
    assert penalised.cost(w) - plain.cost(w) == pytest.approx(form(w if bias else w[:2]), rel=1e-12)
    assert penalised.cost_and_gradient(w)[0] == penalised.cost(w)
    step = [complex(v, 1e-30 * (j == 2)) for j, v in enumerate(w)]
    assert penalised.cost_and_gradient(w)[1][2] == pytest.approx(
        penalised.complex_cost(step).imag / 1e-30, rel=1e-12
    )


def fits(model, cost):
    """Whether a model and a cost may be paired at all."""
    over_classes = COSTS[cost].facts.get("targets") == "classes"
    return MODELS[model].facts["many"] if over_classes else model != "softmax"


AFFINE = ("linear", "polynomial", "logistic", "softmax", "poisson")
AFFINE_PAIRS = [(model, cost) for model in AFFINE for cost in COSTS.names if fits(model, cost)]


@pytest.mark.parametrize(("model", "cost"), AFFINE_PAIRS)
@pytest.mark.parametrize("penalty", ["none", "l2"])
def test_every_affine_model_and_cost_agrees_between_kernels_bit_for_bit(model, cost, penalty):
    table = Table([(0.3 * i - 1.0, 0.1 * i * i - 0.5, float(i % 2)) for i in range(7)], 2)
    choice = {} if penalty == "none" else {"strength": 0.1}
    pair = [
        objective_of(table, {model: {}}, {cost: {}}, {penalty: choice}, kernel)
        for kernel in (compiled, reference)
    ]
    w = [0.3 * math.sin(1 + j) for j in range(pair[0].size)]
    assert pair[0].cost_and_gradient(w) == pair[1].cost_and_gradient(w)
    assert pair[0].cost(w) == pair[1].cost(w) == pair[0].cost_and_gradient(w)[0]


@pytest.mark.parametrize("model", ["linear", "polynomial", "softmax", "mlp"])
@given(alpha=st.floats(-2, 2))
def test_the_cost_along_a_ray_is_the_cost_at_its_points(model, alpha):
    table = Table([(0.3 * i - 1.0, 0.1 * i * i - 0.5, float(i % 3)) for i in range(7)], 2)
    cost = {"mse": {}} if model in {"linear", "polynomial"} else {"softmax": {}}
    objective = objective_of(table, {model: {}}, cost, {"l2": {"strength": 0.1}})
    w = [math.sin(1 + j) for j in range(objective.size)]
    d = [math.cos(1 + j) for j in range(objective.size)]
    value, gradient = objective.cost_and_gradient([a + alpha * b for a, b in zip(w, d, strict=True)])
    along, slope = objective.along(w, d)(alpha)
    assert along == pytest.approx(value, rel=1e-10, abs=1e-12)
    assert slope == pytest.approx(sum(g * b for g, b in zip(gradient, d, strict=True)), rel=1e-9, abs=1e-10)


@pytest.mark.parametrize(("features", "degree"), [(1, 3), (2, 2), (3, 2), (2, 4), (4, 3)])
def test_interactions_are_the_columns_that_scikit_learn_derives(features: int, degree: int) -> None:
    rows = np.random.default_rng(0).normal(size=(5, features))
    expected = PolynomialFeatures(degree, include_bias=False).fit_transform(rows)
    found = np.array([powers(row, degree, interactions=True) for row in rows])
    assert found.shape == expected.shape
    order = [np.lexsort(np.round(table, 9)) for table in (found, expected)]
    assert found[:, order[0]] == pytest.approx(expected[:, order[1]], rel=1e-12)


def test_interactions_of_which_nothing_is_said_are_not_written_down() -> None:
    mistakes = Mistakes(Places(Spot(ConfigText("c.yaml", ""), 0)))
    written = ["polynomial", {"polynomial": {"interactions": False}}, {"polynomial": {"interactions": True}}]
    choices = [choice for one in written for choice in read_choices(MODELS, one, (), mistakes)]
    assert [choice.to_plain() for choice in choices] == [
        {"polynomial": {"degree": 2}},
        {"polynomial": {"degree": 2}},
        {"polynomial": {"degree": 2, "interactions": True}},
    ]
