"""Several rows at a time give the bits of one row at a time, and every row has its turn."""

from dataclasses import replace
from random import Random

import pytest

from gdbench.descent.functions import log
from gdbench.descent.kernels.blocks import block_of, blocks, compile_blocks, laid_out
from gdbench.descent.kernels.compiler import compile_definition
from gdbench.descent.kernels.definition import define, prepare
from gdbench.descent.problems.table import Table
from tests.descent.problems import definition, table

CASES = [
    ({"linear": {}}, {"mse": {}}, {"none": {}}),
    ({"linear": {}}, {"half_mse": {}}, {"l2": {"strength": 0.3}}),
    ({"polynomial": {"degree": 3}}, {"huber": {}}, {"elastic_net": {"strength": 0.1}}),
    ({"logistic": {}}, {"logistic": {}}, {"none": {}}),
    ({"softmax": {}}, {"softmax": {}}, {"l1": {"strength": 0.2}}),
]


@pytest.mark.parametrize(("model", "cost", "penalty"), CASES)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 30])
def test_blocks_have_the_bits_of_the_compiled_function(model, cost, penalty, count):
    drawn = table(rows=count, seed=count).rows
    data, outputs = prepare(cost, Table([*drawn[:-1], (*drawn[-1][:-1], 1.0)], 3))  # of two classes
    problem = define(model, cost, data.features, penalty, outputs)
    cost_of, both = blocks(problem)(data.rows)
    straight, random = compile_definition(problem), Random(count)
    for _ in range(5):
        w = [random.gauss(0.0, 2.0) for _ in range(problem.size)]
        expected = straight.cost_and_gradient(w, data.rows)
        assert both(w) == expected
        assert cost_of(w) == expected[0]


def test_what_is_laid_out_is_every_row_in_its_order():
    rows = table(rows=11).rows
    laid, rest = laid_out(rows, 4)
    assert [len(laid), len(rest)] == [2, 3]
    assert [v for block in [*laid, *rest] for v in block] == [v for row in rows for v in row]


def test_wide_rows_come_one_by_one_because_their_statements_are_long():
    assert [block_of(definition("linear", "mse", d)) for d in (2, 11, 20, 100)] == [4, 4, 2, 1]


def test_a_sum_is_fetched_and_stored_once_a_block():
    source = compile_blocks(definition("linear", "mse", 1), 2).compiled.source
    assert "        g0 = g0 + t0 * x0_0 + t1 * x0_1\n" in source
    assert "    n = 2 * len(blocks) + len(rows)\n" in source


def test_a_share_that_is_a_sum_is_added_as_a_whole():
    # total + (a + b) and (total + a) + b round differently
    problem = define({"linear": {}}, {"poisson": {}}, 1)
    data = Table([(0.1 * k, float(k % 2)) for k in range(8)], 1)
    assert "total = total + (exp(" in compile_blocks(problem, 4).compiled.source
    assert blocks(problem)(data.rows)[1]([0.3, 0.7]) == compile_definition(problem).cost_and_gradient(
        [0.3, 0.7], data.rows
    )


def test_what_depends_on_the_row_alone_is_worked_out_once_when_it_is_laid_out():
    work_out, compiled = compile_blocks(define({"logistic": {}}, {"logistic": {}}, 1), 1)
    assert work_out([(0.5, 0.0), (0.7, 1.0)]) == [(0.5, 1.0), (0.7, -1.0)]  # 1 − 2y
    assert "2.0 *" not in compiled.source

    work_out, compiled = compile_blocks(define({"polynomial": {"degree": 3}}, {"mse": {}}, 1), 1)
    assert work_out([(0.3, 2.0)]) == [(0.3, 2.0, 0.3 * 0.3, 0.3 * 0.3 * 0.3)]
    assert "x0 * x0" not in compiled.source


def test_rows_of_which_nothing_can_be_worked_out_are_taken_as_they_are():
    rows = table(rows=3).rows
    assert compile_blocks(definition("linear", "mse", 3), 4).work_out(rows) is rows


def test_what_may_fail_is_not_worked_out_before_its_time():
    problem = define({"linear": {}}, {"mse": {}}, 1)
    with_logarithm = replace(problem, name="log y", pointwise=lambda z, y: z * z * log(y) / y)
    cost, _ = blocks(with_logarithm)([(1.0, 0.0)])
    with pytest.raises(ValueError, match=r"domain|positive"):
        cost([0.5, 0.5])
