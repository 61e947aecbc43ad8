"""Momentum takes its parameters from the problem, as published, and is refused where they are not known."""

import math

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.descent.errors import GdbenchError
from gdbench.descent.execute import execute
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.judgement.diagnoses import forecast_of
from gdbench.planning.plan import make_plan
from gdbench.record.records import RunRecord
from gdbench.reference.problem_records import check_needs, problem_record
from tests.descent.problems import spec, table

QUADRATIC = (
    "grid:\n  surface: {quadratic: {condition: 100, dimension: 4, rotated: true}}\n"
    "  initialization: published\n"
)
IRISES = "data: {dataset: iris, classes: [versicolor, virginica]}\ngrid:\n  model: logistic\n  cost: logistic\n"
THEORETICAL = (
    "{heavy_ball: {theoretical: true}}",
    "{nesterov: {theoretical: true}}",
    "{triple_momentum: {theoretical: true}}",
)


def planned(folder, problem, optimizer, rate="theoretical"):
    path = folder / "m.yaml"
    path.write_text(
        f"name: m\n{problem}  optimizer: {optimizer}\n  learning_rate: {rate}\n"
        "  convergence: {max_iterations: 1200}\ntargets: [1e-2, 1e-6]\n",
        encoding="utf-8",
    )
    return make_plan(load_experiment(path))


def run(plan):
    (planned_run,), (posed,) = plan.runs, plan.problems.values()
    record = problem_record(posed)
    check_needs(planned_run.spec, record)
    result = execute(planned_run.spec, posed.dataset.table if posed.dataset else None, record.constants)
    return RunRecord("k", planned_run.spec, record.id, result, 0.0, 0.0), record


@pytest.mark.parametrize("optimizer", ["gradient_descent", *THEORETICAL])
def test_theoretical_parameters_are_the_published_ones_and_predicted_exactly(tmp_path, optimizer):
    record, problem = run(planned(tmp_path, QUADRATIC, optimizer))
    expected = forecast_of(record, problem)
    root, mu, top = math.sqrt(100.0), 0.01, 1.0
    rate, beta = {
        "gradient_descent": (2 / (top + mu), 0.0),
        THEORETICAL[0]: (4 / (1 + 1 / root) ** 2, ((root - 1) / (root + 1)) ** 2),
        THEORETICAL[1]: (1 / top, (root - 1) / (root + 1)),
        THEORETICAL[2]: ((2 - 1 / root) / top, (1 - 1 / root) ** 2 / (1 + 1 / root)),
    }[optimizer]
    assert (expected.update.rate, expected.update.beta) == (pytest.approx(rate), pytest.approx(beta))
    for target, k in expected.iterations.items():
        assert abs(record.result.iterations_to[target] - k) <= 1


def test_momentum_needs_far_fewer_iterations_than_plain_descent_at_its_best(tmp_path):
    needed = {
        o: run(planned(tmp_path, QUADRATIC, o))[0].result.iterations_to["1e-06"]
        for o in ("gradient_descent", *THEORETICAL)
    }
    plain, *momenta = needed.values()
    assert all(k < plain / 3 for k in momenta)


def test_given_and_theoretical_parameters_take_the_same_steps(tmp_path):
    mine, _ = run(planned(tmp_path, QUADRATIC, THEORETICAL[0], "0.5"))
    given, _ = run(planned(tmp_path, QUADRATIC, "{heavy_ball: {mu: 0.01, smoothness: 1.0}}", "0.5"))
    assert mine.result.curve == given.result.curve


@pytest.mark.parametrize("optimizer", THEORETICAL)
def test_where_mu_is_not_known_they_are_refused_with_the_reason(tmp_path, optimizer):
    with pytest.raises(GdbenchError, match=r"rests on μ and L, but no μ > 0 is known of .*iris"):
        run(planned(tmp_path, IRISES, optimizer, "0.1"))


def test_a_theoretical_rate_without_mu_is_refused(tmp_path):
    with pytest.raises(GdbenchError, match="no μ > 0 is known"):
        run(planned(tmp_path, IRISES, "gradient_descent"))


@pytest.mark.parametrize(
    "optimizer", ["adam", "{gradient_descent: {momentum: 0.9}}", "{heavy_ball: {beta: 0.9}}"]
)
def test_a_theoretical_rate_goes_only_with_updates_that_theory_knows(tmp_path, optimizer):
    with pytest.raises(GdbenchError, match="goes with plain gradient_descent"):
        run(planned(tmp_path, QUADRATIC, optimizer))


def test_momentum_is_given_or_theoretical_not_both(tmp_path):
    with pytest.raises(ConfigError, match="give no beta, mu or smoothness"):
        planned(tmp_path, QUADRATIC, "{heavy_ball: {theoretical: true, beta: 0.9}}")


def test_a_worker_without_the_facts_says_what_is_missing():
    ours = spec(optimizer={"heavy_ball": {"theoretical": True}})
    with pytest.raises(GdbenchError, match="needs μ and L"):
        execute(ours, table(), ProblemConstants())
