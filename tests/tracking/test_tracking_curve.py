"""Which points of a curve are kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gdbench.tracking.child import choose

increasing = st.lists(st.integers(0, 10**7), min_size=1, max_size=400, unique=True).map(sorted)


def test_a_short_curve_is_kept_whole() -> None:
    assert choose([0, 1, 5], limit=3) == [0, 1, 2]
    assert choose([]) == []


def test_a_long_curve_uses_the_whole_budget() -> None:
    for limit in (10, 50, 300):
        assert limit - 2 <= len(choose(range(5001), limit=limit)) <= limit


def test_points_are_log_spaced() -> None:
    """Each tenfold stretch of iterations that is not recorded more coarsely gets about as many points."""
    chosen = choose(range(1_000_000), limit=300)
    last, before = (sum(10**d <= k < 10 ** (d + 1) for k in chosen) for d in (5, 4))
    assert abs(last - before) <= 2


@given(increasing, st.data())
def test_ends_and_required_points_are_kept_in_order_within_the_limit(
    iterations: list[int], data: st.DataObject
) -> None:
    limit = data.draw(st.integers(10, 60))
    required = data.draw(st.lists(st.sampled_from(iterations), max_size=8))
    chosen = choose(iterations, [*required, -5, 10**8], limit)
    kept = [iterations[position] for position in chosen]
    assert len(chosen) <= limit
    assert chosen == sorted(set(chosen))
    assert {iterations[0], iterations[-1], *required} <= set(kept)
