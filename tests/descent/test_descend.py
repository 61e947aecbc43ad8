"""The loop against closed forms: on a quadratic, gradient descent contracts by |1 − ηλ| in each direction."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.descend import descend
from gdbench.descent.iterate import Landscape
from gdbench.descent.learning_rates import constant
from gdbench.descent.optimizers import gradient_descent
from gdbench.descent.problems.objective import Objective, with_gaps
from gdbench.descent.recording.recorder import Recorder
from gdbench.descent.stopping import build_rule
from gdbench.descent.stopping.divergence import divergence


def run(cost_and_gradient, start, rate, convergence, growth=1e6, thresholds=None):
    recorder = Recorder(thresholds or {})
    landscape = Landscape(cost_and_gradient)
    objective = Objective(lambda w: cost_and_gradient(w)[0], cost_and_gradient, len(start), 0)
    end, verdict = descend(
        with_gaps(cost_and_gradient, objective, 0.0),
        start,
        gradient_descent(),
        constant(rate)(landscape),
        divergence(growth).watch(landscape),
        build_rule(convergence).watch(landscape),
        recorder.see,
    )
    return end, verdict, recorder


def quadratic(*curvatures):
    """½ Σ λⱼ wⱼ², minimum 0 at 0."""

    def cost_and_gradient(w):
        gradient = [c * w_j for c, w_j in zip(curvatures, w, strict=True)]
        return sum(g * w_j / 2.0 for g, w_j in zip(gradient, w, strict=True)), gradient

    return cost_and_gradient


def at_most(limit):
    return {"max_iterations": {"limit": limit}}


@given(rate=st.floats(0.01, 0.49), k=st.integers(1, 30))
def test_each_direction_contracts_by_one_minus_rate_times_curvature(rate, k):
    end, verdict, _ = run(quadratic(4.0, 1.0, 0.25), [1.0, -2.0, 3.0], rate, at_most(k))
    assert verdict.outcome == "stopped"
    expected = [(1 - rate * c) ** k * w for c, w in zip((4.0, 1.0, 0.25), (1.0, -2.0, 3.0), strict=True)]
    assert end.w == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_rate_below_two_over_L_converges_and_one_above_diverges():
    settle = {"any": [{"gradient_norm": {"tolerance": 1e-8}}, at_most(20_000)]}
    assert run(quadratic(4.0, 1.0), [1.0, 1.0], 0.499, settle)[1].outcome == "converged"
    end, verdict, _ = run(quadratic(4.0, 1.0), [1.0, 1.0], 0.501, settle)
    assert verdict.outcome == "diverged"
    # |1 − 0.501 · 4| = 1.004, and the cost must grow beyond 2.5 + 10⁶ · 2.5
    assert end.k == math.ceil(math.log((2.5 + 1e6 * 2.5) / 2.0) / (2 * math.log(1.004)))


def test_iterates_that_jump_between_two_sides_are_stalled_and_not_converged():
    # η = 2/λ: w ← −w for ever, so the cost never changes while the gradient stays large
    end, verdict, _ = run(
        quadratic(4.0), [1.0], 0.5, {"any": [{"cost_change": {"tolerance": 1e-9}}, at_most(99)]}
    )
    assert (end.k, verdict.outcome) == (1, "stalled")
    assert "oscillates" in verdict.reason


def test_a_start_at_the_minimum_converges_at_once():
    rule = {"any": [{"gradient_norm": {"tolerance": 0}}, at_most(9)]}
    end, verdict, _ = run(quadratic(1.0), [0.0], 0.1, rule)
    assert (end.k, verdict.outcome) == (0, "converged")


@pytest.mark.parametrize(
    ("cost", "gradient", "said"),
    [
        (math.nan, 1.0, "cost is not a number"),
        (math.inf, 1.0, "cost is infinite"),
        (1.0, math.nan, "gradient is not finite"),
        (1.0, math.inf, "gradient is not finite"),
    ],
)
def test_a_value_that_is_not_finite_is_a_divergence_even_when_a_rule_would_hold(cost, gradient, said):
    def turns_bad(w):
        return (cost, [gradient]) if w[0] < 1.0 else (w[0], [1.0])

    end, verdict, recorder = run(turns_bad, [1.25], 0.1, at_most(3))
    assert verdict.outcome == "diverged"
    assert verdict.reason == f"{said} at iteration {end.k}"
    assert recorder.curve().cost == pytest.approx([1.25, 1.15, 1.05])


@pytest.mark.parametrize("error", [OverflowError, ZeroDivisionError, ValueError])
def test_arithmetic_without_a_result_is_a_divergence_with_its_iteration(error):
    def overflows(w):
        if w[0] < 0.95:
            raise error("math range error")
        return w[0], [1.0]

    end, verdict, _ = run(overflows, [1.0], 0.1, at_most(9))
    assert (verdict.outcome, end.k) == ("diverged", 1)


def test_growth_is_measured_from_the_start_but_from_one_at_least():
    # from f(w₀) = 5e-21 the cost rises by 9 in each iteration until it passes 10, not until 5e-20
    end, verdict, _ = run(quadratic(1.0), [1e-10], 4.0, at_most(999), growth=10.0)
    assert verdict.outcome == "diverged"
    assert 10.0 < end.cost <= 10.0 * 9.0


def test_a_target_is_met_at_the_first_iterate_at_or_below_it():
    # cost 0.5 · 0.25ᵏ: halving w at each iteration
    thresholds = {"0.1": 0.05, "exactly": 0.5 * 0.25**3, "never": -1.0}
    recorder = run(quadratic(1.0), [1.0], 0.5, at_most(20), thresholds=thresholds)[2]
    assert recorder.iterations_to == {"0.1": 2, "exactly": 3, "never": None}
