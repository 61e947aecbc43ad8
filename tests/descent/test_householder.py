"""Householder's reflections: orthonormal columns, random rotations, least squares."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.numerics.householder import factor, least_squares, orthonormal, rotation

seeds = st.integers(min_value=0, max_value=2**64)


@given(
    st.integers(1, 7).flatmap(
        lambda n: st.lists(st.lists(st.floats(-10, 10), min_size=7, max_size=7), min_size=n, max_size=n)
    )
)
@settings(max_examples=100, deadline=None)
def test_orthonormal_columns_are_orthonormal_and_span_what_they_were_made_of(columns) -> None:
    Q, A = np.array(orthonormal(columns)).reshape(-1, 7), np.array(columns)
    assert abs(Q @ Q.T - np.eye(len(Q))).max(initial=0.0) < 1e-13
    assert abs(A - A @ Q.T @ Q).max() < 1e-12 * max(1.0, abs(A).max())


def test_signs_are_such_that_r_has_a_positive_diagonal() -> None:
    random = Random(22)
    columns = [[random.gauss(0.0, 1.0) for _ in range(6)] for _ in range(4)]
    R = np.array(orthonormal(columns)) @ np.array(columns).T
    assert (np.diag(R) > 0).all()
    assert abs(np.tril(R, -1)).max() < 1e-14


def test_least_squares_survives_columns_whose_squares_are_near_the_rounding() -> None:
    # Läuchli 1961: the normal equations lose everything here, [1 1; ε² ≪ 1]
    eps = 1e-9
    columns = [[1.0, eps, 0.0], [1.0, 0.0, eps]]
    w = least_squares(factor(columns), 2, [2.0, eps, eps])
    assert w == pytest.approx([1.0, 1.0], rel=1e-6)


@given(
    st.integers(1, 6).flatmap(
        lambda d: st.lists(
            st.lists(st.floats(min_value=-1e3, max_value=1e3), min_size=6, max_size=6), min_size=d, max_size=d
        )
    )
)
def test_columns_become_orthonormal_even_where_they_depend_on_one_another(columns: list[list[float]]) -> None:
    q = np.array(orthonormal(columns))
    assert q @ q.T == pytest.approx(np.eye(len(columns)), abs=1e-13)


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_columns_whose_squares_leave_the_range_of_floats_become_orthonormal_as_well(scale: float) -> None:
    draw = Random(1)
    q = np.array(orthonormal([[scale * draw.gauss(0, 1) for _ in range(6)] for _ in range(4)]))
    assert q @ q.T == pytest.approx(np.eye(4), abs=1e-13)


def test_the_first_columns_span_what_they_spanned() -> None:
    draw = Random(0)
    a = np.array([[draw.gauss(0, 1) for _ in range(7)] for _ in range(3)])
    q = np.array(orthonormal(a.tolist()))
    for k in (1, 2, 3):
        inside = a[:k] @ q[:k].T @ q[:k]
        assert inside == pytest.approx(a[:k], abs=1e-13)


@given(st.integers(1, 8), seeds)
def test_a_rotation_is_orthonormal_and_mirrors_nothing(size: int, seed: int) -> None:
    r = np.array(rotation(size, Random(seed)))
    assert r @ r.T == pytest.approx(np.eye(size), abs=1e-13)
    assert np.linalg.det(r) == pytest.approx(1.0, rel=1e-12)
