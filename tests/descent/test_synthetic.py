"""Synthetic data: tables whose truth is known, drawn as documented from one seeded generator."""

import json
import math
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gdbench.descent.errors import BadParameter
from gdbench.descent.problems.table import Table
from gdbench.descent.synthetic import (
    GENERATORS,
    circles,
    classification,
    linear_data,
    moons,
    xor,
)
from tests.interpreters import NAMES, find

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


# --- outliers


def test_outliers_change_the_target_alone_and_only_where_they_fall() -> None:
    clean, dirty = linear_data(2000, 2, 0.1, 7), linear_data(2000, 2, 0.1, 7, outliers=0.1, outlier_scale=50.0)
    assert [row[:-1] for row in clean.rows] == [row[:-1] for row in dirty.rows]
    added = [b[-1] - a[-1] for a, b in zip(clean.rows, dirty.rows, strict=True) if a != b]
    low, high = stats.binom.interval(CONFIDENCE, 2000, 0.1)
    assert low < len(added) < high
    low, high = stats.chi2.interval(CONFIDENCE, len(added))
    assert low < math.fsum(a * a for a in added) / 50.0**2 < high


def test_the_outliers_of_a_smaller_share_are_among_those_of_a_larger() -> None:
    clean, few, many = (linear_data(500, outliers=share).rows for share in (0.0, 0.05, 0.3))
    for a, b, c in zip(clean, few, many, strict=True):
        assert b in (a, c)


@pytest.mark.parametrize("share", [-0.1, 1.1, True])
def test_a_share_of_outliers_is_between_0_and_1(share: float) -> None:
    with pytest.raises(BadParameter, match="must be a number between 0 and 1"):
        GENERATORS["linear_data"].resolve({"outliers": share})


# --- classes in the plane


@given(sizes, seeds)
def test_moons_without_noise_are_two_half_circles(rows: int, seed: int) -> None:
    for x1, x2, label in moons(rows, 0.0, seed).rows:
        # class 1 is class 0 turned by half a turn about (½, ¼)
        u, v = (1.0 - x1, 0.5 - x2) if label else (x1, x2)
        assert u * u + v * v == pytest.approx(1.0, rel=1e-12)
        assert v >= -1e-15


@given(sizes, st.floats(min_value=0.01, max_value=0.99), seeds)
def test_circles_without_noise_have_radius_1_and_the_factor(rows: int, factor: float, seed: int) -> None:
    for x1, x2, label in circles(rows, 0.0, factor, seed).rows:
        assert math.hypot(x1, x2) == pytest.approx(factor if label else 1.0, rel=1e-12)


@given(sizes, seeds)
def test_xor_without_noise_is_class_1_where_the_signs_differ(rows: int, seed: int) -> None:
    for x1, x2, label in xor(rows, 0.0, seed).rows:
        assert label == float(x1 * x2 < 0)
        assert 0 < abs(x1) <= 1
        assert 0 < abs(x2) <= 1


def test_no_line_is_right_on_xor_more_often_than_on_three_fields_of_four() -> None:
    rows = np.array(xor(2000, 0.0, 1).rows)
    directions = np.linspace(0, np.pi, 30, endpoint=False)
    scores = rows[:, :2] @ np.array([np.cos(directions), np.sin(directions)])
    for offset in np.linspace(-1, 1, 9):
        right = ((scores > offset) == (rows[:, 2:] > 0)).mean(axis=0)
        assert max(right.max(), 1 - right.min()) < 0.78


@pytest.mark.parametrize("make", [moons, circles, xor])
def test_noise_in_the_plane_has_the_deviation_asked_for_and_moves_no_label(make) -> None:
    still, moved = np.array(make(3000, noise=0.0, seed=2).rows), np.array(make(3000, noise=0.3, seed=2).rows)
    assert (still[:, 2] == moved[:, 2]).all()
    assert still[:, 2].mean() == 0.5
    low, high = stats.chi2.interval(CONFIDENCE, 6000)
    assert low < ((moved - still) ** 2).sum() / 0.3**2 < high


# --- what all have in common

DIGESTS = """
import json
from random import Random
from gdbench.descent.synthetic import GENERATORS, ill_conditioned, linear_data
from gdbench.descent.numerics.householder import rotation
tables = [entry.function(seed=5) for entry in GENERATORS]
tables += [linear_data(outliers=0.2), ill_conditioned(30, 6, 1e8)]
turned = [value.hex() for row in rotation(6, Random(3)) for value in row]
print(json.dumps([table.digest for table in tables] + turned))
"""


def digests(interpreter: str) -> list[str]:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [interpreter, "-S", "-c", DIGESTS], cwd=root, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_is_the_same_bit_for_bit_on_every_interpreter(name: str) -> None:
    interpreter = find(name)
    if interpreter is None:
        pytest.skip(f"no working {name} on this machine")
    assert digests(interpreter) == digests(sys.executable)


def takes_features(entry) -> bool:
    return any(parameter.name == "features" for parameter in entry.parameters)


@pytest.mark.parametrize("entry", list(GENERATORS), ids=lambda entry: entry.name)
class TestEveryGenerator:
    def test_gives_the_shape_asked_for(self, entry) -> None:
        width = {"features": 3} if takes_features(entry) else {}
        table: Table = entry.function(rows=7, **width)
        features = width.get("features", 2)
        assert (len(table.rows), table.features, table.targets) == (7, features, 1)
        assert all(len(row) == features + 1 and all(map(math.isfinite, row)) for row in table.rows)

    def test_gives_the_same_table_for_the_same_seed_and_another_for_another(self, entry) -> None:
        assert entry.function(seed=1).digest == entry.function(seed=1).digest != entry.function(seed=2).digest

    def test_begins_a_longer_table_with_the_shorter_one(self, entry) -> None:
        begins = entry.function(rows=50).rows[:20] == entry.function(rows=20).rows
        # its columns are orthogonal over all rows, so there every row depends on all others
        assert begins == (entry.name != "ill_conditioned")

    def test_survives_packing_bit_for_bit(self, entry) -> None:
        table: Table = entry.function(rows=9)
        assert table.pack().unpack() == Table(list(table.rows), table.features)

    def test_resolves_its_defaults_to_100_rows_of_2_features(self, entry) -> None:
        resolved = entry.resolve({})
        assert (resolved["rows"], resolved.get("features", 2), resolved["seed"]) == (100, 2, 0)
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
        if parameter == "features" and not takes_features(entry):
            parameter, expected = "rows", expected.replace("1 or more", "2 or more")  # it lies in the plane
        with pytest.raises(BadParameter) as caught:
            entry.resolve({parameter: value})
        assert str(caught.value) == f"'{parameter}' of generator '{entry.name}' must be {expected}"

    def test_takes_seeds_beyond_the_exact_range_of_floats(self, entry) -> None:
        assert entry.resolve({"seed": 2**64 + 1})["seed"] == 2**64 + 1
        assert entry.resolve({"rows": 1e2})["rows"] == 100
