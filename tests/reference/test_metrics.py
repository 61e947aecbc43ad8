"""How good a fit is on rows that it has not seen: as scikit-learn says, from the data on, by another way."""

import numpy as np
import pytest
from sklearn import datasets, metrics
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from gdbench.config.experiment import read_experiment
from gdbench.descent.execute import execute
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
from gdbench.planning.plan import make_plan
from gdbench.reference.metrics import measured
from gdbench.reference.predictions import predictions
from tests.descent.problems import spec

APART = {"test_size": 0.25, "random_state": 3}


def fitted(tmp_path, data, model, cost, more=""):
    """(the spec, the data set, the parameters after a few steps)."""
    text = (
        f"name: a\ndata: {{{data}, standardize: true, test: {{fraction: 0.25, seed: 3{more}}}}}\n"
        f"grid: {{model: {model}, cost: {cost}, learning_rate: 0.1, convergence: {{max_iterations: 25}}}}\n"
    )
    plan = make_plan(read_experiment(text, tmp_path / "a.yaml"))
    (run,) = plan.runs
    data = plan.problems[run.problem].dataset
    done = execute(run.spec, data.table, ProblemConstants(), None, data.held_out.table)
    return run.spec, data, done


def apart(x, y, **more):
    """Standardized as people do it: the scaler sees the training rows alone."""
    parts = train_test_split(x, y, **APART, **more)
    scaler = StandardScaler().fit(parts[0])
    return {"train": (scaler.transform(parts[0]), parts[2]), "test": (scaler.transform(parts[1]), parts[3])}


def test_regression_is_measured_as_by_hand(tmp_path):
    job, data, done = fitted(tmp_path, "dataset: diabetes", "linear", "mse")
    x, y = datasets.load_diabetes(return_X_y=True, scaled=False)
    found = measured(job, done.parameters, data.table, data.held_out.table)
    *w, b = done.parameters
    for part, (features, target) in apart(x, y).items():
        p = features @ np.array(w) + b
        assert found[part] == pytest.approx(
            {
                "r2": metrics.r2_score(target, p),
                "rmse": metrics.mean_squared_error(target, p) ** 0.5,
                "mae": metrics.mean_absolute_error(target, p),
                "median_ae": metrics.median_absolute_error(target, p),
            },
            rel=1e-12,
        )
    assert found["test"]["rmse"] == pytest.approx(done.held_out["cost"] ** 0.5, rel=1e-12)
    assert found["train"]["rmse"] == pytest.approx(done.final_cost**0.5, rel=1e-12)


@pytest.mark.parametrize(
    ("model", "cost"), [("logistic", "logistic"), ("linear", "hinge"), ("logistic", "mse")]
)
def test_two_classes_are_measured_as_by_hand(tmp_path, model, cost):
    job, data, done = fitted(tmp_path, "dataset: breast_cancer", model, cost, ", stratify: true")
    x, y = datasets.load_breast_cancer(return_X_y=True)
    found = measured(job, done.parameters, data.table, data.held_out.table)
    *w, b = done.parameters
    for part, (features, target) in apart(x, y, stratify=y).items():
        z = features @ np.array(w) + b
        expected = {
            "accuracy": metrics.accuracy_score(target, z > 0),
            "balanced_accuracy": metrics.balanced_accuracy_score(target, z > 0),
            "roc_auc": metrics.roc_auc_score(target, z),
        }
        if cost != "hinge":
            expected["log_loss"] = metrics.log_loss(target, 1 / (1 + np.exp(-z)))
        told = dict(found[part])
        assert told.pop("confusion") == metrics.confusion_matrix(target, z > 0).tolist()
        assert told == pytest.approx(expected, rel=1e-9)


def test_several_classes_are_measured_as_by_hand(tmp_path):
    job, data, done = fitted(tmp_path, "dataset: wine", "softmax", "softmax")
    x, y = datasets.load_wine(return_X_y=True)
    found = measured(job, done.parameters, data.table, data.held_out.table)
    w = np.array(done.parameters).reshape(3, -1)
    for part, (features, target) in apart(x, y).items():
        z = features @ w[:, :-1].T + w[:, -1]
        chances = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        told = dict(found[part])
        assert told.pop("confusion") == metrics.confusion_matrix(target, z.argmax(axis=1)).tolist()
        assert told == pytest.approx(
            {
                "accuracy": metrics.accuracy_score(target, z.argmax(axis=1)),
                "balanced_accuracy": metrics.balanced_accuracy_score(target, z.argmax(axis=1)),
                "roc_auc": metrics.roc_auc_score(target, chances, multi_class="ovr"),
                "log_loss": metrics.log_loss(target, chances),
            },
            rel=1e-9,
        )
    assert found["test"]["log_loss"] == pytest.approx(done.held_out["cost"], rel=1e-9)


def counts(rows):
    return Table([(0.1 * i, float(i % 4)) for i in range(rows)], 1)


def test_counts_have_a_deviance():
    job = spec(model={"poisson": {}}, cost={"poisson": {}})
    w, b = 0.3, 0.2
    found = measured(job, [w, b], counts(12), counts(7))
    y, p = [row[1] for row in counts(7).rows], [np.exp(w * row[0] + b) for row in counts(7).rows]
    assert found["test"]["poisson_deviance"] == pytest.approx(metrics.mean_poisson_deviance(y, p), rel=1e-12)
    assert found["test"]["mae"] == pytest.approx(metrics.mean_absolute_error(y, p), rel=1e-12)


def test_parameters_that_predict_nothing_finite_are_not_measured():
    job = spec(model={"poisson": {}}, cost={"poisson": {}})
    assert measured(job, [1e4, 0.0], counts(12), counts(7)) == {}


def test_a_class_that_no_row_held_out_has_leaves_the_curve_out_and_keeps_the_rest():
    job = spec(model={"logistic": {}}, cost={"logistic": {}})
    training = Table([(1.0, 0.0), (2.0, 1.0)], 1)
    found = measured(job, [1.0, -1.5], training, Table([(3.0, 1.0), (1.2, 1.0)], 1))
    assert set(found["test"]) == {"accuracy", "balanced_accuracy", "log_loss", "confusion"}
    assert (found["test"]["accuracy"], found["test"]["confusion"]) == (0.5, [[0, 0], [1, 1]])
    assert set(found["train"]) == {"accuracy", "balanced_accuracy", "log_loss", "roc_auc", "confusion"}


def test_a_network_predicts_what_its_definition_gives():
    job = spec(model={"mlp": {"hidden": [3], "activation": "tanh"}}, cost={"mse": {}})
    parameters, x = [0.1 * i - 0.6 for i in range(13)], [0.5, -1.0]
    hidden = [np.tanh(np.dot(parameters[2 * k : 2 * k + 2], x) + parameters[6 + k]) for k in range(3)]
    expected = np.dot(parameters[9:12], hidden) + parameters[12]
    (found,) = predictions(job, parameters, Table([(*x, 1.0), (*x, 3.0)], 2), [tuple(x)]).values
    assert found == pytest.approx(expected, rel=1e-12)
