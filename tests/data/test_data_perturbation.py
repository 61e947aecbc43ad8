"""Perturbed features: the fit is as good as before, and what makes descent harder is what was asked for."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.data.data import load
from gdbench.data.perturbation import Perturbation, perturb, read_perturbation
from gdbench.data.source import Source
from gdbench.descent.errors import BadParameter

DIABETES = Source(dataset="diabetes", standardize=True, features=("age", "bmi", "bp"))

moderate = st.floats(min_value=-100, max_value=100)
columns = st.integers(1, 5).flatmap(
    lambda d: st.lists(st.lists(moderate, min_size=d, max_size=d), min_size=2, max_size=10)
)


def named(rows):
    return {f"c{j}": values for j, values in enumerate(zip(*rows, strict=True))}


def matrix(source):
    return np.array(load(source).table.rows)


def test_shift_and_scale_are_a_scale_and_then_a_shift():
    moved = perturb({"a": [1.0, 2.0], "b": [-3.0, 0.5]}, Perturbation(shift=1.0, scale=10.0))
    assert moved == {"a": [11.0, 21.0], "b": [-29.0, 6.0]}


@given(columns, st.integers(0, 2**64))
def test_a_rotation_keeps_lengths_and_angles(rows, seed):
    turned = list(zip(*perturb(named(rows), Perturbation(rotation=True, seed=seed)).values(), strict=True))
    before, after = np.array(rows), np.array(turned)
    assert after @ after.T == pytest.approx(before @ before.T, rel=1e-12, abs=1e-10)


@given(st.integers(1, 6), st.integers(0, 2**32))
def test_a_rotation_mirrors_nothing(size, seed):
    axes = np.eye(size).tolist()
    turned = np.array(list(perturb(named(axes), Perturbation(rotation=True, seed=seed)).values()))
    assert np.linalg.det(turned) == pytest.approx(1.0, rel=1e-12)


def test_rotations_are_spread_evenly_over_all_directions():
    # where e₁ goes is uniform on the sphere: each coordinate has mean 0 and mean square 1/3
    images = [
        next(
            zip(*perturb(named(np.eye(3).tolist()), Perturbation(rotation=True, seed=s)).values(), strict=True)
        )
        for s in range(2000)
    ]
    means = np.mean(images, axis=0)
    squares = np.mean(np.square(images), axis=0)
    assert np.abs(means).max() < 5 * math.sqrt(1 / 3 / 2000)
    assert np.abs(squares - 1 / 3).max() < 5 * math.sqrt(4 / 45 / 2000)


def test_the_same_seed_turns_the_same_way_and_another_differently():
    one, same, other = (
        matrix(replace(DIABETES, perturb=Perturbation(rotation=True, seed=s))) for s in (1, 1, 2)
    )
    assert (one == same).all()
    assert not np.allclose(one, other)


@pytest.mark.parametrize(
    "wanted",
    [
        Perturbation(shift=3.0),
        Perturbation(scale=10.0),
        Perturbation(rotation=True),
        Perturbation(2.0, 0.1, True),
    ],
    ids=str,
)
def test_a_perturbed_problem_fits_as_well_as_before(wanted):
    def residual(rows):
        design = np.column_stack([rows[:, :-1], np.ones(len(rows))])
        return np.linalg.lstsq(design, rows[:, -1], rcond=None)[1][0]

    assert residual(matrix(replace(DIABETES, perturb=wanted))) == pytest.approx(
        residual(matrix(DIABETES)), rel=1e-10
    )


def test_it_comes_after_standardizing_which_would_undo_it():
    rows = matrix(replace(DIABETES, perturb=Perturbation(shift=5.0, scale=10.0)))
    assert rows[:, :-1].mean(axis=0) == pytest.approx(5.0)
    assert rows[:, :-1].std(axis=0) == pytest.approx(10.0)


def test_the_target_is_left_alone():
    rows = matrix(replace(DIABETES, perturb=Perturbation(shift=5.0, scale=10.0, rotation=True)))
    assert (rows[:, -1] == matrix(DIABETES)[:, -1]).all()


def test_the_record_and_the_label_say_what_was_done():
    data = load(replace(DIABETES, perturb=Perturbation(1.0, 10.0, rotation=True)))
    assert data.label == "diabetes · age, bmi, bp · standardized · rotated by seed 0, × 10, shifted by 1"
    assert data.describe()["perturb"] == {"shift": 1.0, "scale": 10.0, "rotation": True, "seed": 0}
    assert data.feature_names == ("z1", "z2", "z3")
    assert data.table.digest != load(DIABETES).table.digest


def test_one_that_changes_nothing_is_as_none():
    data = load(replace(DIABETES, perturb=Perturbation(seed=4)))
    assert data == load(DIABETES)
    assert "perturb" not in data.describe()


def test_it_is_read_from_a_mapping_with_defaults():
    assert read_perturbation({"shift": 1, "rotation": True}) == Perturbation(1.0, 1.0, True, 0)
    assert read_perturbation({}) == Perturbation()


@pytest.mark.parametrize(
    ("given", "parameter", "message"),
    [
        ({"shfit": 1}, "shfit", "data option 'perturb' has no parameter 'shfit'. Did you mean shift?"),
        ({"scale": 0}, "scale", "'scale' of data option 'perturb' must be a number other than 0, not 0."),
        ({"rotation": 1}, "rotation", "'rotation' of data option 'perturb' must be true or false, not 1."),
        (
            {"seed": -1},
            "seed",
            "'seed' of data option 'perturb' must be a whole number of 0 or more, not -1.",
        ),
    ],
)
def test_a_mistake_is_answered_with_what_was_expected(given, parameter, message):
    with pytest.raises(BadParameter) as caught:
        read_perturbation(given)
    assert (caught.value.parameter, str(caught.value)) == (parameter, message)


def test_features_that_overflow_are_refused():
    with pytest.raises(BadParameter, match="'perturb' makes some features overflow"):
        perturb({"a": [1e200, 1.0]}, Perturbation(scale=1e200))
