"""Numbers for people, and the thinning of curves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.judgement.numerals import count, exact, figure, listing, span
from gdbench.record.recorded_plan import thinned


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2859.69634758675, "2860"),
        (12345.678, "12,350"),
        (0.0312345, "0.03123"),
        (0.1, "0.1"),
        (9.9999999, "10"),
        (3.2e-7, "3.2e-7"),
        (1.23456e300, "1.235e300"),
        (1.7976931348623157e308, "1.798e308"),
        (0.0, "0"),
        (-2.5, "-2.5"),
        (None, "–"),
        (float("nan"), "–"),
        (float("inf"), "∞"),
    ],
)
def test_a_figure_has_four_significant_digits(value, text):
    assert figure(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_figure_is_within_half_a_unit_of_its_fourth_digit(value):
    shown = float(figure(value).replace(",", "").replace("−", "-"))
    assert abs(shown - value) <= 0.5001e-3 * abs(value) or abs(value) < 1e-305 or abs(value) > 1e308


@given(st.floats(allow_nan=False))
def test_the_exact_text_of_a_number_reads_back_as_the_same_number(value):
    assert float(exact(value)) == value


def test_counts_are_whole_unless_a_median_is_not():
    assert [count(5000), count(12345), count(34.5), count(None)] == ["5000", "12,345", "34.5", "–"]
    assert [span(3, 3), span(34, 51)] == ["3", "34–51"]
    assert [listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


@given(st.sets(st.integers(0, 10**6), min_size=1, max_size=900), st.integers(8, 300), st.data())
def test_a_thinned_curve_keeps_its_ends_and_what_matters_within_the_limit(iterations, limit, data):
    curve = sorted(iterations)
    keep = data.draw(st.lists(st.sampled_from(curve), max_size=5))
    chosen = [curve[place] for place in thinned(curve, limit, keep)]
    assert len(chosen) <= max(limit, 2)
    assert chosen == sorted(set(chosen))
    assert {curve[0], curve[-1], *keep} <= set(chosen)


def test_a_long_curve_is_thinned_evenly_in_the_logarithm():
    chosen = thinned(range(100_001), 100)
    for low, high in ((10, 100), (100, 1000), (1000, 10_000), (10_000, 100_000)):
        assert 10 <= sum(low <= k < high for k in chosen) <= 30
