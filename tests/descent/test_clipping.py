"""Gradient clipping: short gradients pass, long ones are cut to the limit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.clipping import CLIPPINGS, none, norm, value
from gdbench.descent.errors import BadParameter

gradients = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6)
limits = st.floats(1e-3, 1e3)


@given(gradients)
def test_none_leaves_a_gradient_as_it_is(g: list[float]) -> None:
    assert none()(g) == g


@given(gradients, limits)
def test_a_gradient_clipped_by_norm_is_no_longer_than_the_limit_and_keeps_its_direction(g, limit) -> None:
    clipped = norm(limit)(g)
    assert math.hypot(*clipped) <= limit * (1 + 1e-9)
    largest = max(map(abs, g))
    if math.hypot(*g) > 2 * limit:
        j = [abs(v) for v in g].index(largest)
        assert math.hypot(*clipped) == pytest.approx(limit)
        assert [v / clipped[j] for v in clipped] == pytest.approx([v / g[j] for v in g], abs=1e-9)


@given(gradients, limits)
def test_a_gradient_clipped_by_value_has_each_component_within_the_limit(g, limit) -> None:
    assert value(limit)(g) == [math.copysign(min(abs(v), limit), v) for v in g]


def test_by_hand() -> None:
    assert norm(1.0)([3.0, -4.0]) == pytest.approx([0.6, -0.8])
    assert norm(5.0)([3.0, -4.0]) == [3.0, -4.0]
    assert value(3.5)([3.0, -4.0]) == [3.0, -3.5]


@pytest.mark.parametrize("clip", [norm(1.0), value(1.0)])
def test_a_gradient_that_is_not_a_number_stays_one(clip) -> None:
    assert math.isnan(clip([1.0, float("nan")])[1])


@pytest.mark.parametrize("name", ["norm", "value"])
def test_a_limit_must_be_given_and_positive(name: str) -> None:
    with pytest.raises(BadParameter, match="needs 'limit'"):
        CLIPPINGS[name].resolve({})
    with pytest.raises(BadParameter, match="must be a number above 0"):
        CLIPPINGS[name].resolve({"limit": 0})
