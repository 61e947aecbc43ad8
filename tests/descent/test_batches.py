"""Batches cover all rows once an epoch, in an order that the run's identity alone decides."""

from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.batches import Epochs
from gdbench.descent.execute import execute
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.stopping import limits
from tests.descent.problems import spec, table


def in_batches(size, **changes):
    return spec(batch_size={"rows": {"size": size}}, **changes)


@given(rows=st.integers(1, 40), size=st.integers(1, 50), seed=st.integers(0, 9))
def test_every_row_is_seen_once_an_epoch_in_batches_of_the_size_asked_for(rows, size, seed):
    data = [(float(i),) for i in range(rows)]
    count = -(-rows // size)
    shuffled = iter(Epochs(data, size, Random(seed)))
    for _ in range(3):
        places, batches = zip(*islice(shuffled, count), strict=True)
        assert places == tuple(range(count))
        assert sorted(row for batch in batches for row in batch) == data
        assert all(len(batch) == size for batch in batches[:-1])
        assert 1 <= len(batches[-1]) <= size


def test_a_batch_of_all_rows_is_gradient_descent_but_for_the_order_of_sums():
    whole = execute(spec(), table(), ProblemConstants())
    batch = execute(in_batches(20), table(), ProblemConstants())
    assert batch.curve.iteration == whole.curve.iteration
    assert batch.curve.cost == pytest.approx(whole.curve.cost, rel=1e-12)


def until(rule, size=8, rows=20, **changes):
    return execute(in_batches(size, convergence=rule, **changes), table(rows=rows), ProblemConstants())


def test_iterations_count_updates_and_are_seen_once_an_epoch():
    result = until({"max_iterations": {"limit": 12}})
    assert result.curve.iteration == [0, 3, 6, 9, 12]
    # each epoch passes over the rows twice: once in batches, once for the whole cost; and once at the start
    assert result.row_passes == (4 * 2 + 1) * 20


def test_a_limit_in_the_middle_of_an_epoch_ends_the_run_there_with_its_cost_on_record():
    result = until({"any": [{"gradient_norm": {"tolerance": 1e-30}}, {"max_iterations": {"limit": 10}}]})
    assert (result.iterations, result.rule) == (10, "max_iterations")
    assert result.curve.iteration == [0, 3, 6, 9, 10]
    # five looks at the whole cost, three epochs, and the first 8 rows of a fourth
    assert result.row_passes == (5 + 3) * 20 + 8
    through = until({"max_iterations": {"limit": 12}})
    assert through.curve.cost[:4] == result.curve.cost[:4]


def test_iterations_without_improvement_are_counted_exactly():
    # no cost is lower by more than 1e9, so the first stays the best
    result = until({"no_improvement": {"patience": 7, "min_delta": 1e9}})
    assert (result.iterations, result.rule) == (7, "no_improvement")


def test_an_improvement_that_is_seen_where_patience_ends_lets_the_run_go_on():
    result = until({"any": [{"no_improvement": {"patience": 1}}, {"max_iterations": {"limit": 5}}]}, rows=200)
    assert result.iterations == 5
    assert result.curve.iteration == [0, 1, 2, 3, 4, 5]


def test_all_waits_for_its_last_limit_and_a_rule_beside_one_is_asked_once_an_epoch():
    limits = [{"max_iterations": {"limit": 4}}, {"max_iterations": {"limit": 8}}]
    assert until({"all": limits}).iterations == 8
    beside = {"all": [{"max_iterations": {"limit": 4}}, {"gradient_norm": {"tolerance": 1e9}}]}
    assert until(beside).iterations == 6


@pytest.mark.parametrize("limit", [1, 2, 3, 20, 21])
def test_a_limit_on_evaluations_ends_a_run_at_the_first_look_with_so_many_done(limit):
    """Three updates of two evaluations each, and a look at the whole cost of two more, are an epoch."""
    result = until({"max_evaluations": {"limit": limit}})
    done = result.cost_evaluations + result.gradient_evaluations
    assert (result.outcome, result.rule) == ("stopped", "max_evaluations")
    assert limit <= done <= limit + 3
    assert result.curve.iteration[-1] == result.iterations


@pytest.mark.parametrize(
    "changes", [{}, {"gradient": {"central": {}}}, {"learning_rate": {"backtracking": {}}}], ids=str
)
def test_evaluations_are_limited_as_the_field_counts_them(changes):
    free = execute(spec(convergence={"max_iterations": {"limit": 12}}, **changes), table(), ProblemConstants())
    total = free.cost_evaluations + free.gradient_evaluations
    limited = spec(convergence={"max_evaluations": {"limit": total}}, **changes)
    result = execute(limited, table(), ProblemConstants())
    assert (result.iterations, result.parameters) == (12, free.parameters)
    assert result.reason == f"reached the limit of {total} evaluations"


def test_the_clock_is_read_at_each_update(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(limits.time, "monotonic", lambda: float(next(clock)))
    result = until({"max_seconds": {"limit": 7.0}})
    assert result.curve.iteration[-1] == result.iterations
    assert result.iterations % 3 != 0


def test_the_order_of_the_rows_depends_on_seed_and_replicate_and_not_on_the_learning_rate():
    def first_epoch(**changes):
        changes = {"convergence": {"max_iterations": {"limit": 5}}, **changes}
        return execute(in_batches(4, **changes), table(), ProblemConstants()).parameters

    assert first_epoch() == first_epoch()
    assert first_epoch() != first_epoch(seed=1)
    assert first_epoch() != first_epoch(replicate=1)


@pytest.mark.parametrize("kernel", ["compiled", "reference"])
def test_kernels_agree_on_batches_bit_for_bit(kernel):
    chosen = execute(in_batches(6, kernel={kernel: {}}), table(), ProblemConstants())
    assert chosen.parameters == execute(in_batches(6), table(), ProblemConstants()).parameters
