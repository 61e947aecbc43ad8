"""Stopping: each rule at its boundary, and memory of one run only."""

import math

import pytest

from gdbench.descent.errors import BadPairing, BadParameter
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.problems.problem_constants import ProblemConstants, yardstick
from gdbench.descent.stopping import (
    STOPPING_RULES,
    Rule,
    all_of,
    any_of,
    build_rule,
    cost_change,
    gradient_norm,
    limits,
    max_iterations,
    max_seconds,
    parameter_change,
    relative_cost_change,
    target,
)
from tests.descent.paths import UNKNOWN, descent, fired, first, settling, steep

# --- one rule


def test_max_iterations_stops_after_exactly_that_many_updates_and_is_not_convergence() -> None:
    k, verdict = first(max_iterations(3), settling([9, 8, 7, 6, 5])) or pytest.fail("never fired")
    assert (k, verdict.outcome, verdict.converged) == (3, "stopped", False)
    assert verdict.reason == "reached the limit of 3 iterations"


def test_gradient_norm_fires_at_its_tolerance_even_at_the_start() -> None:
    assert fired(gradient_norm(0.5), settling([1, 1, 1], [2, 0.5, 0.1])) == (1, "gradient_norm", "converged")
    assert fired(gradient_norm(0.5), settling([1], [0.25])) == (0, "gradient_norm", "converged")
    assert fired(gradient_norm(0.5), settling([1, 1], [2, math.nextafter(0.5, 1)])) is None


def test_cost_change_needs_two_iterates_and_counts_rises_too() -> None:
    assert fired(cost_change(0.5), settling([4.0])) is None
    assert fired(cost_change(0.5), settling([4.0, 3.0, 2.5])) == (2, "cost_change", "converged")
    assert fired(cost_change(0.5), settling([4.0, 3.0, 3.75])) is None
    assert fired(cost_change(0.5), settling([4.0, 3.0, 3.5])) == (2, "cost_change", "converged")


def test_relative_cost_change_is_measured_against_the_cost_before() -> None:
    rule = relative_cost_change(0.25)
    assert fired(rule, settling([8.0, 4.0, 3.0])) == (2, "relative_cost_change", "converged")
    assert fired(rule, settling([4.0, 2.9])) is None  # 27.5 % of 4
    assert fired(rule, settling([4.0, 5.25])) is None  # 31 % of 4, though 24 % of 5.25
    assert fired(rule, settling([-4.0, -5.0])) == (1, "relative_cost_change", "converged")


def test_relative_cost_change_knows_no_unit() -> None:
    costs = [7.0, 3.0, 2.0, 1.5, 1.4, 1.39]
    expected = fired(relative_cost_change(0.1), settling(costs))
    assert expected is not None
    for unit in (2.0**-60, 2.0**60):
        assert fired(relative_cost_change(0.1), settling(c * unit for c in costs)) == expected


def test_tolerance_0_waits_for_a_cost_that_does_not_change_at_all() -> None:
    almost = [1.0, math.nextafter(1.0, 0), math.nextafter(1.0, 0)]
    for rule in (cost_change(0.0), relative_cost_change(0.0)):
        assert (first(rule, settling(almost)) or pytest.fail("never fired"))[0] == 2


@pytest.mark.parametrize("rule", [cost_change(1e-3), relative_cost_change(1e-3), gradient_norm(1e-3)])
def test_a_cost_that_is_no_number_is_never_convergence(rule: Rule) -> None:
    nan = float("nan")
    assert fired(rule, settling([5.0, nan, nan, nan], [1.0, nan, nan, nan])) is None


def test_on_a_quadratic_the_rules_fire_where_the_closed_form_says() -> None:
    # w_k = r^k, f_k = ½ r^(2k), |f_k − f_{k−1}| = ½ r^(2k−2) (1 − r²), with r = 1 − η λ
    r, tolerance = 0.8, 1e-8
    path = descent(curvature=1.0, rate=1 - r, start=1.0, steps=200)
    by_change = next(k for k in range(1, 200) if 0.5 * r ** (2 * k - 2) * (1 - r * r) <= tolerance)
    by_norm = next(k for k in range(200) if r**k <= tolerance)
    assert fired(cost_change(tolerance), path) == (by_change, "cost_change", "converged")
    assert fired(gradient_norm(tolerance), path) == (by_norm, "gradient_norm", "converged")
    assert by_change < by_norm


def test_a_cost_that_stands_still_because_each_step_overshoots_is_stalled() -> None:
    # η = 2/λ: w flips its sign for ever, at the same height on both sides of the valley
    path = descent(curvature=4.0, rate=0.5, start=3.0, steps=10)
    assert fired(cost_change(1e-9), path) == (1, "cost_change", "stalled")
    assert fired(relative_cost_change(1e-9), path) == (1, "relative_cost_change", "stalled")


def test_a_rule_remembers_nothing_from_one_run_to_the_next() -> None:
    rule = any_of([cost_change(0.1), all_of([relative_cost_change(0.1), gradient_norm(1.0)])])
    assert first(rule, settling([5.0, 5.0])) is not None
    assert first(rule, settling([5.0])) is None


def test_runs_that_are_watched_at_once_do_not_disturb_one_another() -> None:
    one, other = cost_change(0.1).watch(UNKNOWN), cost_change(0.1).watch(UNKNOWN)
    falling, flat = settling([9.0, 7.0, 5.0]), settling([9.0, 9.0, 9.0])
    assert [bool(one(a)) or bool(other(b)) for a, b in zip(falling, flat, strict=True)] == [False, True, True]


# --- a gradient's other measures


def test_the_norm_inf_of_a_gradient_is_its_largest_slope() -> None:
    path = steep([[3.0, -4.0], [1.0, -1.5], [1.0, -1.0]])
    k, verdict = first(gradient_norm(1.0, "inf"), path) or pytest.fail("never fired")
    assert (k, verdict.reason) == (2, "largest slope 1 ≤ 1")
    assert fired(gradient_norm(1.0), path) is None


def test_a_relative_gradient_norm_is_a_fraction_of_that_at_the_start() -> None:
    path = steep([[3.0, -4.0], [2.0, 2.0], [0.0, 2.5]])  # norms 5, 2.83, 2.5
    assert fired(gradient_norm(0.5, relative=True), path) == (2, "gradient_norm", "converged")
    assert fired(gradient_norm(0.5, "inf", relative=True), path) == (1, "gradient_norm", "converged")


def test_a_start_without_slope_satisfies_any_relative_gradient_norm() -> None:
    assert fired(gradient_norm(0.0, relative=True), steep([[0.0]])) == (0, "gradient_norm", "converged")


@pytest.mark.parametrize(("written", "read"), [(2, 2), (2.0, 2), ("inf", "inf"), (math.inf, "inf")])
def test_the_order_of_a_norm_is_2_or_inf_however_yaml_reads_it(written: object, read: object) -> None:
    found = STOPPING_RULES["gradient_norm"].resolve({"tolerance": 1, "norm": written})["norm"]
    assert (found, type(found)) == (read, type(read))


# --- parameters that no longer move


def test_parameter_change_is_the_length_of_the_step() -> None:
    path = [Iterate(k, w, 1.0, [0.0, 0.0], 1.0) for k, w in enumerate([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0]])]
    assert fired(parameter_change(5.0), path) == (1, "parameter_change", "converged")
    assert fired(parameter_change(1.0), path) == (2, "parameter_change", "converged")
    assert fired(parameter_change(0.9), path) is None


def test_a_relative_parameter_change_is_measured_against_the_parameters_before() -> None:
    path = [Iterate(k, w, 1.0, [0.0, 0.0], 1.0) for k, w in enumerate([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0]])]
    assert fired(parameter_change(0.2, relative=True), path) == (2, "parameter_change", "converged")
    assert fired(parameter_change(0.19, relative=True), path) is None


# --- a cost that is low enough


def test_a_target_cost_is_met_at_or_below_it() -> None:
    assert fired(target(cost=3.0), settling([9, 4, 3, 2])) == (2, "target", "converged")
    assert fired(target(cost=-1.0), settling([9, 4, 3, 2])) is None


def test_a_target_gap_is_the_fraction_of_the_way_from_the_baseline_to_the_optimum() -> None:
    landscape = Landscape(lambda w: (0.0, w), optimum=-2.0, baseline=8.0)  # 10 % are left at −1
    path = settling([20.0, 0.0, -0.9, -1.0, -2.0])
    assert fired(target(gap=0.1), path, landscape) == (3, "target", "converged")
    assert fired(target(gap=0.0), path, landscape) == (4, "target", "converged")
    assert first(target(gap=0.1), path, landscape)[1].reason == "gap 1 ≤ 1, a relative gap of 0.1"


@pytest.mark.parametrize("known", [{}, {"optimum": 0.0}, {"baseline": 1.0}])
def test_a_target_gap_without_a_known_optimum_is_refused(known: dict) -> None:
    with pytest.raises(BadPairing, match="cannot measure a gap: no optimum of this problem is known"):
        target(gap=0.1).watch(Landscape(lambda w: (0.0, w), **known))


def test_a_target_says_what_it_needs_to_know_of_the_problem() -> None:
    entry = STOPPING_RULES["target"]
    assert entry.facts["needs"](**entry.resolve({"gap": 0.1})) == ("optimum", "baseline")
    assert entry.facts["needs"](**entry.resolve({"cost": 0.1})) == ()


@pytest.mark.parametrize(("given", "found"), [({}, "neither"), ({"cost": 1.0, "gap": 0.1}, "both")])
def test_a_target_is_either_a_cost_or_a_gap(given: dict, found: str) -> None:
    with pytest.raises(BadParameter, match=f"takes either 'cost' or 'gap', but {found} is given"):
        build_rule({"target": given})


# --- time


def test_max_seconds_counts_from_the_first_iterate(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 100.5, 101.0, 102.0, 103.0])
    monkeypatch.setattr(limits.time, "monotonic", lambda: next(clock))
    k, verdict = first(max_seconds(2.0), settling([9, 8, 7, 6, 5])) or pytest.fail("never fired")
    assert (k, verdict.outcome, verdict.reason) == (3, "stopped", "reached the limit of 2 seconds")


def test_only_limits_are_marked_as_such() -> None:
    marked = [entry.name for entry in STOPPING_RULES if entry.facts.get("limit")]
    assert marked == ["max_iterations", "max_evaluations", "max_seconds"]


def test_a_yardstick_measures_gaps_between_the_optimum_and_the_cost_at_zero_parameters():
    measure = yardstick(2.0, 10.0)
    assert [measure.gap(cost) for cost in (10.0, 4.0, 2.0)] == [1.0, 0.25, 0.0]
    assert [measure.absolute(gap) for gap in (1.0, 0.25, 0.0)] == [8.0, 2.0, 0.0]
    assert [measure.relative(gap) for gap in (8.0, 2.0, 0.0)] == [1.0, 0.25, 0.0]
    assert ProblemConstants(2.0, 10.0).thresholds(["0.25"]) == {"0.25": 2.0}


@pytest.mark.parametrize(("optimum", "baseline"), [(None, 1.0), (1.0, None), (1.0, 1.0), (2.0, 1.0)])
def test_nothing_is_measured_without_an_optimum_below_the_baseline(optimum, baseline):
    assert yardstick(optimum, baseline) is None
    assert ProblemConstants(optimum, baseline).thresholds(["0.1"]) == {}
