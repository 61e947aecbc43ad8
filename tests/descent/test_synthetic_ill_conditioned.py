"""A linear problem of the condition number asked for, and descent that is as slow as it says."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.errors import BadParameter
from gdbench.descent.problems.table import Table
from gdbench.descent.synthetic import (
    GENERATORS,
    ill_conditioned,
)

seeds = st.integers(min_value=0, max_value=2**64)


def gram(table: Table) -> np.ndarray:
    g = np.array([[*row[:-1], 1.0] for row in table.rows])
    return g.T @ g / len(g)


@given(st.integers(1, 6), st.integers(0, 20), st.floats(min_value=1.0, max_value=1e12), seeds)
def test_the_gram_matrix_is_diagonal_with_the_condition_number_asked_for(
    features: int, more: int, kappa: float, seed: int
) -> None:
    found = gram(ill_conditioned(features + 1 + more, features, kappa, 0.0, seed))
    step = kappa ** (-1 / max(features - 1, 1))
    expected = [1 / kappa, 1.0] if features == 1 else [*(step**j for j in range(features)), 1.0]
    scale = np.sqrt(np.outer(expected, expected))
    assert found / scale == pytest.approx(np.eye(features + 1), abs=1e-12)


def test_descent_is_as_slow_as_the_condition_number_says() -> None:
    # the error along the last column shrinks by 1 − 1/κ a step at rate 1/L; ½·mse has L = 1 here
    kappa, steps = 50.0, 200
    rows = np.array(ill_conditioned(60, 4, kappa, 0.0, seed=3).rows)
    g, y = np.column_stack([rows[:, :-1], np.ones(60)]), rows[:, -1]
    best = np.linalg.lstsq(g, y, rcond=None)[0]
    w = np.zeros(5)
    for _ in range(steps):
        w -= g.T @ (g @ w - y) / 60
    assert (w - best)[3] == pytest.approx(-best[3] * (1 - 1 / kappa) ** steps, rel=1e-9)


@given(st.integers(1, 5), seeds)
def test_every_direction_carries_its_share_of_the_target(features: int, seed: int) -> None:
    table = ill_conditioned(20, features, 1e6, 0.0, seed)
    draw = Random(seed)
    for _ in range(20 * features):
        draw.gauss(0.0, 1.0)
    g = [draw.gauss(0.0, 1.0) for _ in range(features)]
    b = draw.gauss(0.0, 1.0)
    y = [row[-1] for row in table.rows]
    assert math.fsum(y) / 20 == pytest.approx(b, abs=1e-12)
    variance = math.fsum((v - b) ** 2 for v in y) / 20
    assert variance == pytest.approx(math.fsum(v * v for v in g), rel=1e-10, abs=1e-20)


@pytest.mark.parametrize("rows", [2, 3])
def test_more_columns_than_rows_cannot_be_orthogonal(rows: int) -> None:
    message = "'rows' of generator 'ill_conditioned' must be above 'features'"
    with pytest.raises(BadParameter, match=message):
        ill_conditioned(rows=rows, features=3)
    entry = GENERATORS["ill_conditioned"]
    with pytest.raises(BadParameter, match=message):
        entry.check(entry.resolve({"rows": rows, "features": 3}))
    assert len(ill_conditioned(rows=4, features=3).rows) == 4


def test_a_condition_number_is_1_or_more() -> None:
    with pytest.raises(BadParameter, match=r"must be a number of 1 or more, not 0\.5"):
        GENERATORS["ill_conditioned"].resolve({"kappa": 0.5})
