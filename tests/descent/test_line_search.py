"""Line searches and other rates that look at the problem: their conditions, and how fast they get there."""

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates import (
    LearningRate,
    backtracking,
    barzilai_borwein,
    exact,
    polyak,
    wolfe,
)
from gdbench.descent.numerics.vectors import norm

Vector = list[float]
NAN, INFINITY = float("nan"), float("inf")


def landscape_of(cost_and_gradient: Callable, **known) -> Landscape:
    def along(w: Vector, d: Vector):
        def phi(alpha: float) -> tuple[float, float]:
            cost, gradient = cost_and_gradient([a + alpha * b for a, b in zip(w, d, strict=True)])
            return cost, math.fsum(g * b for g, b in zip(gradient, d, strict=True))

        return phi

    return Landscape(cost_and_gradient, along=along, **known)


def quadratic(curvatures: Vector) -> Landscape:
    """½ Σ λⱼ wⱼ², minimum 0 at 0."""

    def cost_and_gradient(w: Vector) -> tuple[float, Vector]:
        g = [c * v for c, v in zip(curvatures, w, strict=True)]
        return 0.5 * math.fsum(a * b for a, b in zip(g, w, strict=True)), g

    def curvature(w: Vector, d: Vector) -> float:
        return math.fsum(c * v * v for c, v in zip(curvatures, d, strict=True))

    return landscape_of(cost_and_gradient, curvature=curvature, optimum=0.0)


def rosenbrock(w: Vector) -> tuple[float, Vector]:
    x, y = w
    bend = y - x * x
    return (1 - x) ** 2 + 100 * bend * bend, [-2 * (1 - x) - 400 * x * bend, 200 * bend]


def huber(w: Vector) -> tuple[float, Vector]:
    """Σ of ½ w² near 0 and |w| − ½ beyond: convex, not strongly; minimum 0."""
    cost = math.fsum(0.5 * v * v if abs(v) <= 1 else abs(v) - 0.5 for v in w)
    return cost, [max(-1.0, min(1.0, v)) for v in w]


def path(learning_rate: LearningRate, landscape: Landscape, w: Vector, count: int) -> list[Iterate]:
    choose, seen = learning_rate(landscape), []
    for k in range(count + 1):
        cost, gradient = landscape.cost_and_gradient(w)
        gap = None if landscape.optimum is None else cost - landscape.optimum
        seen.append(Iterate(k, w, cost, gradient, norm(gradient), gap))
        rate = choose(seen[-1])
        w = [v - rate * g for v, g in zip(w, gradient, strict=True)]
    return seen


def first_rate(learning_rate: LearningRate, landscape: Landscape, w: Vector) -> tuple[float, Callable, float]:
    """(the rate chosen at w, φ, ‖∇f(w)‖²)."""
    cost, gradient = landscape.cost_and_gradient(w)
    square = math.fsum(g * g for g in gradient)
    rate = learning_rate(landscape)(Iterate(0, w, cost, gradient, norm(gradient)))
    return rate, landscape.along(w, [-g for g in gradient]), square


problems = st.one_of(
    st.lists(st.floats(1e-2, 1e4), min_size=1, max_size=5).map(quadratic), st.just(landscape_of(rosenbrock))
)
fractions = st.floats(0.05, 0.95)


def start(data: st.DataObject, landscape: Landscape) -> Vector:
    """A drawn point that is not a minimum."""
    size = 2
    for size in range(1, 6):
        try:
            landscape.cost_and_gradient([0.0] * size)
            break
        except ValueError:  # the number of parameters is another
            continue
    w = data.draw(st.lists(st.floats(-5, 5), min_size=size, max_size=size))
    assume(norm(landscape.cost_and_gradient(w)[1]) > 1e-3)
    return w


class TestBacktracking:
    @given(problems, st.data(), fractions, st.floats(1e-5, 0.5), st.floats(1e-3, 100))
    def test_the_accepted_step_decreases_the_cost_enough_and_the_one_before_does_not(
        self, landscape, data, shrink, c1, initial
    ) -> None:
        w = start(data, landscape)
        rate, phi, square = first_rate(backtracking(initial, shrink, c1), landscape, w)
        origin = landscape.cost_and_gradient(w)[0]
        assert phi(rate)[0] <= origin - c1 * rate * square
        if rate < initial:
            longer = rate / shrink
            assert not phi(longer)[0] <= origin - c1 * longer * square * (1 + 1e-9) - 1e-9 * abs(origin)

    def test_on_a_parabola_it_takes_the_first_power_of_one_half_that_is_short_enough(self) -> None:
        # ½ L (w − ηLw)² ≤ ½ L w² − c₁ η L² w²  ⇔  η ≤ 2 (1 − c₁) / L
        for smoothness in (1.0, 3.0, 10.0, 1e6):
            rate, _, _ = first_rate(backtracking(c1=0.25), quadratic([smoothness]), [1.0])
            assert rate <= 1.5 / smoothness
            assert rate == 1.0 or rate > 0.75 / smoothness

    def test_it_solves_rosenbrock_without_being_told_a_rate(self) -> None:
        seen = path(backtracking(), landscape_of(rosenbrock), [-1.2, 1.0], 6_000)
        assert seen[-1].w == pytest.approx([1, 1], abs=1e-3)
        assert all(b.cost <= a.cost for a, b in pairwise(seen))


class TestWolfe:
    @settings(deadline=None)
    @given(problems, st.data(), st.floats(1e-5, 0.3), st.floats(0.35, 0.95), st.floats(1e-3, 100))
    def test_the_strong_wolfe_conditions_hold_at_the_chosen_rate(
        self, landscape, data, c1, c2, initial
    ) -> None:
        w = start(data, landscape)
        rate, phi, square = first_rate(wolfe(initial, c1, c2), landscape, w)
        cost, slope = phi(rate)
        assert rate > 0
        assert cost <= landscape.cost_and_gradient(w)[0] - c1 * rate * square
        assert abs(slope) <= c2 * square

    def test_a_curvature_condition_near_zero_is_an_exact_search(self) -> None:
        landscape = quadratic([1.0, 10.0])
        rate, _, _ = first_rate(wolfe(c1=1e-5, c2=1e-4), landscape, [3.0, 1.0])
        assert rate == pytest.approx(first_rate(exact(), landscape, [3.0, 1.0])[0], rel=1e-3)

    @pytest.mark.parametrize("initial", [1e-8, 1.0, 1e8])
    def test_the_first_trial_may_be_far_too_short_or_too_long(self, initial: float) -> None:
        rate, phi, square = first_rate(wolfe(initial), quadratic([2.0]), [5.0])
        assert abs(phi(rate)[1]) <= 0.9 * square

    def test_it_solves_rosenbrock_without_being_told_a_rate(self) -> None:
        seen = path(wolfe(), landscape_of(rosenbrock), [-1.2, 1.0], 1_500)
        assert seen[-1].w == pytest.approx([1, 1], abs=1e-9)


def walled(wall: float, beyond: float):
    """½ w², but `beyond` farther left than `wall`."""
    return landscape_of(lambda w: (0.5 * w[0] * w[0], [w[0]]) if w[0] > wall else (beyond, [beyond]))


@pytest.mark.parametrize("learning_rate", [backtracking(initial=64.0), wolfe(initial=64.0)])
class TestSearchesAreTotal:
    @pytest.mark.parametrize("beyond", [NAN, INFINITY, -INFINITY])
    def test_a_trial_that_is_not_finite_is_never_accepted(self, learning_rate, beyond) -> None:
        rate, phi, square = first_rate(learning_rate, walled(-0.5, beyond), [1.0])
        assert phi(rate)[0] <= 0.5 - 1e-4 * rate * square
        assert math.isfinite(phi(rate)[0])

    def test_a_trial_that_cannot_be_computed_is_never_accepted(self, learning_rate) -> None:
        def cost_and_gradient(w: Vector) -> tuple[float, Vector]:
            return w[0] - math.log(w[0]), [1 - 1 / w[0]]  # no logarithm left of 0; minimum at 1

        rate, phi, _ = first_rate(learning_rate, landscape_of(cost_and_gradient), [5.0])
        assert phi(rate)[0] < cost_and_gradient([5.0])[0]

    def test_where_no_step_helps_the_smallest_trial_is_returned(self, learning_rate) -> None:
        rising = landscape_of(
            lambda w: (abs(w[0] - 1.0), [1.0 if w[0] <= 1 else -1.0])
        )  # its gradient points down
        rate, _, _ = first_rate(learning_rate, rising, [1.0])
        assert 0 < rate < 1e-6

    def test_an_iterate_that_is_a_minimum_gets_a_finite_rate(self, learning_rate) -> None:
        rate = learning_rate(quadratic([1.0]))(Iterate(0, [0.0], 0.0, [0.0], 0.0))
        assert 0 < rate < INFINITY

    def test_a_cost_without_a_minimum_gets_a_finite_rate(self, learning_rate) -> None:
        rate, _, _ = first_rate(learning_rate, landscape_of(lambda w: (w[0], [1.0])), [0.0])
        assert 64.0 <= rate < INFINITY


class TestExact:
    @given(st.floats(1e-3, 1e3), st.lists(st.floats(-10, 10), min_size=1, max_size=6))
    def test_an_isotropic_quadratic_is_solved_in_one_step(self, curvature: float, w: Vector) -> None:
        assume(norm(w) > 1e-3)
        seen = path(exact(), quadratic([curvature] * len(w)), w, 1)
        assert norm(seen[1].w) <= 1e-15 * norm(w) * 4

    @given(st.lists(st.floats(0.1, 100), min_size=2, max_size=5), st.data())
    def test_the_slope_along_the_step_is_zero_where_it_ends(self, curvatures: Vector, data) -> None:
        landscape = quadratic(curvatures)
        rate, phi, square = first_rate(exact(), landscape, start(data, landscape))
        assert abs(phi(rate)[1]) <= 1e-9 * square

    def test_the_worst_start_contracts_as_kantorovichs_inequality_says(self) -> None:
        kappa = 50.0
        seen = path(exact(), quadratic([1.0, kappa]), [kappa, 1.0], 30)
        factor = ((kappa - 1) / (kappa + 1)) ** 2
        for a, b in pairwise(seen):
            assert b.cost == pytest.approx(a.cost * factor, rel=1e-9)

    def test_a_direction_that_falls_for_ever_gives_an_infinite_rate_and_a_minimum_none(self) -> None:
        saddle = quadratic([1.0, -1.0])
        assert exact()(saddle)(Iterate(0, [0.0, 1.0], -0.5, [0.0, -1.0], 1.0)) == INFINITY
        assert exact()(saddle)(Iterate(0, [0.0, 0.0], 0.0, [0.0, 0.0], 0.0)) == 0.0


class TestBarzilaiBorwein:
    @pytest.mark.parametrize("variant", [1, 2])
    @pytest.mark.parametrize("kappa", [10.0, 1e3])
    def test_it_solves_a_quadratic_in_two_dimensions_superlinearly(self, variant: int, kappa: float) -> None:
        seen = path(barzilai_borwein(0.3 / kappa, variant), quadratic([1.0, kappa]), [1.0, 1.0], 20)
        digits = [-math.log10(max(now.gradient_norm / seen[0].gradient_norm, 1e-300)) for now in seen]
        # a method that converges linearly has twice the digits after twice the iterations
        assert digits[10] > 3 * digits[5] > 3
        assert digits[20] == 300  # nothing is left but zero

    @pytest.mark.parametrize("variant", [1, 2])
    def test_in_one_dimension_the_second_step_is_newtons(self, variant: int) -> None:
        seen = path(barzilai_borwein(0.01, variant), quadratic([3.0]), [1.0], 2)
        assert abs(seen[2].w[0]) < 1e-14

    @given(st.lists(st.floats(0.1, 100), min_size=2, max_size=5), st.data())
    def test_the_rates_lie_between_the_inverse_curvatures_and_the_second_is_the_shorter(
        self, curvatures: Vector, data
    ) -> None:
        landscape = quadratic(curvatures)
        w = data.draw(st.lists(st.floats(0.5, 5), min_size=len(curvatures), max_size=len(curvatures)))
        chosen = []
        for variant in (1, 2):
            seen = path(barzilai_borwein(0.001, variant), landscape, w, 1)
            choose = barzilai_borwein(0.001, variant)(landscape)
            chosen.append([choose(now) for now in seen][1])
        assert 1 / max(curvatures) * (1 - 1e-6) <= chosen[1] <= chosen[0] * (1 + 1e-6)
        assert chosen[0] <= 1 / min(curvatures) * (1 + 1e-6)

    @pytest.mark.parametrize("curvature", [-1.0, 0.0])
    def test_after_a_step_without_positive_curvature_the_rate_stays(self, curvature: float) -> None:
        choose = barzilai_borwein(0.25)(quadratic([curvature]))
        seen = path(barzilai_borwein(0.25), quadratic([curvature]), [1.0], 3)
        assert [choose(now) for now in seen] == [0.25] * 4


class TestPolyak:
    @pytest.mark.parametrize("factor", [0.5, 1.0, 1.9])
    @given(st.lists(st.floats(-20, 20), min_size=1, max_size=4))
    def test_the_distance_to_the_minimum_never_grows_on_a_convex_function(self, factor, w: Vector) -> None:
        seen = path(polyak(factor), landscape_of(huber, optimum=0.0), w, 40)
        distances = [norm(now.w) for now in seen]
        assert all(b <= a * (1 + 1e-12) for a, b in pairwise(distances))

    def test_it_converges_where_a_constant_rate_would_not(self) -> None:
        seen = path(
            polyak(), landscape_of(lambda w: (abs(w[0]), [math.copysign(1.0, w[0])]), optimum=0.0), [7.3], 3
        )
        assert seen[1].w == [0.0]

    def test_at_or_below_the_minimum_it_stands_still(self) -> None:
        choose = polyak()(quadratic([1.0]))
        assert choose(Iterate(0, [0.0], 0.0, [0.0], 0.0, 0.0)) == 0.0
        assert choose(Iterate(0, [0.0], -1e-18, [1e-9], 1e-9, -1e-18)) == 0.0
