"""The compiled kernel, the readable reference and the definition on floats agree to the last bit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.kernels.compiler import compile_definition
from gdbench.descent.kernels.kernel import compiled, reference
from tests.descent.problems import PAIRS, definition, table

weights = st.lists(st.floats(-50, 50), min_size=4, max_size=4)


@pytest.mark.parametrize(("model", "cost"), PAIRS)
@given(w=weights, seed=st.integers(0, 5))
def test_compiled_equals_reference_bit_for_bit(model, cost, w, seed):
    problem, data = definition(model, cost, 3), table(seed=seed)
    assert compiled(problem, data).cost_and_gradient(w) == reference(problem, data).cost_and_gradient(w)


@pytest.mark.parametrize(("model", "cost"), PAIRS)
@given(w=weights)
def test_compiled_cost_equals_the_definition_on_floats_bit_for_bit(model, cost, w):
    problem, data = definition(model, cost, 3), table()
    total = 0.0
    for *x, y in data.rows:
        total += problem.cost_of_row(w, x, y)
    for kernel in (compiled, reference):
        objective = kernel(problem, data)
        assert objective.cost(w) == objective.cost_and_gradient(w)[0] == total / len(data.rows)


@pytest.mark.parametrize(("model", "cost"), PAIRS)
@pytest.mark.parametrize("kernel", [compiled, reference])
@given(w=st.lists(st.floats(-5, 5), min_size=4, max_size=4))
@settings(max_examples=20)
def test_gradient_equals_the_complex_step_of_the_definition(model, cost, kernel, w):
    problem, data = definition(model, cost, 3), table()
    gradient = kernel(problem, data).cost_and_gradient(w)[1]
    for j in range(4):
        moved = [complex(w_i, 1e-30 if i == j else 0.0) for i, w_i in enumerate(w)]
        slope = sum(problem.cost_of_row(moved, row[:-1], row[-1]).imag / 1e-30 for row in data.rows)
        assert gradient[j] == pytest.approx(slope / len(data.rows), rel=1e-10, abs=1e-13)


def test_hundreds_of_features_compile_and_agree():
    problem, data = definition("linear", "logistic", 300), table(features=300, rows=5)
    w = [0.01 * (j % 7 - 3) for j in range(301)]
    assert compiled(problem, data).cost_and_gradient(w) == reference(problem, data).cost_and_gradient(w)


def test_one_feature_compiles():
    objective = compiled(definition("linear", "mse", 1), table(features=1, rows=3))
    assert objective.size == 2
    assert len(objective.cost_and_gradient([0.5, 0.5])[1]) == 2


def test_a_definition_is_compiled_once_whatever_the_data():
    first = compile_definition(definition("linear", "mse", 4))
    assert compile_definition(definition("linear", "mse", 4)) is first
    assert compile_definition(definition("logistic", "mse", 4)) is not first


def test_the_printed_kernel_reads_like_one_written_by_hand():
    source = compile_definition(definition("linear", "mse", 2)).source
    assert (
        source
        == """\
def cost(w, rows):
    w0, w1, w2 = w
    total = 0.0
    for x0, x1, y in rows:
        t0 = w0 * x0 + w1 * x1 + w2 - y
        total += t0 * t0
    n = len(rows)
    return total / n


def cost_and_gradient(w, rows):
    w0, w1, w2 = w
    total = g0 = g1 = g2 = 0.0
    for x0, x1, y in rows:
        t0 = w0 * x0 + w1 * x1 + w2 - y
        total += t0 * t0
        g0 += t0 * x0
        g1 += t0 * x1
        g2 += t0
    n = len(rows)
    return total / n, [2.0 * g0 / n, 2.0 * g1 / n, 2.0 * g2 / n]
"""
    )
