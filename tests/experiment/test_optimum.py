"""Reference optima agree with certified ones, and where there is none they say so, with a proof."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from gdbench.descent.table import Table
from gdbench.experiment.data import load
from gdbench.experiment.optimum import reference_optimum
from gdbench.experiment.solvers import separates
from tests.oracle_data import LINEAR, LOGISTIC, ORACLES, Source, oracle_table

EXACT = json.loads(Path(__file__).parent.parent.joinpath("oracles", "optima.json").read_text(encoding="utf-8"))
CROSS_ENTROPY = {"logistic": {}}


@pytest.mark.parametrize("name", ORACLES)
def test_the_optimum_is_the_certified_one(name):
    table, model, cost = oracle_table(name)
    optimum = reference_optimum(model, cost, table)
    assert optimum.kind in ("closed form", "solver")
    assert optimum.cost == pytest.approx(float(EXACT[name]["min_cost"]), rel=1e-12)
    assert list(optimum.parameters) == pytest.approx([float(w) for w in EXACT[name]["params"]], rel=1e-7)


@pytest.mark.parametrize(
    "source",
    [
        Source("iris", classes=("setosa", "versicolor"), standardize=True),
        Source("iris", classes=("setosa", "virginica")),
        Source("breast_cancer", standardize=True),
        Source("breast_cancer"),
    ],
    ids=["setosa/versicolor", "setosa/virginica raw", "breast_cancer", "breast_cancer raw"],
)
def test_separable_classes_have_no_optimum_and_the_direction_proves_it(source):
    table = load(source).table
    optimum = reference_optimum(LOGISTIC, CROSS_ENTROPY, table)
    assert (optimum.kind, optimum.cost) == ("none exists", None)
    *weights, bias = map(Fraction, optimum.parameters)
    for *x, y in table.rows:
        score = bias + sum(w * Fraction(value) for w, value in zip(weights, x, strict=True))
        assert (score > 0) == (y == 1.0)
        assert score != 0


def test_classes_that_only_touch_have_no_optimum_either():
    # quasi-separable: the cost falls for ever along w = 1, although x = 0 occurs in both classes
    table = Table([(-1.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 1.0)], 1)
    assert reference_optimum(LOGISTIC, CROSS_ENTROPY, table).kind == "none exists"


def test_classes_that_seem_to_touch_but_cannot_be_proved_to_are_unknown():
    # the same, moved and scaled so that rounding spoils the proof; a solver alone would stop far out on
    # the slope, see no gradient there, and call it the minimum
    thirds = [(x / 3.0 + 0.1, y) for x, y in ((-1.0, 0.0), (0.2, 0.0), (0.2, 1.0), (1.0, 1.0))]
    assert reference_optimum(LOGISTIC, CROSS_ENTROPY, Table(thirds, 1)).kind in ("none exists", "unknown")


def test_overlapping_classes_have_an_optimum_in_closed_form():
    # without features that tell them apart, the bias is the log-odds: log(3/1)
    table = Table([(0.0, 0.0), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0)], 1)
    optimum = reference_optimum(LOGISTIC, CROSS_ENTROPY, table)
    assert optimum.kind == "solver"
    assert optimum.parameters[-1] == pytest.approx(1.0986122886681098, rel=1e-12)


def test_a_cost_that_is_not_convex_has_no_known_optimum():
    optimum = reference_optimum(LOGISTIC, {"mse": {}}, load(Source("breast_cancer", standardize=True)).table)
    assert (optimum.kind, optimum.cost) == ("unknown", None)
    assert "not convex" in optimum.explanation


def test_more_parameters_than_rows_are_fitted_exactly():
    optimum = reference_optimum(LINEAR, {"mse": {}}, Table([(1.0, 2.0, 3.0), (2.0, 1.0, 5.0)], 2))
    assert optimum.cost == pytest.approx(0.0, abs=1e-28)


def test_a_direction_separates_if_no_row_is_on_the_wrong_side_and_one_at_least_is_off_the_boundary():
    table = Table([(-1.0, 0.0), (1.0, 1.0)], 1)
    assert separates((1.0, 0.0), table)
    assert separates((1.0, 1.0), table)
    assert not separates((1.0, 1.5), table)
    assert not separates((-1.0, 0.0), table)
    assert not separates((0.0, 0.0), table)
