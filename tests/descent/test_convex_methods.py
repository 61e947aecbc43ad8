"""Methods for convex functions: against their papers, written down a second time in decimal arithmetic."""

import json
import math
from pathlib import Path

import pytest

from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates import LEARNING_RATES, adgd, chebyshev, silver
from gdbench.descent.learning_rates.long_steps import silver_step, silver_steps, stable_order
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.optimizers import OPTIMIZERS, Vector
from gdbench.descent.problems.least_subgradient import least_slope

PUBLISHED = json.loads((Path(__file__).parents[1] / "oracles" / "convex_methods.json").read_text())
A, B = PUBLISHED["problems"]["quadratic"]["A"], PUBLISHED["problems"]["quadratic"]["b"]
ROWS = PUBLISHED["problems"]["softplus"]["rows"]


def quadratic(x: Vector) -> tuple[float, Vector]:
    ax = [math.fsum(a * v for a, v in zip(row, x, strict=True)) for row in A]
    cost = 0.5 * math.fsum(map(math.prod, zip(ax, x, strict=True)))
    return cost - math.fsum(map(math.prod, zip(B, x, strict=True))), [a - b for a, b in zip(ax, B, strict=True)]


def softplus(x: Vector) -> tuple[float, Vector]:
    scores = [math.fsum(map(math.prod, zip(row, x, strict=True))) for row in ROWS]
    shares = [1.0 / (1.0 + math.exp(-z)) for z in scores]
    gradient = [
        0.1 * v + math.fsum(p * row[j] for p, row in zip(shares, ROWS, strict=True)) for j, v in enumerate(x)
    ]
    return 0.05 * math.fsum(v * v for v in x) + math.fsum(map(math.log1p, map(math.exp, scores))), gradient


KINKS = PUBLISHED["problems"]["kinks"]


def with_kinks(function):
    """The same with Σ λ |x|, and its least subgradient."""

    def kinked(x: Vector) -> tuple[float, Vector]:
        cost, gradient = function(x)
        kinks = [(k * math.copysign(1.0, v) if v else None) for k, v in zip(KINKS, x, strict=True)]
        slopes = [
            least_slope(g, k) if at is None else g + at for g, k, at in zip(gradient, KINKS, kinks, strict=True)
        ]
        return cost + math.fsum(k * abs(v) for k, v in zip(KINKS, x, strict=True)), slopes

    return kinked


PROBLEMS = {"quadratic": quadratic, "softplus": softplus}
OF_OPTIMIZERS = [t for t in PUBLISHED["trajectories"] if t["method"] in OPTIMIZERS]
OF_RATES = [t for t in PUBLISHED["trajectories"] if t["method"].partition("_pair")[0] in LEARNING_RATES]


def label(trajectory: dict) -> str:
    return f"{trajectory['method']}-{trajectory['setting']}"


def walk(optimizer, rate: float, function, w: Vector, count: int) -> list[Vector]:
    path, state = [w], optimizer.init(w)
    for k in range(count):
        cost, gradient = function(w)
        w, state = optimizer.step(Iterate(k, w, cost, gradient, norm(gradient)), state, rate)
        path.append(w)
    return path


@pytest.mark.parametrize("trajectory", OF_OPTIMIZERS, ids=label)
def test_every_method_goes_the_way_that_its_paper_prints(trajectory: dict) -> None:
    entry = OPTIMIZERS[trajectory["method"]]
    given = {name: value for name, value in trajectory["given"].items() if name != "rate"}
    method, function = entry.function(**entry.resolve(given)), PROBLEMS[trajectory["on"]]
    if method.proximal:
        method, function = method.proximal(KINKS), with_kinks(function)
    path = walk(method, trajectory["given"]["rate"], function, PUBLISHED["problems"]["x0"], 50)
    assert len(path) == len(trajectory["points"]) == 51
    for mine, theirs in zip(path, trajectory["points"], strict=True):
        assert mine == pytest.approx(theirs, rel=1e-11, abs=1e-12)


def descend(learning_rate, landscape: Landscape, w: Vector, count: int) -> list[Vector]:
    """Plain gradient descent."""
    path, choose = [w], learning_rate(landscape)
    for k in range(count):
        cost, gradient = landscape.cost_and_gradient(w)
        rate = choose(Iterate(k, w, cost, gradient, norm(gradient)))
        w = [v - rate * g for v, g in zip(w, gradient, strict=True)]
        path.append(w)
    return path


@pytest.mark.parametrize("trajectory", OF_RATES, ids=label)
def test_every_rate_goes_the_way_that_its_paper_prints(trajectory: dict) -> None:
    entry = LEARNING_RATES[trajectory["method"].partition("_pair")[0]]
    landscape = Landscape(PROBLEMS[trajectory["on"]])
    rate = entry.function(**entry.resolve(trajectory["given"]))
    path = descend(rate, landscape, PUBLISHED["problems"]["x0"], 50)
    near = 1e-9 if trajectory["method"] == "adgd" else 1e-11  # its rates are quotients of small differences
    for mine, theirs in zip(path, trajectory["points"], strict=True):
        assert mine == pytest.approx(theirs, rel=near, abs=1e-12)


class TestSilver:
    def test_without_a_period_its_steps_are_the_published_fractal(self) -> None:
        ratio, root = 1.0 + math.sqrt(2.0), math.sqrt(2.0)
        want = [root, 2.0, root, 1.0 + ratio, root, 2.0, root, 1.0 + ratio * ratio]
        assert [silver_step(j) for j in range(1, 9)] == pytest.approx(want, rel=1e-15)

    @pytest.mark.parametrize("kappa", [2.0, 50.0, 1e4])
    def test_a_period_shrinks_both_ends_of_the_spectrum_alike(self, kappa: float) -> None:
        z = 1.0 / kappa  # to (1 − z)/(1 + z), which is the promise of all functions (Altschuler & Parrilo 2023)
        for doubled in range(7):
            steps = silver_steps(2**doubled, kappa)
            ends = [abs(math.prod(1.0 - h * curvature for h in steps)) for curvature in (1.0, 1.0 / kappa)]
            assert ends == pytest.approx([(1.0 - z) / (1.0 + z)] * 2, rel=1e-9)
            z *= 1.0 - z + math.sqrt(1.0 + (1.0 - z) ** 2)

    @pytest.mark.parametrize("doubled", [1, 3, 6])
    def test_convex_functions_keep_its_promise(self, doubled: int) -> None:
        count, ratio = 2**doubled - 1, 1.0 + math.sqrt(2.0)
        bound = 1.0 / (1.0 + math.sqrt(4.0 * ratio ** (2 * doubled) - 3.0))
        for edge in (1.0, 0.5 * bound, 2.0 * bound, 0.01):  # Huber functions, and a parabola

            def huber(w: Vector, edge: float = edge) -> tuple[float, Vector]:
                (x,) = w
                slope = max(-edge, min(edge, x))
                return (0.5 * x * x if abs(x) <= edge else edge * abs(x) - 0.5 * edge * edge), [slope]

            (last,) = descend(silver(smoothness=1.0), Landscape(huber), [1.0], count)[-1]
            assert huber([last])[0] <= bound


class TestChebyshev:
    @pytest.mark.parametrize("period", [1, 2, 3, 5, 8, 12, 33, 64])
    def test_a_period_is_chebyshevs_polynomial(self, period: int) -> None:
        mu, top = 0.01, 1.0
        rates = [chebyshev(period, mu, top)(None)(Iterate(k, [], 0.0, [], 0.0)) for k in range(2 * period)]
        assert rates[:period] == rates[period:]
        ratio = (top + mu) / (top - mu)
        least = 1.0 / math.cosh(period * math.acosh(ratio))
        for lam in (mu, 0.02, 0.3, 0.5, 0.77, top):
            x = (top + mu - 2.0 * lam) / (top - mu)
            value = (
                math.cosh(period * math.acosh(x)) if x >= 1.0 else math.cos(period * math.acos(max(-1.0, x)))
            )
            reached = math.prod(1.0 - rate * lam for rate in rates[:period])
            assert reached == pytest.approx(value * least, rel=1e-9, abs=1e-12)

    @pytest.mark.parametrize(
        ("count", "order"), [(2, [1, 3]), (4, [1, 7, 3, 5]), (8, [1, 15, 7, 9, 3, 13, 5, 11]), (3, [1, 5, 3])]
    )
    def test_the_order_is_that_of_lebedev_and_finogenov(self, count: int, order: list[int]) -> None:
        assert stable_order(count) == order

    @pytest.mark.parametrize("count", [16, 31, 100, 128])
    def test_no_step_undoes_what_others_have_reached(self, count: int) -> None:
        spectrum = [0.001 + 0.999 * i / 200 for i in range(201)]
        rates = [chebyshev(count, 0.001, 1.0)(None)(Iterate(k, [], 0.0, [], 0.0)) for k in range(count)]
        assert sorted(stable_order(count)) == list(range(1, 2 * count, 2))
        for order in (rates, rates[:0:-1]):  # what has grown on the way; what a rounding grows to
            grown, most = [1.0] * len(spectrum), 1.0
            for rate in order:
                grown = [size * (1.0 - rate * lam) for size, lam in zip(grown, spectrum, strict=True)]
                most = max(most, *map(abs, grown))
            assert most < 1000.0  # κ; in their natural order 10⁷ at 16 and 10⁴⁷ at 100


class TestAdaptiveGradientDescent:
    @pytest.mark.parametrize("variant", [1, 2])
    @pytest.mark.parametrize("first", [1e-10, 1e-3, 1.0])
    def test_a_convex_function_is_minimised_from_any_first_rate(self, variant: int, first: float) -> None:
        path = descend(adgd(first, variant), Landscape(softplus), [1.0, -2.0, 3.0], 400)
        assert norm(softplus(path[-1])[1]) < 1e-6

    @pytest.mark.parametrize("variant", [1, 2])
    def test_where_the_gradient_never_changes_the_rate_stays_finite(self, variant: int) -> None:
        path = descend(adgd(0.1, variant), Landscape(lambda w: (w[0], [1.0])), [0.0], 30)
        assert path[-1][0] == pytest.approx(-3.0) if variant == 1 else math.isfinite(path[-1][0])


class TestOptimizedGradient:
    @pytest.mark.parametrize("steps", [1, 2, 5, 20])
    def test_its_last_step_keeps_the_promise_where_it_is_tight(self, steps: int) -> None:
        # Kim & Fessler 2016: a parabola, and a Huber function that is linear as far as the method comes
        theta = 1.0
        for k in range(steps):
            theta = 0.5 * (1.0 + math.sqrt(1.0 + (4.0 if k < steps - 1 else 8.0) * theta * theta))
        square = theta * theta
        edge = 1.0 / square

        def huber(w: Vector) -> tuple[float, Vector]:
            (x,) = w
            if abs(x) <= edge:
                return 0.5 * x * x, [x]
            return edge * abs(x) - 0.5 * edge * edge, [math.copysign(edge, x)]

        method = OPTIMIZERS["optimized_gradient"].function(steps=steps)
        for function in (huber, lambda w: (0.5 * w[0] * w[0], list(w))):
            (last,) = walk(method, 1.0, function, [1.0], steps)[-1]
            assert function([last])[0] == pytest.approx(0.5 / square, rel=1e-9)

    def test_it_begins_anew_where_it_is_at_its_end(self) -> None:
        method = OPTIMIZERS["optimized_gradient"].function(steps=4)
        path = walk(method, 0.2, softplus, [1.0, -2.0, 3.0], 8)
        assert walk(method, 0.2, softplus, path[4], 4) == path[4:]


class TestTripleMomentum:
    @pytest.mark.parametrize("kappa", [4.0, 100.0])
    def test_it_contracts_by_one_minus_one_over_the_root_of_the_condition_number(self, kappa: float) -> None:
        def function(w: Vector) -> tuple[float, Vector]:
            return 0.5 * (w[0] * w[0] + kappa * w[1] * w[1]), [w[0], kappa * w[1]]

        rho = 1.0 - 1.0 / math.sqrt(kappa)
        method = OPTIMIZERS["triple_momentum"].function(mu=1.0, smoothness=kappa)
        path = walk(method, (1.0 + rho) / kappa, function, [1.0, 1.0], 200)
        shares = [math.hypot(*w) / rho**k for k, w in enumerate(path)]
        assert max(shares) < 4.0 * kappa

    def test_it_answers_with_the_point_of_which_its_bound_speaks(self) -> None:
        kappa, w = 9.0, [1.0, -2.0]
        method = OPTIMIZERS["triple_momentum"].function(mu=1.0, smoothness=kappa)
        state, rho = method.init(w), 1.0 - 1.0 / math.sqrt(kappa)
        assert method.answer(w, state) == w
        for k in range(1, 60):
            gradient = [w[0], kappa * w[1]]
            w, state = method.update(w, gradient, state, (1.0 + rho) / kappa)
            x = method.answer(w, state)
            assert x == pytest.approx(
                [
                    a + rho * rho / (1.0 - rho * rho) * (a - b)
                    for a, b in zip(state.now, state.before, strict=True)
                ]
            )
            assert math.hypot(*x) <= 5.0 * kappa * rho**k

    def test_without_curvatures_it_takes_those_of_a_condition_of_a_hundred(self) -> None:
        entry = OPTIMIZERS["triple_momentum"]
        plain, told = entry.function(), entry.function(mu=0.02, smoothness=2.0)
        assert walk(plain, 0.1, softplus, [1.0, -2.0, 3.0], 9) == walk(told, 0.1, softplus, [1.0, -2.0, 3.0], 9)


class TestRestarts:
    @pytest.mark.parametrize("restart", ["gradient", "function"])
    def test_momentum_that_leads_up_is_forgotten(self, restart: str) -> None:
        entry = OPTIMIZERS["nesterov"]
        method, ends = entry.function(restart=restart), {}
        for name, one in (("restarted", method), ("plain", entry.function())):
            ends[name] = quadratic(walk(one, 0.25, quadratic, [1.0, -2.0, 3.0], 300)[-1])[0] + 9.0
        assert ends["restarted"] < 1e-12 < 1e-8 < ends["plain"]

    def test_a_first_step_is_never_taken_for_a_rise(self) -> None:
        method = OPTIMIZERS["nesterov"].function(restart="function")
        first = walk(method, 0.25, quadratic, [1.0, -2.0, 3.0], 1)
        assert first == walk(OPTIMIZERS["nesterov"].function(), 0.25, quadratic, [1.0, -2.0, 3.0], 1)
