"""A spec becomes a result: reached optima and counted iterations against 240-bit ground truth."""

import json
import math
from pathlib import Path

import pytest

from gdbench.descent.definition import define
from gdbench.descent.errors import UnknownName
from gdbench.descent.execute import execute, starting_point
from gdbench.descent.kernels import compiled
from tests.descent.problems import spec, table
from tests.oracle_data import ORACLES, oracle_table

EXACT = json.loads(Path(__file__).parent.parent.joinpath("oracles", "optima.json").read_text(encoding="utf-8"))


def targets(problem):
    best, start = float(problem["min_cost"]), float(problem["cost_at_zero"])
    return {t: best + float(t) * (start - best) for t in problem["gd_iters_lr_1_over_L_global_from_zero"]}


@pytest.mark.parametrize("name", ORACLES)
def test_cost_and_gradient_at_zero_and_at_the_optimum_are_the_certified_ones(name):
    data, model, cost = oracle_table(name)
    objective = compiled(define(model, cost, data.features), data)
    value, gradient = objective.cost_and_gradient([0.0] * objective.size)
    assert value == pytest.approx(float(EXACT[name]["cost_at_zero"]), rel=1e-12)
    assert gradient == pytest.approx([float(g) for g in EXACT[name]["grad_at_zero"]], rel=1e-12, abs=1e-12)
    best = objective.cost([float(w) for w in EXACT[name]["params"]])
    assert best == pytest.approx(float(EXACT[name]["min_cost"]), rel=1e-12)


@pytest.mark.parametrize("name", [name for name in ORACLES if name != "ols/diabetes_raw"])
def test_descent_at_one_over_L_meets_each_target_at_the_certified_iteration(name):
    data, model, cost = oracle_table(name)
    expected = EXACT[name]["gd_iters_lr_1_over_L_global_from_zero"]
    limit = max(expected.values()) + 5
    result = execute(
        spec(
            model=model,
            cost=cost,
            learning_rate={"constant": {"rate": 1.0 / EXACT[name]["L_global"]}},
            convergence={"max_iterations": {"limit": limit}},
        ),
        data,
        targets(EXACT[name]),
    )
    assert result.outcome == "stopped"
    for target, iteration in expected.items():
        assert abs(result.iterations_to[target] - iteration) <= 1


def test_work_is_counted_and_seconds_are_measured():
    result = execute(spec(gradient={"central": {}}), table(features=3, rows=20), {})
    evaluations = 51  # the start and fifty updates
    assert result.iterations == 50
    assert result.cost_evaluations == evaluations * 9
    assert result.gradient_evaluations == 0
    assert result.row_passes == evaluations * 9 * 20
    assert result.seconds > 0.0


def test_a_diverging_run_keeps_its_curve_and_says_when():
    result = execute(spec(learning_rate={"constant": {"rate": 50.0}}), table(), {"0.01": 0.0})
    assert result.outcome == "diverged"
    assert result.diverged_at == result.iterations == result.curve.iteration[-1]
    assert result.iterations_to == {"0.01": None}
    assert all(math.isfinite(cost) for cost in result.curve.cost)
    assert result.final_cost == result.curve.cost[-1]
    assert result.best_iteration == 0


def test_a_start_without_a_finite_cost_is_a_divergence_at_iteration_zero():
    result = execute(spec(initialization={"constant": {"value": 1e200}}), table(), {})
    assert (result.outcome, result.diverged_at, result.final_cost) == ("diverged", 0, None)
    assert result.curve.iteration == []


def test_the_starting_point_is_the_same_for_every_learning_rate_and_differs_between_replicates():
    normal = {"normal": {"mean": 0.0, "std": 1.0}}
    first = starting_point(spec(initialization=normal), 4)
    assert starting_point(spec(initialization=normal, learning_rate={"constant": {"rate": 9.0}}), 4) == first
    assert starting_point(spec(initialization=normal, replicate=1), 4) != first
    assert starting_point(spec(initialization=normal, digest="other"), 4) != first
    assert starting_point(spec(initialization=normal, seed=1), 4) != first


@pytest.mark.parametrize("room", ["model", "cost", "gradient", "optimizer", "learning_rate", "initialization"])
def test_an_unknown_name_in_a_spec_is_refused(room):
    with pytest.raises(UnknownName, match=r"no .* is called 'nonesuch'"):
        execute(spec(**{room: {"nonesuch": {}}}), table(), {})
