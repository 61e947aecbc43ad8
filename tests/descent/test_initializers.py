"""Initializers: exact where nothing is drawn, of the stated distribution where something is."""

import math
from random import Random

import numpy as np
import pytest
from scipy import stats

from gdbench.descent.errors import BadPairing, BadParameter
from gdbench.descent.initializers import (
    INITIALIZERS,
    constant,
    normal,
    published,
    truncated_normal,
    uniform,
    values,
    zeros,
)
from gdbench.descent.problems.shape import Shape
from gdbench.descent.registry import Entry
from tests.descent.starts import LEVEL, NETWORK, ORACLE, SIZE, check_deviation, drawn, start

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
