"""Runs written in bulk read back through MLflow's public API as those that its API wrote."""

from __future__ import annotations

import logging
import math
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mlflow import MlflowClient

from gdbench.descent.recording.result import Curve
from gdbench.tracking.in_bulk import InBulk
from tests.sampling import most
from tests.tracking.studies import RECORDS, Place, converged, everything, plan, record, write_store

if TYPE_CHECKING:
    from collections.abc import Callable

ALL_KEYS = [r.key for r in RECORDS]
finite = st.floats(allow_nan=False, allow_infinity=False)


def sent_both_ways(place: Callable[[], Place], monkeypatch: pytest.MonkeyPatch, *written: object) -> list[dict]:
    """What MLflow holds of a store sent in bulk, and of the same store sent by the API."""
    held = []
    for in_bulk in (True, False):
        here = place()
        write_store(here.folder, *written)
        with monkeypatch.context() as patch:
            if not in_bulk:
                patch.setattr("gdbench.tracking.by_mlflow.bulk_writer", lambda *_: None)
            here.sync()
        held.append(everything(here.uri))
    return held


def test_both_ways_leave_the_same_runs_point_by_point(new_place, monkeypatch) -> None:
    plans = [plan(*ALL_KEYS), plan("fast", "wild", id="plan-2")]
    bulk, api = sent_both_ways(new_place, monkeypatch, plans)
    assert bulk == api
    assert len(bulk["runs"]) == len(ALL_KEYS) + 2


@pytest.mark.exhaustive
@settings(max_examples=most(4, exhaustive=40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    costs=st.lists(finite, min_size=1, max_size=400),
    parameters=st.lists(st.floats(), max_size=5),
    reason=st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40),
)
def test_both_ways_leave_the_same_of_any_run(new_place, monkeypatch, costs, parameters, reason) -> None:
    norms = [abs(cost) for cost in costs]
    result = converged(
        curve=Curve(list(range(len(costs))), {"cost": costs, "gradient_norm": norms}),
        parameters=parameters,
        reason=f"because {reason}",
        final_cost=costs[-1],
        best_iteration=costs.index(min(costs)),
        iterations_to={"0.01": len(costs) // 2},
    )
    bulk, api = sent_both_ways(new_place, monkeypatch, [plan("any")], [record("any", result)])
    assert bulk == api


def test_the_latest_value_is_that_of_the_last_step(place: Place) -> None:
    write_store(place.folder, [plan("fast")])
    place.sync()
    client = MlflowClient(place.uri)
    [run] = [r for r in client.search_runs(["1"]) if "gdbench.key" in r.data.tags]
    history = client.get_metric_history(run.info.run_id, "curve/cost")
    assert run.data.metrics["curve/cost"] == max(history, key=lambda m: m.step).value
    assert run.data.metrics["curve/cost"] == RECORDS[1].result.final_cost


def test_numbers_that_no_database_keeps_are_left_out(place: Place) -> None:
    result = converged(final_gradient_norm=math.inf, best_cost=math.nan)
    write_store(place.folder, [plan("odd")], [record("odd", result)])
    place.sync()
    points = everything(place.uri)["runs"]["run odd"]["points"]
    assert "final/gradient_norm" not in points
    assert "final/best_cost" not in points
    assert "final/cost" in points


@pytest.mark.parametrize("table", ["runs", "tags", "params", "metrics", "latest_metrics"])
def test_a_table_with_a_column_more_is_written_to_by_the_api(place: Place, monkeypatch, caplog, table) -> None:
    with closing(sqlite3.connect(place.results / "mlflow.db")) as connection:
        connection.execute(f"ALTER TABLE {table} ADD COLUMN something_new TEXT")
        connection.commit()
    monkeypatch.setattr(InBulk, "write", None)  # whoever called it would fail
    write_store(place.folder, [plan("fast")])
    with caplog.at_level(logging.DEBUG, logger="gdbench"):
        assert place.sync().sent == 1
    assert [r.getMessage() for r in caplog.records if r.name.startswith("gdbench")] == [
        f"MLflow's database is written to by its public API, because its table {table} has other columns"
    ]
    assert everything(place.uri)["runs"]["run fast"]["status"] == "FINISHED"


def test_a_copy_of_the_store_that_sends_the_same_runs_adds_nothing(place: Place, monkeypatch) -> None:
    write_store(place.folder, [plan(*ALL_KEYS)])
    place.sync()
    before = everything(place.uri)
    # the copy has not seen what is there: as two machines that begin at the same moment
    held = InBulk.held
    monkeypatch.setattr(InBulk, "held", lambda self, id_, _: held(self, id_, ["gdbench.plan"]))
    place.sync()
    assert everything(place.uri) == before
