"""Initializers: exact where nothing is drawn, of the stated distribution where something is."""

import json
import math
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gdbench.descent.definition import find
from gdbench.descent.errors import BadPairing, BadParameter
from gdbench.descent.householder import factor, least_squares, orthonormal
from gdbench.descent.initializers import (
    INITIALIZERS,
    constant,
    from_data,
    gain_of,
    normal,
    published,
    sparse,
    truncated_normal,
    uniform,
    values,
    zeros,
)
from gdbench.descent.registry import Entry
from gdbench.descent.shape import Shape, dense, rows_with_bias
from gdbench.descent.table import Table

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "initializers.json").read_text())
SIZE = 20000
#: A correct initializer fails a test at this level once in a million seeds; the seeds are fixed.
LEVEL = 1e-6

#: The least that a config must give for each initializer.
REQUIRED = {"constant": {"value": 0.5}, "values": {"given": [0.5] * 35}, "sparse": {"sparsity": 0.5}}

TABLE = Table([(float(i), float(i * i % 7), 1.0, float(i % 2)) for i in range(12)], features=3)
#: A network of 3 inputs, 4 hidden units and 1 output, whose parameters are followed by three more weights.
NETWORK = Shape(24, (dense(3, 4), dense(4, 1, 16)), TABLE, "identity", ((1.5,) * 24,))


def drawn(entry: Entry, shape: Shape, random: Random) -> list[float]:
    given = REQUIRED.get(entry.name, {})
    if entry.name == "values":
        given = {"given": given["given"][: shape.size]}
    return entry.function(shape, random, **entry.resolve(given))


def start(choice: dict, shape: Shape, seed: int = 0) -> list[float]:
    """As a run begins: the parameters are read and checked first."""
    entry, parameters = find(INITIALIZERS, choice)
    return entry.function(shape, Random(seed), **parameters)


def matrix(w: list[float], layer) -> np.ndarray:
    return np.array([w[i] for i in layer.weights]).reshape(layer.fan_out, layer.fan_in)


# --- the same for every parameter


def test_zeros_and_constant_are_exact() -> None:
    assert zeros(Shape(3), Random(0)) == [0.0, 0.0, 0.0]
    assert constant(Shape(3), Random(0), value=-1.5) == [-1.5, -1.5, -1.5]


def test_values_are_those_given() -> None:
    assert start({"values": {"given": [1, -2, 0.5]}}, Shape(3)) == [1.0, -2.0, 0.5]


def test_as_many_values_are_needed_as_there_are_parameters() -> None:
    with pytest.raises(BadPairing, match=r"gives 2 numbers, but there are 3 parameters\. Give 3, biases among"):
        values(Shape(3), Random(0), [1.0, 2.0])


def test_the_published_start_is_the_problems_own() -> None:
    shape = Shape(2, starts=((1.0, 2.0), (3.0, 4.0)))
    assert published(shape, Random(0)) == [1.0, 2.0]
    assert published(shape, Random(0), number=2) == [3.0, 4.0]
    with pytest.raises(BadPairing, match="starting point 3, but this problem gives only 2"):
        published(shape, Random(0), number=3)
    with pytest.raises(BadPairing, match="this problem has none of its own"):
        published(Shape(2), Random(0))


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (-3.0, 0.5), (10.0, 4.0)])
def test_normal_has_the_mean_and_deviation_asked_for(mean: float, std: float) -> None:
    check_deviation(normal(Shape(SIZE), Random(11), mean, std), mean, std)


def check_deviation(sample: list[float], mean: float, std: float) -> None:
    """Of a normal sample."""
    size = len(sample)
    centre = math.fsum(sample) / size
    assert abs(centre - mean) < stats.norm.isf(LEVEL / 2) * std / math.sqrt(size)
    low, high = stats.chi2.interval(1 - LEVEL, size - 1)
    assert low < math.fsum((v - centre) ** 2 for v in sample) / std**2 < high


def test_normal_is_normal() -> None:
    assert stats.kstest(normal(Shape(SIZE), Random(12), 1.0, 2.0), stats.norm(1.0, 2.0).cdf).pvalue > LEVEL


def test_normal_without_deviation_is_its_mean() -> None:
    assert normal(Shape(3), Random(0), mean=2.5, std=0.0) == [2.5, 2.5, 2.5]


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (2.0, 5.0), (-0.01, 0.0)])
def test_uniform_is_uniform_between_its_ends(low: float, high: float) -> None:
    sample = uniform(Shape(SIZE), Random(13), low, high)
    assert low <= min(sample) <= max(sample) <= high
    assert stats.kstest(sample, stats.uniform(low, high - low).cdf).pvalue > LEVEL


@pytest.mark.parametrize(
    ("mean", "std", "low", "high"),
    [
        (0.0, 1.0, -2.0, 2.0),
        (1.0, 0.5, 0.9, 1.1),
        (0.0, 1.0, 2.0, 3.0),
        (0.0, 1.0, 2.0, 40.0),
        (-2.0, 3.0, -100.0, -8.0),
        (5.0, 2.0, 0.0, 1.0),
        (0.0, 1.0, 0.0, 1e-9),
    ],
)
def test_truncated_normal_is_the_bell_between_its_ends(mean, std, low, high) -> None:
    sample = truncated_normal(Shape(SIZE), Random(15), mean, std, low, high)
    assert low <= min(sample) <= max(sample) <= high
    law = stats.truncnorm((low - mean) / std, (high - mean) / std, mean, std)
    assert stats.kstest(sample, law.cdf).pvalue > LEVEL


def test_a_standard_normal_cut_at_two_deviations_has_pytorchs_deviation() -> None:
    known = next(s for s in ORACLE["schemes"] if s["scheme"] == "trunc_normal std1 a-2 b2")
    assert np.std(truncated_normal(Shape(SIZE), Random(16))) == pytest.approx(known["theory"], rel=0.02)


@pytest.mark.parametrize("initializer", [normal, uniform, truncated_normal])
def test_neighbouring_parameters_are_uncorrelated(initializer) -> None:
    sample = initializer(Shape(SIZE), Random(14))
    assert stats.pearsonr(sample[:-1], sample[1:]).pvalue > LEVEL


def test_defaults_are_the_standard_normal_and_the_interval_from_minus_1_to_1() -> None:
    shape = Shape(5)
    assert normal(shape, Random(1)) == normal(shape, Random(1), mean=0.0, std=1.0)
    assert uniform(shape, Random(1)) == uniform(shape, Random(1), low=-1.0, high=1.0)


# --- by layer

#: PyTorch's name of a scheme → ours, and the distribution that its formula gives for 400 × 300 weights.
SCHEMES = {
    "xavier_uniform": {"xavier_uniform": {}},
    "xavier_normal": {"xavier_normal": {}},
    "kaiming_uniform fan_in relu": {"he_uniform": {}},
    "kaiming_normal fan_in relu": {"he_normal": {}},
    "kaiming_normal fan_out relu": {"he_normal": {"mode": "fan_out"}},
    "lecun_normal (= xavier mode fan_in, gain 1)": {"lecun_normal": {}},
}


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_has_the_distribution_of_pytorchs_formula(name: str) -> None:
    known = next(s for s in ORACLE["schemes"] if s["scheme"] == name)
    fan_out, fan_in = known["shape_fan_out_x_fan_in"]
    layer = dense(fan_in, fan_out)
    w = start(SCHEMES[name], Shape(fan_out * (fan_in + 1), (layer,)), seed=17)
    sample, theory = matrix(w, layer).ravel(), known["theory"]
    assert np.std(sample) == pytest.approx(known["sample_std"], rel=0.01)
    law = stats.uniform(-theory, 2 * theory) if known["dist"].startswith("U") else stats.norm(0.0, theory)
    assert stats.kstest(sample, law.cdf).pvalue > LEVEL


def test_lecun_uniform_has_lecun_normals_deviation() -> None:
    layer = dense(100, 200)
    sample = matrix(start({"lecun_uniform": {}}, Shape(20200, (layer,))), layer).ravel()
    a = math.sqrt(3 / 100)
    assert stats.kstest(sample, stats.uniform(-a, 2 * a).cdf).pvalue > LEVEL


@pytest.mark.parametrize("nonlinearity", ["sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gains_are_pytorchs(nonlinearity: str) -> None:
    assert gain_of(nonlinearity) == ORACLE["gains"][nonlinearity]


def test_the_gain_of_leaky_relu_depends_on_its_slope() -> None:
    assert gain_of("leaky_relu", 0.2) == ORACLE["gains"]["leaky_relu(0.2)"]
    assert gain_of("leaky_relu", 0.0) == gain_of("relu")
    assert gain_of("leaky_relu", 1.0) == gain_of("identity") == ORACLE["gains"]["linear"]


@pytest.mark.parametrize("name", ["xavier_uniform", "xavier_normal", "orthogonal"])
def test_a_gain_multiplies_the_weights(name: str) -> None:
    plain, doubled = (start({name: {"gain": gain}}, NETWORK) for gain in (1.0, 2.0))
    assert doubled == pytest.approx([2.0 * v for v in plain], rel=1e-15)


def test_the_gain_of_a_he_scheme_comes_from_the_nonlinearity() -> None:
    relu, tanh = (start({"he_normal": {"nonlinearity": n}}, NETWORK) for n in ("relu", "tanh"))
    factor_ = gain_of("tanh") / gain_of("relu")
    assert tanh == pytest.approx([factor_ * v for v in relu], rel=1e-14)


BY_LAYER = [entry for entry in INITIALIZERS if entry.facts.get("layers")]


@pytest.mark.parametrize("entry", BY_LAYER, ids=lambda entry: entry.name)
class TestEveryInitializerByLayer:
    def test_refuses_a_model_without_layers(self, entry: Entry) -> None:
        with pytest.raises(BadPairing, match=f"'{entry.name}' goes by a model's layers, and this one has none"):
            drawn(entry, Shape(4), Random(0))


@pytest.mark.parametrize("entry", [e for e in BY_LAYER if "data" not in e.facts], ids=lambda entry: entry.name)
def test_weights_are_told_from_biases_wherever_they_lie(entry: Entry) -> None:
    together, apart = Shape(12, (dense(3, 3),)), Shape(12, (rows_with_bias(3, 3),))
    one, other = drawn(entry, together, Random(6)), drawn(entry, apart, Random(6))
    assert (matrix(one, together.layers[0]) == matrix(other, apart.layers[0])).all()
    assert [one[i] for i in together.layers[0].biases] == [0.0] * 3
    assert [other[i] for i in apart.layers[0].biases] == [0.0] * 3


@pytest.mark.parametrize(("fan_in", "fan_out"), [(5, 5), (30, 7), (7, 30), (1, 4), (4, 1), (1, 1)])
def test_orthogonal_weights_are_orthonormal_along_their_shorter_side(fan_in: int, fan_out: int) -> None:
    layer = dense(fan_in, fan_out)
    W = matrix(start({"orthogonal": {"gain": 3.0}}, Shape(fan_out * (fan_in + 1), (layer,))), layer)
    gram = W @ W.T if fan_out <= fan_in else W.T @ W
    # PyTorch reaches 4.4e-16 by LAPACK
    assert abs(gram / 9.0 - np.eye(len(gram))).max() < 1e-14


def test_orthogonal_matrices_are_uniform_over_rotations_and_reflections() -> None:
    # of a uniform orthogonal 2 × 2 matrix the first column has a uniform angle, the determinant either sign
    shape, random = Shape(6, (dense(2, 2),)), Random(18)
    found = [matrix(INITIALIZERS["orthogonal"].function(shape, random), shape.layers[0]) for _ in range(2000)]
    angles = [math.atan2(Q[1, 0], Q[0, 0]) for Q in found]
    assert stats.kstest(angles, stats.uniform(-math.pi, 2 * math.pi).cdf).pvalue > LEVEL
    assert stats.binomtest(sum(np.linalg.det(Q) > 0 for Q in found), 2000).pvalue > LEVEL


def test_identity_hands_the_inputs_on() -> None:
    shape = Shape(12, (dense(3, 2), dense(2, 1, 8)))
    w = start({"identity": {"gain": 0.5}}, shape)
    assert matrix(w, shape.layers[0]).tolist() == [[0.5, 0.0, 0.0], [0.0, 0.5, 0.0]]
    assert matrix(w, shape.layers[1]).tolist() == [[0.5, 0.0]]


@given(
    sparsity=st.floats(0.0, 1.0),
    fan_in=st.integers(1, 6),
    fan_out=st.integers(1, 12),
    seed=st.integers(0, 999),
)
@settings(max_examples=50, deadline=None)
def test_sparse_leaves_the_same_number_of_weights_for_each_input(sparsity, fan_in, fan_out, seed) -> None:
    layer = dense(fan_in, fan_out)
    W = matrix(sparse(Shape(fan_out * (fan_in + 1), (layer,)), Random(seed), sparsity, 1.0), layer)
    assert ((W == 0.0).sum(axis=0) == math.ceil(sparsity * fan_out)).all()


def test_sparse_zeroes_as_many_as_pytorch_and_draws_the_rest_normal() -> None:
    layer = dense(400, 100)
    W = matrix(start({"sparse": {"sparsity": 0.3, "std": 2.0}}, Shape(40100, (layer,)), seed=19), layer)
    assert {int(n) for n in (W == 0.0).sum(axis=0)} == set(ORACLE["sparse"]["zeros_per_column"])
    check_deviation(W[W != 0.0].tolist(), 0.0, 2.0)
    counts = (W == 0.0).sum(axis=1)  # each output is as likely to be cut off: 30 % of 400 inputs
    assert stats.chisquare(counts).pvalue > LEVEL


# --- from the data


def affine(table: Table, outputs: int, link: str) -> Shape:
    layer = rows_with_bias(table.features, outputs)
    return Shape((table.features + 1) * outputs, (layer,), table, link)


def on(targets: list[float], link: str, outputs: int = 1) -> Shape:
    return affine(Table([(float(i % 3), y) for i, y in enumerate(targets)], 1), outputs, link)


@pytest.mark.parametrize(
    ("link", "targets", "bias"),
    [
        ("identity", [1.0, 2.0, 6.0], 3.0),
        ("logit", [1.0, 0.0, 1.0, 1.0], math.log(3.0)),
        ("log", [0.0, 2.0, 4.0], math.log(2.0)),
    ],
)
def test_the_bias_predicts_the_mean_of_the_targets(link: str, targets: list[float], bias: float) -> None:
    assert from_data(on(targets, link), Random(0)) == [0.0, bias]


def test_the_biases_of_softmax_predict_the_share_of_each_class() -> None:
    _, one, _, two, _, three = from_data(on([0.0, 1.0, 1.0, 2.0], "softmax", outputs=3), Random(0))
    assert [math.exp(b) for b in (one, two, three)] == pytest.approx([0.25, 0.5, 0.25])


def test_class_numbers_and_one_column_for_each_class_give_the_same_start() -> None:
    labels = [0, 1, 1, 2, 2, 2]
    numbered = Table([(0.5 * i, float(y)) for i, y in enumerate(labels)], 1)
    columns = Table([(0.5 * i, *(float(y == k) for k in range(3))) for i, y in enumerate(labels)], 1, 3)
    for fit in (False, True):
        one, other = (
            from_data(affine(t, 3, "softmax"), Random(0), least_squares=fit) for t in (numbered, columns)
        )
        assert one == other


def test_only_the_last_layers_biases_are_set() -> None:
    w = from_data(NETWORK, Random(0))
    assert [i for i, v in enumerate(w) if v] == list(NETWORK.layers[-1].biases)
    assert w[NETWORK.layers[-1].biases[0]] == 0.5


def test_least_squares_starts_a_regression_at_its_solution() -> None:
    random = Random(20)
    X = np.array([[random.gauss(3.0, 10.0**j) for j in range(4)] for _ in range(30)])
    y = np.array([random.gauss(0.0, 1.0) for _ in range(30)])
    table = Table([(*x, y_i) for x, y_i in zip(X.tolist(), y.tolist(), strict=True)], 4)
    best = np.linalg.lstsq(np.column_stack([X, np.ones(30)]), y, rcond=None)[0]
    assert from_data(affine(table, 1, "identity"), Random(0), least_squares=True) == pytest.approx(
        best, rel=1e-9
    )


@pytest.mark.parametrize("link", ["logit", "log"])
def test_least_squares_takes_one_step_of_fisher_scoring_from_the_mean(link: str) -> None:
    random = Random(21)
    X = np.array([[random.gauss(0.0, 1.0) for _ in range(3)] for _ in range(40)])
    y = np.array([float(random.random() < 0.3) for _ in range(40)])
    table = Table([(*x, y_i) for x, y_i in zip(X.tolist(), y.tolist(), strict=True)], 3)
    A, m = np.column_stack([X, np.ones(40)]), y.mean()
    variance = m * (1 - m) if link == "logit" else m
    null = np.array([0.0, 0.0, 0.0, math.log(m / (1 - m)) if link == "logit" else math.log(m)])
    step = np.linalg.solve(A.T @ A * variance, A.T @ (y - m))  # (Σ v x xᵀ)⁻¹ Σ x (y − m)
    assert from_data(affine(table, 1, link), Random(0), least_squares=True) == pytest.approx(null + step)


def test_a_constant_feature_gets_no_weight_by_least_squares() -> None:
    table = Table([(7.0, float(i), 2.0 * i, 3.0 * i + 1.0) for i in range(5)], 3)
    w = from_data(affine(table, 1, "identity"), Random(0), least_squares=True)
    assert w == pytest.approx([0.0, 3.0, 0.0, 1.0], abs=1e-12)
    assert w[0] == w[2] == 0.0


@pytest.mark.parametrize(
    ("shape", "fit", "message"),
    [
        (on([1.0, 1.0], "logit"), False, "the mean 1, which no finite score predicts"),
        (on([0.0, 0.0], "log"), False, "the mean 0, which no finite score predicts"),
        (on([0.0, 2.0], "softmax", outputs=3), False, "the mean 0, which no finite score predicts"),
        (on([0.0, 1.0], ""), False, "needs data and a cost with a score for the mean of the targets"),
        (on([0.0, 1.0], "identity", outputs=2), False, "cannot match 2 outputs with 1 targets"),
        (NETWORK, True, "only a model of one layer on the features themselves"),
        (NETWORK._replace(layers=(dense(9, 1),)), True, "only a model of one layer on the features themselves"),
    ],
)
def test_data_without_a_finite_start_are_refused(shape, fit, message) -> None:
    with pytest.raises(BadPairing, match=message):
        from_data(shape, Random(0), least_squares=fit)


# --- QR


@given(
    st.integers(1, 7).flatmap(
        lambda n: st.lists(st.lists(st.floats(-10, 10), min_size=7, max_size=7), min_size=n, max_size=n)
    )
)
@settings(max_examples=100, deadline=None)
def test_orthonormal_columns_are_orthonormal_and_span_what_they_were_made_of(columns) -> None:
    Q, A = np.array(orthonormal(columns)).reshape(-1, 7), np.array(columns)
    assert abs(Q @ Q.T - np.eye(len(Q))).max(initial=0.0) < 1e-13
    assert abs(A - A @ Q.T @ Q).max() < 1e-12 * max(1.0, abs(A).max())


def test_signs_are_such_that_r_has_a_positive_diagonal() -> None:
    random = Random(22)
    columns = [[random.gauss(0.0, 1.0) for _ in range(6)] for _ in range(4)]
    R = np.array(orthonormal(columns)) @ np.array(columns).T
    assert (np.diag(R) > 0).all()
    assert abs(np.tril(R, -1)).max() < 1e-14


def test_least_squares_survives_columns_whose_squares_are_near_the_rounding() -> None:
    # Läuchli 1961: the normal equations lose everything here, [1 1; ε² ≪ 1]
    eps = 1e-9
    columns = [[1.0, eps, 0.0], [1.0, 0.0, eps]]
    w = least_squares(factor(columns), 2, [2.0, eps, eps])
    assert w == pytest.approx([1.0, 1.0], rel=1e-6)


# --- all of them


@pytest.mark.parametrize("entry", list(INITIALIZERS), ids=lambda entry: entry.name)
class TestEveryInitializer:
    def test_gives_one_finite_float_for_each_parameter(self, entry: Entry) -> None:
        w = drawn(entry, NETWORK, Random(2))
        assert len(w) == 24
        assert all(type(v) is float and math.isfinite(v) for v in w)

    def test_gives_the_same_start_for_the_same_seed(self, entry: Entry) -> None:
        assert drawn(entry, NETWORK, Random(3)) == drawn(entry, NETWORK, Random(3))

    def test_draws_from_the_generator_if_and_only_if_it_is_marked_random(self, entry: Entry) -> None:
        random = Random(4)
        first, second = drawn(entry, NETWORK, random), drawn(entry, NETWORK, random)
        assert (first != second) is bool(entry.facts.get("random"))
        assert (random.getstate() != Random(4).getstate()) is bool(entry.facts.get("random"))

    def test_needs_layers_data_and_published_starts_only_if_it_says_so(self, entry: Entry) -> None:
        if not {"layers", "data", "starts"} & entry.facts.keys():
            assert len(drawn(entry, Shape(5), Random(5))) == 5
        elif "data" not in entry.facts:
            assert len(drawn(entry, NETWORK._replace(table=None, link=""), Random(5))) == 24


@pytest.mark.parametrize("name", ["zeros", "constant", "normal", "uniform", "truncated_normal"])
def test_a_larger_model_begins_where_a_smaller_one_begins(name: str) -> None:
    entry = INITIALIZERS[name]
    assert drawn(entry, Shape(10), Random(5))[:4] == drawn(entry, Shape(4), Random(5))


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("normal", {"std": -1}, "'std' of initializer 'normal' must be a number of 0 or more, not -1."),
        ("normal", {"mean": "big"}, "'mean' of initializer 'normal' must be a number, not 'big'."),
        ("uniform", {"low": float("inf")}, "'low' of initializer 'uniform' must be a number, not inf."),
        ("constant", {}, "initializer 'constant' needs 'value': a number."),
        ("zeros", {"value": 1}, "initializer 'zeros' has no parameter 'value'. It takes none."),
        ("normal", {"st": 1}, "initializer 'normal' has no parameter 'st'. Did you mean std?"),
        ("values", {"given": [1, "a"]}, "must be a list of numbers, not [1, 'a']."),
        ("he_normal", {"mode": "fan"}, "must be one of fan_in, fan_out, not 'fan'."),
        ("he_normal", {"nonlinearity": "softplus"}, "not 'softplus'."),
        ("sparse", {"sparsity": 1.5}, "must be a number between 0 and 1, not 1.5."),
        ("orthogonal", {"gain": 0}, "must be a number above 0, not 0."),
        ("published", {"number": 0}, "must be a whole number of 1 or more, not 0."),
    ],
)
def test_parameters_outside_their_domain_are_refused(name: str, given: dict, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        INITIALIZERS[name].resolve(given)
    assert str(caught.value).endswith(message)


@pytest.mark.parametrize(
    ("choice", "parameter", "message"),
    [
        ({"uniform": {"low": 2.0}}, "low", "must not be above 'high', but 2 > 1."),
        ({"truncated_normal": {"low": 2.0}}, "low", "must be below 'high', but 2 ≥ 2."),
        ({"truncated_normal": {"mean": 4.5}}, "mean", "4.5 is further than 2 from [-2, 2]."),
    ],
)
def test_parameters_that_contradict_one_another_are_refused(choice, parameter, message) -> None:
    with pytest.raises(BadParameter) as caught:
        start(choice, Shape(3))
    assert caught.value.parameter == parameter
    assert str(caught.value).endswith(message)
