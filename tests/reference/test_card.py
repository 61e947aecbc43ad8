"""A problem's card holds the constants that linear algebra knows, and calls each what it is."""

import math
from fractions import Fraction

import numpy as np
import pytest

from gdbench.config.experiment import load_experiment
from gdbench.descent.theory.card import Card, Constant, packed, unpacked
from gdbench.planning.plan import make_plan
from gdbench.reference.problem_records import problem_record, with_local_curvature
from gdbench.reference.solvers import class_separation, dispatch, separation
from tests.oracle_data import CERTIFIED

GRID = """\
name: card
data: {data}
grid:
  model: {model}
  cost: {cost}
  penalty: {penalty}
  learning_rate: 0.01
  initialization: {start}
  convergence: {{max_iterations: 3}}
"""


def planned(folder, data, model="linear", cost="mse", penalty="none", start="zeros"):
    path = folder / "card.yaml"
    path.write_text(
        GRID.format(data=data, model=model, cost=cost, penalty=penalty, start=start), encoding="utf-8"
    )
    return make_plan(load_experiment(path))


def surface(folder, choice):
    path = folder / "card.yaml"
    path.write_text(
        f"name: card\ngrid:\n  surface: {choice}\n  learning_rate: 0.01\n  initialization: published\n"
        "  convergence: {max_iterations: 3}\n",
        encoding="utf-8",
    )
    return recorded(make_plan(load_experiment(path)))


def recorded(plan):
    (problem,) = plan.problems.values()
    return problem_record(problem)


def matrix(plan):
    (problem,) = plan.problems.values()
    table = problem.dataset.table
    rows = np.array(table.rows)
    return np.hstack([rows[:, : table.features], np.ones((len(rows), 1))]), rows[:, -1]


def test_standardising_diabetes_cuts_kappa_from_5e7_to_470(tmp_path):
    raw = recorded(planned(tmp_path, "{dataset: diabetes}")).theory
    scaled = recorded(planned(tmp_path, "{dataset: diabetes, standardize: true}")).theory
    assert raw.condition == pytest.approx(5.2365e7, rel=1e-3)
    assert scaled.condition == pytest.approx(470.078, rel=1e-5)
    # each card knows both, whichever of the two it is given
    for card in (raw, scaled):
        assert card.raw == pytest.approx(raw.condition, rel=1e-6)
        assert card.standardized == pytest.approx(scaled.condition, rel=1e-9)
    assert scaled.smoothness.kind == "exact"
    assert scaled.smoothness.value == pytest.approx(CERTIFIED["ols/diabetes_std"]["L_global"], rel=1e-12)


@pytest.mark.parametrize("penalty", ["none", "{l2: 0.3}", "{l2: {strength: 0.3, bias: true}}"])
def test_the_spectrum_of_a_quadratic_is_its_hessians(tmp_path, penalty):
    plan = planned(tmp_path, "{dataset: linnerud, standardize: true}", penalty=penalty)
    record = recorded(plan)
    G, _ = matrix(plan)
    ridge = 0.0 if penalty == "none" else 0.3
    hessian = 2 * G.T @ G / len(G) + np.diag([ridge, ridge, ridge, ridge * ("bias" in penalty)])
    values, vectors = np.linalg.eigh(hessian)
    assert record.theory.spectrum == pytest.approx(values[::-1], rel=1e-12)
    assert record.convexity == pytest.approx(values[0], rel=1e-12)
    for mine, its in zip(unpacked(record.theory.directions, 4), vectors.T[::-1], strict=True):
        assert abs(np.dot(mine, its)) == pytest.approx(1.0, abs=1e-9)


def test_flat_directions_are_counted_and_do_not_pass_for_curvature(tmp_path):
    (tmp_path / "twice.csv").write_text("a,b,y\n1,1,0\n2,2,1\n4,4,5\n7,7,3\n", encoding="utf-8")
    record = recorded(planned(tmp_path, "{file: twice.csv, target: y}"))
    assert (record.theory.flat, len(record.theory.spectrum), record.convexity) == (1, 2, None)


@pytest.mark.parametrize(
    ("cost", "model", "kind"),
    [("huber", "linear", "upper"), ("log_cosh", "linear", "upper"), ("logistic", "logistic", "exact")],
)
def test_a_bound_on_the_curvature_is_called_a_bound(tmp_path, cost, model, kind):
    data = "{dataset: breast_cancer, features: [mean radius, mean texture], standardize: true}"
    plan = planned(tmp_path, data, model, cost)
    card = recorded(plan).theory
    G, _ = matrix(plan)
    top = np.linalg.eigvalsh(G.T @ G / len(G))[-1] * (0.25 if cost == "logistic" else 1.0)
    assert (card.smoothness.kind, card.quadratic, card.convex) == (kind, False, True)
    assert card.smoothness.value == pytest.approx(top, rel=1e-12)
    assert card.local_smoothness.kind == "local"
    assert card.local_smoothness.value <= card.smoothness.value * (1 + 1e-12)


def test_poisson_has_no_global_constant_but_one_at_the_optimum(tmp_path):
    plan = planned(tmp_path, "{dataset: linnerud, target: Pulse, standardize: true}", "poisson", "poisson")
    record = recorded(plan)
    G, _ = matrix(plan)
    at = np.array(record.optimum.parameters)
    hessian = (G * np.exp(G @ at)[:, None]).T @ G / len(G)
    values = np.linalg.eigvalsh(hessian)
    assert (record.smoothness, record.theory.smoothness) == (None, None)
    assert record.theory.local_smoothness.value == pytest.approx(values[-1], rel=1e-8)
    assert record.theory.local_convexity.value == pytest.approx(values[0], rel=1e-8)


def test_a_network_has_a_curvature_at_its_start_only(tmp_path):
    plan = planned(
        tmp_path,
        "{synthetic: {moons: {rows: 30}}}",
        "{mlp: {hidden: [3]}}",
        "logistic",
        start="{xavier_uniform: {}}",
    )
    (problem,) = plan.problems.values()
    record = problem_record(problem)
    assert (record.theory.convex, record.theory.smoothness, record.theory.separable) == (False, None, "")
    local = with_local_curvature(record, problem, plan.runs[0].spec).theory.local_smoothness
    assert local.kind == "local"
    assert local.value > 0.0


@pytest.mark.parametrize(
    ("data", "model", "cost"),
    [
        ("{dataset: iris, classes: [setosa, versicolor]}", "logistic", "logistic"),
        ("{dataset: iris}", "softmax", "softmax"),
    ],
)
def test_separability_is_certified_by_a_direction_that_arithmetic_verifies(tmp_path, data, model, cost):
    plan = planned(tmp_path, data, model, cost)
    record = recorded(plan)
    (problem,) = plan.problems.values()
    rows = problem.dataset.table.rows
    direction = [Fraction(value) for value in record.optimum.parameters]
    width = record.features + 1
    classes = [direction[k : k + width] for k in range(0, len(direction), width)]
    if len(classes) == 1:  # one score: class 0 has score 0
        classes.insert(0, [Fraction(0)] * width)
    margins = []
    for *x, y in rows:
        exact = [Fraction(value) for value in (*x, 1.0)]
        scores = [sum(map(Fraction.__mul__, exact, weights), Fraction(0)) for weights in classes]
        margins += [scores[int(y)] - score for k, score in enumerate(scores) if k != int(y)]
    assert record.theory.separable == "separable"
    assert min(margins) >= 0
    assert max(margins) > 0


def test_classes_that_overlap_are_called_so_with_a_penalty_and_without(tmp_path):
    data = "{dataset: iris, classes: [versicolor, virginica], standardize: true}"
    for penalty in ("none", "{l2: 0.01}"):
        card = recorded(planned(tmp_path, data, "logistic", "logistic", penalty)).theory
        assert card.separable == "overlapping"


def test_where_no_certificate_was_found_in_the_given_effort_separability_is_unknown(tmp_path, monkeypatch):
    nothing = separation.Separation("undecided")
    monkeypatch.setattr(dispatch, "class_separation", lambda *_: nothing)
    record = recorded(planned(tmp_path, "{dataset: iris}", "softmax", "softmax"))
    assert (record.theory.separable, record.optimum.kind) == ("unknown", "unknown")
    monkeypatch.undo()
    # the effort itself: no linear program of this size, and no candidate that happens to fit
    monkeypatch.setattr(class_separation, "LARGEST_PROGRAM", 0)
    monkeypatch.setattr(class_separation, "_candidates", lambda design: iter(()))
    assert recorded(planned(tmp_path, "{dataset: iris}", "softmax", "softmax")).theory.separable == "unknown"


@pytest.mark.parametrize(
    ("choice", "spectrum", "convex"),
    [
        ("{quadratic: {condition: 1000000, dimension: 3}}", (1.0, 1e-3, 1e-6), True),
        ("{quadratic: {spectrum: [3, 0, 1]}}", (3.0, 1.0), True),
        ("booth", (18.0, 2.0), True),
        ("saddle", (2.0, -2.0), False),
    ],
)
def test_a_quadratic_surface_has_the_spectrum_it_is_known_for(tmp_path, choice, spectrum, convex):
    card = surface(tmp_path, choice).theory
    assert card.spectrum == pytest.approx(spectrum, rel=1e-12)
    assert (card.quadratic, card.convex, card.unbounded) == (True, convex, choice == "saddle")


def test_rosenbrocks_curvature_at_its_minimum_is_the_one_in_the_books(tmp_path):
    card = surface(tmp_path, "rosenbrock").theory
    hessian = np.array([[802.0, -400.0], [-400.0, 200.0]])
    values = np.linalg.eigvalsh(hessian)
    assert card.local_condition == pytest.approx(values[1] / values[0], rel=1e-4)
    assert card.smoothness is None


def test_a_card_survives_the_record_and_an_older_record_has_an_empty_one():
    known = Constant(2.0, "exact", "seen")
    card = Card(quadratic=True, smoothness=known, spectrum=(2.0, 1.0), directions=packed([[1.0]]))
    assert Card.from_plain(card.to_plain()) == card
    assert Card.from_plain({}) == Card()
    assert Card.from_plain({"of a later version": 1}) == Card()


def test_components_are_coordinates_in_the_eigenvectors():
    half = math.sqrt(0.5)
    card = Card(directions=packed([[half, half], [half, -half]]))
    assert card.components([3.0, 1.0]) == pytest.approx([4.0 * half, 2.0 * half])
