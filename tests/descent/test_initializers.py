"""Initializers: exact where nothing is drawn, of the stated distribution where something is."""

import math
from random import Random

import pytest
from scipy import stats

from gdbench.descent.errors import BadParameter
from gdbench.descent.initializers import INITIALIZERS, constant, normal, uniform, zeros
from gdbench.descent.registry import Entry

SIZE = 20000
#: A correct initializer fails a test at this level once in a million seeds; the seeds are fixed.
LEVEL = 1e-6

#: The least that a config must give for each initializer.
REQUIRED = {"constant": {"value": 0.5}}


def drawn(entry: Entry, size: int, random: Random) -> list[float]:
    return entry.function(size, random, **entry.resolve(REQUIRED.get(entry.name, {})))


def test_zeros_and_constant_are_exact() -> None:
    assert zeros(3, Random(0)) == [0.0, 0.0, 0.0]
    assert constant(3, Random(0), value=-1.5) == [-1.5, -1.5, -1.5]


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (-3.0, 0.5), (10.0, 4.0)])
def test_normal_has_the_mean_and_deviation_asked_for(mean: float, std: float) -> None:
    sample = normal(SIZE, Random(11), mean, std)
    centre = math.fsum(sample) / SIZE
    assert abs(centre - mean) < stats.norm.isf(LEVEL / 2) * std / math.sqrt(SIZE)
    low, high = stats.chi2.interval(1 - LEVEL, SIZE - 1)
    assert low < math.fsum((v - centre) ** 2 for v in sample) / std**2 < high


def test_normal_is_normal() -> None:
    assert stats.kstest(normal(SIZE, Random(12), 1.0, 2.0), stats.norm(1.0, 2.0).cdf).pvalue > LEVEL


def test_normal_without_deviation_is_its_mean() -> None:
    assert normal(3, Random(0), mean=2.5, std=0.0) == [2.5, 2.5, 2.5]


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (2.0, 5.0), (-0.01, 0.0)])
def test_uniform_is_uniform_between_its_ends(low: float, high: float) -> None:
    sample = uniform(SIZE, Random(13), low, high)
    assert low <= min(sample) <= max(sample) <= high
    assert stats.kstest(sample, stats.uniform(low, high - low).cdf).pvalue > LEVEL


@pytest.mark.parametrize("initializer", [normal, uniform])
def test_neighbouring_parameters_are_uncorrelated(initializer) -> None:
    sample = initializer(SIZE, Random(14))
    assert stats.pearsonr(sample[:-1], sample[1:]).pvalue > LEVEL


def test_defaults_are_the_standard_normal_and_the_interval_from_minus_1_to_1() -> None:
    assert normal(5, Random(1)) == normal(5, Random(1), mean=0.0, std=1.0)
    assert uniform(5, Random(1)) == uniform(5, Random(1), low=-1.0, high=1.0)


@pytest.mark.parametrize("entry", list(INITIALIZERS), ids=lambda entry: entry.name)
class TestEveryInitializer:
    def test_gives_one_finite_float_for_each_parameter(self, entry: Entry) -> None:
        for size in (1, 2, 17):
            w = drawn(entry, size, Random(2))
            assert len(w) == size
            assert all(type(v) is float and math.isfinite(v) for v in w)

    def test_gives_the_same_start_for_the_same_seed(self, entry: Entry) -> None:
        assert drawn(entry, 9, Random(3)) == drawn(entry, 9, Random(3))

    def test_draws_from_the_generator_if_and_only_if_it_is_marked_random(self, entry: Entry) -> None:
        random = Random(4)
        first, second = drawn(entry, 9, random), drawn(entry, 9, random)
        assert (first != second) is bool(entry.facts.get("random"))
        assert (random.getstate() != Random(4).getstate()) is bool(entry.facts.get("random"))

    def test_begins_a_larger_model_where_a_smaller_one_begins(self, entry: Entry) -> None:
        assert drawn(entry, 10, Random(5))[:4] == drawn(entry, 4, Random(5))


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("normal", {"std": -1}, "'std' of initializer 'normal' must be a number of 0 or more, not -1."),
        ("normal", {"mean": "big"}, "'mean' of initializer 'normal' must be a number, not 'big'."),
        ("uniform", {"low": float("inf")}, "'low' of initializer 'uniform' must be a number, not inf."),
        ("constant", {}, "initializer 'constant' needs 'value': a number."),
        ("zeros", {"value": 1}, "initializer 'zeros' has no parameter 'value'. It takes none."),
        ("normal", {"st": 1}, "initializer 'normal' has no parameter 'st'. Did you mean std?"),
    ],
)
def test_parameters_outside_their_domain_are_refused(name: str, given: dict, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        INITIALIZERS[name].resolve(given)
    assert str(caught.value) == message
