"""ISTA and FISTA: by hand, against scikit-learn's optima, and what a run with a 1-norm records."""

import math
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet, Lasso

from gdbench.descent.execute import execute
from gdbench.descent.optimizers import fista, gradient_descent, ista, nesterov, optimizer_of
from gdbench.descent.optimizers.proximal import soft
from gdbench.descent.problems.least_subgradient import kinks_of, least_slope, with_least_subgradient
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
from gdbench.descent.recording.by_hand import follow
from tests.descent.problems import spec, table

UNKNOWN = ProblemConstants()


def diabetes() -> Table:
    x, y = load_diabetes(return_X_y=True, scaled=False)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return Table([(*row, target) for row, target in zip(x.tolist(), y.tolist(), strict=True)], x.shape[1])


DIABETES = diabetes()
X, Y = np.array([row[:-1] for row in DIABETES.rows]), np.array([row[-1] for row in DIABETES.rows])


def chosen(optimizer: str, penalty: dict, limit: int, tolerance: float = 1e-10) -> dict:
    rule = {"any": [{"gradient_norm": {"tolerance": tolerance}}, {"max_iterations": {"limit": limit}}]}
    return spec(
        cost={"half_mse": {}},
        penalty=penalty,
        optimizer={optimizer: {}},
        learning_rate={"over_L": {"factor": 1.0}},
        convergence=rule,
        targets=["0.5"],
    )


class TestByHand:
    @pytest.mark.parametrize(
        ("v", "t", "want"), [(3.0, 1.0, 2.0), (-3.0, 1.0, -2.0), (0.5, 1.0, 0.0), (1.0, 1.0, 0.0)]
    )
    def test_soft_thresholding_draws_towards_zero_and_stays_there(
        self, v: float, t: float, want: float
    ) -> None:
        assert soft(v, t) == want

    def test_what_is_no_number_stays_none(self) -> None:
        assert math.isnan(soft(math.nan, 1.0))
        assert math.isnan(least_slope(math.nan, 1.0))

    def test_a_step_of_ista(self) -> None:
        # s = ½ (w₁ − 3)² + ½ (w₂ + 1)² + ½ (w₃ − ½)², λ = 1, η = ½, from (1, 0, 0): ∇s = (−2, 1, −½)
        method = ista().proximal([1.0, 1.0, 1.0])
        gradient = [
            -2.0 + 1.0,
            0.0,
            0.0,
        ]  # the least subgradients: at 0 there is nothing to gain below a slope of 1
        assert method.update([1.0, 0.0, 0.0], gradient, None, 0.5)[0] == [
            1.5,
            0.0,
            0.0,
        ]  # S(2, ½), S(−½, ½), S(¼, ½)

    def test_a_step_across_zero_stops_there_or_goes_on_by_what_is_left(self) -> None:
        method = ista().proximal([1.0])
        # w = ½, ∇s = 2, so 3 with the kink's slope: S(½ − 2η, η)
        for rate, want in ((0.1, 0.2), (0.3, 0.0), (0.6, -0.1)):
            assert method.update([0.5], [3.0], None, rate)[0][0] == pytest.approx(want, abs=1e-15)

    def test_parameters_without_a_kink_take_plain_steps(self) -> None:
        method = ista().proximal([0.0, 1.0])
        assert method.update([1.0, 2.0], [5.0, 2.0], None, 0.1)[0] == [
            1.0 - 0.1 * 5.0,
            pytest.approx(2.0 - 0.2),
        ]

    def test_without_a_penalty_they_are_gradient_descent_and_nesterov(self) -> None:
        w, g = [1.0, -2.0], [0.3, 0.7]
        assert ista().update(w, g, None, 0.1)[0] == gradient_descent().update(w, g, None, 0.1)[0]
        ours, theirs = fista(), nesterov()
        for _ in range(2):
            assert ours.update(w, g, ours.init(w), 0.1)[0] == theirs.update(w, g, theirs.init(w), 0.1)[0]


@pytest.mark.parametrize("optimizer", ["ista", "fista"])
class TestAgainstScikitLearn:
    @pytest.mark.parametrize("strength", [0.5, 5.0, 20.0])
    def test_a_lasso_comes_to_its_optimum_with_the_same_exact_zeros(
        self, optimizer: str, strength: float
    ) -> None:
        result = execute(chosen(optimizer, {"l1": {"strength": strength}}, 6000), DIABETES, UNKNOWN)
        theirs = Lasso(alpha=strength, tol=1e-14, max_iter=1_000_000).fit(X, Y)
        assert result.outcome == "converged"
        assert result.answered == pytest.approx(result.parameters, rel=1e-6, abs=1e-9)
        assert result.parameters == pytest.approx([*theirs.coef_, theirs.intercept_], rel=1e-6, abs=1e-6)
        assert [w == 0.0 for w in result.parameters[:-1]] == (theirs.coef_ == 0.0).tolist()
        whole = 0.5 * np.mean((Y - theirs.predict(X)) ** 2) + strength * np.abs(theirs.coef_).sum()
        assert result.final_cost == pytest.approx(float(whole), rel=1e-12)  # f with its 1-norm

    def test_an_elastic_net_too(self, optimizer: str) -> None:
        penalty = {"elastic_net": {"strength": 4.0, "ratio": 0.75}}
        result = execute(chosen(optimizer, penalty, 4000), DIABETES, UNKNOWN)
        theirs = ElasticNet(alpha=4.0, l1_ratio=0.75, tol=1e-14, max_iter=1_000_000).fit(X, Y)
        assert result.parameters == pytest.approx([*theirs.coef_, theirs.intercept_], rel=1e-6, abs=1e-6)

    def test_where_the_penalty_is_strong_the_start_at_zero_needs_the_bias_alone(self, optimizer: str) -> None:
        result = execute(chosen(optimizer, {"l1": {"strength": 1000.0}}, 1000), DIABETES, UNKNOWN)
        assert result.parameters[:-1] == [0.0] * 10
        assert result.parameters[-1] == pytest.approx(Y.mean())
        assert result.final_gradient_norm < 1e-10


def test_ista_falls_in_each_step_below_two_over_the_smooth_parts_l() -> None:
    result = execute(chosen("ista", {"l1": {"strength": 5.0}}, 60), DIABETES, UNKNOWN)
    costs = result.curve.cost
    assert all(after <= before for before, after in pairwise(costs))


def test_fista_keeps_its_promise() -> None:
    given = chosen("fista", {"l1": {"strength": 5.0}}, 3000)
    best = execute(given, DIABETES, UNKNOWN)
    problem = with_least_subgradient(build_problem(given, DIABETES, UNKNOWN), [5.0] * 10 + [0.0])
    gram = np.hstack([X, np.ones((len(X), 1))])
    top = float(np.linalg.eigvalsh(gram.T @ gram / len(X))[-1])
    method = optimizer_of({"fista": {}}).proximal([5.0] * 10 + [0.0])
    y = [0.0] * 11
    state, square = method.init(y), math.fsum(w * w for w in best.parameters)
    for k in range(1, 60):
        y, state = method.update(y, problem.objective.cost_and_gradient(y)[1], state, 1.0 / top)
        gap = problem.objective.cost(state.x) - best.final_cost
        assert gap <= 2.0 * top * square / (k + 1) ** 2


class TestTheLeastSubgradient:
    GIVEN = chosen("ista", {"l1": {"strength": 5.0}}, 10)

    def test_only_the_weights_have_kinks_unless_biases_are_penalised(self) -> None:
        problem = build_problem(self.GIVEN, DIABETES, UNKNOWN)
        assert kinks_of(self.GIVEN, problem) == (*[5.0] * 10, 0.0)
        both = {**self.GIVEN, "penalty": {"l1": {"strength": 5.0, "bias": True}}}
        assert kinks_of(both, problem) == (5.0,) * 11

    @pytest.mark.parametrize(
        "changes",
        [
            {"optimizer": {"gradient_descent": {}}},
            {"penalty": {"l2": {"strength": 1.0}}},
            {"penalty": {"none": {}}},
        ],
    )
    def test_of_other_runs_the_gradient_stays_what_it_was(self, changes: dict) -> None:
        given = {**self.GIVEN, **changes}
        problem = build_problem(given, DIABETES, UNKNOWN)
        assert kinks_of(given, problem) is None
        assert with_least_subgradient(problem, None) is problem

    def test_no_slope_of_the_subdifferential_is_smaller(self) -> None:
        problem = build_problem(self.GIVEN, DIABETES, UNKNOWN)
        apart = with_least_subgradient(problem, kinks_of(self.GIVEN, problem))
        w = [0.0] * 10 + [150.0]
        smooth, least = problem.objective.cost_and_gradient(w)[1], apart.objective.cost_and_gradient(w)[1]
        for s, g in zip(smooth[:-1], least[:-1], strict=True):
            assert g == min((s - 5.0, s + 5.0, 0.0), key=lambda v: (not s - 5.0 <= v <= s + 5.0, abs(v)))
        assert least[-1] == smooth[-1]

    def test_batches_step_by_it_too(self) -> None:
        data = table(features=3, rows=12, seed=5)
        given = spec(
            penalty={"l1": {"strength": 50.0}},
            optimizer={"ista": {}},
            batch_size={"rows": {"size": 4}},
            learning_rate={"constant": {"rate": 0.05}},
            convergence={"max_iterations": {"limit": 30}},
        )
        assert execute(given, data, UNKNOWN).parameters[:3] == [0.0] * 3

    def test_by_hand_a_run_goes_the_same_way(self) -> None:
        result = execute(self.GIVEN, DIABETES, UNKNOWN)
        moves = [move for step in follow(self.GIVEN, DIABETES, UNKNOWN, 10).steps for move in step.moves]
        assert moves[-1].moved == result.parameters
