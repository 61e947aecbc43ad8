"""Traced scalars record arithmetic, share what is equal, and refuse what cannot be recorded."""

import math

import pytest

from gdbench.descent.functions import exp, maximum, where
from gdbench.descent.kernels.expression import Trace, TraceError


def test_equal_subexpressions_are_one_node():
    trace = Trace()
    a, b = trace.variable("a"), trace.variable("b")
    assert a * b + 1.0 is a * b + 1.0


def test_multiplying_by_one_and_subtracting_zero_leave_the_same_node():
    a = Trace().variable("a")
    assert a * 1.0 is a
    assert 1.0 * a is a
    assert a / 1.0 is a
    assert a - 0.0 is a


def test_adding_zero_is_recorded_because_it_turns_minus_zero_into_zero():
    a = Trace().variable("a")
    assert a + 0.0 is not a


def test_zero_and_minus_zero_are_different_constants():
    trace = Trace()
    assert trace.constant(0.0) is not trace.constant(-0.0)


def test_a_whole_power_is_repeated_multiplication():
    a = Trace().variable("a")
    assert a**3 is a * a * a


@pytest.mark.parametrize(
    ("formula", "remedy"),
    [
        (lambda x: x if x > 0.0 else -x, "where"),
        (lambda x: max(x, 0.0), "maximum"),
        (lambda x: math.exp(x), "gdbench.descent.functions"),
        (lambda x: int(x), "gdbench.descent.functions"),
        (lambda x: x**0.5, "whole exponent"),
        (lambda x: x + "1", "number was expected"),
        (lambda x: x == 0.0, "with a margin"),
        (lambda x: x != 0.0, "with a margin"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_the_remedy(formula, remedy):
    with pytest.raises(TraceError, match=remedy):
        formula(Trace().variable("x"))


def test_functions_take_floats_complex_numbers_and_traced_scalars():
    x = Trace().variable("x")
    assert exp(1.0) == math.e
    assert exp(1j * math.pi).real == pytest.approx(-1.0)
    assert exp(x).operation == "exp"
    assert maximum(1.0 + 2j, 0.5) == 1.0 + 2j
    assert where(x > 0.0, x, 0.0).operation == "where"
