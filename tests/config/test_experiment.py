"""A config that is right, and what becomes of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from gdbench.config.experiment import Experiment, load_experiment
from gdbench.config.wording import label
from gdbench.config.yaml.mistakes import ConfigError

CONFIGS = Path(__file__).parents[2] / "configs"

SMALL = """\
name: small
data: {dataset: diabetes}
grid:
  model: linear
  cost: mse
  learning_rate: 0.1
  convergence: {max_iterations: 100}
"""


def load(tmp_path: Path, text: str = SMALL, *overrides: str) -> Experiment:
    path = tmp_path / "small.yaml"
    path.write_text(text)
    return load_experiment(path, overrides)


def axis(tmp_path: Path, name: str, value: str) -> list[Any]:
    experiment = load(tmp_path, SMALL, f"grid.{name}={value}")
    return [choice.to_plain() for choice in experiment.grid[name]]


def test_the_learning_rate_sweep_is_read_as_it_is_written() -> None:
    experiment = load_experiment(CONFIGS / "lr_sweep.yaml")
    rates = [0.001, 0.01, 0.1, 0.2, 0.25, 0.5]
    assert {name: [choice.to_plain() for choice in choices] for name, choices in experiment.grid.items()} == {
        "model": [{"linear": {}}],
        "cost": [{"mse": {}}],
        "penalty": [{"none": {}}],
        "gradient": [{"analytic": {}}],
        "optimizer": [
            {"gradient_descent": {"momentum": 0.0, "dampening": 0.0, "nesterov": False, "weight_decay": 0.0}}
        ],
        "learning_rate": [{"constant": {"rate": rate}} for rate in rates],
        "initialization": [{"zeros": {}}, {"normal": {"mean": 0.0, "std": 1.0}}],
        "batch_size": [{"full": {}}],
        "clipping": [{"none": {}}],
        "convergence": [
            {"any": [{"cost_change": {"tolerance": 1e-9, "patience": 1}}, {"max_iterations": {"limit": 5000}}]}
        ],
        "kernel": [{"auto": {}}],
    }
    assert [source.to_plain() for source in experiment.sources] == [
        {"dataset": "diabetes", "standardize": True}
    ]
    assert (experiment.repeats, experiment.seed) == (3, 0)
    assert (experiment.targets, experiment.divergence) == ((1e-2, 1e-4, 1e-6), 1e6)
    assert experiment.text == (CONFIGS / "lr_sweep.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_example_is_named_as_its_file_and_opens_with_its_question(path: Path) -> None:
    assert load_experiment(path).name == path.stem
    opening = path.read_text(encoding="utf-8").split("\n\n")[0].splitlines()[0]
    assert opening.startswith("# ")
    assert opening.endswith("?")


def test_axes_stand_in_canonical_order_whatever_the_config_does(tmp_path: Path) -> None:
    lines = SMALL.splitlines(keepends=True)
    reordered = "".join(lines[:3] + lines[:2:-1])
    assert list(load(tmp_path, reordered).grid) == [
        "model", "cost", "penalty", "gradient", "optimizer", "learning_rate", "initialization", "batch_size",
        "clipping", "convergence", "kernel",
    ]  # fmt: skip


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    experiment = load(tmp_path)
    assert (experiment.description, experiment.repeats, experiment.seed) == ("", 1, 0)
    assert (experiment.targets, experiment.divergence) == ((), 1e6)
    unsaid = ("gradient", "optimizer", "initialization", "kernel")
    defaults = [label(experiment.grid[axis][0].to_plain()) for axis in unsaid]
    assert defaults == ["analytic", "gradient_descent", "zeros", "auto"]


@pytest.mark.parametrize(
    "value",
    [
        "normal",
        "{normal: {}}",
        "{normal: }",
        "{normal: 0}",
        "{normal: {std: 1}}",
        "{normal: {mean: 0.0, std: 1.0}}",
    ],
)
def test_all_ways_to_write_a_choice_mean_the_same(tmp_path: Path, value: str) -> None:
    assert axis(tmp_path, "initialization", value) == [{"normal": {"mean": 0.0, "std": 1.0}}]


def test_a_choice_written_twice_is_taken_once_in_the_order_of_the_first(tmp_path: Path) -> None:
    values = axis(tmp_path, "initialization", "[normal, zeros, {normal: {std: 1}}, zeros]")
    assert values == [{"normal": {"mean": 0.0, "std": 1.0}}, {"zeros": {}}]


def test_equal_choices_are_equal_wherever_they_stand(tmp_path: Path) -> None:
    first, second = load(tmp_path), load(tmp_path, SMALL, "grid.learning_rate={constant: {rate: 1e-1}}")
    assert first.grid["learning_rate"] == second.grid["learning_rate"]
    assert len({*first.grid["learning_rate"], *second.grid["learning_rate"]}) == 1


def test_a_choice_cannot_be_changed(tmp_path: Path) -> None:
    [choice] = load(tmp_path).grid["cost"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        choice.name = "other"  # type: ignore[misc]


def test_a_list_among_parameters_is_an_axis_of_its_own(tmp_path: Path) -> None:
    values = axis(tmp_path, "initialization", "{uniform: {low: [-1, -2], high: [1, 2]}}")
    assert [(v["uniform"]["low"], v["uniform"]["high"]) for v in values] == [(-1, 1), (-1, 2), (-2, 1), (-2, 2)]


def test_a_list_for_the_first_parameter_is_an_axis_too(tmp_path: Path) -> None:
    assert axis(tmp_path, "learning_rate", "{constant: [0.1, 0.2]}") == axis(
        tmp_path, "learning_rate", "[0.1, 0.2]"
    )


def test_a_list_inside_a_tree_of_rules_makes_a_tree_for_each_value(tmp_path: Path) -> None:
    values = axis(tmp_path, "convergence", "{any: [{cost_change: [1e-3, 1e-6]}, {max_iterations: 9}]}")
    assert [value["any"][0]["cost_change"]["tolerance"] for value in values] == [1e-3, 1e-6]


@pytest.mark.parametrize(
    "rule",
    [
        "{any: [{cost_change: 1}, {max_iterations: 9}]}",
        "{all: [{max_iterations: 5}, {any: [{cost_change: 1}, {max_iterations: 9}]}]}",
        "{any: [{all: [{cost_change: 1}, {max_iterations: 5}]}, {max_iterations: 9}]}",
    ],
)
def test_a_tree_of_rules_that_bounds_every_run_is_kept_as_it_is(tmp_path: Path, rule: str) -> None:
    [tree] = axis(tmp_path, "convergence", rule)
    [word] = tree
    assert rule.startswith(f"{{{word}: [")
    assert len(tree[word]) == 2


def test_targets_are_kept_from_the_loosest_to_the_tightest(tmp_path: Path) -> None:
    assert load(tmp_path, SMALL + "targets: [1e-4, 0.5, 1e-2, 0.5]\n").targets == (0.5, 1e-2, 1e-4)


def test_one_target_needs_no_list(tmp_path: Path) -> None:
    assert load(tmp_path, SMALL + "targets: 0.5\n").targets == (0.5,)


def test_a_seed_of_many_digits_is_kept_exactly(tmp_path: Path) -> None:
    assert load(tmp_path, SMALL + "seed: 9007199254740993\n").seed == 9007199254740993


def test_data_may_be_an_axis(tmp_path: Path) -> None:
    experiment = load(
        tmp_path, SMALL, "data=[{dataset: iris}, {dataset: wine, standardize: true}, {dataset: iris}]"
    )
    assert [source.dataset for source in experiment.sources] == ["iris", "wine"]


def test_a_file_is_sought_beside_the_config(tmp_path: Path) -> None:
    [source] = load(tmp_path, SMALL, "data={file: sub/a.csv, target: y, features: x}").sources
    assert source.file == tmp_path / "sub" / "a.csv"
    assert source.to_plain() == {"file": "sub/a.csv", "target": "y", "features": ["x"]}


def test_a_generator_takes_its_parameters_and_nested_axes(tmp_path: Path) -> None:
    experiment = load(tmp_path, SMALL, "data={synthetic: {linear_data: {rows: 10, seed: [1, 2]}}}")
    generators = [source.synthetic for source in experiment.sources]
    assert [(g.parameters["rows"], g.parameters["seed"]) for g in generators if g] == [(10, 1), (10, 2)]


def test_classes_are_labels_as_text_or_whole_numbers(tmp_path: Path) -> None:
    [source] = load(tmp_path, SMALL, "data={dataset: digits, classes: [3, eight]}").sources
    assert source.classes == (3, "eight")


def test_a_later_error_points_into_the_config(tmp_path: Path) -> None:
    experiment = load(tmp_path, SMALL.replace("cost: mse", "cost: [mse, logistic]"))
    error = experiment.error(("grid", "cost", 1), "no.")
    assert str(error) == f"{tmp_path / 'small.yaml'}:5:15: no."
    assert experiment.error(experiment.grid["cost"][1].path, "no.").mistakes == error.mistakes


def test_a_later_error_about_nested_axes_points_at_what_they_were_written_as(tmp_path: Path) -> None:
    experiment = load(tmp_path, SMALL, "grid.initialization=[zeros, {normal: {std: [1, 2]}}]")
    third = experiment.grid["initialization"][2]
    assert str(experiment.error(third.path, "no.")).startswith("--set:1:29: no.")


def test_an_override_replaces_what_the_file_says(tmp_path: Path) -> None:
    experiment = load(tmp_path, SMALL, "grid.learning_rate=[0.5, 0.25]", "repeats=2", "repeats=4")
    assert [choice.parameters["rate"] for choice in experiment.grid["learning_rate"]] == [0.5, 0.25]
    assert experiment.repeats == 4
    assert experiment.text == SMALL


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("grid.cost=meen", "--set:1:11: no cost is called 'meen'"),
        ("grid.cost", "--set:1:1: 'grid.cost' is no setting. Write it as grid.learning_rate='[0.1, 0.2]'."),
        ("grid..cost=mse", "--set:1:1: 'grid..cost=mse' is no setting."),
        ("name.first=a", "--set:1:1: 'first' would be a key of something that is not a mapping."),
        ("repeats=[1", "--set:1:9: this is not YAML: this list lacks"),
        ("repeats=", "--set:1:9: 'repeats' must be a whole number"),
        (
            "data.standardise=true",
            "--set:1:1: no key is called 'standardise' in data. Did you mean standardize?",
        ),
    ],
)
def test_a_wrong_override_is_placed_in_its_own_text(tmp_path: Path, override: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, SMALL, override)
    assert str(caught.value).startswith(words)


def test_a_byte_order_mark_does_not_shift_the_places(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("name: small", "nmae: small").encode())
    with pytest.raises(ConfigError, match=r"bom\.yaml:1:1: no key is called 'nmae'"):
        load_experiment(path)
