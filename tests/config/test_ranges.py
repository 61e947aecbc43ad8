"""Ranges of numbers: inclusive, each value the nearest double to the exact one."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.config.experiment import load_experiment
from gdbench.config.grid.ranges import linspace, logspace, per_decade
from gdbench.config.yaml.mistakes import ConfigError
from tests.config.test_experiment import SMALL, axis, load

ENDS = st.floats(-1e6, 1e6)
ABOVE_ZERO = st.floats(1e-12, 1e12)


def test_a_tenth_three_times_is_three_tenths() -> None:
    assert linspace(0.1, 0.5, 5) == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert repr(linspace(0.1, 0.5, 5)[2]) == "0.3"


@given(ENDS, ENDS, st.integers(2, 50))
def test_linspace_is_the_exact_value_rounded_once(first: float, last: float, count: int) -> None:
    values = linspace(first, last, count)
    assert (values[0], values[-1], len(values)) == (first, last, count)
    a, b = Fraction(repr(first)), Fraction(repr(last))
    assert values == [float(a + (b - a) * Fraction(i, count - 1)) for i in range(count)]


@given(ABOVE_ZERO, ABOVE_ZERO, st.integers(2, 50))
def test_logspace_agrees_with_numpy_and_keeps_its_ends(first: float, last: float, count: int) -> None:
    values = logspace(first, last, count)
    assert (values[0], values[-1], len(values)) == (first, last, count)
    assert np.allclose(values, np.geomspace(first, last, count), rtol=1e-12, atol=0.0)


def test_powers_of_ten_are_hit_exactly() -> None:
    assert logspace(1e-4, 1, 5) == [0.0001, 0.001, 0.01, 0.1, 1.0]
    assert per_decade(1e-4, 1, 1) == [0.0001, 0.001, 0.01, 0.1, 1.0]


def test_per_decade_has_three_digits_and_stops_at_its_last_value() -> None:
    assert per_decade(0.01, 1, 3) == [0.01, 0.0215, 0.0464, 0.1, 0.215, 0.464, 1.0]
    assert per_decade(0.01, 0.3, 1) == [0.01, 0.1]
    assert per_decade(2, 2, 5) == [2.0]


@given(st.integers(-9, 5), st.integers(0, 5), st.integers(1, 12))
def test_per_decade_is_evenly_spaced_in_the_logarithm(first: int, decades: int, count: int) -> None:
    values = per_decade(float(f"1e{first}"), float(f"1e{first + decades}"), count)
    assert len(values) == decades * count + 1
    exact = [10.0 ** (first + i / count) for i in range(len(values))]
    assert all(math.isclose(value, at, rel_tol=0.006) for value, at in zip(values, exact, strict=True))


def rates(tmp_path, value: str) -> list[float]:
    return [choice["constant"]["rate"] for choice in axis(tmp_path, "learning_rate", value)]


def test_a_range_stands_for_a_list_wherever_one_may_stand(tmp_path) -> None:
    assert rates(tmp_path, "{linspace: [0.1, 0.3, 3]}") == [0.1, 0.2, 0.3]
    assert rates(tmp_path, "[5, {linspace: [0.1, 0.3, 3]}, 7]") == [5.0, 0.1, 0.2, 0.3, 7.0]
    assert rates(tmp_path, "{constant: {rate: {logspace: [0.1, 10, 3]}}}") == [0.1, 1.0, 10.0]
    factors = axis(tmp_path, "learning_rate", "{over_L: {per_decade: [0.1, 1, 1]}}")
    assert factors == axis(tmp_path, "learning_rate", "{over_L: [0.1, 1]}")
    assert load(tmp_path, SMALL + "targets: {per_decade: [1e-3, 0.1, 1]}\n").targets == (0.1, 0.01, 0.001)


def test_a_range_of_whole_numbers_is_one(tmp_path) -> None:
    degrees = axis(tmp_path, "model", "{polynomial: {degree: {linspace: [1, 4, 4]}}}")
    assert [choice["polynomial"]["degree"] for choice in degrees] == [1, 2, 3, 4]


def test_a_range_is_one_value_of_a_parameter_that_takes_a_list(tmp_path) -> None:
    path = tmp_path / "surface.yaml"
    path.write_text(
        "name: s\ngrid: {surface: {quadratic: {spectrum: {logspace: [1, 100, 3]}}}, learning_rate: 0.01,"
        " convergence: {max_iterations: 5}}\n"
    )
    [choice] = load_experiment(path).grid["surface"]
    assert choice.parameters["spectrum"] == (1.0, 10.0, 100.0)


@pytest.mark.parametrize("after", ["{linspace: [0.1, 0.3, 3]}", "0.2"])
def test_what_stands_behind_a_range_keeps_its_place(tmp_path, after: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, SMALL, f"grid.learning_rate=[{after}, -1]")
    [problem] = refused.value.mistakes
    assert problem.column == len(f"grid.learning_rate=[{after}, ") + 1
