"""The model that was learned: names, units and equations, held against scikit-learn's closed form."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import PolynomialFeatures

from gdbench.descent.activations import ACTIVATIONS
from gdbench.descent.models import mlp, parameter_names
from gdbench.descent.numerics.powers import Polynomial
from gdbench.descent.problems.shape import Layer, names_of_layers
from gdbench.judgement.model import best_models, model_of
from gdbench.judgement.model.original import _affine, inputs_of, undone
from gdbench.judgement.sentences.learned import equations, flat_words, point, short
from gdbench.judgement.study import study
from tests.sampling import most
from tests.swept import swept

FAST = """\
grid:
  model: {model}
  cost: mse
  learning_rate: {{barzilai_borwein: {{first: 0.1}}}}
  convergence: {{any: [{{gradient_norm: 1.0e-13}}, {{max_iterations: 20000}}]}}
"""
GRID = "grid: {{model: linear, cost: mse, learning_rate: {rate}, convergence: {{max_iterations: 9}}}}\n"


def houses(folder, *, rows=60, constant=False):
    """A table of houses whose price is known but for noise."""
    numbers = random.Random(5)
    lines, seen = ["area,bedrooms,floor,price" if constant else "area,bedrooms,price"], []
    for _ in range(rows):
        area, bedrooms = round(numbers.uniform(800, 4000), 1), numbers.randrange(1, 6)
        price = round(89_598 + 139.21 * area - 8_738 * bedrooms + numbers.gauss(0, 2000), 2)
        seen.append((area, bedrooms, price))
        lines.append(f"{area},{bedrooms},{'3,' if constant else ''}{price}")
    (folder / "houses.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return np.array(seen)


def learned(folder, text):
    with swept(folder, text) as store:
        return best_models(study(store), store)


def by_name(model):
    return {parameter.name.text: parameter.original for parameter in model.parameters}


def near(found, expected):
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9 * max(map(abs, np.ravel(expected))))


@pytest.mark.parametrize("constant", [False, True], ids=["plain", "with a constant column"])
def test_parameters_in_original_units_are_scikit_learns(tmp_path, constant):
    table = houses(tmp_path, constant=constant)
    data = "data: {file: houses.csv, target: price, standardize: true}\n"
    [model] = learned(tmp_path, data + FAST.format(model="linear"))
    oracle = LinearRegression().fit(table[:, :2], table[:, 2])
    found = by_name(model)
    near([found["area"], found["bedrooms"], found["bias"]], [*oracle.coef_, oracle.intercept_])
    if constant:
        assert found["floor"] == 0.0, "a column that never varies was made 0, so it has no say"
    [equation] = equations(model)
    assert equation == (
        f"price = {short(oracle.intercept_)} + {short(oracle.coef_[0])}·area "
        f"− {short(-oracle.coef_[1])}·bedrooms"
    )


def test_what_is_learned_is_what_the_method_answers_with_and_says_so(tmp_path):
    data = "data: {dataset: diabetes, features: [bmi, bp], standardize: true}\n"
    grid = GRID.format(rate="0.1").replace("grid: {", "grid: {optimizer: schedule_free_sgd, ")
    [model] = learned(tmp_path, data + grid)
    result = model.run.result
    assert model.fitted == result.answer["parameters"] != result.parameters
    assert "the method answers with" in point(model)
    assert model.to_plain()["point"] == "answer"
    [plain] = learned(tmp_path, data + GRID.format(rate="0.1"))
    assert point(plain) == ""


def test_polynomials_are_multiplied_out(tmp_path):
    [model] = learned(
        tmp_path,
        "data: {dataset: diabetes, features: [bmi, bp], standardize: true}\n"
        + FAST.format(model="{polynomial: 2}"),
    )
    data = model.problem.data
    assert data["features"] == ["bmi", "bp"]
    raw = load_diabetes(scaled=False)
    x = raw.data[:, [raw.feature_names.index(name) for name in ("bmi", "bp")]]
    columns = PolynomialFeatures(2, include_bias=False).fit_transform(x)[:, [0, 2, 1, 4]]
    oracle = LinearRegression().fit(columns, raw.target)
    found = by_name(model)
    near([found[name] for name in ("bmi", "bmi²", "bp", "bp²")], oracle.coef_)
    near([found["bias"]], [oracle.intercept_])


@pytest.mark.exhaustive
@settings(max_examples=most(30, 300), deadline=None)
@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 2**32))
def test_a_polynomial_predicts_the_same_in_both_units(features, degree, seed):
    numbers = random.Random(seed)
    data = {
        "features": [f"x{j}" for j in range(features)],
        "standardized": True,
        "means": [numbers.uniform(-50, 50) for _ in range(features)],
        "stds": [numbers.choice([0.0, numbers.uniform(0.1, 20)]) for _ in range(features)],
    }
    spec = {"model": {"polynomial": {"degree": degree}}}
    names = parameter_names(spec["model"], data["features"], [""])
    values = [numbers.gauss(0, 1) for _ in names]
    found = undone(spec, data, names, [""], values).values
    x = [numbers.uniform(-3, 3) for _ in range(features)]
    z = [(v - m) / s if s else 0.0 for v, m, s in zip(x, data["means"], data["stds"], strict=True)]
    powers = [v**k for v in z for k in range(1, degree + 1)]
    there = math.fsum(w * p for w, p in zip(values, [*powers, 1.0], strict=True))
    signs = {name.text: value for name, value in found.items()}
    superscripts = "¹²³⁴⁵"
    terms = [signs["bias"]]
    for j in range(features):
        terms += [
            signs[f"x{j}{superscripts[k - 1] if k > 1 else ''}"] * x[j] ** k for k in range(1, degree + 1)
        ]
    assert math.fsum(terms) == pytest.approx(there, rel=1e-9, abs=1e-9 * math.fsum(map(abs, terms)))


def test_products_of_features_are_multiplied_out():
    data = {"features": ["a", "b"], "standardized": True, "means": [3.0, -1.0], "stds": [2.0, 0.5]}
    spec = {"model": {"polynomial": {"degree": 2, "interactions": True}}}
    names = parameter_names(spec["model"], ["a", "b"], [""])
    found = undone(spec, data, names, [""], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).values
    # of (a − 3)/2 and 2b + 2, by hand
    expected = {"a": 2.5, "a²": 0.5, "b": 23.0, "b²": 16.0, "a·b": 5.0, "bias": 16.0}
    assert {name.text: value for name, value in found.items()} == expected


def test_a_model_without_a_bias_has_one_in_the_units_of_the_data():
    slopes = Layer(2, 1, (0, 1), ())
    assert [name.text for name in names_of_layers([slopes], ["a", "b"], [""])] == ["a", "b"]
    inputs = inputs_of({"features": ["a"], "standardized": True, "means": [4.0], "stds": [2.0]})
    found = _affine(list, Layer(1, 1, (0,), ()), inputs, [""], [3.0]).values
    assert {name.text: value for name, value in found.items()} == {"a": 1.5, "bias": -6.0}


def test_a_network_takes_the_means_into_its_first_layer():
    data = {"features": ["a", "b"], "standardized": True, "means": [3.0, -1.0], "stds": [2.0, 0.5]}
    spec = {"model": {"mlp": {"hidden": [3, 2], "activation": "tanh"}}}
    names = parameter_names(spec["model"], ["a", "b"], [""])
    numbers = random.Random(2)
    values = [numbers.gauss(0, 1) for _ in names]
    found = undone(spec, data, names, [""], values).values
    folded = [found[name] for name in names]
    x = [1.7, 0.3]
    there = mlp(values, [(x[0] - 3.0) / 2.0, (x[1] + 1.0) / 0.5], 1, hidden=[3, 2])
    assert mlp(folded, x, 1, hidden=[3, 2]) == pytest.approx(there, rel=1e-12)
    assert names[0].text == "layer 1, unit 1 ← a"
    assert names[-1].text == "layer 3 ← bias"
    assert "tanh" in ACTIVATIONS


@pytest.mark.parametrize(
    ("perturb", "tolerance"),
    [
        ("{shift: 3.0}", 1e-9),
        ("{scale: 0.5, shift: -1.0}", 1e-9),
        ("{rotation: true, seed: 4, shift: 0.5}", 1e-9),
    ],
)
def test_a_perturbation_is_undone_as_well(tmp_path, perturb, tolerance):
    table = houses(tmp_path)
    data = f"data: {{file: houses.csv, target: price, standardize: true, perturb: {perturb}}}\n"
    [model] = learned(tmp_path, data + FAST.format(model="linear"))
    oracle = LinearRegression().fit(table[:, :2], table[:, 2])
    found = by_name(model)
    assert [found["area"], found["bedrooms"]] == pytest.approx(oracle.coef_, rel=tolerance)


@pytest.mark.parametrize(
    ("choice", "features", "outputs", "expected"),
    [
        ({"linear": {}}, ["area"], [""], ["area", "bias"]),
        ({"polynomial": {"degree": 2}}, ["a", "b"], [""], ["a", "a²", "b", "b²", "bias"]),
        ({"softmax": {}}, ["a"], ["cat", "dog"], ["cat: a", "cat: bias", "dog: a", "dog: bias"]),
        ({"formula": {"expression": "b1*(1-exp(-b10*x)) + b2"}}, ["t"], [""], ["b1", "b2", "b10"]),
        (
            {"mlp": {"hidden": [1]}},
            ["a"],
            ["cat", "dog"],
            [
                "layer 1, unit 1 ← a",
                "layer 1, unit 1 ← bias",
                "layer 2, cat ← unit 1",
                "layer 2, dog ← unit 1",
                "layer 2, cat ← bias",
                "layer 2, dog ← bias",
            ],
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_parameters_have_the_names_of_what_they_multiply(choice, features, outputs, expected):
    assert [name.text for name in parameter_names(choice, features, outputs)] == expected


def test_a_constant_column_and_the_bias_are_determined_together_only(tmp_path):
    houses(tmp_path, constant=True)
    text = """\
data: {file: houses.csv, target: price}
grid:
  model: linear
  cost: mse
  learning_rate: {over_L: 1.0}
  convergence: {max_iterations: 5}
"""
    [model] = learned(tmp_path, text)
    assert [flat_words(flat) for flat in model.flat] == ["Only 3·floor + bias is determined."]
    with swept(tmp_path, text.replace("price}", "price, standardize: true}")) as store:
        [model] = best_models(study(store), store)
    assert [flat_words(flat) for flat in model.flat] == [
        "floor is not determined: whatever it is, no prediction changes."
    ]


def test_copies_of_a_column_are_determined_in_sum(tmp_path):
    lines = ["a,b,c,y", *(f"{x},{x},{x * x % 7},{3 * x + x * x % 7}" for x in range(12))]
    (tmp_path / "twice.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = "data: {file: twice.csv, target: y, standardize: true}\n" + GRID.format(rate="0.1")
    [model] = learned(tmp_path, text)
    assert [flat_words(flat) for flat in model.flat] == ["Only the sum of a and b is determined."]


def test_equations_say_what_the_response_is(tmp_path):
    text = """\
data: {{dataset: iris, {classes}standardize: true, features: ["petal length (cm)"]}}
grid: {{model: {model}, cost: {cost}, learning_rate: 0.5, convergence: {{max_iterations: 50}}}}
"""
    two = "classes: [versicolor, virginica], "
    [model] = learned(tmp_path, text.format(classes=two, model="logistic", cost="logistic"))
    assert equations(model)[0].startswith("P(virginica) = σ(−")
    [model] = learned(tmp_path, text.format(classes=two, model="linear", cost="hinge"))
    assert equations(model)[0].startswith("margin of virginica = −")
    [model] = learned(tmp_path, text.format(classes="", model="softmax", cost="softmax"))
    assert [line.split(" = ")[0] for line in equations(model)] == [
        "score of setosa",
        "score of versicolor",
        "score of virginica",
    ]
    assert len(model.flat) == 1


def test_a_basis_that_is_no_polynomial_says_so():
    with pytest.raises(TypeError):
        Polynomial.variable(0) / Polynomial.variable(0)
    with pytest.raises(TypeError):
        abs(Polynomial.variable(0))


def test_any_run_is_found_by_the_beginning_of_its_key(tmp_path):
    houses(tmp_path)
    text = "data: {file: houses.csv, target: price, standardize: true}\n" + GRID.format(rate="[0.1, 0.2]")
    with swept(tmp_path, text) as store:
        about = study(store)
        key = about.runs[1].key
        assert model_of(about, store, key[:8]).run.key == key
        with pytest.raises(Exception, match="no finished run has a key that begins with 'zzz'"):
            model_of(about, store, "zzz")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(89598.1, "89598"), (139.2123, "139.21"), (-8738.4, "−8738.4"), (1234567.8, "1234568"), (1e-7, "1e−7")],
)
def test_numbers_of_equations_are_short(value, expected):
    assert short(value) == expected
