"""Eigenvectors by rotations: against closed forms, and where a rounded product would have lost every digit."""

import math
import random
from fractions import Fraction

import pytest

from gdbench.descent.numerics.eigenvalues import eigen_pairs, singular_pairs
from gdbench.reference.digits.gram import products_of, root_of


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def test_the_second_difference_has_the_sines_for_eigenvectors():
    size = 12
    matrix = [[2.0 * (i == j) - (abs(i - j) == 1) for j in range(size)] for i in range(size)]
    pairs = eigen_pairs(matrix)
    known = sorted((2 - 2 * math.cos(math.pi * k / (size + 1)) for k in range(1, size + 1)), reverse=True)
    assert [value for value, _ in pairs] == pytest.approx(known, abs=1e-15)
    for value, v in pairs:
        assert [dot(row, v) for row in matrix] == pytest.approx([value * x for x in v], abs=2e-14)


def test_an_indefinite_matrix_keeps_its_signs_and_its_vectors_are_orthonormal():
    chance = random.Random(3)
    size = 9
    matrix = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            matrix[i][j] = matrix[j][i] = chance.gauss(0.0, 1e200)  # squares that leave the range
    pairs = eigen_pairs(matrix)
    values = [value for value, _ in pairs]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.0 < values[0]
    assert math.fsum(values) == pytest.approx(math.fsum(matrix[i][i] for i in range(size)), abs=1e186)
    for i, (_, v) in enumerate(pairs):
        assert [dot(v, other) for _, other in pairs] == pytest.approx(
            [float(i == j) for j in range(size)], abs=4e-15
        )


def test_no_matrix_at_all_has_the_units_for_vectors():
    assert eigen_pairs([[0.0, 0.0], [0.0, 0.0]]) == [(0.0, [1.0, 0.0]), (0.0, [0.0, 1.0])]


def test_the_root_of_columns_keeps_a_singular_value_that_their_product_loses():
    """Läuchli's columns (1, ε, 0) and (1, 0, ε): GᵀG rounds to a matrix of ones, yet σ₂ = ε exactly."""
    tiny = 2.0**-40
    (first, _), (second, v) = singular_pairs(
        root_of([(1.0, tiny, 0.0), (1.0, 0.0, tiny)], Fraction(1), [0.0] * 2)
    )
    assert first == pytest.approx(math.sqrt(2.0), rel=1e-15)
    assert second == pytest.approx(tiny, rel=1e-15)
    assert v == pytest.approx([math.sqrt(0.5), -math.sqrt(0.5)], rel=1e-15)


def test_columns_that_depend_on_others_leave_fewer_rows():
    columns = [(1.0, 2.0, 3.0), (0.5, -1.0, 4.0), (1.5, 1.0, 7.0), (0.0, 0.0, 0.0)]
    assert len(root_of(columns, Fraction(1), [0.0] * 4)) == 2
    assert len(root_of(columns, Fraction(1), [0.1] * 4)) == 4


def test_products_packed_side_by_side_are_the_products():
    chance = random.Random(5)
    columns = [[chance.randint(-(2**70), 2**70) for _ in range(17)] for _ in range(6)]
    columns[2] = [0] * 17
    assert products_of(columns) == [
        [sum(x * y for x, y in zip(a, b, strict=True)) for b in columns] for a in columns
    ]
