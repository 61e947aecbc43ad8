"""A spec becomes a result: reached optima and counted iterations against 240-bit ground truth."""

import math
from dataclasses import replace

import pytest

from gdbench.descent.errors import UnknownName
from gdbench.descent.execute import execute, starting_point
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.shape import Shape
from gdbench.descent.recording.result import RunResult
from gdbench.descent.theory.curvature import smoothness
from tests.descent.problems import spec, table
from tests.oracle_data import CERTIFIED, PROBLEMS, certified_parameters, oracle_problem

FOUR = Shape(4)


#: Every certified problem with a minimiser; of the last, sparse in evidence, only the optimum is known.
MINIMISED = [name for name in PROBLEMS if name != "softmax/iris_lam0_INFIMUM"]
SMOOTH = [name for name in MINIMISED if "cost_at_zero" in CERTIFIED[name]]
RATED = [name for name in SMOOTH if CERTIFIED[name].get("L_global")]
#: Tens of thousands of iterations that show nothing new.
SLOW = ("ols/diabetes_raw",)


def objective_of(name, kernel="compiled"):
    """(objective, spec) of a certified problem."""
    table, model, cost, penalty = oracle_problem(name)
    problem = spec(model=model, cost=cost, penalty=penalty, kernel={kernel: {}})
    return build_problem(problem, table, ProblemConstants()).objective, problem


def flat(values):
    return [float(v) for row in values for v in (row if isinstance(row, list) else [row])]


@pytest.mark.parametrize("kernel", ["compiled", "reference"])
@pytest.mark.parametrize("name", SMOOTH)
def test_cost_and_gradient_at_zero_are_the_certified_ones(name, kernel):
    value, gradient = objective_of(name, kernel)[0].cost_and_gradient([0.0] * len(certified_parameters(name)))
    assert value == pytest.approx(float(CERTIFIED[name]["cost_at_zero"]), rel=1e-12)
    largest = max(map(abs, gradient))
    assert gradient == pytest.approx(flat(CERTIFIED[name]["grad_at_zero"]), rel=1e-12, abs=1e-12 * largest)


@pytest.mark.parametrize("name", MINIMISED)
def test_the_cost_at_the_certified_optimum_is_the_certified_minimum(name):
    value = objective_of(name)[0].cost(certified_parameters(name))
    assert value == pytest.approx(float(CERTIFIED[name]["min_cost"]), rel=1e-12)


@pytest.mark.parametrize("name", [name for name in RATED if name not in SLOW])
def test_descent_at_one_over_L_meets_each_target_at_the_certified_iteration(name):
    table, model, cost, penalty = oracle_problem(name)
    known = CERTIFIED[name]
    expected = {t: k for t, k in known["gd_iters_lr_1_over_L_global_from_zero"].items() if k is not None}
    smooth = smoothness(model, cost, penalty, table)
    assert smooth.value == pytest.approx(known["L_global"], rel=1e-12)
    result = execute(
        spec(
            model=model,
            cost=cost,
            penalty=penalty,
            learning_rate={"over_L": {"factor": 1.0}},
            convergence={"max_iterations": {"limit": max(expected.values()) + 5}},
            targets=list(expected),
        ),
        table,
        ProblemConstants(float(known["min_cost"]), float(known["cost_at_zero"]), smooth.value),
    )
    assert result.outcome == "stopped"
    for target, iteration in expected.items():
        assert abs(result.iterations_to[target] - iteration) <= 1


def test_work_is_counted_and_seconds_are_measured():
    result = execute(spec(gradient={"central": {}}), table(features=3, rows=20), ProblemConstants())
    evaluations = 51  # the start and fifty updates
    assert result.iterations == 50
    assert result.cost_evaluations == evaluations * 9
    assert result.gradient_evaluations == 0
    assert result.row_passes == evaluations * 9 * 20
    assert result.seconds > 0.0


def test_the_work_until_a_target_is_what_a_run_that_stops_there_has_done():
    searching = {
        "learning_rate": {"backtracking": {}},
        "targets": ["0.3", "0.2", "0.001"],
        "convergence": {"max_iterations": {"limit": 50}},
    }
    facts = ProblemConstants(0.0, 1.0)
    whole = execute(spec(**searching), table(), facts)
    met = {target: first for target, first in whole.iterations_to.items() if first}
    assert whole.work_to["0.001"] is None
    assert met
    for target, first in met.items():
        stop = {**searching, "convergence": {"max_iterations": {"limit": first}}}
        short = execute(spec(**stop), table(), facts)
        assert whole.work_to[target] == {
            "cost_evaluations": short.cost_evaluations,
            "gradient_evaluations": short.gradient_evaluations,
            "row_passes": short.row_passes,
        }


def test_a_diverging_run_keeps_its_curve_and_says_when():
    result = execute(
        spec(learning_rate={"constant": {"rate": 50.0}}, targets=["0.01"]), table(), ProblemConstants(0.0, 1.0)
    )
    assert result.outcome == "diverged"
    assert result.diverged_at == result.iterations == result.curve.iteration[-1]
    assert result.iterations_to == {"0.01": None}
    assert all(math.isfinite(cost) for cost in result.curve.cost)
    assert result.final_cost == result.curve.cost[-1]
    assert result.best_iteration == 0


def test_a_start_without_a_finite_cost_is_a_divergence_at_iteration_zero():
    result = execute(spec(initialization={"constant": {"value": 1e200}}), table(), ProblemConstants())
    assert (result.outcome, result.diverged_at, result.final_cost) == ("diverged", 0, None)
    assert result.curve.iteration == []


def test_the_starting_point_is_the_same_for_every_learning_rate_and_differs_between_replicates():
    normal = {"normal": {"mean": 0.0, "std": 1.0}}
    first = starting_point(spec(initialization=normal), FOUR)
    assert starting_point(spec(initialization=normal, learning_rate={"constant": {"rate": 9.0}}), FOUR) == first
    assert starting_point(spec(initialization=normal, replicate=1), FOUR) != first
    assert starting_point(spec(initialization=normal, digest="other"), FOUR) != first
    assert starting_point(spec(initialization=normal, seed=1), FOUR) != first


@pytest.mark.parametrize("room", ["model", "cost", "gradient", "optimizer", "learning_rate", "initialization"])
def test_an_unknown_name_in_a_spec_is_refused(room):
    with pytest.raises(UnknownName, match=r"no .* is called 'nonesuch'"):
        execute(spec(**{room: {"nonesuch": {}}}), table(), ProblemConstants())


@pytest.mark.parametrize(
    ("changes", "reason", "cause"),
    [
        ({"learning_rate": {"constant": {"rate": 50.0}}}, "cost grew to", "cost_grown"),
        ({"initialization": {"constant": {"value": 1e200}}}, "cost is infinite", "cost_infinite"),
        ({"convergence": {"max_iterations": {"limit": 3}}}, "reached the limit", "max_iterations"),
        ({"convergence": {"gradient_norm": {"tolerance": 1e9}}}, "gradient norm", "gradient_norm"),
        (
            {
                "convergence": {"cost_change": {"tolerance": 1e-9}},
                "learning_rate": {"constant": {"rate": 1e-300}},
                "initialization": {"constant": {"value": 1.0}},
            },
            "the last step had length 0",
            "lost_steps",
        ),
    ],
)
def test_a_result_tells_its_cause_as_a_code_and_older_records_have_it_too(changes, reason, cause):
    result = execute(spec(**changes), table(), ProblemConstants())
    assert result.reason.startswith(reason)
    assert result.cause == cause
    older = {name: value for name, value in result.to_plain().items() if name != "cause"}
    then = "zero_length_step" if cause == "lost_steps" else cause  # whether it lasted was not asked then
    assert RunResult.from_plain(older) == replace(result, cause=then)


def test_the_cause_of_an_older_failure_is_the_type_of_its_exception():
    failed = RunResult("failed", "MemoryError: out of it").to_plain()
    del failed["cause"]
    assert RunResult.from_plain(failed).cause == "MemoryError"
