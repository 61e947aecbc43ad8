"""gdbench show model and gdbench predict, on a table as people have them."""

import csv
import io
import json

import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import gdbench
from gdbench.plugins.guard import Consent
from gdbench.plugins.loading import forget
from tests.cli.shell import told
from tests.swept import swept

HOMES = """\
Id,City,Area (sq ft),Age,Price
1,Paris,"2,100",10,$390000
2,Rome,"1,250",,$240000
3,Rome,900,50,$190000
4,Paris,"1,800",5,$350000
5,Oslo,"1,400",30,$270000
6,Oslo,"2,600",12,$410000
7,Paris,"1,100",60,$215000
8,Rome,"3,000",1,$500000
"""
CONFIG = """\
data:
  {file: homes.csv, target: Price, thousands: ",", missing: median, categories: one_hot, drop: [Id],
   standardize: true}
grid: {model: linear, cost: mse, learning_rate: 0.3, convergence: {max_iterations: 300}}
"""


@pytest.fixture
def homes(tmp_path):
    (tmp_path / "homes.csv").write_text(HOMES, encoding="utf-8")
    swept(tmp_path, CONFIG).close()
    return tmp_path


@pytest.fixture
def run(homes, monkeypatch, capsys):
    return lambda *words: told(monkeypatch, capsys, homes, *words, "--results", str(homes))


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_are_predicted_as_the_equation_says(run, homes):
    (homes / "new.csv").write_text('Age,Area (sq ft),City\n20,"2,000",Oslo\n,"1,000",Paris\n', encoding="utf-8")
    status, out, _ = run("predict", "swept", "new.csv")
    assert status == 0
    found = rows_of(out)
    assert [row["Area (sq ft)"] for row in found] == ["2,000", "1,000"], "cells stay as they are"
    _, told_json, _ = run("show", "model", "swept", "--json")
    [model] = json.loads(told_json)
    w = {one["name"]: one["original"] for one in model["parameters"]}
    first = w["bias"] + 20 * w["Age"] + 2000 * w["Area (sq ft)"]
    median = 12.0  # of the training rows, which stands for the gap
    second = w["bias"] + median * w["Age"] + 1000 * w["Area (sq ft)"] + w["City=Paris"]
    assert [float(row["predicted Price"]) for row in found] == pytest.approx([first, second], rel=1e-9)


def test_the_training_file_itself_is_predicted_and_may_be_gone(run, homes):
    (homes / "again.csv").write_text(HOMES, encoding="utf-8")
    (homes / "homes.csv").unlink()
    status, out, _ = run("predict", "swept", "again.csv", "-o", "out.csv")
    assert (status, out.strip()) == (0, "out.csv")
    found = pd.read_csv(homes / "out.csv")
    assert list(found.columns) == ["Id", "City", "Area (sq ft)", "Age", "Price", "predicted Price"]
    assert len(found) == 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Age,Area,City\n1,2,Rome\n", "the column 'Area (sq ft)' is missing"),
        ("Age,Area (sq ft),City\n1,big,Rome\n", "'big' in row 2 of 'Area (sq ft)'"),
    ],
    ids=["missing", "no number"],
)
def test_other_columns_and_cells_are_refused(run, homes, text, expected):
    (homes / "new.csv").write_text(text, encoding="utf-8")
    status, out, err = run("predict", "swept", "new.csv")
    assert (status, out) == (2, "")
    assert expected in err


def test_a_label_never_seen_is_told(run, homes):
    (homes / "new.csv").write_text('Age,Area (sq ft),City\n20,"2,000",Lima\n', encoding="utf-8")
    status, out, err = run("predict", "swept", "new.csv")
    assert status == 0
    assert "'Lima' in 'City' is in no training row" in err
    assert len(rows_of(out)) == 1


def test_python_predicts_the_same(run, homes):
    frame = pd.DataFrame(
        {"City": ["Oslo", "Rome"], "Area (sq ft)": [2000, 950], "Age": [20.0, None]}, index=[7, 9]
    )
    (homes / "new.csv").write_text("Age,Area (sq ft),City\n20,2000,Oslo\n,950,Rome\n", encoding="utf-8")
    _, out, _ = run("predict", "swept", "new.csv")
    said = gdbench.load(homes / "swept").predict(frame)
    assert list(said.index) == [7, 9]
    assert list(said["predicted Price"]) == [float(row["predicted Price"]) for row in rows_of(out)]
    with pytest.raises(gdbench.GdbenchError, match="'Age' is missing"):
        gdbench.load(homes / "swept").predict(frame.drop(columns="Age"))
    with pytest.raises(gdbench.GdbenchError, match="'old' is no number"):
        gdbench.load(homes / "swept").predict(frame.assign(Age="old"))


def test_classes_are_predicted_with_scikit_learns_probabilities(tmp_path, monkeypatch, capsys):
    text = """\
data: {dataset: iris, standardize: true}
grid:
  model: softmax
  cost: softmax
  penalty: {l2: 0.05}
  learning_rate: 0.5
  convergence: {any: [{gradient_norm: 1.0e-10}, {max_iterations: 20000}]}
"""
    swept(tmp_path, text).close()
    study = gdbench.load(tmp_path / "swept")
    x, y = load_iris(return_X_y=True, as_frame=True)
    said = study.predict(x)
    z = (x - x.mean()) / x.std(ddof=0)
    oracle = LogisticRegression(C=1 / (0.05 * len(x)), tol=1e-12, max_iter=10_000).fit(z, y)
    names = ["setosa", "versicolor", "virginica"]
    chances = said[[f"probability of {name}" for name in names]].to_numpy()
    assert chances == pytest.approx(oracle.predict_proba(z), abs=1e-5)
    assert list(said["predicted target"]) == [names[code] for code in oracle.predict(z)]
    with pytest.raises(gdbench.GdbenchError, match="no finished run has a key"):
        study.predict(x, run="zzz")


def test_a_study_of_several_problems_asks_which(tmp_path, monkeypatch, capsys):
    text = """\
data: {dataset: diabetes, features: bmi}
grid: {model: linear, cost: [mse, mae], learning_rate: 0.001, convergence: {max_iterations: 5}}
"""
    swept(tmp_path, text).close()
    (tmp_path / "new.csv").write_text("bmi\n20\n", encoding="utf-8")
    status, _, err = told(
        monkeypatch, capsys, tmp_path, "predict", "swept", "new.csv", "--results", str(tmp_path)
    )
    assert status == 2
    assert "2 problems. Choose a run; the best of each:" in err
    key = err.split("--run ")[1].split()[0]
    status, out, _ = told(
        monkeypatch, capsys, tmp_path, "predict", "swept", "new.csv", "--run", key, "--results", str(tmp_path)
    )
    assert (status, len(rows_of(out))) == (0, 1)


HALVED = """\
from gdbench.descent.models import model


@model("halved", facts={"size": lambda features: features + 1, "many": False})
def halved(w, x, outputs):
    return 0.5 * w[0] * x[0] + w[1]
"""


def test_a_plug_ins_model_is_asked_while_the_plug_in_is_what_was_run(tmp_path, monkeypatch, capsys):
    (tmp_path / "halved.py").write_text(HALVED, encoding="utf-8")
    (tmp_path / "four.csv").write_text("x,y\n0,1\n1,2\n2,4\n3,4\n", encoding="utf-8")
    grid = "{model: halved, cost: mse, learning_rate: 0.1, convergence: {max_iterations: 50}}"
    text = f"plugins: [halved.py]\ndata: {{file: four.csv, target: y}}\ngrid: {grid}\n"
    swept(tmp_path, text).close()

    def run(*words):
        forget("model", "halved")  # as in another process
        return told(monkeypatch, capsys, tmp_path, *words, "--results", tmp_path)

    [model] = json.loads(run("show", "model", "swept", "--json")[1])
    w, b = (one["value"] for one in model["parameters"])
    predicted = [float(row["predicted y"]) for row in rows_of(run("predict", "swept", "four.csv")[1])]
    assert predicted == [0.5 * w * x + b for x in range(4)]
    forget("model", "halved")
    assert [one.run.key for one in gdbench.load(tmp_path / "swept").models] == [model["run"]]
    why = "the plug-in of model halved is not here as it was when the runs were made"
    for words in (["predict", "swept", "four.csv", "--no-plugins"], ["show", "model", "swept", "--no-plugins"]):
        status, out, err = run(*words)
        assert (status, out) == (2, "")
        assert why in err
    Consent.given = True
    (tmp_path / "halved.py").write_text(HALVED.replace("0.5", "0.7"), encoding="utf-8")
    assert run("predict", "swept", "four.csv") == (2, "", f"swept: {why}.\n")
    assert gdbench.load(tmp_path / "swept").models == []
