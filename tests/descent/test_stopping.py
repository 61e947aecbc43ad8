"""Stopping: each rule at its boundary, memory of one run only, and how `any` and `all` combine."""

import math
from collections.abc import Iterable

import pytest

from gdbench.descent.errors import BadParameter, UnknownName
from gdbench.descent.iterate import Iterate
from gdbench.descent.stopping import (
    STOPPING_RULES,
    Rule,
    Verdict,
    all_of,
    any_of,
    build_rule,
    cost_change,
    gradient_norm,
    max_iterations,
    relative_cost_change,
)


def settling(costs: Iterable[float], norms: Iterable[float] | None = None) -> list[Iterate]:
    """Iterates with these costs, each step so short that the slope along it promises nothing more."""
    costs = list(costs)
    norms = list(norms) if norms else [1.0] * len(costs)
    return [
        Iterate(k, [0.0], cost, [0.0], norm) for k, (cost, norm) in enumerate(zip(costs, norms, strict=True))
    ]


def descent(curvature: float, rate: float, start: float, steps: int) -> list[Iterate]:
    """Gradient descent on f = ½ λ w²."""
    iterates, w = [], start
    for k in range(steps):
        g = curvature * w
        iterates.append(Iterate(k, [w], 0.5 * curvature * w * w, [g], abs(g)))
        w -= rate * g
    return iterates


def first(rule: Rule, iterates: Iterable[Iterate]) -> tuple[int, Verdict] | None:
    """The iteration at which a rule first fires, and its verdict."""
    watcher = rule.watch()
    for now in iterates:
        verdict = watcher(now)
        if verdict:
            return now.k, verdict
    return None


def fired(rule: Rule, iterates: Iterable[Iterate]) -> tuple[int, str, str] | None:
    found = first(rule, iterates)
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
    one, other = cost_change(0.1).watch(), cost_change(0.1).watch()
    falling, flat = settling([9.0, 7.0, 5.0]), settling([9.0, 9.0, 9.0])
    assert [bool(one(a)) or bool(other(b)) for a, b in zip(falling, flat, strict=True)] == [False, True, True]


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
    ],
)
def test_a_limit_or_tolerance_outside_its_domain_is_refused(name: str, given: dict, expected: str) -> None:
    with pytest.raises(BadParameter) as caught:
        STOPPING_RULES[name].resolve(given)
    assert str(caught.value).endswith(expected)
