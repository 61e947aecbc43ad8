"""‖v‖ keeps its digits over the whole range of floats, and its bits wherever the plain sum is sound."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.execute import execute
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
from tests.descent.problems import spec

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def exact(vector):
    """√ of the exact sum, to 60 bits and more."""
    total = sum((Fraction(v) ** 2 for v in vector), Fraction(0))
    scale = 1 << 2400
    return Fraction(math.isqrt(total.numerator * scale // total.denominator), 1 << 1200)


@given(st.lists(FINITE, min_size=1, max_size=8))
def test_a_norm_has_its_digits_wherever_in_the_range_it_lies(vector):
    found, known = norm(vector), exact(vector)
    slack = known * len(vector) / 2**52 + Fraction(1, 2**1074)
    if found == math.inf:  # half a unit above the largest float is where numbers round to it
        assert known + slack >= Fraction(2) ** 1024 * (1 - Fraction(1, 2**54))
    else:
        assert abs(Fraction(found) - known) <= slack


@given(st.lists(st.floats(-1e150, 1e150).filter(lambda v: abs(v) > 1e-140), min_size=1, max_size=8))
def test_an_ordinary_norm_is_the_root_of_the_plain_sum_bit_for_bit(vector):
    total = 0.0
    for v in vector:
        total += v * v
    assert norm(vector) == math.sqrt(total)


@given(st.floats(1e-300, 1e300))
def test_a_norm_scales_with_powers_of_two_without_rounding(v):
    assert norm([3.0 * v, 4.0 * v]) == pytest.approx(5.0 * v, rel=1e-15)
    assert norm([v]) == v


@pytest.mark.parametrize(
    ("vector", "expected"),
    [([], 0.0), ([0.0, -0.0], 0.0), ([math.inf, 1.0], math.inf), ([-math.inf], math.inf), ([5e-324], 5e-324)],
)
def test_the_ends_of_the_range(vector, expected):
    assert norm(vector) == expected


def test_a_norm_of_what_is_no_number_is_none():
    assert math.isnan(norm([1.0, math.nan]))
    assert math.isnan(norm([math.inf, math.nan]))


def test_features_of_1e155_have_a_gradient():
    data = Table([(1e155, 1.0), (-2e155, 0.0)], 1)
    one = {"max_iterations": {"limit": 1}}
    result = execute(
        spec(convergence=one, learning_rate={"constant": {"rate": 1e-320}}), data, ProblemConstants()
    )
    assert (result.outcome, result.iterations) == ("stopped", 1)
    assert result.curve.gradient_norm[0] == pytest.approx(1e155)


def test_a_slope_of_1e_310_is_not_taken_for_none():
    surface = {"surface": {"quadratic": {"spectrum": [1e-310]}}}
    rule = {"any": [{"gradient_norm": {"tolerance": 0.0}}, {"max_iterations": {"limit": 3}}]}
    found = execute(
        {**spec(convergence=rule), **surface},
        None,
        ProblemConstants(),
    )
    assert found.outcome == "stopped"
    assert found.final_gradient_norm > 0.0
