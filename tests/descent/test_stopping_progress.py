"""Stopping when little is left to gain: no_improvement, ftol, and Aitken's estimate of the gap."""

import pytest

from gdbench.descent.iterate import Landscape
from gdbench.descent.stopping import (
    aitken_gap,
    cost_change,
    ftol,
    gradient_norm,
    no_improvement,
    parameter_change,
    target,
)
from tests.descent.paths import descent, fired, first, settling


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
