"""Standardizing: z = (x − mean) / sd, exact where it can be, the same bits wherever it runs."""

import math
import random
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gdbench.data.standardize import standardize

ordinary = st.lists(st.floats(min_value=-1e3, max_value=1e3, allow_subnormal=False), min_size=2, max_size=50)
any_finite = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=20)


@given(ordinary)
def test_a_standardized_column_has_mean_0_and_population_deviation_1(column: list[float]) -> None:
    assume(standardize(column).std > 1e-1)  # else x − mean keeps too few digits for the bound below
    z = standardize(column).values
    assert abs(math.fsum(z) / len(z)) < 1e-12
    assert math.sqrt(math.fsum(v * v for v in z) / len(z)) == pytest.approx(1.0, rel=1e-12)


@given(ordinary)
def test_mean_and_deviation_agree_with_exact_rational_arithmetic(column: list[float]) -> None:
    exact = [Fraction(x) for x in column]
    mean = sum(exact) / len(exact)
    variance = sum((x - mean) ** 2 for x in exact) / len(exact)
    assume(variance > Fraction(1, 100))
    done = standardize(column)
    assert done.mean == pytest.approx(float(mean), rel=1e-15, abs=1e-300)
    assert done.std == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_a_small_column_gives_the_textbook_values() -> None:
    done = standardize([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])
    assert (done.mean, done.std) == (5.0, 2.0)
    assert done.values == [-1.5, -0.5, -0.5, -0.5, 0.0, 0.0, 1.0, 2.0]


@given(ordinary, st.integers())
def test_the_order_of_the_rows_changes_no_bit(column: list[float], seed: int) -> None:
    order = list(range(len(column)))
    random.Random(seed).shuffle(order)
    straight, shuffled = standardize(column), standardize([column[i] for i in order])
    assert (shuffled.mean, shuffled.std) == (straight.mean, straight.std)
    assert shuffled.values == [straight.values[i] for i in order]


@pytest.mark.parametrize("value", [0.0, 0.1, -3.7e300, 5e-324])
@pytest.mark.parametrize("rows", [2, 3, 7, 1000])
def test_a_constant_column_becomes_exactly_zero(value: float, rows: int) -> None:
    # The mean of three times 0.1 is not 0.1 in floating point: a test of sd == 0 would miss it.
    done = standardize([value] * rows)
    assert (done.values, done.mean, done.std) == ([0.0] * rows, value, 0.0)


@given(any_finite)
def test_any_finite_column_stays_finite_and_in_order(column: list[float]) -> None:
    done = standardize(column)
    assert all(map(math.isfinite, [*done.values, done.mean, done.std]))
    ranked = [z for _, z in sorted(zip(column, done.values, strict=True))]
    assert ranked == sorted(done.values)


@pytest.mark.parametrize("scale", [2.0**-1000, 2.0**-500, 2.0**500, 2.0**1000])
def test_columns_of_any_magnitude_standardize_alike(scale: float) -> None:
    column = [1.0, 2.5, 3.25, 10.0]
    assert standardize([x * scale for x in column]).values == standardize(column).values
