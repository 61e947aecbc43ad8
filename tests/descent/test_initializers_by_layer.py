"""Starts by layer: the schemes' published distributions and gains, and whole matrices."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gdbench.descent.errors import BadPairing
from gdbench.descent.initializers import (
    INITIALIZERS,
    gain_of,
    sparse,
)
from gdbench.descent.problems.shape import Shape, dense, rows_of
from gdbench.descent.registry import Entry
from tests.descent.starts import LEVEL, NETWORK, ORACLE, check_deviation, drawn, matrix, start

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
    together, apart = Shape(12, (dense(3, 3),)), Shape(12, (rows_of(3, 3),))
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
