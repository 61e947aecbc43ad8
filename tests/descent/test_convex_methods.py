"""Methods for convex functions: against their papers, written down a second time in decimal arithmetic."""

import json
import math
from pathlib import Path

import pytest

from gdbench.descent.iterate import Iterate
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.optimizers import OPTIMIZERS, Vector

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


PROBLEMS = {"quadratic": quadratic, "softplus": softplus}
OF_OPTIMIZERS = [t for t in PUBLISHED["trajectories"] if t["method"].partition("-")[0] in OPTIMIZERS]


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
    method = entry.function(**entry.resolve(given))
    function = PROBLEMS[trajectory["on"]]
    path = walk(method, trajectory["given"]["rate"], function, PUBLISHED["problems"]["x0"], 50)
    assert len(path) == len(trajectory["points"]) == 51
    for mine, theirs in zip(path, trajectory["points"], strict=True):
        assert mine == pytest.approx(theirs, rel=1e-11, abs=1e-12)


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
