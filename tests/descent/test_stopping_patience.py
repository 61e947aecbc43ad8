"""Patience: a rule must hold several iterates in a row, and never holds at one that is not finite."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.iterate import Iterate
from gdbench.descent.stopping import (
    STOPPING_RULES,
    build_rule,
    gradient_norm,
)
from tests.descent.paths import UNKNOWN, first, settling

#: One of each rule with patience, all of which hold at every iterate of a flat path from iterate 0, 1 or 2 on.
PATIENT = {
    "gradient_norm": {"tolerance": 1.0},
    "cost_change": {"tolerance": 0.0},
    "relative_cost_change": {"tolerance": 0.0},
    "ftol": {"tolerance": 0.0},
    "parameter_change": {"tolerance": 1e-9},
    "target": {"cost": 5.0},
    "aitken_gap": {"tolerance": 0.0},
}
#: Rules that say themselves how long they wait, or that patience would only put off.
OTHERS = {
    "max_iterations": {"limit": 3},
    "max_evaluations": {"limit": 9},
    "max_seconds": {"limit": 60.0},
    "no_improvement": {"patience": 4},
    "test_cost": {"patience": 4},
}


def test_every_rule_but_the_limits_has_patience() -> None:
    patient = {e.name for e in STOPPING_RULES if "patience" in [p.name for p in e.parameters]}
    assert patient == {*PATIENT, "no_improvement", "test_cost"}
    assert {entry.name for entry in STOPPING_RULES} == {*PATIENT, *OTHERS}


@pytest.mark.parametrize("name", PATIENT)
@given(patience=st.integers(1, 12), cost=st.floats(-1e6, 5.0))
@settings(max_examples=25, deadline=None)
def test_patience_n_fires_n_minus_1_iterates_later_on_a_flat_path(name, patience, cost) -> None:
    path = settling([cost] * 20)
    at_once = first(build_rule({name: PATIENT[name]}), path) or pytest.fail("never fired")
    later = first(build_rule({name: {**PATIENT[name], "patience": patience}}), path) or pytest.fail("never")
    assert later[0] == at_once[0] + patience - 1
    assert later[1][:2] == at_once[1][:2]
    assert later[1].reason.startswith(at_once[1].reason)
    assert later[1].reason.endswith("in a row") is (patience > 1)


@given(held=st.lists(st.booleans(), max_size=40), patience=st.integers(1, 5))
@settings(deadline=None)
def test_patience_begins_anew_whenever_the_rule_does_not_hold(held: list[bool], patience: int) -> None:
    path = settling([1.0] * len(held), [0.5 if holds else 2.0 for holds in held])
    expected = next((k for k in range(patience - 1, len(held)) if all(held[k - patience + 1 : k + 1])), None)
    found = first(gradient_norm(1.0, patience=patience), path)
    assert (found and found[0]) == expected


def test_a_nan_among_the_iterates_ends_the_row() -> None:
    rule, nan = gradient_norm(1.0, patience=2), math.nan
    path = settling([1, nan, 1, 1], [0.5, 0.5, 0.5, 0.5])
    assert (first(rule, path) or pytest.fail("never fired"))[0] == 3


LOOSE = {
    **PATIENT,
    "no_improvement": {"patience": 1},
    "gradient_norm": {"tolerance": 1e300, "norm": "inf", "relative": True},
    "ftol": {"tolerance": 1e300},
    "cost_change": {"tolerance": 1e300},
    "parameter_change": {"tolerance": 1e300, "relative": True},
}


@pytest.mark.parametrize("name", LOOSE)
@given(st.lists(st.tuples(*[st.sampled_from([0.0, 1.0, -1.0, math.inf, -math.inf, math.nan])] * 3), max_size=8))
@settings(max_examples=100, deadline=None)
def test_no_rule_but_a_limit_ever_fires_at_an_iterate_that_is_not_finite(name, points) -> None:
    watcher = build_rule({name: LOOSE[name]}).watch(UNKNOWN)
    for k, (w, cost, slope) in enumerate(points):
        now = Iterate(k, [w], cost, [slope], abs(slope))
        verdict = watcher(now)
        assert verdict is None or now.finite


@pytest.mark.parametrize(
    "choice",
    [
        {"cost_change": {"tolerance": 0.5}},
        {"relative_cost_change": {"tolerance": 0.1}},
        {"ftol": {"tolerance": 0.1}},
        {"aitken_gap": {"tolerance": 100.0}},
        {"parameter_change": {"tolerance": 0.5, "relative": True}},
        {"gradient_norm": {"tolerance": 0.1, "relative": True}},
    ],
    ids=lambda choice: next(iter(choice)),
)
def test_a_fall_from_infinity_is_not_small(choice: dict) -> None:
    path = [Iterate(k, [w], w, [0.0], w) for k, w in enumerate([math.inf, 9.0, 4.0])]
    assert first(build_rule(choice), path) is None
