"""Rows held out in every voice: page, Markdown, CSV and MLflow."""

import csv
import math

import pytest

from gdbench.config.experiment import read_experiment
from gdbench.execution.profiles.profile import Profile
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from gdbench.report.charts.charts import charts
from gdbench.report.page.write import write_report
from gdbench.report.tables.contents import tables
from gdbench.tracking.child import content
from tests.execution.sweeping import run_all
from tests.report.descriptions import mistakes

CONFIG = """\
name: tested
data: {synthetic: {linear_data: {rows: 16, features: 1, noise: 1.0, seed: 1}}, test: {fraction: 0.25}}
grid:
  model: {polynomial: {degree: 7}}
  cost: mse
  learning_rate: [0.02, 0.0001]
  optimizer: adam
  penalty: [none, {l2: 1e-3}]
  convergence: {max_iterations: 1500}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tested")
    plan = make_plan(read_experiment(CONFIG, folder / "a.yaml"))
    run_all(plan, folder, Profile(kind="serial", workers=1, name="serial"))
    return folder


@pytest.fixture
def store(folder):
    with Store.read(folder) as opened:
        yield opened


def test_the_page_draws_both_curves_and_marks_where_they_part(store):
    drawn = charts(study(store), store)
    figures = [figure for figure in drawn.all if figure.id.split("-")[0] == "test"]
    assert len(figures) == 2
    first, second = figures
    rows = first.data["tested-1"]
    held = study(store).best[0].runs[0].result.held_out
    assert {row["rows"] for row in rows} == {"trained on", "held out"}
    assert min(row["cost"] for row in rows if row["rows"] == "held out") == pytest.approx(
        held["best_cost"], rel=1e-5
    )
    assert f"at iteration {held['best_iteration']}, where the two part" in first.caption
    assert "includes the penalty" not in first.caption
    assert "includes the penalty" in second.caption
    assert "lowest test cost, iteration" in first.svg()
    assert mistakes(first.chosen()) == []


def test_a_table_has_the_measures_of_every_setting(store):
    about = study(store)
    (table,) = [one for one in tables(about) if one.id == "held-out"]
    assert len(table.rows) == len(about.settings) == 4
    first = dict(zip([column.name for column in table.columns], table.rows[0].cells, strict=True))
    held = about.ranked[0].runs[0].result.held_out
    assert first["test_r2"].value == held["test"]["r2"]
    assert first["train_r2"].value == held["train"]["r2"]
    assert (first["test_cost"].value, first["best_test_cost"].value) == (held["cost"], held["best_cost"])
    assert "R², test" in table.headers


def test_the_files_hold_the_measures_and_the_curve(folder):
    written = {path.name: path for path in write_report(folder, ["md", "csv"])}
    assert "## How well does the model do?" in written["report.md"].read_text(encoding="utf-8")
    with written["runs.csv"].open(encoding="utf-8") as file:
        runs = list(csv.DictReader(file))
    assert all(float(run["test_rmse"]) ** 2 == pytest.approx(float(run["test_cost"])) for run in runs)
    with written["curves.csv"].open(encoding="utf-8") as file:
        curves = list(csv.DictReader(file))
    looked = [row for row in curves if row["test_cost"]]
    assert 4 * 60 < len(looked) < len(curves) / 2


def test_mlflow_gets_the_curve_where_it_was_looked_at_and_the_measures(store):
    run = next(store.runs())
    points = content(run, None).points
    curve = [point for point in points if point.key == "curve/test_cost"]
    looked = [v for v in run.result.curve.series["test_cost"] if not math.isnan(v)]
    assert [point.value for point in curve] == looked
    sent = {point.key: point.value for point in points}
    assert sent["test/r2"] == run.result.held_out["test"]["r2"]
    assert sent["train/rmse"] == run.result.held_out["train"]["rmse"]
    assert sent["final/test_cost"] == run.result.held_out["cost"]
