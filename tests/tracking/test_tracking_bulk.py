"""Runs written by SQLite alone, or in bulk, read back through MLflow's client as those that its API wrote."""

from __future__ import annotations

import logging
import math
import sqlite3
from contextlib import closing, nullcontext
from functools import partial, partialmethod
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mlflow import MlflowClient

from gdbench.descent.recording.result import Curve
from gdbench.tracking.by_mlflow import ByMlflow
from gdbench.tracking.by_sqlite import BySqlite
from gdbench.tracking.destination import Data, OutgoingModel
from gdbench.tracking.in_bulk import InBulk
from gdbench.tracking.sync import opened
from gdbench.tracking.wire import Point
from tests.sampling import most
from tests.tracking.studies import RECORDS, Place, converged, everything, plan, record, write_store

if TYPE_CHECKING:
    from collections.abc import Callable

ALL_KEYS = [r.key for r in RECORDS]
finite = st.floats(allow_nan=False, allow_infinity=False)


#: Every way into a database file: MLflow's public API, its table definitions, SQLite alone.
WAYS = ("api", "bulk", "sqlite")


def sent_every_way(place: Callable[[], Place], monkeypatch: pytest.MonkeyPatch, *written: object) -> list[dict]:
    """What MLflow holds of one store, sent every way."""
    held = []
    for way in WAYS:
        here = place()
        write_store(here.folder, *written)
        with monkeypatch.context() as patch:
            only(way, patch)
            here.sync()
            models = log_models(here)
        held.append({**everything(here.uri), "models": models, "columns": columns(here)})
    return held


def log_models(place: Place) -> list:
    """Three, one of which is in the trash; gives what MLflow then says of them."""
    points = [Point("final/cost", 0.5, 1_750_000_000_000), Point("final/R²", 1.0, 1_750_000_000_000)]
    points = {Data("diabetes", "0123", "code", "{}", "{}", "{}"): points[:1], None: points[1:]}
    with opened(place.uri, place.results) as there:
        experiment = there.experiment("lr_sweep")
        run_id = next(run.run_id for run in there.held(experiment.id, ["gdbench.key"]))
        for name in ("one", "two", "three"):
            given = (name, run_id, "linear", 0, {"about": "ü", "k?": name}, {"rate": "0.1"}, points)
            files = {"MLmodel": "{}", "data/formula.py": "x = 1\n"}
            made = there.log_model(experiment, OutgoingModel(*given, lambda _, files=files: files))
            there.tag_model(made, {"k?": f"{name} again"})
            [held] = there.models(experiment, name)
            assert (held.model_id, held.run_id, held.whole) == (made, run_id, True)
            assert held.tags == {"about": "ü", "k_": f"{name} again"}
        there.delete_model(made)
        assert list(there.models(experiment, "three")) == []
    client = MlflowClient(place.uri)
    told: list = [len(client.get_run(run_id).outputs.model_outputs)]
    for one in sorted(client.search_logged_models([experiment.id]), key=lambda one: one.name):
        folder = Path(unquote(one.artifact_location.removeprefix("file://")))
        metrics = sorted((m.key, m.value, m.timestamp, m.step, str(m.dataset_digest)) for m in one.metrics)
        about = [one.name, one.status, one.model_type, one.tags, one.params, one.source_run_id == run_id]
        told.append([*about, metrics, sorted(path.name for path in folder.rglob("*"))])
    return told


def only(way: str, patch: pytest.MonkeyPatch) -> None:
    """Have one way only; whoever took another would fail."""
    if way != "sqlite":
        patch.setattr("gdbench.tracking.sync.opened_by_sqlite", lambda *_: nullcontext())
    if way == "api":
        patch.setattr("gdbench.tracking.by_mlflow.bulk_writer", lambda *_: None)
    patch.setattr(ByMlflow, "_write", ByMlflow._write if way == "api" else None)
    patch.setattr(InBulk, "write", InBulk.write if way == "bulk" else None)
    patch.setattr(BySqlite, "write", BySqlite.write if way == "sqlite" else None)


#: What MLflow's client does not tell, and the types of values in the file; without ids and moments.
COLUMNS = """
SELECT name, lifecycle_stage, workspace, artifact_location LIKE '%/artifacts/%' FROM experiments;
SELECT source_type, source_name, entry_point_name, user_id, source_version, deleted_time,
artifact_uri LIKE '%/' || run_uuid || '/artifacts', typeof(start_time), typeof(end_time) FROM runs;
SELECT key, value, timestamp, step, is_nan, typeof(value), typeof(is_nan), count(*) FROM metrics
GROUP BY run_uuid, key, step;
SELECT key, value, timestamp, step, is_nan, typeof(value), typeof(is_nan) FROM latest_metrics;
SELECT source_type, destination_type, step, length(input_uuid), input_tags.name, value FROM inputs
LEFT JOIN input_tags USING (input_uuid);
SELECT length(dataset_uuid), name, dataset_source_type FROM datasets;
SELECT name, status, lifecycle_stage, model_type, status_message,
artifact_location LIKE '%/artifacts/lr_sweep/models/' || model_id || '/artifacts' FROM logged_models;
SELECT metric_name, metric_timestamp_ms, metric_step, metric_value, dataset_uuid, dataset_name, dataset_digest
FROM logged_model_metrics;
SELECT param_key, param_value FROM logged_model_params;
SELECT tag_key, tag_value FROM logged_model_tags WHERE tag_key NOT LIKE '%note%'
"""


def columns(place: Place) -> dict[str, set[tuple]]:
    with closing(sqlite3.connect(place.results / "mlflow.db")) as database:
        return {query: set(database.execute(query)) for query in COLUMNS.split(";")}


def test_every_way_leaves_the_same_runs_point_by_point(new_place, monkeypatch) -> None:
    plans = [plan(*ALL_KEYS), plan("fast", "wild", id="plan-2")]
    api, bulk, sqlite = sent_every_way(new_place, monkeypatch, plans)
    assert bulk == api
    assert sqlite == api
    assert len(api["runs"]) == len(ALL_KEYS) + 2


@pytest.mark.exhaustive
@settings(max_examples=most(3, exhaustive=40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    costs=st.lists(finite, min_size=1, max_size=400),
    parameters=st.lists(st.floats(), max_size=5),
    reason=st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40),
)
def test_every_way_leaves_the_same_of_any_run(new_place, monkeypatch, costs, parameters, reason) -> None:
    norms = [abs(cost) for cost in costs]
    result = converged(
        curve=Curve(list(range(len(costs))), {"cost": costs, "gradient_norm": norms}),
        parameters=parameters,
        reason=f"because {reason}",
        final_cost=costs[-1],
        best_iteration=costs.index(min(costs)),
        iterations_to={"0.01": len(costs) // 2},
    )
    api, bulk, sqlite = sent_every_way(new_place, monkeypatch, [plan("any")], [record("any", result)])
    assert bulk == api
    assert sqlite == api


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
    monkeypatch.setattr(BySqlite, "write", None)
    write_store(place.folder, [plan("fast")])
    with caplog.at_level(logging.DEBUG, logger="gdbench"):
        assert place.sync().sent == 1
    assert [r.getMessage() for r in caplog.records if r.name.startswith("gdbench")] == [
        f"MLflow's database is opened by MLflow, as its columns of {table} were never looked at",
        f"MLflow's database is written to by its public API, because its table {table} has other columns",
    ]
    assert everything(place.uri)["runs"]["run fast"]["status"] == "FINISHED"


def test_a_schema_that_was_never_looked_at_is_left_to_mlflow(place: Place, monkeypatch) -> None:
    monkeypatch.setattr("gdbench.tracking.by_sqlite._SEEN", ())
    monkeypatch.setattr(BySqlite, "write", None)  # whoever called it would fail
    write_store(place.folder, [plan("fast")])
    assert place.sync().sent == 1


def test_a_copy_of_the_store_that_sends_the_same_runs_adds_nothing(place: Place, monkeypatch) -> None:
    write_store(place.folder, [plan(*ALL_KEYS)])
    place.sync()
    before = everything(place.uri)
    # the copy has not seen what is there: as two machines that begin at the same moment
    for kind in (BySqlite, InBulk):
        blind = partial(lambda held, self, id_, _: held(self, id_, ["gdbench.plan"]), kind.held)
        monkeypatch.setattr(kind, "held", partialmethod(blind))
        place.sync()
        assert everything(place.uri) == before
        only("bulk", monkeypatch)
