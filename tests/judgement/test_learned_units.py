"""Learned parameters in the units of the data, on five data sets: scikit-learn's closed form, to 1e-9."""

import random

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_linnerud
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from gdbench.judgement.model import best_models
from gdbench.judgement.sentences.learned import units
from gdbench.judgement.study import study
from tests.swept import swept

GRID = """\
grid:
  model: linear
  cost: mse
  learning_rate: {barzilai_borwein: {first: 0.05}}
  convergence: {any: [{gradient_norm: 1.0e-13}, {max_iterations: 4000}]}
"""


def homes(seed, rows=90):
    """A table with a column of text, a constant, gaps in a number and gaps in the text."""
    numbers = random.Random(seed)
    table = pd.DataFrame(
        {
            "city": [numbers.choice(["Berlin", "Oslo", "Paris", "Rome"]) for _ in range(rows)],
            "area": [numbers.uniform(40, 400) for _ in range(rows)],
            "floor": 3.0,
            "age": [numbers.randrange(80) if numbers.random() > 0.2 else np.nan for _ in range(rows)],
            "year": [numbers.randrange(1900, 2020) for _ in range(rows)],
        }
    )
    city = table["city"].map({"Berlin": 0, "Oslo": 90, "Paris": 60, "Rome": 20})
    noise = [numbers.gauss(0, 15) for _ in range(rows)]
    table["price"] = 100 + 2.5 * table["area"] + city + 0.1 * (table["year"] - 1950) + noise
    return table


def labels_missing(seed):
    table = homes(seed)
    table.loc[::11, "city"] = np.nan
    return table


CASES = {
    "constant, one-hot, gaps filled by the median": (
        homes(1),
        "missing: median, categories: one_hot",
        "median",
    ),
    "the same, by the mean": (homes(2), "missing: mean, categories: one_hot", "mean"),
    "gaps among the labels": (labels_missing(3), "missing: median, categories: one_hot", "median"),
    "diabetes": (load_diabetes(as_frame=True, scaled=False).frame.rename(columns={"target": "price"}), "", ""),
    "linnerud": (load_linnerud(as_frame=True).data.assign(price=load_linnerud().target[:, 0], one=1.0), "", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_parameters_are_those_of_scikit_learns_closed_form(tmp_path, name):
    table, reading, strategy = CASES[name]
    table.to_csv(tmp_path / "table.csv", index=False)
    data = f"data: {{file: table.csv, target: price, standardize: true{', ' if reading else ''}{reading}}}\n"
    with swept(tmp_path, data + GRID) as store:
        [model] = best_models(study(store), store)
    found = {p.name.text: p.original for p in model.parameters}
    expected = closed_form(table, strategy)
    assert set(found) == set(expected)
    scale = max(map(abs, expected.values()))
    for parameter, value in expected.items():
        assert found[parameter] == pytest.approx(value, rel=1e-9, abs=1e-9 * scale), parameter


def closed_form(table, strategy):
    features = table.drop(columns="price")
    text = [name for name in features if features[name].dtype == object or str(features[name].dtype) == "str"]
    plain = [name for name in features if name not in text]
    steps = [("plain", SimpleImputer(strategy=strategy) if strategy else "passthrough", plain)]
    if text:
        coded = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(drop="first"))
        steps.append(("text", coded, text))
    prepared = ColumnTransformer(steps, sparse_threshold=0.0)
    x = prepared.fit_transform(features)
    fitted = LinearRegression().fit(x, table["price"])
    names = list(plain)
    if text:
        encoder = prepared.named_transformers_["text"][-1]
        for name, categories in zip(text, encoder.categories_, strict=True):
            names += [f"{name}={category}" for category in categories[1:]]
    return {**dict(zip(names, fitted.coef_, strict=True)), "bias": fitted.intercept_}


def bare(tmp_path, table, grid, how=""):
    table.to_csv(tmp_path / "table.csv", index=False)
    with swept(tmp_path, f"data: {{file: table.csv, target: price{how}}}\n{grid}") as store:
        [model] = best_models(study(store), store)
    return model


@pytest.mark.parametrize("name", ["diabetes", "linnerud"])
@pytest.mark.parametrize("standardize", [False, True])
def test_without_a_bias_they_are_those_without_an_intercept(tmp_path, name, standardize):
    table = CASES[name][0].drop(columns="one", errors="ignore")
    features = table.drop(columns="price")
    # so that descent gets there on the columns as they are
    features = features / features.std(ddof=0)
    grid = GRID.replace("linear", "{linear: {bias: false}}").replace("4000", "40000")
    model = bare(tmp_path, features.assign(price=table["price"]), grid, ", standardize: true" * standardize)
    found = {p.name.text: p.original for p in model.parameters}
    x = features - features.mean() if standardize else features
    fitted = LinearRegression(fit_intercept=False).fit(x, table["price"])
    expected = dict(zip(features, fitted.coef_, strict=True))
    if standardize:
        # what the means leave: it goes through 0 where the features are at them
        expected["bias"] = -float(fitted.coef_ @ features.mean())
    assert set(found) == set(expected)
    scale = max(map(abs, expected.values()))
    for parameter, value in expected.items():
        assert found[parameter] == pytest.approx(value, rel=1e-9, abs=1e-9 * scale), parameter
    assert ("at their means" in units(model)) == standardize
