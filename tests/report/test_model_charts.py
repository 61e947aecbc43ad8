"""The charts of what was learned, and the contour lines of costs on data."""

import numpy as np
import pytest

from gdbench.judgement.study import study
from gdbench.report.charts.charts import charts
from tests.report.descriptions import mistakes
from tests.swept import swept

GRID = (
    "grid: {{model: {model}, cost: {cost}, learning_rate: {rate}, convergence: {{max_iterations: {most}}}}}\n"
)


def drawn(folder, data, model="linear", cost="mse", rate="0.3", most=200):
    """The figures of a study by what they show."""
    text = f"data: {data}\n" + GRID.format(model=model, cost=cost, rate=rate, most=most)
    with swept(folder, text) as store:
        found = {figure.id: figure for figure in charts(study(store), store).all}
    for figure in found.values():
        assert mistakes(figure.chosen()) == []
        assert figure.svg().startswith("<svg"), figure.id
    return found


def rows(figure, name):
    return figure.data[f"{name}-1"]


def test_a_line_is_drawn_through_the_points_at_a_few_iterations(tmp_path):
    found = drawn(tmp_path, "{dataset: diabetes, features: bmi, standardize: true}", rate="0.05")
    figure = found["model_fit"]
    stages = list(dict.fromkeys(row["line"] for row in rows(figure, "fits")))
    assert stages[0] == "0"
    assert 3 <= len(stages) <= 5
    x, y = (np.array([row[axis] for row in rows(figure, "fitted")]) for axis in "xy")
    slope, bias = np.polyfit(x, y, 1)
    last = [row for row in rows(figure, "fits") if row["line"] == stages[-1]]
    assert [row["y"] for row in last] == pytest.approx([slope * row["x"] + bias for row in last], rel=1e-3)
    assert x.min() == pytest.approx(18.0), "in the units of the data"


def test_costs_on_data_have_contour_lines_under_their_paths(tmp_path):
    found = drawn(tmp_path, "{dataset: diabetes, features: bmi, standardize: true}", rate="0.05")
    figure = found["paths"]
    lines = [line.split(",") for line in figure.data["contours-1"].splitlines()[1:]]
    assert len({number for number, *_ in lines}) >= 8
    assert figure.spec["encoding"]["x"]["title"] == "w₁ · bmi"
    for _, x, y, level in lines[::37]:
        w1, w2, height = float(x), float(y), float(level)
        # of standardized features the cost is Σw² about the optimum, plus what is left over
        assert (w1 - 45.16) ** 2 + (w2 - 152.13) ** 2 + 3890.5 == pytest.approx(height, rel=0.1)


def test_two_features_show_where_the_classes_part(tmp_path):
    found = drawn(tmp_path, "{synthetic: {moons: {rows: 60, seed: 1}}}", "logistic", "logistic", "1.0")
    figure = found["model_boundary"]
    levels = {row["level"]: row["strong"] for row in rows(figure, "boundaries")}
    assert levels["50 %"]
    assert len(rows(figure, "plane")) == 60
    assert "rows are on their own side" in figure.alternative
    counts = {
        (row["actual"], row["predicted"]): row["rows"] for row in rows(found["model_confusion"], "confusion")
    }
    assert sum(counts.values()) == 60
    assert len(counts) == 4


def test_two_features_of_a_number_show_lines_of_equal_prediction(tmp_path):
    found = drawn(tmp_path, "{dataset: diabetes, features: [bmi, bp], standardize: true}")
    assert len({row["level"] for row in rows(found["model_predictions"], "boundaries")}) == 9


def test_more_features_show_predictions_beside_what_is(tmp_path):
    found = drawn(tmp_path, "{dataset: diabetes, standardize: true, test: 0.25}", rate="0.1")
    assert {"model_predicted", "model_residuals"} <= set(found)
    assert {row["part"] for row in rows(found["model_predicted"], "actual")} == {"training", "held out"}


@pytest.mark.parametrize(
    ("model", "cost"), [("softmax", "softmax"), ("linear", "hinge"), ("logistic", "logistic")]
)
def test_classes_of_one_feature_are_told_by_probability(tmp_path, model, cost):
    two = "" if cost == "softmax" else "classes: [versicolor, virginica], "
    data = f'{{dataset: iris, {two}features: ["petal width (cm)"], standardize: true}}'
    found = drawn(tmp_path, data, model, cost)
    assert ("model_fit" in found) == (cost != "hinge")
    assert "model_confusion" in found


def test_data_that_is_gone_leaves_no_picture(tmp_path):
    (tmp_path / "few.csv").write_text("x,y\n1,2\n2,3\n3,5\n", encoding="utf-8")
    text = "data: {file: few.csv, target: y}\n" + GRID.format(model="linear", cost="mse", rate="0.01", most=9)
    with swept(tmp_path, text) as store:
        (tmp_path / "few.csv").write_text("x,y\n1,2\n2,3\n3,6\n", encoding="utf-8")
        found = {figure.id: figure for figure in charts(study(store), store).all}
    assert "model_fit" not in found
    assert "no longer where it was" in found["paths"].caption
