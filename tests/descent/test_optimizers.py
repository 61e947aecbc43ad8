"""Optimizers: against PyTorch's steps, against closed forms, and as pure functions."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.errors import BadParameter
from gdbench.descent.optimizers import (
    OPTIMIZERS,
    Optimizer,
    Vector,
    asgd,
    gradient_descent,
    heavy_ball,
    nesterov,
    rmsprop,
    rprop,
)

TORCH = json.loads((Path(__file__).parents[1] / "oracles" / "torch_trajectories.json").read_text())
A, B = TORCH["problem"]["A"], TORCH["problem"]["b"]
PLAIN = [t for t in TORCH["trajectories"] if t["optimizer"] == "sgd"]

#: What PyTorch calls each rule → what we call it, and what its name says beside the parameters.
NAMES = {
    "sgd_weight_decay": "gradient_descent",
    "sgd_momentum": "gradient_descent",
    "sgd_nesterov": "gradient_descent",
    "sgd_dampening": "gradient_descent",
    "sgd": "gradient_descent",
    "rmsprop_centered": "rmsprop",
}
PARAMETERS = {
    "eps": "epsilon",
    "lr_decay": "rate_decay",
    "initial_accumulator_value": "initial_accumulator",
    "lambd": "decay",
    "t0": "average_from",
    "clip_exp": "clip_power",
    "d_coef": "d_factor",
    "growth_rate": "growth",
    "use_bias_correction": "bias_correction",
    "warmup_steps": "warmup",
    "r": "weight_power",
    "weight_lr_power": "rate_power",
}
PAIRS = {
    "betas": ("beta1", "beta2", "beta3"),
    "etas": ("shrink", "grow"),
    "step_sizes": ("smallest", "largest"),
}


def of_torch(trajectory: dict) -> Optimizer:
    """Our optimizer with the parameters of PyTorch's."""
    entry = OPTIMIZERS[NAMES.get(trajectory["optimizer"], trajectory["optimizer"])]
    given_to_us = {}
    for name, value in trajectory["given"].items():
        if name in PAIRS:
            given_to_us.update(zip(PAIRS[name], value, strict=False))
        elif name not in ("lr", "amsgrad"):
            given_to_us[PARAMETERS.get(name, name)] = value
    parameters = entry.resolve(given_to_us)
    entry.check(parameters)
    return entry.function(**parameters)


def label(trajectory: dict) -> str:
    return f"{trajectory['optimizer']}-{trajectory['setting']}"


def quadratic_gradient(w: Vector) -> Vector:
    """∇f = A w − b, for f = ½ wᵀA w − bᵀw."""
    return [sum(a * v for a, v in zip(row, w, strict=True)) - b for row, b in zip(A, B, strict=True)]


def steps(optimizer: Optimizer, gradient, w: Vector, rate: float, count: int) -> list[Vector]:
    path, state = [w], optimizer.init(w)
    for _ in range(count):
        w, state = optimizer.update(w, gradient(w), state, rate)
        path.append(w)
    return path


@pytest.mark.parametrize("trajectory", TORCH["trajectories"], ids=label)
def test_every_rule_takes_the_steps_that_pytorch_takes(trajectory: dict) -> None:
    path = steps(
        of_torch(trajectory), quadratic_gradient, TORCH["problem"]["x0"], trajectory["given"]["lr"], 50
    )
    assert len(path) == len(trajectory["params"]) == 51
    for mine, theirs in zip(path, trajectory["params"], strict=True):
        assert mine == pytest.approx(theirs, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("trajectory", [t for t in TORCH["trajectories"] if "answers" in t], ids=label)
def test_a_schedule_free_method_answers_with_what_its_authors_evaluate(trajectory: dict) -> None:
    optimizer, w = of_torch(trajectory), TORCH["problem"]["x0"]
    state = optimizer.init(w)
    for theirs in trajectory["answers"]:
        assert state.x == pytest.approx(theirs, rel=1e-11, abs=1e-12)
        w, state = optimizer.update(w, quadratic_gradient(w), state, trajectory["given"]["lr"])


def test_every_optimizer_is_compared_with_another_implementation() -> None:
    compared = {NAMES.get(t["optimizer"], t["optimizer"]) for t in TORCH["trajectories"]}
    published = (Path(__file__).parents[1] / "oracles" / "convex_methods.json").read_text(encoding="utf-8")
    compared |= {t["method"] for t in json.loads(published)["trajectories"]}  # in test_convex_methods.py
    compared |= {
        "conjugate_gradients",
        "lbfgs",
    }  # with SciPy's and with the dense matrix, in test_directions.py
    assert set(OPTIMIZERS.names) - compared == {"heavy_ball"}  # below, with its closed forms


@pytest.mark.parametrize("trajectory", PLAIN, ids=label)
def test_one_update_from_any_point_of_pytorchs_path_leads_to_the_next(trajectory: dict) -> None:
    for w, then in zip(trajectory["params"], trajectory["params"][1:], strict=False):
        updated, _ = gradient_descent().update(w, quadratic_gradient(w), None, trajectory["given"]["lr"])
        assert updated == pytest.approx(then, rel=1e-14, abs=1e-14)


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


class TestMomentumInTheLiteraturesForm:
    def test_at_a_constant_rate_the_heavy_ball_is_gradient_descent_with_momentum(self) -> None:
        ball = steps(heavy_ball(0.9), quadratic_gradient, [1.0, -2.0, 3.0], 0.1, 50)
        buffer = steps(gradient_descent(momentum=0.9), quadratic_gradient, [1.0, -2.0, 3.0], 0.1, 50)
        assert ball[-1] == pytest.approx(buffer[-1], rel=1e-11)

    def test_at_a_constant_rate_nesterov_is_gradient_descent_with_nesterov_momentum(self) -> None:
        ahead = steps(nesterov(0.9), quadratic_gradient, [1.0, -2.0, 3.0], 0.1, 50)
        buffer = steps(
            gradient_descent(momentum=0.9, nesterov=True), quadratic_gradient, [1.0, -2.0, 3.0], 0.1, 50
        )
        assert ahead[-1] == pytest.approx(buffer[-1], rel=1e-11)

    @pytest.mark.parametrize("kappa", [4.0, 100.0, 1e4])
    def test_polyaks_parameters_contract_at_the_root_of_the_condition_number(self, kappa: float) -> None:
        q = (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)
        rate, optimizer = 4 / (math.sqrt(kappa) + 1) ** 2, heavy_ball(mu=1.0, smoothness=kappa)
        count = math.ceil(60 / -math.log(q))
        path = steps(optimizer, lambda w: [w[0], kappa * w[1]], [1.0, 1.0], rate, count)
        # the characteristic roots are double: ‖w_k‖ is about k · qᵏ, and its logarithm falls by log q
        half, last = (math.log(math.hypot(*path[k]) / k) for k in (count // 2, count))
        assert (last - half) / (count - count // 2) == pytest.approx(math.log(q), rel=0.05)

    @pytest.mark.parametrize("kappa", [4.0, 100.0, 1e4])
    def test_nesterovs_parameters_keep_his_bound(self, kappa: float) -> None:
        def f(w: Vector) -> float:
            return 0.5 * (w[0] * w[0] + kappa * w[1] * w[1])

        optimizer, y = nesterov(mu=1.0, smoothness=kappa), [1.0, 1.0]
        state, start = optimizer.init(y), f([1.0, 1.0]) + 0.5 * 2.0  # f(x₀) − f* + ½ μ ‖x₀ − x*‖²
        for k in range(1, 200):
            y, state = optimizer.update(y, [y[0], kappa * y[1]], state, 1 / kappa)
            assert f(state.x) <= start * (1 - 1 / math.sqrt(kappa)) ** k * (
                1 + 1e-9
            )  # Nesterov 2004, thm 2.2.3

    def test_without_mu_nesterov_keeps_the_bound_for_convex_functions(self) -> None:
        curvatures = [4.0**-j for j in range(12)]  # nearly flat in some directions

        optimizer, y = nesterov(), [1.0] * 12
        state = optimizer.init(y)
        for k in range(1, 300):
            y, state = optimizer.update(y, [c * v for c, v in zip(curvatures, y, strict=True)], state, 1.0)
            cost = 0.5 * math.fsum(c * v * v for c, v in zip(curvatures, state.x, strict=True))
            assert cost <= 2 * 12 / (k + 1) ** 2  # 2 L ‖x₀ − x*‖² / (k + 1)²  (Beck & Teboulle 2009, thm 4.4)


@pytest.mark.parametrize(
    ("name", "parameters", "culprit"),
    [
        ("gradient_descent", {"nesterov": True}, "nesterov"),
        ("gradient_descent", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "dampening"),
        ("heavy_ball", {"beta": 0.9, "mu": 1, "smoothness": 2}, "beta"),
        ("heavy_ball", {"mu": 1}, "mu"),
        ("nesterov", {"smoothness": 1}, "smoothness"),
        ("nesterov", {"mu": 3, "smoothness": 2}, "mu"),
        ("rprop", {"smallest": 2, "largest": 1}, "smallest"),
    ],
)
def test_parameters_that_contradict_one_another_are_refused(name: str, parameters: dict, culprit: str) -> None:
    entry = OPTIMIZERS[name]
    with pytest.raises(BadParameter, match=f"'{culprit}' of optimizer '{name}'") as caught:
        entry.check(entry.resolve(parameters))
    assert caught.value.parameter == culprit


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [("adam", "beta1", 1), ("adam", "beta2", -0.1), ("adam", "epsilon", 0), ("rprop", "grow", 1.0)],
)
def test_a_parameter_outside_its_range_is_refused(name: str, parameter: str, value: float) -> None:
    with pytest.raises(BadParameter, match=f"'{parameter}' of optimizer '{name}' must be a number"):
        OPTIMIZERS[name].resolve({parameter: value})


def test_asgd_keeps_the_mean_of_its_iterates_beside_them() -> None:
    optimizer, w, path = asgd(average_from=3), [1.0, -2.0, 3.0], []
    state = optimizer.init(w)
    for _ in range(20):
        w, state = optimizer.update(w, quadratic_gradient(w), state, 0.1)
        path.append(w)
    kept = path[4:]  # the mean begins anew until step t₀ + 2
    assert state.mean == pytest.approx([math.fsum(column) / len(kept) for column in zip(*kept, strict=True)])


def test_rprop_does_not_step_where_the_gradient_has_just_changed_its_sign() -> None:
    optimizer = rprop(shrink=0.5, grow=1.2)
    w, state = optimizer.update([0.0], [1.0], optimizer.init([0.0]), 0.1)
    held, state = optimizer.update(w, [-1.0], state, 0.1)
    assert held == w
    moved, _ = optimizer.update(held, [-1.0], state, 0.1)
    assert moved == [w[0] + 0.05]  # halved once, and not grown by the sign that counts as zero


def test_a_gradient_that_never_changes_does_not_break_centred_rmsprop() -> None:
    path = steps(rmsprop(alpha=0.5, centered=True), lambda w: [0.1, 1e-3], [0.0, 0.0], 1e-3, 500)
    assert all(math.isfinite(v) for v in path[-1])


CONVEX = [4.0, 0.5]


@pytest.mark.parametrize("entry", list(OPTIMIZERS), ids=lambda entry: entry.name)
class TestEveryOptimizer:
    def test_leaves_its_arguments_as_they_were(self, entry) -> None:
        optimizer = entry.function(**entry.resolve({}))
        w, g = [1.0, -2.0], [0.5, 0.25]
        updated, _ = optimizer.update(w, g, optimizer.init(w), 0.1)
        assert (w, g) == ([1.0, -2.0], [0.5, 0.25])
        assert updated is not w

    def test_gives_the_same_when_asked_twice_with_the_same_state(self, entry) -> None:
        optimizer, w = entry.function(**entry.resolve({})), [1.0, -2.0]
        state = optimizer.init(w)
        for _ in range(3):
            first, then = optimizer.update(w, [2 * v for v in w], state, 0.1)
            assert optimizer.update(w, [2 * v for v in w], state, 0.1) == (first, then)
            w, state = first, then

    def test_serves_two_runs_at_once(self, entry) -> None:
        optimizer, other = entry.function(**entry.resolve({})), [5.0, 5.0]
        alone = steps(optimizer, lambda w: [2 * v for v in w], [1.0, -2.0], 0.1, 5)
        w, state, other_state = [1.0, -2.0], optimizer.init([1.0, -2.0]), optimizer.init(other)
        for k in range(5):
            w, state = optimizer.update(w, [2 * v for v in w], state, 0.1)
            other, other_state = optimizer.update(other, [9.0, -9.0], other_state, 0.3)
            assert w == alone[k + 1]

    def test_goes_down_a_convex_quadratic(self, entry) -> None:
        rate = max(0.01, entry.facts.get("usual_rate") or 0.0) if entry.name != "schedule_free_sgd" else 0.5
        path = steps(
            entry.function(**entry.resolve({})),
            lambda w: [c * v for c, v in zip(CONVEX, w, strict=True)],
            [1.0, -2.0],
            rate,
            400,
        )
        costs = [0.5 * sum(c * v * v for c, v in zip(CONVEX, w, strict=True)) for w in path]
        assert costs[-1] < 0.9 * costs[0]

    @pytest.mark.parametrize("size", [0.0, 1e-200, 1e200])
    def test_never_raises_however_small_or_large_the_gradient(self, entry, size: float) -> None:
        optimizer, w = entry.function(**entry.resolve({})), [1.0, -2.0]
        state = optimizer.init(w)
        for _ in range(20):
            w, state = optimizer.update(w, [size, -size], state, 0.1)
        assert len(w) == 2
