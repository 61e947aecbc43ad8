"""Samples of grids: even, the same everywhere, of any size, and with others in the place of what cannot run."""

import math
from itertools import islice

import pytest
from scipy.stats import qmc

from gdbench.config.experiment import read_experiment
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.planning.combinations import combinations
from gdbench.planning.plan import make_plan
from gdbench.planning.sampling import DIMENSIONS, points

SAMPLED = """
name: sampled
grid:
  surface: [booth, beale, {quadratic: {spectrum: [1, 4]}}, rosenbrock]
  optimizer: [gradient_descent, {heavy_ball: {beta: {between: [0, 0.99]}}}]
  learning_rate: {log_between: [1e-4, 1]}
  convergence: {max_iterations: 10}
sample: {runs: 32, seed: 0}
"""


def plan_of(text, tmp_path):
    return make_plan(read_experiment(text, tmp_path / "config.yaml"))


def rates(plan):
    return [run.spec["learning_rate"]["constant"]["rate"] for run in plan.runs]


def test_points_are_those_of_scipy_before_any_shift():
    known = qmc.Sobol(DIMENSIONS, scramble=False).random(512)
    assert [list(point) for point in known] == list(islice(points(DIMENSIONS, None), 512))


def test_a_seed_shifts_them_by_figures_that_stay():
    assert list(islice(points(2, 0), 2)) == [
        [0.8444218514487147, 0.3852453073486686],
        [0.34442185144871473, 0.8852453073486686],
    ]
    shifted = list(islice(points(3, 5), 64))
    for j in range(3):  # each 64th of an edge has one of 64 points, as before the shift
        assert sorted(int(64 * point[j]) for point in shifted) == list(range(64))


def test_a_sample_is_even_over_choices_and_over_the_logarithm_of_a_range(tmp_path):
    plan = plan_of(SAMPLED, tmp_path)
    assert len(plan.runs) == 32
    names = [next(iter(run.spec["surface"])) for run in plan.runs]
    assert {name: names.count(name) for name in names} == dict.fromkeys(names, 8)
    decades = [int(4 + math.log10(rate)) for rate in rates(plan)]
    assert [decades.count(decade) for decade in range(4)] == [8] * 4
    betas = [run.spec["optimizer"].get("heavy_ball", {}).get("beta") for run in plan.runs]
    assert all(beta is None or 0 <= beta <= 0.99 for beta in betas)
    assert 12 <= sum(beta is not None for beta in betas) <= 20


def test_a_larger_sample_begins_with_the_smaller_one(tmp_path):
    few, many = plan_of(SAMPLED, tmp_path), plan_of(SAMPLED.replace("runs: 32", "runs: 50"), tmp_path)
    assert [run.key for run in many.runs[:32]] == [run.key for run in few.runs]
    assert rates(plan_of(SAMPLED.replace("seed: 0", "seed: 1"), tmp_path)) != rates(few)


def test_a_grid_that_nobody_could_walk_is_sampled_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("gdbench.planning.plan.combinations", None)  # nothing is enumerated
    text = f"""
    name: huge
    grid:
      surface: {{quadratic: {{spectrum: {[[float(k), 1.0] for k in range(1, 11)]}}}}}
      optimizer: {{heavy_ball: {{beta: {[k / 1000 for k in range(1000)]}}}}}
      learning_rate: {[k / 1000 for k in range(1, 1001)]}
      initialization: {{normal: {{std: {[k / 10 for k in range(1, 101)]}}}}}
      convergence: {{max_iterations: 10}}
    sample: {{runs: 60}}
    """
    experiment = read_experiment(text, tmp_path / "config.yaml")
    assert experiment.combining.size == 10**9
    assert len(make_plan(experiment).runs) == 60


def test_what_does_not_go_together_is_skipped_and_others_take_its_place(tmp_path):
    text = SAMPLED.replace("{log_between: [1e-4, 1]}", "[0.1, 0.2, backtracking]").replace(
        "runs: 32", "runs: 12"
    )
    plan = plan_of(text, tmp_path)
    assert len(plan.runs) == 12
    assert plan.skipped
    assert all("searches along" in left.reason for left in plan.skipped)


def test_a_sample_of_all_there_is_says_how_many_there_were(tmp_path):
    text = SAMPLED.replace("{log_between: [1e-4, 1]}", "[0.1, 0.2]").replace("{between: [0, 0.99]}", "0.5")
    plan = plan_of(text, tmp_path)
    everything = read_experiment(text.replace("sample: {runs: 32, seed: 0}", ""), tmp_path / "config.yaml")
    assert len(plan.runs) == len(list(combinations(everything))) == 16
    assert "16 were found" in " ".join(plan.doubts)


def test_conditions_hold_in_a_sample_too(tmp_path):
    text = SAMPLED.replace(
        "convergence:",
        "clipping: [none, {values: {norm: 1.0}, when: {optimizer: heavy_ball}}]\n"
        "  exclude: {learning_rate: {above: 0.1}}\n  convergence:",
    )
    plan = plan_of(text, tmp_path)
    assert max(rates(plan)) <= 0.1
    clipped = [run for run in plan.runs if "norm" in run.spec["clipping"]]
    assert clipped
    assert all("heavy_ball" in run.spec["optimizer"] for run in clipped)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sample: {runs: 32, seed: 0}", "", "needs 'sample:' beside 'grid:'"),
        ("[1e-4, 1]", "[0, 1]", "two numbers above 0"),
        ("[1e-4, 1]", "[1, 0.1]", r"takes \[lower, upper\]"),
        ("[0, 0.99]", "[-1, 0.5]", "'beta' of optimizer 'heavy_ball'"),
        ("runs: 32", "runs: 0", "a whole number from 1"),
        ("{runs: 32, seed: 0}", "{seed: 0}", "sample needs 'runs'"),
    ],
)
def test_a_sample_that_cannot_be_taken_is_refused(old, new, said, tmp_path):
    assert old in SAMPLED
    with pytest.raises(ConfigError, match=said):
        plan_of(SAMPLED.replace(old, new), tmp_path)


def test_another_mistake_does_not_hide_that_a_sample_is_asked_for(tmp_path):
    with pytest.raises(ConfigError) as told:
        plan_of(f"{SAMPLED}\nexclude: []\n", tmp_path)
    assert "'exclude' belongs under 'grid:'" in str(told.value)
    assert "needs 'sample:'" not in str(told.value)
