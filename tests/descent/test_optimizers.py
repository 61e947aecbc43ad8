"""Optimizers: against PyTorch's steps, against closed forms, and as pure functions."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.optimizers import OPTIMIZERS, Optimizer, Vector, gradient_descent

TORCH = json.loads((Path(__file__).parents[1] / "oracles" / "torch_sgd.json").read_text())
A, B = TORCH["problem"]["A"], TORCH["problem"]["b"]


def quadratic_gradient(w: Vector) -> Vector:
    """∇f = A w − b, for f = ½ wᵀA w − bᵀw."""
    return [sum(a * v for a, v in zip(row, w, strict=True)) - b for row, b in zip(A, B, strict=True)]


def steps(optimizer: Optimizer, gradient, w: Vector, rate: float, count: int) -> list[Vector]:
    path, state = [w], optimizer.init(w)
    for _ in range(count):
        w, state = optimizer.update(w, gradient(w), state, rate)
        path.append(w)
    return path


@pytest.mark.parametrize("trajectory", TORCH["trajectories"], ids=lambda t: f"lr={t['lr']}")
def test_gradient_descent_takes_the_steps_that_pytorch_takes(trajectory: dict) -> None:
    path = steps(gradient_descent(), quadratic_gradient, TORCH["problem"]["x0"], trajectory["lr"], 50)
    assert len(path) == len(trajectory["params"])
    for mine, theirs in zip(path, trajectory["params"], strict=True):
        assert mine == pytest.approx(theirs, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("trajectory", TORCH["trajectories"], ids=lambda t: f"lr={t['lr']}")
def test_one_update_from_any_point_of_pytorchs_path_leads_to_the_next(trajectory: dict) -> None:
    for w, g, then in zip(trajectory["params"], trajectory["grad"], trajectory["params"][1:], strict=False):
        updated, _ = gradient_descent().update(w, g, None, trajectory["lr"])
        assert updated == pytest.approx(then, rel=1e-15, abs=1e-15)


@pytest.mark.parametrize(("curvature", "rate"), [(1.0, 0.1), (4.0, 0.25), (4.0, 0.49), (4.0, 0.5), (4.0, 0.51)])
def test_a_quadratic_contracts_by_one_minus_rate_times_curvature(curvature: float, rate: float) -> None:
    path = steps(gradient_descent(), lambda w: [curvature * w[0]], [3.0], rate, 40)
    for k, (w,) in enumerate(path):
        assert w == pytest.approx(3.0 * (1 - rate * curvature) ** k, rel=1e-12, abs=1e-300)


def test_a_rate_below_two_over_the_curvature_approaches_and_one_above_leaves() -> None:
    far = [
        abs(steps(gradient_descent(), lambda w: [4.0 * w[0]], [1.0], rate, 500)[-1][0])
        for rate in (0.49, 0.5, 0.51)
    ]
    assert far[0] < 1e-3 < far[1] == 1.0 < 1e3 < far[2]


vectors = st.integers(1, 6).flatmap(
    lambda n: st.tuples(*[st.lists(st.floats(-1e6, 1e6), min_size=n, max_size=n)] * 2)
)


@given(vectors, st.floats(min_value=1e-6, max_value=10))
def test_gradient_descent_is_its_equation_bit_for_bit(pair: tuple[Vector, Vector], rate: float) -> None:
    w, g = pair
    optimizer = gradient_descent()
    updated, _ = optimizer.update(w, g, optimizer.init(w), rate)
    assert updated == [w[j] - rate * g[j] for j in range(len(w))]


@pytest.mark.parametrize("entry", list(OPTIMIZERS), ids=lambda entry: entry.name)
class TestEveryOptimizer:
    def test_leaves_its_arguments_as_they_were(self, entry) -> None:
        optimizer = entry.function(**entry.resolve({}))
        w, g = [1.0, -2.0], [0.5, 0.25]
        updated, _ = optimizer.update(w, g, optimizer.init(w), 0.1)
        assert (w, g) == ([1.0, -2.0], [0.5, 0.25])
        assert updated is not w

    def test_serves_two_runs_at_once(self, entry) -> None:
        optimizer, other = entry.function(**entry.resolve({})), [5.0, 5.0]
        alone = steps(optimizer, lambda w: [2 * v for v in w], [1.0, -2.0], 0.1, 5)
        w, state, other_state = [1.0, -2.0], optimizer.init([1.0, -2.0]), optimizer.init(other)
        for k in range(5):
            w, state = optimizer.update(w, [2 * v for v in w], state, 0.1)
            other, other_state = optimizer.update(other, [9.0, -9.0], other_state, 0.3)
            assert w == alone[k + 1]
