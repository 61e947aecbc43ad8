"""Derivatives of recorded formulas agree with closed forms, the complex step, and conventions at kinks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.functions import absolute, maximum, sigmoid, softplus
from gdbench.descent.kernels.compiler import load
from gdbench.descent.kernels.differentiate import factored_gradient_of, gradient_of
from gdbench.descent.kernels.expression import Trace
from gdbench.descent.kernels.printer import Printer
from tests.descent.formulas import FORMULAS


def value_and_slope(formula, x):
    """The printed value and derivative of a formula of one variable, at x."""
    trace = Trace()
    v = trace.variable("v")
    out = trace.lift(formula(v))
    before, inside = Printer([]).adding(["value", "slope"], [out, *gradient_of(out, [v])])
    body = "".join(f"    {line}\n" for line in before + inside)
    return load(f"def f(v):\n    value = slope = 0.0\n{body}    return value, slope\n")["f"](x)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.name)
@given(at=st.floats(0.0, 1.0))
def test_printed_value_equals_the_formula_on_floats_and_slope_the_closed_form(formula, at):
    x = formula.low + at * (formula.high - formula.low)
    value, slope = value_and_slope(formula.value, x)
    assert value == formula.value(x) + 0.0
    assert slope == pytest.approx(formula.slope(x), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("formula", [f for f in FORMULAS if f.name != "where"], ids=lambda f: f.name)
def test_slope_equals_the_complex_step_of_the_same_definition(formula):
    for x in (formula.low + 0.07, 0.3 * formula.low + 0.7 * formula.high, formula.high - 0.05):
        step = formula.value(complex(x, 1e-30)).imag / 1e-30
        assert value_and_slope(formula.value, x)[1] == pytest.approx(step, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(
    ("formula", "slope"),
    [(absolute, 0.0), (lambda x: maximum(x, 0.0), 0.5), (softplus, 0.5), (sigmoid, 0.25)],
    ids=["absolute", "maximum", "softplus", "sigmoid"],
)
def test_slope_at_zero_is_the_documented_one(formula, slope):
    assert value_and_slope(formula, 0.0)[1] == slope


@pytest.mark.parametrize("x", [-800.0, -40.0, 40.0, 800.0])
def test_softplus_and_its_slope_stay_finite_and_precise_where_exp_overflows(x):
    value, slope = value_and_slope(softplus, x)
    assert value == pytest.approx(x if x > 0 else math.exp(x), rel=1e-15, abs=0.0)
    assert slope == pytest.approx(1.0 if x > 0 else math.exp(x), rel=1e-15, abs=0.0)


def test_a_variable_that_the_cost_does_not_look_at_has_slope_zero():
    trace = Trace()
    a, b = trace.variables("v", 2)
    assert gradient_of(a * a, [a, b])[1].is_constant(0.0)


@given(st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=4))
def test_printing_keeps_the_order_of_operations_bit_for_bit(values):
    def formula(a, b, c, d):
        return a - (b - (c - d)) + (a + (b + c)) * (d / (1.0 + c * c) / (2.0 + d * d)) - -b * -(a * d) - (a - b)

    trace = Trace()
    variables = trace.variables("v", 4)
    _, lines = Printer([]).adding(["total"], [formula(*variables)])
    body = "".join(f"    {line}\n" for line in lines)
    printed = load(f"def f(v0, v1, v2, v3):\n    total = 0.0\n{body}    return total\n")["f"]
    assert printed(*values) == 0.0 + formula(*values)


SQUARES = {"r²": lambda r: r * r, "½ r²": lambda r: 0.5 * r * r, "4 r²": lambda r: 4.0 * r * r}


@pytest.mark.parametrize("cost", SQUARES.values(), ids=SQUARES)
@given(w=st.floats(-1e150, 1e150).filter(lambda w: abs(w) > 1e-150), x=st.floats(0.01, 100.0))
def test_the_factor_of_a_square_leaves_slopes_that_differ_by_it_and_in_no_bit_else(cost, w, x):
    trace = Trace()
    v, u = trace.variables("v", 2)
    out = cost(v * u - 1.0)
    factor, slopes = factored_gradient_of(out, [v])
    before, inside = Printer([]).adding(["whole", "part"], [*gradient_of(out, [v]), *slopes])
    body = "".join(f"    {line}\n" for line in before + inside)
    whole, part = load(f"def f(v0, v1):\n    whole = part = 0.0\n{body}    return whole, part\n")["f"](w, x)
    assert factor * part == whole
    assert factor in (1.0, 2.0, 8.0)


def test_only_squares_have_a_factor():
    trace = Trace()
    v, u = trace.variables("v", 2)
    for cost in (v * u, 0.3 * v * v, v + u, softplus(v)):
        assert factored_gradient_of(cost, [v]) == (1.0, gradient_of(cost, [v]))
