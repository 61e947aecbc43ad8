"""Conjugate gradients and L-BFGS: against SciPy's, against the dense matrix, and along a line search."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse.linalg import cg

from gdbench.descent.descend import descend
from gdbench.descent.execute import execute
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates import exact, wolfe
from gdbench.descent.numerics.vectors import Vector, dot, norm
from gdbench.descent.optimizers import conjugate_gradients, lbfgs, optimizer_of
from gdbench.descent.optimizers.directions import Pair, two_loops
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.recording.by_hand import follow
from gdbench.descent.stopping import build_rule
from gdbench.descent.stopping.divergence import divergence
from tests.descent.problems import spec, table

METHODS = {
    "fletcher_reeves": conjugate_gradients("fletcher_reeves"),
    "polak_ribiere": conjugate_gradients(),
    "lbfgs": lbfgs(20),
}


def matrix(size: int, seed: int = 1) -> np.ndarray:
    """Symmetric, with eigenvalues from 1 to 10."""
    basis, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))
    return (basis * np.logspace(0, 1, size)) @ basis.T


def landscape_of(cost_and_gradient, **known) -> Landscape:
    def along(w: Vector, d: Vector):
        def phi(alpha: float) -> tuple[float, float]:
            cost, gradient = cost_and_gradient([a + alpha * b for a, b in zip(w, d, strict=True)])
            return cost, dot(gradient, d)

        return phi

    return Landscape(cost_and_gradient, along=along, **known)


def quadratic(a: np.ndarray, b: np.ndarray) -> Landscape:
    def cost_and_gradient(w: Vector) -> tuple[float, Vector]:
        x = np.array(w)
        return float(0.5 * x @ a @ x - b @ x), (a @ x - b).tolist()

    return landscape_of(cost_and_gradient, curvature=lambda w, d: float(np.array(d) @ a @ np.array(d)))


def rosenbrock(w: Vector) -> tuple[float, Vector]:
    cost, gradient = 0.0, [0.0] * len(w)
    for j, (x, y) in enumerate(pairwise(w)):
        bend = y - x * x
        cost += (1 - x) ** 2 + 100 * bend * bend
        gradient[j] += -2 * (1 - x) - 400 * x * bend
        gradient[j + 1] += 200 * bend
    return cost, gradient


def path(optimizer, learning_rate, landscape: Landscape, w: Vector, count: int) -> list[Iterate]:
    seen: list[Iterate] = []

    def evaluate(w: Vector) -> tuple[float, Vector, None]:
        return *landscape.cost_and_gradient(w), None

    stop = build_rule({"max_iterations": {"limit": count}}).watch(landscape)
    never = divergence(math.inf).watch(landscape)
    descend(evaluate, w, optimizer, learning_rate(landscape), never, stop, seen.append)
    return seen


@pytest.mark.parametrize("name", METHODS)
class TestOnQuadraticsWithTheExactStep:
    def test_the_iterates_are_those_of_scipys_cg(self, name: str) -> None:
        a, b, theirs = matrix(12), np.arange(1.0, 13.0), []
        cg(a, b, x0=np.zeros(12), rtol=0.0, maxiter=12, callback=lambda x: theirs.append(x.copy()))
        ours = path(METHODS[name], exact(), quadratic(a, b), [0.0] * 12, 12)
        for mine, other in zip(ours[1:], theirs, strict=True):
            assert mine.w == pytest.approx(other.tolist(), rel=1e-9, abs=1e-10)

    @pytest.mark.parametrize("size", [1, 2, 5, 9])
    def test_it_ends_after_as_many_steps_as_there_are_parameters(self, name: str, size: int) -> None:
        a, b = matrix(size, seed=size), np.arange(1.0, size + 1.0)
        seen = path(METHODS[name], exact(), quadratic(a, b), [0.0] * size, size)
        assert seen[-1].gradient_norm <= 1e-11 * seen[0].gradient_norm
        assert all(now.gradient_norm > 1e-9 for now in seen[:-1])

    def test_it_ends_after_as_many_steps_as_there_are_different_eigenvalues(self, name: str) -> None:
        basis, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(8, 8)))
        a = (basis * np.array([1.0, 1.0, 1.0, 7.0, 7.0, 7.0, 30.0, 30.0])) @ basis.T
        seen = path(METHODS[name], exact(), quadratic(a, np.ones(8)), [0.0] * 8, 3)
        assert seen[3].gradient_norm <= 1e-12 * seen[0].gradient_norm < seen[2].gradient_norm


class TestTwoLoops:
    @pytest.mark.parametrize("count", [0, 1, 4, 7])
    def test_they_give_the_direction_of_the_dense_inverse_matrix(self, count: int) -> None:
        # H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ  (Nocedal & Wright 2006, eq. 6.17)
        random = np.random.default_rng(count)
        a, g = matrix(6), random.normal(size=6)
        steps = [random.normal(size=6) for _ in range(count)]
        h = np.eye(6) * (steps[-1] @ a @ steps[-1] / (a @ steps[-1] @ a @ steps[-1]) if steps else 1.0)
        for s in steps:
            y = a @ s
            left = np.eye(6) - np.outer(s, y) / (s @ y)
            h = left @ h @ left.T + np.outer(s, s) / (s @ y)
        pairs = tuple(Pair(s.tolist(), (a @ s).tolist(), float(s @ a @ s)) for s in steps)
        assert two_loops(g.tolist(), pairs) == pytest.approx((-h @ g).tolist(), rel=1e-10)

    def test_a_memory_keeps_the_newest_pairs(self) -> None:
        optimizer, w, kept = lbfgs(2), [1.0, 1.0], []
        state = None
        for k in range(5):
            _, state = optimizer.aim(w, [w[0], 10.0 * w[1]], state)
            kept.append(len(state.pairs))
            w = [w[0] * 0.5 - 0.1 * k, w[1] * 0.7]
        assert kept == [0, 1, 2, 2, 2]

    def test_a_step_along_which_the_cost_does_not_bend_up_leaves_no_pair(self) -> None:
        optimizer = lbfgs()
        _, state = optimizer.aim([1.0], [-1.0], None)
        direction, state = optimizer.aim([2.0], [-2.0], state)  # steeper on the way down: −∂²f > 0
        assert (direction, state.pairs) == ([2.0], ())


SEARCHES = {"fletcher_reeves": wolfe(c2=0.1), "polak_ribiere": wolfe(c2=0.1), "lbfgs": wolfe()}


@pytest.mark.parametrize("name", METHODS)
class TestAlongALineSearch:
    def test_rosenbrocks_valley_is_followed_to_its_end(self, name: str) -> None:
        landscape = landscape_of(rosenbrock)
        seen = path(METHODS[name], SEARCHES[name], landscape, [-1.2, 1.0, -1.2, 1.0], 400)
        assert seen[-1].cost < 1e-11
        assert all(after.cost <= before.cost for before, after in pairwise(seen))

    def test_a_direction_that_leads_up_is_given_up_for_the_steepest(self, name: str) -> None:
        optimizer = METHODS[name]
        w, g = [1.0, 1.0], [1.0, 0.0]
        _, state = optimizer.aim(w, g, None)
        state = state._replace(direction=[90.0, 0.0]) if name != "lbfgs" else state
        direction, state = optimizer.aim([0.5, 1.0], [0.5, -0.9], state)
        assert dot(direction, [0.5, -0.9]) < 0.0

    def test_after_a_step_that_came_to_nothing_it_begins_anew(self, name: str) -> None:
        optimizer, g = METHODS[name], [2.0, -1.0]
        _, state = optimizer.aim([1.0, 1.0], [3.0, 1.0], None)
        _, state = optimizer.aim([0.5, 0.9], g, state)
        direction, _ = optimizer.aim([0.5, 0.9], g, state)
        assert direction == [-2.0, 1.0]


def test_conjugate_gradients_are_restarted_every_so_many_steps() -> None:
    landscape = quadratic(matrix(6), np.ones(6))
    optimizer = conjugate_gradients("fletcher_reeves", restart=3)
    seen, state, steepest = path(optimizer, exact(), landscape, [0.0] * 6, 8), None, []
    for k, now in enumerate(seen):
        direction, state = optimizer.aim(now.w, now.gradient, state)
        if direction == [-g for g in now.gradient]:
            steepest.append(k)
    assert steepest == [0, 3, 6]


CHOICES = [{"conjugate_gradients": {"variant": "fletcher_reeves"}}, {"conjugate_gradients": {}}, {"lbfgs": {}}]


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("rate", [{"exact": {}}, {"wolfe": {"c2": 0.1}}, {"backtracking": {}}])
def test_a_run_searches_along_the_direction_and_by_hand_goes_the_same_way(choice, rate) -> None:
    data = table(features=3, rows=12, seed=5)
    limit = {"max_iterations": {"limit": 5}}
    given = spec(optimizer=choice, learning_rate=rate, convergence=limit, targets=["0.5"])
    result = execute(given, data, ProblemConstants())
    followed = follow(given, data, ProblemConstants(), 5)
    moves = [move for step in followed.steps for move in step.moves]
    assert moves[-1].moved == result.parameters
    assert [m.moved for m in moves[:-1]] == [m.w for m in moves[1:]]
    if "exact" in rate:
        assert result.curve.gradient_norm[4] < 1e-9 * result.curve.gradient_norm[0]  # four parameters


def test_at_a_fixed_rate_they_step_by_it_along_their_direction() -> None:
    optimizer = optimizer_of({"conjugate_gradients": {"variant": "fletcher_reeves"}})
    w, g, h = [1.0, 2.0], [3.0, -1.0], [1.0, -0.5]
    first, state = optimizer.update(w, g, optimizer.init(w), 0.1)
    assert first == [1.0 - 0.1 * 3.0, 2.0 + 0.1 * 1.0]
    beta = norm(h) ** 2 / norm(g) ** 2
    second, _ = optimizer.update(first, h, state, 0.1)
    want = [v + 0.1 * (-b - beta * a) for v, a, b in zip(first, g, h, strict=True)]
    assert second == pytest.approx(want)
