"""How `any` and `all` combine rules, and how a config writes them."""

import pytest

from gdbench.descent.errors import BadParameter, UnknownName
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.stopping import (
    STOPPING_RULES,
    all_of,
    any_of,
    build_rule,
    cost_change,
    gradient_norm,
    max_iterations,
    relative_cost_change,
)
from gdbench.descent.stopping.limits import most_iterations
from tests.descent.paths import descent, fired, first, settling

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


@pytest.mark.parametrize(
    ("rule", "bound"),
    [
        ({"max_iterations": {"limit": 7}}, 7),
        ({"any": [{"ftol": {}}, {"max_iterations": {"limit": 9}}, {"max_iterations": {"limit": 5}}]}, 5),
        ({"any": [{"cost_change": {"tolerance": 1e-9}}, {"max_iterations": {"limit": 7}}]}, 7),
        ({"all": [{"max_iterations": {"limit": 9}}, {"max_iterations": {"limit": 5}}]}, 9),
        ({"all": [{"max_iterations": {"limit": 100}}, {"max_seconds": {"limit": 5}}]}, None),
        (
            {
                "any": [
                    {"all": [{"max_iterations": {"limit": 1}}, {"ftol": {}}]},
                    {"max_iterations": {"limit": 8}},
                ]
            },
            8,
        ),
        ({"max_seconds": {"limit": 5}}, None),
        ({"max_evaluations": {"limit": 9}}, 5),
        ({"any": [{"max_evaluations": {"limit": 100}}, {"max_iterations": {"limit": 60}}]}, 50),
        ({"cost_change": {"tolerance": 1e-9}}, None),
    ],
)
def test_the_most_iterations_that_a_tree_of_rules_allows(rule, bound) -> None:
    assert most_iterations(rule) == bound
