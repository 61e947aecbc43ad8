"""A drawn quadratic has the spectrum, the minimum and the course of descent that were asked for."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.errors import BadParameter
from gdbench.descent.surfaces import SURFACES
from gdbench.descent.surfaces.quadratic import rotation
from tests.descent.test_surfaces import problem

choices = st.fixed_dictionaries(
    {
        "condition": st.floats(1.0, 1e6),
        "dimension": st.integers(2, 7),
        "distribution": st.sampled_from(["geometric", "uniform", "two_clusters"]),
        "rotated": st.booleans(),
        "seed": st.integers(0, 2**40),
    }
)


def hessian(surface):
    """Exact for a quadratic: the gradient one unit from the centre along each axis."""
    centre = surface.minimum[1]
    columns = [[c + (i == j) for i, c in enumerate(centre)] for j in range(surface.size)]
    return np.array([surface.gradient(w) for w in columns])


@given(chosen=choices)
@settings(max_examples=40, deadline=None)
def test_the_hessian_has_the_spectrum_that_was_asked_for(chosen):
    surface = problem("quadratic", chosen)
    wanted, found = surface.fact("spectrum"), hessian(surface)
    assert np.allclose(found, found.T, rtol=0, atol=1e-15 * 8)
    assert np.linalg.eigvalsh(found) == pytest.approx(sorted(wanted), abs=1e-14)
    assert np.trace(found) == pytest.approx(math.fsum(wanted), rel=1e-13)
    assert max(wanted) == 1.0
    assert 1.0 / min(wanted) == pytest.approx(chosen["condition"], rel=1e-15)


@given(chosen=choices)
@settings(max_examples=40, deadline=None)
def test_the_determinant_is_the_product_of_the_eigenvalues(chosen):
    surface = problem("quadratic", {**chosen, "condition": 1.0 + math.log(chosen["condition"])})
    assert np.linalg.det(hessian(surface)) == pytest.approx(math.prod(surface.fact("spectrum")), rel=1e-10)


@pytest.mark.parametrize(
    ("distribution", "wanted"),
    [
        ("geometric", [0.0001, 0.001, 0.01, 0.1, 1.0]),
        ("uniform", [0.0001, 0.250075, 0.50005, 0.750025, 1.0]),
        ("two_clusters", [0.0001, 0.0001, 0.0001, 1.0, 1.0]),
    ],
)
def test_the_distribution_places_the_eigenvalues_between_the_ends(distribution, wanted):
    chosen = {"condition": 10000.0, "dimension": 5, "distribution": distribution}
    assert problem("quadratic", chosen).fact("spectrum") == pytest.approx(wanted, rel=1e-14)


@given(spectrum=st.lists(st.floats(0.01, 100.0), min_size=1, max_size=6), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_a_given_spectrum_is_kept_through_the_rotation(spectrum, seed):
    surface = problem("quadratic", {"spectrum": spectrum, "rotated": True, "seed": seed})
    assert np.linalg.eigvalsh(hessian(surface)) == pytest.approx(sorted(spectrum), abs=1e-14 * max(spectrum))


@given(size=st.integers(1, 12), seed=st.integers(0, 2**40))
@settings(max_examples=30, deadline=None)
def test_a_rotation_is_orthogonal(size, seed):
    q = np.array(rotation(size, seed))
    assert np.abs(q @ q.T - np.eye(size)).max() < 1e-14


def test_the_seed_alone_decides_the_rotation():
    assert rotation(4, 1) == rotation(4, 1)
    assert rotation(4, 1) != rotation(4, 2)


def test_axes_of_many_rotations_lie_in_no_direction_more_than_in_another():
    # for a direction u uniform on the sphere in three dimensions, E uuᵀ = I/3
    drawn = np.array([rotation.__wrapped__(3, seed) for seed in range(2000)])
    for i in range(3):
        axes = drawn[:, i, :]
        assert np.abs(axes.T @ axes / len(axes) - np.eye(3) / 3).max() < 0.03


def test_descent_shrinks_each_coordinate_by_one_minus_rate_times_eigenvalue():
    surface = problem("quadratic", {"spectrum": [0.1, 0.5, 1.0]})
    w, rate = surface.start, 1.3
    for _ in range(20):
        w = [w_j - rate * g_j for w_j, g_j in zip(w, surface.gradient(w), strict=True)]
    wanted = [1.0 - (1.0 - rate * eigenvalue) ** 20 for eigenvalue in (0.1, 0.5, 1.0)]
    assert w == pytest.approx(wanted, rel=1e-13)


def test_a_rate_of_one_is_stable_and_of_two_and_a_bit_is_not_whatever_the_condition():
    for condition in (2.0, 1e6):
        surface = problem("quadratic", {"condition": condition, "dimension": 4, "rotated": True})
        for rate, falls in ((1.0, True), (2.01, False)):
            w = surface.start
            for _ in range(2000):
                w = [w_j - rate * g_j for w_j, g_j in zip(w, surface.gradient(w), strict=True)]
            assert (surface.cost(w) < surface.cost(surface.start)) is falls


@pytest.mark.parametrize(
    ("chosen", "culprit"),
    [
        ({"spectrum": [1.0, 2.0], "condition": 10.0}, "condition"),
        ({"spectrum": [1.0, 2.0], "dimension": 2}, "dimension"),
        ({"spectrum": [1.0, 2.0], "distribution": "uniform"}, "distribution"),
        ({"spectrum": [0.0, 0.0]}, "spectrum"),
        ({"dimension": 1, "condition": 10.0}, "condition"),
    ],
)
def test_contradictory_choices_are_refused_and_the_culprit_named(chosen, culprit):
    entry = SURFACES["quadratic"]
    with pytest.raises(BadParameter) as refused:
        entry.check(entry.resolve(chosen))
    assert refused.value.parameter == culprit


@pytest.mark.parametrize(
    "chosen",
    [{"spectrum": [-1.0]}, {"condition": 0.5}, {"distribution": "cauchy"}, {"rotated": 1}, {"seed": -1}],
)
def test_a_choice_outside_its_domain_is_refused(chosen):
    with pytest.raises(BadParameter):
        SURFACES["quadratic"].resolve(chosen)
