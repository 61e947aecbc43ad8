"""Batches cover all rows once an epoch, in an order that the run's identity alone decides."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.batches import epochs
from gdbench.descent.execute import execute
from gdbench.descent.problems.problem_constants import ProblemConstants
from tests.descent.problems import spec, table


def in_batches(size, **changes):
    return spec(batch_size={"rows": {"size": size}}, **changes)


@given(rows=st.integers(1, 40), size=st.integers(1, 50), seed=st.integers(0, 9))
def test_every_row_is_seen_once_an_epoch_in_batches_of_the_size_asked_for(rows, size, seed):
    data = [(float(i),) for i in range(rows)]
    shuffled = epochs(data, size, Random(seed))
    for _ in range(3):
        batches = next(shuffled)
        assert sorted(row for batch in batches for row in batch) == data
        assert all(len(batch) == size for batch in batches[:-1])
        assert 1 <= len(batches[-1]) <= size


def test_a_batch_of_all_rows_is_gradient_descent_but_for_the_order_of_sums():
    whole = execute(spec(), table(), ProblemConstants())
    batch = execute(in_batches(20), table(), ProblemConstants())
    assert batch.curve.iteration == whole.curve.iteration
    assert batch.curve.cost == pytest.approx(whole.curve.cost, rel=1e-12)


def test_iterations_count_updates_and_are_seen_once_an_epoch():
    result = execute(
        in_batches(8, convergence={"max_iterations": {"limit": 10}}), table(rows=20), ProblemConstants()
    )
    assert result.curve.iteration == [0, 3, 6, 9, 12]
    # each epoch passes over the rows twice: once in batches, once for the whole cost; and once at the start
    assert result.row_passes == (4 * 2 + 1) * 20


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
