"""The best of k settings drawn without replacement: the formulas against all draws, one by one."""

import math
from fractions import Fraction
from itertools import combinations, product

import pytest

from gdbench.judgement.methods.tuning import best_at, expected, hit, quantile
from tests.sampling import drawn

INF = math.inf

#: Values in the order in which tuning prefers them; the last are measured elsewhere than the order.
GRIDS = [
    [4.0],
    [1.0, 3.0, 5.0, 8.0],
    [1.0, 2.0, INF, INF],
    [2.0, 2.0, 2.0, 7.0, INF],
    [0.5, 1.0, 1.0, 3.0, 9.0, 9.0, INF],
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
    [INF, INF, INF],
    [3.0, 1.0, INF, 2.0],
    [INF, 1.0, 5.0, 2.0, INF, 2.0, 8.0, 1.0],
]
CASES = [(values, k) for values in GRIDS for k in range(1, len(values) + 1)]


def draws(values, k):
    """What every draw of k settings gives: the value of the one that tuning prefers."""
    return [values[min(chosen)] for chosen in combinations(range(len(values)), k)]


def test_the_best_of_two_of_four_is_seven_thirds():
    assert expected([1, 3, 5, 8], 2) == Fraction(7, 3)
    # with replacement it would be 2.8125
    assert sum(min(pair) for pair in product([1, 3, 5, 8], repeat=2)) / 16 == 2.8125
    assert expected([1, 3, 5, 8], 4) == expected([1, 3, 5, 8], 9) == 1


@pytest.mark.parametrize(("values", "k"), CASES)
def test_the_formulas_equal_all_draws(values, k):
    every = draws(values, k)
    finite = all(map(math.isfinite, every))
    assert expected(values, k) == (sum(map(Fraction, every)) / len(every) if finite else INF)
    for within in (1.0, 2.5, INF):
        hits = sum(value <= within and math.isfinite(value) for value in every)
        assert hit(values, k, within) == Fraction(hits, len(every))
    for share in (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10), Fraction(1)):
        assert quantile(values, k, share) == sorted(every)[math.ceil(share * len(every)) - 1]


@pytest.mark.parametrize("misses", range(9))
def test_the_chance_to_hit_is_one_less_the_draws_of_misses_alone(misses):
    values = [1.0] * (8 - misses) + [INF] * misses
    for k in range(1, 9):
        assert hit(values, k) == 1 - Fraction(math.comb(misses, k), math.comb(8, k))


RIVALS = [dict(zip("abc", some, strict=True)) for some in product(GRIDS[1:5] + GRIDS[7:8], repeat=3)]


@pytest.mark.exhaustive
@pytest.mark.parametrize("rivals", drawn(RIVALS, 25))
@pytest.mark.parametrize("k", [1, 2, 4])
def test_the_chance_to_be_best_equals_all_draws_of_all(rivals, k):
    wins, number = dict.fromkeys(rivals, Fraction(0)), 0
    for each in product(*(draws(values, min(k, len(values))) for values in rivals.values())):
        number += 1
        best = [name for name, value in zip(rivals, each, strict=True) if value == min(each) < INF]
        for name in best:
            wins[name] += Fraction(1, len(best))
    assert best_at(rivals, k) == {name: won / number for name, won in wins.items()}


def test_a_method_against_itself_wins_half_of_the_draws():
    assert best_at({"a": [1.0, 3.0, 5.0], "b": [1.0, 3.0, 5.0]}, 2) == {
        "a": Fraction(1, 2),
        "b": Fraction(1, 2),
    }
