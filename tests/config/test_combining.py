"""Which combinations a grid asks for: zip, when, exclude, include."""

from __future__ import annotations

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.config.wording import label
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.planning.combinations import combinations
from gdbench.planning.plan import make_plan

BASE = """\
name: combined
data: {synthetic: {linear_data: {rows: 8, seed: 1}}}
grid:
  model: linear
  cost: [mse, mae]
  convergence: {max_iterations: 3}
"""
RATES = "  learning_rate: [0.1, 0.2]\n"


def load(folder, grid, base=BASE, *overrides):
    path = folder / "combined.yaml"
    path.write_text(base + grid)
    return load_experiment(path, overrides)


def shown(experiment, *axes, data=()):
    return [
        tuple(label(c[axis].to_plain()) for axis in axes)
        for c, reason in combinations(experiment, data)
        if not reason
    ]


def test_zipped_axes_move_together(tmp_path):
    grid = "  zip: {optimizer: [gradient_descent, adam], learning_rate: [0.1, 0.001]}\n"
    experiment = load(tmp_path, grid)
    together = [("gradient_descent", "0.1"), ("adam", "0.001")]
    assert shown(experiment, "cost", "optimizer", "learning_rate") == [
        (cost, *pair) for cost in ("mse", "mae") for pair in together
    ]
    assert len(experiment.grid["optimizer"]) == len(experiment.grid["learning_rate"]) == 2


def test_zipped_values_may_repeat_and_be_ranges(tmp_path):
    grid = "  zip: {optimizer: [adam, adam, lion], learning_rate: {linspace: [0.1, 0.3, 3]}}\n"
    assert shown(load(tmp_path, grid), "optimizer", "learning_rate")[:3] == [
        ("adam", "0.1"), ("adam", "0.2"), ("lion", "0.3"),
    ]  # fmt: skip


def test_several_zips_are_multiplied(tmp_path):
    grid = (
        "  zip:\n    - {optimizer: [gradient_descent, adam], learning_rate: [0.1, 0.001]}\n"
        "    - {gradient: [analytic, central], penalty: [none, {l2: 1}]}\n"
    )
    assert len(shown(load(tmp_path, grid))) == 2 * 2 * 2


def test_what_is_excluded_is_left_out_with_its_reason(tmp_path):
    experiment = load(tmp_path, RATES + "  exclude: {cost: mae, learning_rate: {above: 0.15}}\n")
    assert shown(experiment, "cost", "learning_rate") == [("mse", "0.1"), ("mse", "0.2"), ("mae", "0.1")]
    [left_out] = [c for c in combinations(experiment) if c.reason]
    assert left_out.reason == "excluded: cost mae, learning_rate above 0.15"


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("{cost: mae}", 2),
        ("{cost: [mse, mae]}", 0),
        ("{cost: {not: mse}}", 2),
        ("{learning_rate: 0.1}", 2),
        ("{learning_rate: {at_least: 0.1, below: 0.2}}", 2),
        ("{learning_rate: {constant: {rate: [0.1, 0.3]}}}", 2),
        ("{learning_rate: {constant: 0.2}}", 2),
        ("{learning_rate: {constant: {rate: {at_most: 0.2}}}}", 0),
        ("{model: {linear: {bias: true}}}", 0),  # a default that no spec says
        ("{model: {linear: {bias: false}}}", 4),
        ("{convergence: max_iterations}", 0),
        ("{data: linear_data, cost: mae}", 2),
        ("[{cost: mae, learning_rate: 0.1}, {cost: mse, learning_rate: 0.2}]", 2),
    ],
)
def test_a_condition_asks_by_name_value_or_comparison(tmp_path, condition, left):
    experiment = load(tmp_path, RATES + f"  exclude: {condition}\n")
    assert len(shown(experiment, data=("linear_data",))) == left


def test_a_rule_within_a_tree_is_found(tmp_path):
    base = BASE.replace(
        "{max_iterations: 3}", "[{any: [{ftol: 1e-3}, {max_iterations: 3}]}, {max_iterations: 9}]"
    )
    assert len(shown(load(tmp_path, RATES + "  exclude: {convergence: ftol}\n", base))) == 4
    assert len(shown(load(tmp_path, RATES + "  exclude: {convergence: {max_iterations: 3}}\n", base))) == 4


def test_values_with_when_apply_where_it_holds_and_the_default_elsewhere(tmp_path):
    penalty = "  penalty: {values: [{l1: 1}, {l2: 1}], when: {cost: mse}}\n"
    experiment = load(tmp_path, RATES.replace(", 0.2", "") + penalty)
    assert shown(experiment, "cost", "penalty") == [
        ("mse", "l1(strength=1)"),
        ("mse", "l2(strength=1)"),
        ("mae", "none"),
    ]
    reasons = [c.reason for c in combinations(experiment) if c.reason]
    assert reasons == [
        "penalty l1(strength=1) applies when cost mse",
        "penalty l2(strength=1) applies when cost mse",
    ]


def test_each_block_of_values_has_its_own_condition(tmp_path):
    rates = (
        "  optimizer: [gradient_descent, adam]\n  learning_rate:\n"
        "    - {values: [0.1, 1.0], when: {optimizer: gradient_descent}}\n"
        "    - {values: [0.1, 0.001], when: {optimizer: adam}}\n"
    )
    pairs = shown(load(tmp_path, rates), "optimizer", "learning_rate")[:4]
    assert pairs == [
        ("gradient_descent", "0.1"), ("gradient_descent", "1"), ("adam", "0.1"), ("adam", "0.001"),
    ]  # fmt: skip


def test_where_nothing_applies_and_there_is_no_default_the_axis_is_to_blame(tmp_path):
    rates = "  learning_rate: {values: [0.1], when: {cost: mse}}\n"
    with pytest.raises(
        ConfigError, match=r"combined\.yaml:7:18: no value of 'learning_rate' applies where cost is mae"
    ):
        make_plan(load(tmp_path, rates))


def test_what_is_included_is_added_and_nothing_excludes_it(tmp_path):
    grid = (
        RATES + "  exclude: {cost: mae}\n  include: {cost: mae, optimizer: [adam, lion], learning_rate: 0.5}\n"
    )
    added = [("mae", "adam", "0.5"), ("mae", "lion", "0.5")]
    assert shown(load(tmp_path, grid), "cost", "optimizer", "learning_rate")[2:] == added


def test_an_included_combination_takes_the_other_axes_from_the_grid(tmp_path):
    grid = RATES + "  include: {optimizer: adam}\n"
    added = shown(load(tmp_path, grid), "cost", "learning_rate", "optimizer")[4:]
    assert added == [(cost, rate, "adam") for cost in ("mse", "mae") for rate in ("0.1", "0.2")]


def test_the_plan_tells_what_it_leaves_out(tmp_path):
    plan = make_plan(load(tmp_path, RATES + "  exclude: {cost: mae}\n"))
    assert len(plan.runs) == 2
    assert [str(left) for left in plan.skipped] == [
        "mae · η=0.1: excluded: cost mae", "mae · η=0.2: excluded: cost mae",
    ]  # fmt: skip


def test_a_grid_of_which_everything_is_excluded_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r":8:3: nothing is left to run"):
        make_plan(load(tmp_path, RATES + "  exclude: {cost: [mse, mae]}\n"))


def test_a_condition_that_never_holds_is_told(tmp_path):
    plan = make_plan(load(tmp_path, RATES + "  exclude: {cost: huber}\n"))
    [doubt] = plan.doubts
    assert doubt.endswith("combined.yaml:8:19: no value of 'cost' is huber, so this condition never holds.")


def test_a_grid_without_conditions_asks_for_all_of_its_product(tmp_path):
    assert shown(load(tmp_path, RATES), "cost", "learning_rate") == [
        ("mse", "0.1"), ("mse", "0.2"), ("mae", "0.1"), ("mae", "0.2"),
    ]  # fmt: skip
