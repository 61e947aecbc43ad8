"""Which points of a curve are kept, and the rows that they become."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.tracking.child import choose
from gdbench.tracking.rows import COLUMNS, metric_rows
from gdbench.tracking.server.embedded import Writable
from gdbench.tracking.wire import Series, clean_key

increasing = st.lists(st.integers(0, 10**7), min_size=1, max_size=400, unique=True).map(sorted)

#: Of keys that MLflow tells apart, and of two that it does not.
series = st.builds(
    lambda key, points: Series(
        key, *zip(*[(value, 7, step) for step, value in sorted(points.items())], strict=True)
    ),
    st.sampled_from(["a", "b:c", "b*c"]),
    st.dictionaries(st.integers(0, 9), st.sampled_from([0.5, 1.5, math.nan, math.inf]), min_size=1),
)


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


@given(st.lists(series, max_size=5))
def test_every_finite_point_is_one_row_and_the_greatest_of_a_key_its_latest(drawn: list[Series]) -> None:
    points = [(clean_key(key), *point) for key, *columns in drawn for point in zip(*columns, strict=True)]
    rows = dict.fromkeys((*point, "run", False) for point in points if math.isfinite(point[1]))
    metrics, latest = metric_rows("run", drawn)
    assert metrics == list(rows)
    assert latest == [
        max((row for row in rows if row[0] == key), key=lambda row: (row[3], row[2], row[1]))
        for key in dict.fromkeys(row[0] for row in rows)
    ]


@pytest.mark.parametrize("count", [0, 1, 19, 20, 421, 4_267])
def test_rows_are_there_in_their_order_however_many_go_into_a_statement(count: int, tmp_path: Path) -> None:
    columns = COLUMNS["metrics"]
    with closing(sqlite3.connect(tmp_path / "file.db")) as connection:
        connection.execute(f"CREATE TABLE metrics ({', '.join(columns)})")
    rows = [(f"key {i}", i / 7, i, i, "run", False) for i in range(count)]
    with closing(Writable(tmp_path / "file.db", {"metrics": columns})) as file:
        file.insert("metrics", rows)
        assert file.rows("SELECT * FROM metrics ORDER BY rowid") == rows
