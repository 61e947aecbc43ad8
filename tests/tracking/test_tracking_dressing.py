"""How runs are dressed for MLflow's pages: names, tags, data, views, files, and what a config may say of it."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from mlflow import MlflowClient

from gdbench.config.vocabulary import artifact_root
from gdbench.record.store import Store
from gdbench.tracking.child import name
from gdbench.tracking.sync import sync
from tests.tracking.studies import PROBLEM, RECORDS, everything, plan, spec, write_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tracking.studies import Place

ALL = [r.key for r in RECORDS]


def sent(place: Place, **changed: object) -> dict:
    write_store(place.folder, [plan(*ALL, **changed)])
    place.sync()
    return everything(place.uri)


def test_a_name_says_what_varies_and_then_what_it_is_about() -> None:
    assert name("η=0.1", spec(0.1), ["learning_rate"]) == "η=0.1 linear · mse"
    assert name("linear · η=0.1", spec(0.1), ["model", "learning_rate"]) == "linear · η=0.1 mse"
    assert name("linear · mse · 0.1", spec(0.1), []) == "linear · mse · 0.1"
    assert name("η=0.1", {"surface": {"beale": {}}}, ["learning_rate"]) == "η=0.1 beale"


def test_the_source_is_the_config_at_its_commit_with_changes_told(place: Place) -> None:
    runs = sent(place, environment={"git_commit": "0123abc", "git_dirty": "yes"})["runs"]
    for role in ("plan plan-1", "run fast"):
        tags = runs[role]["tags"]
        assert tags["mlflow.source.name"] == "configs/lr_sweep.yaml"
        assert (tags["mlflow.source.git.commit"], tags["mlflow.source.git.dirty"]) == ("0123abc", "true")


def test_the_data_is_an_input_with_its_digest_of_every_run_and_of_the_parent(place: Place) -> None:
    runs = sent(place)["runs"]
    for role in ("plan plan-1", *(f"run {key}" for key in ALL)):
        [data] = runs[role]["data"]
        assert (data["name"], data["digest"]) == ("diabetes", "0123456789abcdef0123456789abcdef")
        assert data["tags"] == {"mlflow.data.context": "training"}
        columns = [column["name"] for column in json.loads(data["schema"])["mlflow_colspec"]]
        assert columns == ["age", "bmi", "progression"]
        assert json.loads(data["profile"])["digest"] == PROBLEM.data["digest"]


def test_runs_on_a_surface_have_no_data(place: Place) -> None:
    write_store(place.folder, [plan("fast")], RECORDS[1:2])
    with Store.open(place.folder) as store:
        store.add_problem(replace(PROBLEM, data={"name": "beale", "source": "Beale 1958"}))
    place.sync()
    assert everything(place.uri)["runs"]["run fast"]["data"] == []


def test_a_config_chooses_the_experiment_the_tags_the_points_and_the_place_of_artifacts(
    place: Place, tmp_path: Path
) -> None:
    root = tmp_path / "elsewhere"
    said = {"experiment_name": "optics", "tags": {"team": "λ"}, "artifact_root": str(root), "curve_points": 40}
    write_store(place.folder, [plan(*ALL, tracking=said)])
    place.sync()
    assert MlflowClient(place.uri).get_experiment_by_name("lr_sweep") is None
    runs = everything(place.uri, "optics")["runs"]
    assert {run["tags"]["team"] for run in runs.values()} == {"λ"}
    steps = {step for step, _, _ in runs["run slow"]["points"]["curve/cost"]}
    assert 35 <= len(steps) <= 40
    assert {1, 2001, *(k + 1 for k in RECORDS[0].result.iterations_to.values() if k is not None)} <= steps
    assert {path.name for path in (root / "optics").rglob("*.yaml")} == {"config.yaml"}


@pytest.mark.parametrize("root", ["mlruns", "/data/mlruns", "s3://bucket/gd@home", "dbfs:/artifacts"])
def test_artifacts_may_go_to_a_folder_or_an_address(root: str) -> None:
    assert artifact_root(root) == root


@pytest.mark.parametrize("root", ["s3://key:s3cret@bucket", "https://ann@host/x", "", 3])
def test_artifacts_never_go_to_an_address_with_credentials(root: object) -> None:
    with pytest.raises(ValueError, match="without credentials"):
        artifact_root(root)


def test_files_given_to_the_parent_are_its_artifacts(place: Place, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>use 0.2</p>")
    write_store(place.folder, [plan(*ALL)])
    asked = []

    def files(of: object) -> dict[str, Path]:
        asked.append(of)
        return {"report.html": tmp_path / "index.html"}

    for _ in range(2):
        with Store.read(place.folder) as store:
            sync(store, place.uri, place.results, files=files)
    assert everything(place.uri)["runs"]["plan plan-1"]["files"]["report.html"] == "<p>use 0.2</p>"
    assert len(asked) == 1, "a plan that is tracked already needs no report"


def opened(tags: dict[str, str], view: str) -> dict:
    saved = json.loads(tags[f"mlflow.sharedViewState.{view}"])
    return json.loads(zlib.decompress(base64.b64decode(saved["state"].removeprefix("deflate;"))))


def test_the_saved_views_show_all_curves_on_log_axes_and_the_columns_that_matter(place: Place) -> None:
    tags = sent(place)["tags"]
    for view in ("gdbench-curves", "gdbench-best"):
        state = opened(tags, view)
        chart = state["compareRunCharts"][0]
        assert (chart["metricKey"], chart["xAxisScaleType"], chart["scaleType"]) == ("curve/cost", "log", "log")
        assert state["runsHiddenMode"] == "SHOW_ALL"
        columns = state["selectedColumns"]
        assert columns[:2] == ["params.`learning_rate`", "tags.`outcome`"]
        assert "metrics.`kept_from/0.0001`" in columns
        assert len(tags[f"mlflow.sharedViewState.{view}"]) < 5000, "the most that older servers take"
    assert opened(tags, "gdbench-best")["orderByKey"] == "metrics.`final/objective_gap`"
