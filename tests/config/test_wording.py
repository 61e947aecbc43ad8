"""Names that a person reads, from stored specs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.config.experiment import load_experiment
from gdbench.config.wording import ShownLabels, label, run_label
from gdbench.planning.matching import is_so

SPEC: dict[str, Any] = {
    "data": "diabetes · standardized",
    "model": {"linear": {}},
    "cost": {"mse": {}},
    "learning_rate": {"constant": {"rate": 0.1}},
    "initialization": {"normal": {"mean": 0.0, "std": 1.0}},
    "replicate": 0,
    "kernel": {"compiled": {}},
}


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        ({"constant": {"rate": 0.1}}, "0.1"),
        ({"constant": {"rate": 1.0}}, "1"),
        ({"constant": {"rate": 1e-9}}, "1e-09"),
        ({"constant": {"value": 0.5}}, "constant(0.5)"),
        ({"constant": {"value": 0.0}}, "constant(0)"),
        ({"zeros": {}}, "zeros"),
        ({"normal": {"mean": 0.0, "std": 1.0}}, "normal(std=1)"),
        ({"normal": {"mean": 2.0, "std": 0.5}}, "normal(mean=2, std=0.5)"),
        ({"normal": {"mean": 0.0, "std": 0.0}}, "normal(mean=0, std=0)"),
        ({"uniform": {"low": -1.0, "high": 1.0}}, "uniform(low=-1, high=1)"),
        ({"forward": {"step": None}}, "forward"),
        ({"forward": {"step": 1e-6}}, "forward(1e-06)"),
        ({"max_iterations": {"limit": 5000}}, "5000 iterations"),
        ({"gradient_norm": {"tolerance": 1e-9}}, "gradient_norm ≤ 1e-09"),
        (
            {"any": [{"cost_change": {"tolerance": 1e-9}}, {"max_iterations": {"limit": 5000}}]},
            "cost_change ≤ 1e-09 or 5000 iterations",
        ),
        (
            {
                "any": [
                    {"all": [{"cost_change": {"tolerance": 0.5}}, {"max_iterations": {"limit": 9}}]},
                    {"max_iterations": {"limit": 50}},
                ]
            },
            "(cost_change ≤ 0.5 and 9 iterations) or 50 iterations",
        ),
        ("compiled", "compiled"),
        (7, "7"),
        ({"dataset": "iris", "standardize": True}, "dataset=iris, standardize=true"),
        ({"dataset": "iris"}, "dataset=iris"),
    ],
)
def test_a_choice_is_named_as_a_person_would(choice: Any, name: str) -> None:
    assert label(choice) == name


def test_a_run_is_named_by_what_varies() -> None:
    assert run_label(SPEC, ["learning_rate", "initialization"]) == "η=0.1 · normal(std=1)"


def test_a_run_is_named_by_its_main_choices_where_nothing_varies() -> None:
    assert run_label(SPEC, []) == "linear · mse · η=0.1"


def test_a_replicate_is_numbered_as_in_its_spec() -> None:
    assert run_label({**SPEC, "replicate": 2}, ["learning_rate"]) == "η=0.1 #2"
    assert run_label(SPEC, ["learning_rate", "replicate"]) == "η=0.1 #0"


def test_an_axis_that_a_stored_spec_does_not_know_is_passed_over() -> None:
    assert run_label(SPEC, ["momentum", "data"]) == "diabetes · standardized"


@given(st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)))
def test_different_rates_have_different_names(rates: tuple[float, float]) -> None:
    first, second = (label({"constant": {"rate": rate}}) for rate in rates)
    assert (first == second) == (repr(rates[0]) == repr(rates[1]))


_NUMBERS = st.floats(allow_nan=False, min_value=0)


@given(_NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS)
def test_different_parameters_have_different_names(a: float, b: float, c: float, d: float) -> None:
    first, second = {"normal": {"mean": a, "std": b}}, {"normal": {"mean": c, "std": d}}
    assert (label(first) == label(second)) == (first == second)


def test_the_names_of_all_choices_on_an_axis_differ(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text(
        "name: many\ndata: {dataset: iris}\ngrid:\n  model: linear\n  cost: mse\n  learning_rate: [1, 2]\n"
        "  gradient: [analytic, forward, {central: [null, 1e-3, 1e-4]}]\n"
        "  initialization: [zeros, {constant: [0, 1]}, {normal: {mean: [0, 1], std: [0, 1]}}, uniform]\n"
        "  convergence: {any: [{cost_change: [0, 1e-9]}, {max_iterations: [1, 10]}]}\n"
    )
    for choices in load_experiment(path).grid.values():
        assert len({label(choice.to_plain()) for choice in choices}) == len(choices)


def test_a_bias_that_is_left_out_is_told_and_one_that_a_penalty_leaves_alone_is_not():
    assert label({"linear": {"bias": False}}) == "linear(bias=false)"
    assert label({"polynomial": {"degree": 2, "bias": False}}) == "polynomial(degree=2, bias=false)"
    assert label({"l2": {"strength": 0.3, "bias": False}}) == "l2(strength=0.3)"


def test_numbers_are_shown_to_twelve_digits_unless_two_would_then_be_called_alike() -> None:
    long = [{"constant": {"rate": rate}} for rate in (0.1 + 0.2, 10**-2.5, 0.25)]
    said = ShownLabels(long)
    assert [said(choice) for choice in long] == ["0.3", "0.00316227766017", "0.25"]
    neighbours = [{"normal": {"mean": 0.0, "std": std}} for std in (0.1 + 0.2, 0.3)]
    said = ShownLabels(neighbours)
    assert [said(choice) for choice in neighbours] == ["normal(std=0.30000000000000004)", "normal(std=0.3)"]


def test_what_is_shown_of_a_number_finds_its_runs() -> None:
    spec = {**SPEC, "learning_rate": {"constant": {"rate": 0.1 + 0.2}}}
    run = SimpleNamespace(spec=spec)
    assert all(is_so(run, "learning_rate", value) for value in ("0.3", "0.30000000000000004"))
    assert not is_so(run, "learning_rate", "0.31")
