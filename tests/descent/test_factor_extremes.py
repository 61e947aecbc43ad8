"""What is promised of the power of two that is multiplied after the loop, up to the ends of the floats.

∂/∂w of the mean of (w x − y)² is 2 Σ r x / n here, and Σ (2 r) x / n in the textbook. They are the same to the
bit where no product r x is subnormal; and where one is, they differ by three of the smallest floats at most.
Whatever is finite in the textbook's order is finite here. All kernels take the same order.
"""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gdbench.descent.kernels.blocks import blocks
from gdbench.descent.kernels.compiler import compile_definition
from gdbench.descent.kernels.reference import reference
from gdbench.descent.kernels.tiles import tiles
from tests.descent.problems import definition

SMALLEST, SMALLEST_NORMAL, LARGEST = 5e-324, 2.0**-1022, math.nextafter(math.inf, 0.0)
MSE = definition("linear", "mse", 1)

factors = st.floats(1.0, 2.0).flatmap(lambda f: st.sampled_from([f, -f]))


def gradient(rows, w=(0.0, 0.0)):
    """Of the compiled kernel, after all others have given the same."""
    found = compile_definition(MSE).cost_and_gradient(w, rows)[1]
    others = [blocks(MSE)(rows)[1], reference(MSE, rows), tiles(MSE)(rows)[1]]
    assert all(repr(other(w)[1]) == repr(found) for other in others)
    return found


def textbook(rows):
    """Σ (2 r) x / n and Σ 2 r / n at w = 0, where r = −y."""
    slope = bias = 0.0
    for x, y in rows:
        slope += 2.0 * -y * x
        bias += 2.0 * -y
    return [slope / len(rows), bias / len(rows)]


@given(st.lists(st.tuples(factors, factors), min_size=1, max_size=6), st.integers(-960, 1015))
def test_where_products_are_normal_no_bit_depends_on_when_two_is_multiplied(pairs, exponent):
    # r x between 2⁻⁹⁶⁰ and 2¹⁰¹⁷: no sum of six that does not vanish leaves the normal numbers
    half = exponent // 2
    rows = [(x * 2.0**half, y * 2.0 ** (exponent - half)) for x, y in pairs]
    assert gradient(rows) == textbook(rows)


@given(st.lists(st.tuples(factors, factors), min_size=1, max_size=6), st.integers(-1078, -1022))
def test_subnormal_products_cost_three_of_the_smallest_floats_at_most(pairs, exponent):
    rows = [(x * 2.0**-500, y * 2.0 ** (exponent + 500)) for x, y in pairs]
    assume(all(abs(x * y) < SMALLEST_NORMAL for x, y in rows))
    for found, expected in zip(gradient(rows), textbook(rows), strict=True):
        assert abs(found - expected) <= 3 * SMALLEST


def test_a_subnormal_product_may_differ():
    # r x = 1.25 and 2 r x = 2.5 of the smallest floats: 2 · 1 against 2 (ties to even) …
    rows = [(1.25 * 2.0**-537, -(2.0**-537))]
    assert gradient(rows)[0] == textbook(rows)[0] == 2 * SMALLEST
    # … and 1.375 and 2.75: 2 · 1 against 3
    rows = [(1.375 * 2.0**-537, -(2.0**-537))]
    assert (gradient(rows)[0], textbook(rows)[0]) == (2 * SMALLEST, 3 * SMALLEST)


@given(st.lists(st.tuples(factors, factors), min_size=1, max_size=6))
def test_whatever_is_finite_in_the_textbooks_order_is_the_same_near_overflow(pairs):
    rows = [(x * 2.0**511, y * 2.0**509) for x, y in pairs]
    for found, expected in zip(gradient(rows), textbook(rows), strict=True):
        assert found == expected or not math.isfinite(expected)


def test_a_sum_may_stay_finite_where_the_textbooks_runs_into_infinity():
    rows = [(1.5, -LARGEST / 2), (1.5, LARGEST / 2)]
    assert gradient(rows)[0] == 0.0
    assert math.isnan(textbook(rows)[0])  # ∞ − ∞


@pytest.mark.parametrize("rows", [[(1.5, -LARGEST / 2)], [(1.0, -LARGEST), (1.0, -0.5 * LARGEST)]])
def test_a_gradient_beyond_the_largest_float_is_infinite_in_either_order(rows):
    assert gradient(rows) == textbook(rows)
    assert gradient(rows)[0] == math.inf
