"""Synthetic data: tables whose truth is known, drawn as documented from one seeded generator."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gdbench.descent.errors import BadParameter
from gdbench.descent.synthetic import GENERATORS, classification, linear_data
from gdbench.descent.table import Table

CONFIDENCE = 1 - 1e-6

seeds = st.integers(min_value=0, max_value=2**64)
sizes = st.integers(min_value=2, max_value=20)
widths = st.integers(min_value=1, max_value=5)


@given(sizes, widths, seeds)
def test_without_noise_every_row_lies_on_the_plane_that_was_drawn_first(
    rows: int, features: int, seed: int
) -> None:
    table = linear_data(rows=rows, features=features, noise=0.0, seed=seed)
    draw = Random(seed)
    *w, b = [draw.gauss(0.0, 1.0) for _ in range(features + 1)]
    for *x, y in table.rows:
        exact = math.fsum([b, *(w_j * x_j for w_j, x_j in zip(w, x, strict=True))])
        assert y == pytest.approx(exact, rel=1e-12, abs=1e-12)


@given(sizes, widths, seeds)
def test_noise_changes_the_target_alone_and_in_proportion(rows: int, features: int, seed: int) -> None:
    still, low, high = (linear_data(rows, features, noise, seed).rows for noise in (0.0, 0.5, 2.0))
    for a, b, c in zip(still, low, high, strict=True):
        assert a[:-1] == b[:-1] == c[:-1]
        assert c[-1] - a[-1] == pytest.approx(4 * (b[-1] - a[-1]), rel=1e-9, abs=1e-12)


def test_the_noise_has_the_deviation_asked_for() -> None:
    rows, noise = 4000, 0.25
    pairs = zip(linear_data(rows, 3, noise, seed=1).rows, linear_data(rows, 3, 0.0, seed=1).rows, strict=True)
    squares = math.fsum((noisy[-1] - still[-1]) ** 2 for noisy, still in pairs) / noise**2
    low, high = stats.chi2.interval(CONFIDENCE, rows)
    assert low < squares < high


@given(sizes, widths, st.floats(min_value=0, max_value=10), seeds)
def test_classes_take_turns_so_that_their_shares_are_equal(
    rows: int, features: int, separation: float, seed: int
) -> None:
    table = classification(rows, features, separation, seed)
    assert [row[-1] for row in table.rows] == [float(i % 2) for i in range(rows)]


@pytest.mark.parametrize("features", [1, 2, 5])
@pytest.mark.parametrize("separation", [0.0, 1.0, 4.0])
def test_class_centres_stand_as_far_apart_as_asked(features: int, separation: float) -> None:
    per_class = 2000
    rows = classification(2 * per_class, features, separation, seed=3).rows
    centres = [
        [math.fsum(row[j] for row in rows if row[-1] == label) / per_class for j in range(features)]
        for label in (0.0, 1.0)
    ]
    # the difference of two means of unit normals is off by a normal vector of variance 2/n
    bound = math.sqrt(stats.chi2.ppf(CONFIDENCE, features) * 2 / per_class)
    assert abs(math.dist(*centres) - separation) < bound
    # both centres lie symmetrically about the origin
    assert math.dist(centres[0], [-c for c in centres[1]]) < bound


def test_the_best_classifier_is_right_as_often_as_the_docstring_says() -> None:
    rows = classification(20000, features=1, separation=4.0, seed=5).rows
    centre = math.fsum(row[0] for row in rows if row[-1] == 1.0)
    right = sum((row[0] * centre > 0) == (row[-1] == 1.0) for row in rows)
    low, high = stats.binom.interval(CONFIDENCE, len(rows), stats.norm.cdf(4.0 / 2))
    assert low <= right <= high


@pytest.mark.parametrize("entry", list(GENERATORS), ids=lambda entry: entry.name)
class TestEveryGenerator:
    def test_gives_the_shape_asked_for(self, entry) -> None:
        table: Table = entry.function(rows=7, features=3)
        assert (len(table.rows), table.features, table.targets) == (7, 3, 1)
        assert all(len(row) == 4 and all(map(math.isfinite, row)) for row in table.rows)

    def test_gives_the_same_table_for_the_same_seed_and_another_for_another(self, entry) -> None:
        assert entry.function(seed=1).digest == entry.function(seed=1).digest != entry.function(seed=2).digest

    def test_begins_a_longer_table_with_the_shorter_one(self, entry) -> None:
        assert entry.function(rows=50).rows[:20] == entry.function(rows=20).rows

    def test_survives_packing_bit_for_bit(self, entry) -> None:
        table: Table = entry.function(rows=9)
        assert table.pack().unpack() == Table(list(table.rows), table.features)

    def test_resolves_its_defaults_to_100_rows_of_2_features(self, entry) -> None:
        resolved = entry.resolve({})
        assert (resolved["rows"], resolved["features"], resolved["seed"]) == (100, 2, 0)
        assert entry.function(**resolved).digest == entry.function().digest

    @pytest.mark.parametrize(
        ("parameter", "value", "expected"),
        [
            ("rows", 1, "a whole number of 2 or more, not 1."),
            ("rows", 10.5, "a whole number of 2 or more, not 10.5."),
            ("rows", "many", "a whole number of 2 or more, not 'many'."),
            ("features", 0, "a whole number of 1 or more, not 0."),
            ("seed", -1, "a whole number of 0 or more, not -1."),
            ("seed", True, "a whole number of 0 or more, not true."),
            ("seed", float("nan"), "a whole number of 0 or more, not nan."),
            ("seed", float("inf"), "a whole number of 0 or more, not inf."),
        ],
    )
    def test_refuses_what_is_outside_its_domains(self, entry, parameter: str, value, expected: str) -> None:
        with pytest.raises(BadParameter) as caught:
            entry.resolve({parameter: value})
        assert str(caught.value) == f"'{parameter}' of generator '{entry.name}' must be {expected}"

    def test_takes_seeds_beyond_the_exact_range_of_floats(self, entry) -> None:
        assert entry.resolve({"seed": 2**64 + 1})["seed"] == 2**64 + 1
        assert entry.resolve({"rows": 1e2})["rows"] == 100
