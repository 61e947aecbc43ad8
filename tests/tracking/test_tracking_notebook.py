"""What people who live in notebooks do: everything is read back by MLflow's own functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlflow
import pandas as pd
import pytest

from gdbench.record.store import Store
from gdbench.tracking.sync import sync
from tests.tracking.studies import RECORDS, plan, write_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tracking.studies import Place


@pytest.fixture
def notebook(place: Place, tmp_path: Path) -> Iterator[Place]:
    """A sweep that is tracked with a table, and MLflow pointed to it."""
    write_store(place.folder, [plan(*(r.key for r in RECORDS))])
    pd.DataFrame({"key": ["fast"], "final_cost": [RECORDS[1].result.final_cost]}).to_parquet(tmp_path / "runs")
    with Store.read(place.folder) as store:
        sync(store, place.uri, place.results, files=lambda *_: {"runs.parquet": tmp_path / "runs"})
    mlflow.set_tracking_uri(place.uri)
    yield place
    mlflow.set_tracking_uri(None)  # and out of the environment


def test_runs_curves_parameters_and_tables_come_back_through_mlflow(notebook: Place) -> None:
    runs = mlflow.search_runs(
        experiment_names=["lr_sweep"],
        filter_string="tags.`gdbench.role` = 'run' and tags.outcome = 'converged'",
        order_by=["metrics.`iterations_to/0.0001`"],
    )
    assert list(runs["params.learning_rate"]) == ["0.2", "0.1"]
    assert list(runs["metrics.hp/learning_rate"]) == [0.2, 0.1]
    best = runs.iloc[0]

    curve = mlflow.MlflowClient().get_metric_history(best.run_id, "curve/cost")
    recorded = RECORDS[1].result.curve
    assert {point.step - 1: point.value for point in curve} == dict(
        zip(recorded.iteration, recorded.cost, strict=True)
    )

    sweep = best["tags.mlflow.parentRunId"]
    learned = mlflow.artifacts.load_dict(f"runs:/{sweep}/parameters.json")
    assert learned[best["tags.gdbench.key"]]["parameters"] == [0.1, -1 / 3, 5e-324]

    table = pd.read_parquet(mlflow.artifacts.download_artifacts(f"runs:/{sweep}/runs.parquet"))
    assert list(table["final_cost"]) == [RECORDS[1].result.final_cost]

    [data] = mlflow.get_run(best.run_id).inputs.dataset_inputs
    assert (data.dataset.name, len(data.dataset.digest)) == ("diabetes", 32)
