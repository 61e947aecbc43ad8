"""Finite differences approach the exact gradient at the order that theory says, and count their work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.kernels.kernel import compiled
from gdbench.descent.problems.objective import Count, Objective
from tests.descent.problems import PAIRS, definition, table

weights = st.lists(st.floats(-3, 3), min_size=4, max_size=4)


def gradient(name, objective, **parameters):
    entry = GRADIENTS[name]
    return entry.function(**entry.resolve(parameters))(objective)


@pytest.mark.parametrize(("model", "cost"), PAIRS)
@pytest.mark.parametrize(("name", "tolerance"), [("forward", 5e-6), ("central", 1e-8)])
@given(w=weights)
def test_finite_differences_agree_with_the_analytic_gradient(model, cost, name, tolerance, w):
    objective = compiled(definition(model, cost, 3), table())
    value, exact = gradient("analytic", objective)(w)
    same_value, approximate = gradient(name, objective)(w)
    assert same_value == value
    assert approximate == pytest.approx(exact, abs=tolerance * max(1.0, abs(value)))


@pytest.mark.parametrize(("name", "order"), [("forward", 1), ("central", 2)])
def test_the_error_falls_with_the_step_at_the_order_of_the_method(name, order):
    cube = Objective(lambda w: w[0] * w[0] * w[0], lambda w: (0.0, [0.0]), 1, 0)
    errors = [abs(gradient(name, cube, step=h)([2.0])[1][0] - 12.0) for h in (0.1, 0.01)]
    assert errors[0] / errors[1] == pytest.approx(10**order, rel=0.05)


@pytest.mark.parametrize(
    ("name", "costs", "gradients"),
    [("analytic", 1, 1), ("forward", 5, 0), ("central", 9, 0), ("complex_step", 5, 0)],
)
def test_the_work_of_a_gradient_is_counted(name, costs, gradients):
    count = Count()
    gradient(name, count.counted(compiled(definition("linear", "mse", 3), table())))([0.1, 0.2, 0.3, 0.4])
    assert (count.costs, count.gradients, count.row_passes) == (costs, gradients, costs * 20)


@pytest.mark.parametrize(("model", "cost"), PAIRS)
@given(w=weights)
def test_the_complex_step_is_exact_to_rounding(model, cost, w):
    objective = compiled(definition(model, cost, 3), table())
    assert gradient("complex_step", objective)(w)[1] == pytest.approx(
        gradient("analytic", objective)(w)[1], rel=1e-11, abs=1e-14
    )


@pytest.mark.parametrize("name", ["forward", "central"])
def test_the_caller_keeps_his_parameters(name):
    w = [0.1, 0.2, 0.3, 0.4]
    gradient(name, compiled(definition("linear", "mse", 3), table()))(w)
    assert w == [0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize("name", ["forward", "central"])
def test_a_step_lost_to_rounding_is_not_a_number_rather_than_a_wrong_slope(name):
    flat = Objective(lambda w: w[0], lambda w: (0.0, [0.0]), 1, 0)
    slope = gradient(name, flat, step=1e-30)([1e6])[1][0]
    assert slope != slope
