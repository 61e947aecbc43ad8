"""The grid unrolled."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from gdbench.config.experiment import load_experiment
from gdbench.config.wording import label
from gdbench.planning.combinations import combinations as all_of

CONFIGS = Path(__file__).parents[2] / "configs"


def expand(experiment):
    """The combinations that are run."""
    return (found.choices for found in all_of(experiment) if not found.reason)


def test_the_last_axis_varies_fastest() -> None:
    combinations = expand(load_experiment(CONFIGS / "lr_sweep.yaml"))
    seen = [(label(c["learning_rate"].to_plain()), c["initialization"].name) for c in combinations]
    rates = ["0.001", "0.01", "0.1", "0.2", "0.25", "0.5"]
    assert seen == [(rate, start) for rate in rates for start in ("zeros", "normal")]


def test_every_combination_names_every_axis() -> None:
    experiment = load_experiment(CONFIGS / "lr_sweep.yaml")
    assert all(list(combination) == list(experiment.grid) for combination in expand(experiment))


def test_quickstart_asks_for_eight_runs() -> None:
    experiment = load_experiment(CONFIGS / "quickstart.yaml")
    assert len(list(expand(experiment))) * experiment.repeats == 8


def test_a_large_grid_is_unrolled_one_combination_at_a_time() -> None:
    rates = [0.001 * (i + 1) for i in range(900)]
    overrides = [f"grid.learning_rate={rates}", f"grid.initialization={{normal: {{std: {rates}}}}}"]
    combinations = expand(load_experiment(CONFIGS / "quickstart.yaml", overrides))
    assert [c["initialization"].parameters["std"] for c in islice(combinations, 3)] == rates[:3]
