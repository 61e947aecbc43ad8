"""sin, cos, tanh and atan: printed values and slopes agree with closed forms and the complex step."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.functions import atan, cos, sin, tanh
from gdbench.descent.kernels.compiler import compile_surface

FUNCTIONS = [
    (sin, math.sin, math.cos),
    (cos, math.cos, lambda x: -math.sin(x)),
    (tanh, math.tanh, lambda x: 1.0 / math.cosh(x) / math.cosh(x)),
    (atan, math.atan, lambda x: 1.0 / (1.0 + x * x)),
]
each = pytest.mark.parametrize(("function", "value", "slope"), FUNCTIONS, ids=lambda f: f.__name__)


def value_and_slope(function, x):
    cost, gradient = compile_surface(lambda w: function(w[0]), 1).cost_and_gradient([x], ())
    return cost, gradient[0]


@each
@given(x=st.floats(-6.0, 6.0))
def test_printed_value_is_that_of_the_library_and_slope_the_closed_form(function, value, slope, x):
    found = value_and_slope(function, x)
    assert found[0] == value(x) == function(x)
    assert found[1] == pytest.approx(slope(x), rel=1e-10, abs=1e-15)


@each
@given(x=st.floats(-6.0, 6.0))
def test_complex_step_gives_the_same_slope(function, value, slope, x):
    assert function(complex(x, 1e-30)).imag / 1e-30 == pytest.approx(slope(x), rel=1e-10, abs=1e-15)


@pytest.mark.parametrize(("function", "end"), [(tanh, 1.0), (atan, math.pi / 2)])
def test_bounded_functions_stay_finite_with_slope_zero_far_out(function, end):
    for x in (800.0, 1e200):
        found = value_and_slope(function, x)
        assert found[0] == pytest.approx(end, rel=2e-3)
        assert found[1] == pytest.approx(0.0, abs=2e-6)
        assert math.isfinite(found[1])
