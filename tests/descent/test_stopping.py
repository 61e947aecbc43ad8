"""Stopping: each rule at its boundary, memory of one run only, and how `any` and `all` combine."""

import math
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.errors import BadPairing, BadParameter, UnknownName
from gdbench.descent.iterate import Iterate, norm
from gdbench.descent.landscape import Landscape
from gdbench.descent.stopping import (
    STOPPING_RULES,
    Rule,
    Verdict,
    aitken_gap,
    all_of,
    any_of,
    build_rule,
    cost_change,
    ftol,
    gradient_norm,
    limits,
    max_iterations,
    max_seconds,
    no_improvement,
    parameter_change,
    relative_cost_change,
    target,
)


def settling(costs: Iterable[float], norms: Iterable[float] | None = None) -> list[Iterate]:
    """Iterates with these costs, each step so short that the slope along it promises nothing more."""
    costs = list(costs)
    norms = list(norms) if norms else [1.0] * len(costs)
    return [
        Iterate(k, [1e-12 * k], cost, [0.0], norm)
        for k, (cost, norm) in enumerate(zip(costs, norms, strict=True))
    ]


def descent(curvature: float, rate: float, start: float, steps: int) -> list[Iterate]:
    """Gradient descent on f = ½ λ w²."""
    iterates, w = [], start
    for k in range(steps):
        g = curvature * w
        iterates.append(Iterate(k, [w], 0.5 * curvature * w * w, [g], abs(g)))
        w -= rate * g
    return iterates


#: A problem of which nothing is known.
UNKNOWN = Landscape(lambda w: (0.0, w))


def first(
    rule: Rule, iterates: Iterable[Iterate], landscape: Landscape = UNKNOWN
) -> tuple[int, Verdict] | None:
    """The iteration at which a rule first fires, and its verdict."""
    watcher = rule.watch(landscape)
    for now in iterates:
        verdict = watcher(now)
        if verdict:
            return now.k, verdict
    return None


def fired(
    rule: Rule, iterates: Iterable[Iterate], landscape: Landscape = UNKNOWN
) -> tuple[int, str, str] | None:
    found = first(rule, iterates, landscape)
    return found and (found[0], found[1].rule, found[1].outcome)


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


def steep(gradients: Iterable[list[float]]) -> list[Iterate]:
    return [Iterate(k, [0.0], 9.0 - k, g, norm(g)) for k, g in enumerate(gradients)]


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
    assert first(target(gap=0.1), path, landscape)[1].reason == "cost -1 ≤ -1, a relative gap of 0.1"


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


# --- little left to gain


def test_no_improvement_counts_iterations_since_the_best_cost() -> None:
    rule = no_improvement(patience=3)
    assert fired(rule, settling([5, 4, 4, 6, 3, 3, 3, 3])) == (7, "no_improvement", "stopped")
    assert fired(rule, settling([5, 5, 5, 4, 5, 5, 3, 5, 5])) is None


def test_an_improvement_of_min_delta_or_less_does_not_count() -> None:
    costs = [5.0, 4.5, 4.0, 3.75]
    # 5 → 4.5 is no more than 0.5, 5 → 4 is; 4 → 3.75 is not
    assert fired(no_improvement(1, 0.5), settling(costs)) == (1, "no_improvement", "stopped")
    assert fired(no_improvement(2, 0.5), settling(costs)) is None
    k, verdict = first(no_improvement(2, 0.5), settling([*costs, 3.75])) or pytest.fail("never fired")
    assert (k, verdict.reason) == (4, "no cost lower than 4 by more than 0.5 in 2 iterations")


@pytest.mark.parametrize(
    ("costs", "tolerance", "fires"),
    [
        ([1000.0, 999.0], 1e-3, True),  # relative to the larger of the two …
        ([999.0, 1000.0], 1e-3, True),
        ([1000.0, 998.0], 1e-3, False),
        ([0.002, 0.001], 1e-3, True),  # … and absolute below 1
        ([0.1, 0.098], 1e-3, False),
        ([1.0, 5.0], 1e-3, False),  # a rise, which the plain formula would take for convergence
    ],
)
def test_ftol_is_relative_for_large_costs_and_absolute_for_small_ones(costs, tolerance, fires) -> None:
    assert (fired(ftol(tolerance), settling(costs)) is not None) is fires


def test_aitken_knows_the_rest_of_a_geometric_series() -> None:
    # f_k = 3 + 2⁻ᵏ: exact in binary, so the estimate is the gap itself
    path = settling(3.0 + 0.5**k for k in range(20))
    for j in range(2, 15):
        assert fired(aitken_gap(0.5**j), path) == (j, "aitken_gap", "converged")
    assert first(aitken_gap(0.25), path)[1].reason == "estimated gap 0.25 ≤ 0.25"


def test_aitken_makes_no_estimate_of_a_cost_that_rises_or_falls_ever_faster() -> None:
    for costs in ([1.0, 2.0, 2.5, 2.75], [9.0, 8.0, 6.0, 3.0], [9.0, 8.0, 7.0, 6.0], [3.0, 2.0, 2.25]):
        assert fired(aitken_gap(100.0), settling(costs)) is None


def test_aitken_takes_a_cost_that_stays_the_same_for_settled_but_not_one_that_oscillates() -> None:
    assert fired(aitken_gap(0.0), settling([4.0, 4.0, 4.0])) == (2, "aitken_gap", "converged")
    path = descent(curvature=4.0, rate=0.5, start=3.0, steps=10)
    assert fired(aitken_gap(1e-9), path) == (2, "aitken_gap", "stalled")


@pytest.mark.parametrize("rate", [0.001, 0.1, 0.5, 0.9, 1.5, 1.9, 1.99])
def test_on_a_quadratic_every_rule_fires_where_the_closed_form_says(rate: float) -> None:
    # w_k = r^k · w₀ with r = 1 − η: gradient r^k w₀, cost ½ r^2k w₀², step r^(k−1) η w₀
    r, w0, steps = abs(1 - rate), 8.0, 40000
    path = descent(curvature=1.0, rate=rate, start=w0, steps=steps)

    def where(holds) -> int:
        return next(k for k in range(steps) if holds(k))

    f = [0.5 * w0 * w0 * r ** (2 * k) for k in range(steps)]
    landscape = Landscape(lambda w: (0.0, w), optimum=0.0, baseline=2 * f[0])
    limit = 3e-5
    expected = {
        gradient_norm(limit, relative=True): lambda k: r**k <= limit,
        gradient_norm(limit, "inf"): lambda k: w0 * r**k <= limit,
        parameter_change(limit): lambda k: k > 0 and w0 * rate * r ** (k - 1) <= limit,
        ftol(limit): lambda k: k > 0 and f[k - 1] - f[k] <= limit * max(f[k - 1], 1.0),
        target(cost=limit): lambda k: f[k] <= limit,
        target(gap=limit): lambda k: f[k] <= limit * 2 * f[0],
        aitken_gap(limit): lambda k: k > 1 and f[k] <= limit,
        cost_change(limit, patience=3): lambda k: k > 2 and f[k - 3] - f[k - 2] <= limit,
    }
    for rule, holds in expected.items():
        found = first(rule, path, landscape) or pytest.fail("never fired")
        assert found[0] == where(holds), found
        assert found[1].converged


# --- time


def test_max_seconds_counts_from_the_first_iterate(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 100.5, 101.0, 102.0, 103.0])
    monkeypatch.setattr(limits.time, "monotonic", lambda: next(clock))
    k, verdict = first(max_seconds(2.0), settling([9, 8, 7, 6, 5])) or pytest.fail("never fired")
    assert (k, verdict.outcome, verdict.reason) == (3, "stopped", "reached the limit of 2 seconds")


def test_only_limits_are_marked_as_such() -> None:
    marked = [entry.name for entry in STOPPING_RULES if entry.facts.get("limit")]
    assert marked == ["max_iterations", "max_seconds"]


# --- patience

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
OTHERS = {"max_iterations": {"limit": 3}, "max_seconds": {"limit": 60.0}, "no_improvement": {"patience": 4}}


def test_every_rule_but_the_limits_has_patience() -> None:
    patient = {e.name for e in STOPPING_RULES if "patience" in [p.name for p in e.parameters]}
    assert patient == {*PATIENT, "no_improvement"}
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


# --- any


def test_any_stops_at_the_first_rule_that_holds() -> None:
    rule = any_of([max_iterations(4), cost_change(0.5)])
    assert fired(rule, settling([9, 7, 5, 3, 1])) == (4, "max_iterations", "stopped")
    assert fired(rule, settling([9, 7, 6.75, 3, 1])) == (2, "cost_change", "converged")


@pytest.mark.parametrize("order", [1, -1])
def test_convergence_wins_over_a_limit_at_the_same_iterate_in_either_order(order: int) -> None:
    rules = [max_iterations(2), cost_change(0.5)][::order]
    assert fired(any_of(rules), settling([9, 7, 6.75])) == (2, "cost_change", "converged")


@pytest.mark.parametrize("order", [1, -1])
def test_convergence_wins_over_a_limit_inside_a_nested_rule(order: int) -> None:
    nested = all_of([max_iterations(1), gradient_norm(1e-3)])
    rules = [max_iterations(2), nested][::order]
    found = fired(any_of(rules), settling([9, 8, 7], [1, 1, 0]))
    assert found == (2, "max_iterations and gradient_norm", "converged")


def test_of_several_rules_that_mean_convergence_the_first_in_the_config_speaks() -> None:
    rules = [relative_cost_change(0.5), cost_change(5.0)]
    assert fired(any_of(rules), settling([4, 3])) == (1, "relative_cost_change", "converged")
    assert fired(any_of(rules[::-1]), settling([4, 3])) == (1, "cost_change", "converged")


# --- all


def test_all_waits_until_every_rule_holds_at_the_same_iterate() -> None:
    rule = all_of([cost_change(0.5), gradient_norm(0.1)])
    # each holds alone, at 1 and at 2, before both do at 4
    path = settling([9, 9, 7, 5, 5], [1, 1, 0.1, 1, 0.05])
    assert fired(rule, path) == (4, "cost_change and gradient_norm", "converged")


def test_a_limit_within_all_is_a_minimum_of_iterations() -> None:
    rule = all_of([max_iterations(3), cost_change(0.5)])
    k, verdict = first(rule, settling([5, 5, 5, 5])) or pytest.fail("never fired")
    assert (k, verdict.outcome) == (3, "converged")
    assert verdict.reason == "reached the limit of 3 iterations and cost change 0 ≤ 0.5"
    assert fired(rule, settling([9, 8, 7, 6, 5, 4])) is None


def test_all_of_limits_alone_is_not_convergence() -> None:
    found = fired(all_of([max_iterations(2), max_iterations(4)]), settling(range(9, 0, -1)))
    assert found == (4, "max_iterations and max_iterations", "stopped")


def test_oscillation_seen_by_one_member_is_not_convergence_of_all() -> None:
    path = descent(curvature=4.0, rate=0.5, start=3.0, steps=10)
    for fellow in (max_iterations(1), gradient_norm(100.0)):
        k, verdict = first(all_of([fellow, cost_change(1e-9)]), path) or pytest.fail("never fired")
        assert (k, verdict.outcome) == (1, "stalled")


def test_a_member_that_does_not_yet_hold_still_sees_every_iterate() -> None:
    # cost_change must compare iterate 3 with iterate 2, not with the last at which its fellow held
    rule = all_of([max_iterations(3), any_of([cost_change(0.5)])])
    assert fired(rule, settling([9, 7, 5, 4.75])) == (3, "max_iterations and cost_change", "converged")


# --- as a config writes them


def test_a_rule_is_built_from_its_config_form() -> None:
    rule = build_rule(
        {
            "any": [
                {"all": [{"cost_change": {"tolerance": 0.5}}, {"gradient_norm": {"tolerance": 1}}]},
                {"max_iterations": {"limit": 4}},
            ]
        }
    )
    assert fired(rule, settling([9, 9, 9], [2, 2, 1])) == (2, "cost_change and gradient_norm", "converged")
    assert fired(rule, settling([9, 7, 5, 3, 1])) == (4, "max_iterations", "stopped")


def test_an_unknown_rule_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        UnknownName, match=r"no stopping rule is called 'cost_chnage'\. Did you mean cost_change"
    ):
        build_rule({"cost_chnage": {"tolerance": 1.0}})


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("max_iterations", {"limit": 0}, "must be a whole number of 1 or more, not 0."),
        ("max_iterations", {"limit": 2.5}, "must be a whole number of 1 or more, not 2.5."),
        ("cost_change", {"tolerance": -1e-9}, "must be a number of 0 or more, not -1e-09."),
        ("gradient_norm", {"tolerance": "small"}, "must be a number of 0 or more, not 'small'."),
        ("relative_cost_change", {"tolerance": float("nan")}, "must be a number of 0 or more, not nan."),
        ("gradient_norm", {"tolerance": 1, "norm": 1}, "must be 2 or inf, not 1."),
        ("gradient_norm", {"tolerance": 1, "norm": True}, "must be 2 or inf, not true."),
        ("gradient_norm", {"tolerance": 1, "relative": "yes"}, "must be true or false, not 'yes'."),
        ("ftol", {"tolerance": 1, "patience": 0}, "must be a whole number of 1 or more, not 0."),
        ("max_seconds", {"limit": 0}, "must be a number above 0, not 0."),
        ("no_improvement", {}, "needs 'patience': a whole number of 1 or more."),
    ],
)
def test_a_limit_or_tolerance_outside_its_domain_is_refused(name: str, given: dict, expected: str) -> None:
    with pytest.raises(BadParameter) as caught:
        STOPPING_RULES[name].resolve(given)
    assert str(caught.value).endswith(expected)


@pytest.mark.parametrize(
    "rule",
    [
        {"cost_change": {"tolerance": 1e-9}},
        {"relative_cost_change": {"tolerance": 1e-9}},
        {"parameter_change": {"tolerance": 1e-9}},
        {"ftol": {"tolerance": 1e-9}},
    ],
    ids=lambda rule: next(iter(rule)),
)
def test_a_step_of_length_zero_on_a_slope_is_stalled_and_not_converged(rule):
    # a learning rate that has fallen to 0 leaves everything as it is, and says nothing about the minimum
    watcher = build_rule(rule).watch(Landscape(lambda w: (0.0, w)))
    assert watcher(Iterate(0, [2.0], 4.0, [4.0], 4.0)) is None
    assert watcher(Iterate(1, [2.0], 4.0, [4.0], 4.0)).outcome == "stalled"
