"""Causes that hold a run where no minimum is: each on the case that was asked about, and on others."""

import math

import numpy as np
import pytest
import yaml
from scipy.optimize import minimize

from gdbench.descent.diagnosis import ESTIMATED, PROVED
from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.next_experiment import next_experiment
from gdbench.judgement.next_experiment.suggestions import look, suggestions
from gdbench.judgement.study import study
from gdbench.judgement.trials import Tried, is_estimate
from tests.judgement.told import case, gaussian, label_of, mended, ran, table, told
from tests.swept import swept


def only_run(folder, text):
    (one,) = ran(folder, text)
    return one


def lines(seed, rows=30, noise=0.5):
    """Rows of two features and a target y = 1 + 2a − b with noise."""
    found, numbers = gaussian(seed, rows, 2)
    return [[a, b, 1.0 + 2.0 * a - b + numbers.gauss(0.0, noise)] for a, b in found]


def grid(model, cost, rate, *more, start="zeros", iterations=300):
    added = "".join(f"  {line}\n" for line in more)
    return (
        f"grid:\n  model: {model}\n  cost: {cost}\n  learning_rate: {rate}\n  initialization: {start}\n{added}"
        f"  convergence: {{max_iterations: {iterations}}}\n"
    )


# --- kinks


def test_the_lasso_hops_about_its_kink_and_is_told_to_let_the_rate_fall(tmp_path):
    with swept(tmp_path, case(tmp_path, "lasso")) as store:
        about = study(store)
        found = {label_of(run, "learning_rate"): diagnoses(about, store)[run.key] for run in about.runs}
        offered = next_experiment(about, store)
    for rate in ("0.5", "0.1", "0.01"):
        assert (found[rate].verdict, found[rate].grade) == ("kink", ESTIMATED)
        assert (found[rate].evidence["zeros_at_optimum"], found[rate].evidence["zeros"]) == (4, 0)
        assert "inverse_time" in found[rate].first.remedy.changes["learning_rate"]
    falling = next(name for name in found if name.startswith("inverse_time"))
    assert found[falling].cause("kink", "first_step_too_long", "bounded_oscillation") is None
    # to go on with a falling rate gains less than proximal steps do, and these are tried after a sweep
    assert found[falling].first.remedy.code == offered.what.code == "proximal_steps"
    assert is_estimate(found[falling].first)


def test_who_hops_about_a_kink_is_not_told_to_go_on_where_a_falling_rate_gained_nothing(tmp_path):
    with swept(tmp_path, table(tmp_path, lines(1)) + grid("linear", "mae", 0.5, iterations=800)) as store:
        about = study(store)
        (run,), (problem,) = about.runs, about.problems.values()
        seen = look(about, store, problem, {run.key: {("kink", "falling_rate"): Tried(10, gains=False)}})
    assert (seen.causes[0].code, seen.causes[0].remedy) == ("kink", None)
    assert not [one for one in suggestions(seen) if "convergence" in one.ways[0]]


@pytest.mark.parametrize(("seed", "cost"), [(1, "mae"), (2, "{pinball: {tau: 0.3}}"), (3, "mae")])
def test_other_costs_with_kinks_are_told_and_a_falling_rate_comes_lower(tmp_path, seed, cost):
    text = table(tmp_path, lines(seed)) + grid("linear", cost, 0.5, iterations=800)
    run, found, _ = only_run(tmp_path, text)
    assert (found.verdict, found.grade) == ("kink", ESTIMATED)
    better, *_ = only_run(tmp_path, mended(text, found.first.remedy))
    assert better.result.final_cost < run.result.final_cost


# --- plateaus, and parameters that are one


def test_the_decay_lies_on_a_plateau_and_two_of_its_parameters_are_one(tmp_path):
    with swept(tmp_path, case(tmp_path, "decay")) as store:
        about = study(store)
        causes, offered = diagnoses(about, store), next_experiment(about, store)
    # of a single feature it is not said that features differ
    assert offered.why == "Its features are not of the order of 1: standardize them."
    for run in about.runs:
        found, name = causes[run.key], f"{label_of(run, 'learning_rate')} {label_of(run, 'initialization')}"
        assert found.cause("not_unique").evidence["names"] == ["b1", "b2"]
        if name.startswith("0.1 values"):
            assert found.verdict == "first_step_too_long"
            assert found.first.remedy.changes["data.standardize"] is True
        else:
            assert (found.verdict, found.grade) == ("plateau", ESTIMATED)
            assert found.evidence["names"] == ["b1", "b2", "b3"]
            assert found.first.remedy.changes["data.standardize"] is True


def test_scaling_gets_the_decay_off_its_plateau(tmp_path):
    text = case(tmp_path, "decay", ("[0.1, backtracking]", "backtracking"))
    remedy = next(iter(told(tmp_path, text).values())).first.remedy
    run, *_ = ran(tmp_path, mended(text, remedy))[0]
    assert run.result.final_cost < 100.0  # from 1168


@pytest.mark.parametrize(("seed", "scale"), [(1, 300.0), (2, 50.0)])
def test_other_exponentials_that_underflow_are_named_with_their_parameters(tmp_path, seed, scale):
    _, numbers = gaussian(seed, 1, 1)
    xs = [scale * (10.0 + numbers.random()) for _ in range(12)]
    rows = [[x, 5.0 + math.exp(-x / scale) + numbers.gauss(0, 0.1)] for x in xs]
    text = table(tmp_path, rows, names=["x"]) + grid(
        '{formula: {expression: "amplitude*exp(-speed*x) + level"}}', "mse", 0.1, start="{constant: 1}"
    )
    (found,) = told(tmp_path, text).values()
    assert (found.verdict, found.evidence["names"]) == ("plateau", ["amplitude", "speed"])


@pytest.mark.parametrize(("activation", "width"), [("sigmoid", 4), ("tanh", 3)])
def test_networks_begun_far_out_have_saturated_units(tmp_path, activation, width):
    text = table(tmp_path, [[a, b, float(a > b)] for a, b, _ in lines(1)]) + grid(
        f"{{mlp: {{hidden: [{width}], activation: {activation}}}}}",
        "logistic",
        0.1,
        start="{normal: {mean: 200.0, std: 0.1}}",
        iterations=20,
    )
    (found,) = told(tmp_path, text).values()
    assert found.verdict in ("plateau", "dead_symmetry")
    seen = found.cause("plateau").evidence
    assert (seen["width"], seen["why"]) == (width, "units")
    assert seen["saturated"] >= width / 2


def test_dependent_columns_and_products_of_parameters_are_not_unique(tmp_path):
    rows = [[a, b, a + b, y] for a, b, y in lines(1)]
    text = table(tmp_path, rows) + grid("linear", "mse", 0.01)
    (found,) = told(tmp_path, text).values()
    assert found.cause("not_unique").grade == PROVED
    assert found.cause("not_unique").evidence["names"] == ["x1", "x2", "x3"]
    text = table(tmp_path, [[a, y] for a, _, y in lines(2)], names=["x"]) + grid(
        '{formula: {expression: "p*q*x + r"}}', "mse", 0.01, start="{constant: 1}"
    )
    (found,) = told(tmp_path, text).values()
    assert found.cause("not_unique").evidence["names"] == ["p", "q"]


def test_parameters_that_are_unique_are_not_told_to_be_one(tmp_path):
    text = table(tmp_path, [[a, y] for a, _, y in lines(2)], names=["x"]) + grid(
        '{formula: {expression: "p*exp(-0.5*((x-q)/r)**2)"}}', "mse", 0.01, start="{constant: 1}"
    )
    (found,) = told(tmp_path, text).values()
    assert found.cause("not_unique") is None


# --- a missing bias


def test_without_a_bias_the_sigmoid_cannot_say_zero_and_that_is_proved(tmp_path):
    text = case(tmp_path, "no_bias", ("10000", "1000"))
    (found,) = told(tmp_path, text).values()
    assert (found.verdict, found.grade) == ("missing_bias", PROVED)
    assert found.evidence["infimum"] == pytest.approx(1 / 48)
    assert found.evidence["rows"] == 1
    assert found.cause("rate_too_small") is None
    run, *_ = only_run(tmp_path, mended(text, found.first.remedy))
    assert run.result.final_cost < 1 / 48


def test_without_a_bias_the_least_hinge_is_known_and_with_one_the_classes_separate(tmp_path):
    text = case(tmp_path, "through_zero")
    found = told(tmp_path, text)
    for name, one in found.items():
        if name.startswith("formula"):
            assert (one.verdict, one.grade) == ("missing_bias", PROVED)
            assert one.evidence["infimum"] == pytest.approx(0.3671957, rel=1e-6)
            assert one.evidence["with_bias"] == 0.0
        else:
            assert one.cause("missing_bias") is None


@pytest.mark.parametrize("cost", ["mse", "mae"])
def test_other_planes_through_the_origin_are_told_with_their_infimum(tmp_path, cost):
    rows = [[a, b, 20.0 + a - b] for a, b, _ in lines(4)]
    text = table(tmp_path, rows) + grid('{formula: {expression: "u*x1 + v*x2"}}', cost, 0.01)
    (found,) = told(tmp_path, text).values()
    assert (found.verdict, found.grade) == ("missing_bias", PROVED)
    if cost == "mse":
        G, y = np.array([row[:2] for row in rows]), np.array([row[2] for row in rows])
        least = np.mean((G @ np.linalg.lstsq(G, y, rcond=None)[0] - y) ** 2)
        assert found.evidence["infimum"] == pytest.approx(least, rel=1e-6)
    assert found.evidence["with_bias"] < 1e-6 * found.evidence["infimum"]


def test_a_formula_with_a_bias_or_that_needs_none_is_not_told_of_one(tmp_path):
    for expression in ("u*x1 + v*x2 + w", "u*x1 + v*x2"):
        rows = [[a, b, 2.0 * a - b] for a, b, _ in lines(4)]
        text = table(tmp_path, rows) + grid(f'{{formula: {{expression: "{expression}"}}}}', "mse", 0.01)
        (found,) = told(tmp_path, text).values()
        assert found.cause("missing_bias") is None


@pytest.mark.parametrize("iterations", [3, 2000])
@pytest.mark.parametrize("cost", ["mse", "mae", "{huber: {delta: 1.0}}"])
def test_a_model_that_was_asked_to_have_no_bias_is_told_what_one_would_gain(tmp_path, cost, iterations):
    rows = [[a, b, 20.0 + a - b] for a, b, _ in lines(4)]
    start, model = "{values: [0.5, 0.25]}", "{linear: {bias: false}}"
    text = table(tmp_path, rows) + grid(model, cost, 0.1, start=start, iterations=iterations)
    (found,) = told(tmp_path, text).values()
    cause = found.cause("missing_bias")
    assert cause.grade == PROVED
    assert cause.evidence["mean"] == pytest.approx(np.mean([row[2] for row in rows]), rel=1e-3)
    G, y = np.array([row[:2] for row in rows]), np.array([row[2] for row in rows])
    if cost == "mse":
        least = np.mean((G @ np.linalg.lstsq(G, y, rcond=None)[0] - y) ** 2)
        assert cause.evidence["infimum"] == pytest.approx(least, rel=1e-9)
        # a minimum that comes too late is no fault of the bias
        assert found.verdict == ("missing_bias" if iterations > 3 else "rate_too_small")
    assert cause.evidence["with_bias"] == 0.0
    changed = yaml.safe_load(mended(text, cause.remedy))["grid"]
    assert changed["model"] == {"linear": {}}
    assert changed["initialization"] == {"values": {"given": [0.5, 0.25, 0.0]}}
    run, *_ = only_run(tmp_path, mended(text, cause.remedy))
    assert iterations == 3 or run.result.final_cost < cause.evidence["infimum"]


def test_no_bias_is_missing_where_targets_need_none_and_of_classes_each_gets_its_own(tmp_path):
    rows = [[a, b, 2.0 * a - b + 0.01] for a, b, _ in lines(4)]
    text = table(tmp_path, [[a, b, 2.0 * a - b] for a, b, _ in rows]) + grid(
        "{linear: {bias: false}}", "mse", 0.01
    )
    (found,) = told(tmp_path, text).values()
    assert found.cause("missing_bias") is None
    numbers, _ = gaussian(5, 60, 1)
    apart = [[5.0 + 0.3 * x[0] + 3.0 * k, k] for i, x in enumerate(numbers) for k in [i % 3]]
    start = "{values: [0.1, 0.2, 0.3]}"
    text = table(tmp_path, apart, names=["x"]) + grid(
        "{softmax: {bias: false}}", "softmax", 0.001, "penalty: {l2: {strength: 1.0e-4}}", start=start
    )
    (found,) = told(tmp_path, text).values()
    cause = found.cause("missing_bias")
    assert cause.remedy.changes["initialization"] == {"values": {"given": [0.1, 0.0, 0.2, 0.0, 0.3, 0.0]}}
    assert cause.evidence["mean"] is None


# --- weight decay, schedules, targets that were left


@pytest.mark.parametrize(("seed", "decay"), [(1, 0.5), (2, 0.05)])
def test_weight_decay_holds_a_run_where_the_decayed_cost_is_least(tmp_path, seed, decay):
    rows = lines(seed)
    optimizer = f"optimizer: {{gradient_descent: {{weight_decay: {decay}}}}}"
    text = table(tmp_path, rows) + grid("linear", "mse", 0.1, optimizer, iterations=2000)
    run, found, problem = only_run(tmp_path, text)
    assert (found.verdict, found.grade) == ("decayed_gradient", PROVED)
    G = np.array([[a, b, 1.0] for a, b, _ in rows])
    y = np.array([row[2] for row in rows])
    w = np.linalg.solve(2 * G.T @ G / len(G) + decay * np.eye(3), 2 * G.T @ y / len(G))
    floor = np.mean((G @ w - y) ** 2) - problem.optimum.cost
    assert found.evidence["floor"] == pytest.approx(floor, rel=1e-6)
    better, *_ = only_run(tmp_path, mended(text, found.first.remedy))
    assert better.result.final_gap < 1e-6 * run.result.final_gap


def test_decay_beside_the_optimizer_holds_a_run_as_well_and_leaving_it_out_mends_it(tmp_path):
    text = table(tmp_path, lines(1)) + grid("linear", "mse", 0.1, "weight_decay: 0.5", iterations=2000)
    run, found, _ = only_run(tmp_path, text)
    assert (found.verdict, found.grade) == ("decayed_gradient", PROVED)
    better, *_ = only_run(tmp_path, mended(text, found.first.remedy))
    assert better.result.final_gap < 1e-6 * run.result.final_gap


@pytest.mark.parametrize(
    "schedule",
    [
        "{exponential: {rate: 0.1, factor: 0.9}}",
        "{step: {rate: 0.05, every: 10, factor: 0.5}}",
        "{polynomial: {rate: 0.05, total: 20}}",
        "{cosine: {rate: 0.05, period: 20}}",
    ],
)
def test_a_schedule_that_has_died_is_proved_and_ten_times_as_long_does_not_arrive(tmp_path, schedule):
    text = table(tmp_path, lines(3)) + grid("linear", "mse", schedule, iterations=300) + "targets: [1e-6]\n"
    run, found, _ = only_run(tmp_path, text)
    assert (found.verdict, found.grade) == ("dead_schedule", PROVED)
    longer, again, _ = only_run(tmp_path, text.replace("300", "3000"))
    assert longer.result.final_gap == pytest.approx(run.result.final_gap, rel=1e-6)
    assert again.verdict == "dead_schedule"
    better, *_ = only_run(tmp_path, mended(text, found.first.remedy))
    assert better.result.iterations_to["1e-06"] == found.first.gain.with_remedy


def test_adam_passes_through_and_amsgrad_at_a_tenth_of_the_rate_stays(tmp_path):
    text = case(
        tmp_path, "passing", ("[adam, adamax, amsgrad]", "adam"), ("[0.0001, 0.001, 0.01, 0.1, 1]", "0.1")
    )
    (found,) = told(tmp_path, text).values()
    assert (found.verdict, found.grade) == ("passed_through", PROVED)
    assert found.evidence["first"] == 249
    run, again, _ = only_run(tmp_path, mended(text, found.first.remedy))
    assert "amsgrad" in run.spec["optimizer"]
    assert again.verdict == "nothing_wrong"


@pytest.mark.parametrize(("start", "beta"), [(1.0, 0.97), (2.0, 0.98)])
def test_momentum_that_swings_past_a_target_has_passed_through(tmp_path, start, beta):
    text = (
        f"grid:\n  surface: {{quadratic: {{spectrum: [1]}}}}\n  optimizer: {{heavy_ball: {{beta: {beta}}}}}\n"
        f"  learning_rate: 0.01\n  initialization: {{constant: {start}}}\n  convergence: "
        f"{{max_iterations: 45}}\n"
        "targets: [1e-2]\n"
    )
    run, found, _ = only_run(tmp_path, text)
    met = run.result.iterations_to["0.01"]
    expected = met is not None and run.result.final_gap > 1e-2 * 0.5
    assert (found.cause("passed_through") is not None) == expected


# --- numerical gradients


def test_nudges_too_short_or_too_long_are_named_with_the_best_step(tmp_path):
    found = told(tmp_path, case(tmp_path, "nudges"), "gradient")
    bad = [
        "forward(1.2)",
        "forward(0.01)",
        "forward(1e-12)",
        "forward(1e-15)",
        "forward(1e-17)",
        "central(1e-12)",
    ]
    bad = [name for name in found if any(name.startswith(one.rstrip(")")) for one in bad)]
    assert len(bad) == 6
    for name in bad:
        assert found[name].verdict == "difference_step", name
        assert found[name].evidence["why"] == (
            "too long" if name in ("forward(1.2)", "forward(0.01)") else "too short"
        )
    for name in set(found) - set(bad):
        assert found[name].verdict == "nothing_wrong"
        assert found[name].cause("difference_step") is None


@pytest.mark.parametrize("method", ["{forward: {step: 1.0e-14}}", "{central: {step: 1.0e-13}}"])
def test_other_noisy_differences_are_named_and_the_best_step_arrives(tmp_path, method):
    text = table(tmp_path, lines(5)) + grid("linear", "mse", 0.1, f"gradient: {method}", iterations=500)
    run, found, _ = only_run(tmp_path, text)
    assert (found.verdict, found.grade) == ("difference_step", ESTIMATED)
    better, again, _ = only_run(tmp_path, mended(text, found.first.remedy))
    assert again.verdict in ("nothing_wrong", "rounding_floor")
    assert better.result.final_gap <= run.result.final_gap


# --- copies


def test_exclusive_or_from_equal_weights_is_told_to_start_from_random_ones(tmp_path):
    text = case(tmp_path, "xor", ("10000", "300"), ("repeats: 3", "repeats: 1"))
    for name, found in told(tmp_path, text, "learning_rate", "initialization").items():
        if "zeros" in name or "constant" in name:
            assert (found.verdict, found.grade) == ("dead_symmetry", PROVED)
            assert found.first.remedy.code == "random_start"
        else:
            assert found.cause("dead_symmetry") is None


def test_a_rate_that_is_right_for_random_starts_is_not_called_too_small_by_a_plateau(tmp_path):
    text = case(tmp_path, "xor", ("[0.1, 1, 10]", "10"), ("[zeros, {constant: 0.5}, ", "["), ("10000", "3000"))
    for found in told(tmp_path, text, "initialization", "replicate").values():
        small = found.cause("rate_too_small")
        assert small is None, small


def test_every_case_is_plain_yaml(tmp_path):
    for name in (
        "houses",
        "powers",
        "passing",
        "no_bias",
        "xor",
        "decay",
        "counts",
        "lasso",
        "nudges",
        "hundred",
    ):
        assert yaml.safe_load(case(tmp_path, name))["name"] == name


def test_what_a_larger_rate_did_from_the_same_start_is_told_as_it_was_measured(tmp_path):
    text = case(
        tmp_path, "xor", ("[zeros, {constant: 0.5}, ", "["), ("10000", "2000"), ("repeats: 3", "repeats: 1")
    )
    axes = ("learning_rate", "initialization")
    runs = {
        tuple(label_of(run, axis) for axis in axes): (run.result, found)
        for run, found, _ in ran(tmp_path, text)
    }
    told_of = 0
    for (rate, start), (result, found) in runs.items():
        cause = found.cause("rate_too_small")
        if cause is None or cause.evidence["why"] != "sibling":
            continue
        told_of += 1
        better = runs[f"{cause.evidence['better_rate']:g}", start][0]
        assert float(rate) < cause.evidence["better_rate"]
        assert better.final_cost <= result.final_cost
        points = zip(better.curve.iteration, better.curve.cost, strict=True)
        sooner = next(k for k, cost in points if cost <= result.final_cost)
        # the curve is thinned: within one kept point
        assert sooner <= cause.evidence["sooner"] <= 1.1 * sooner + 2
    assert told_of >= 2


def test_a_bias_that_counts_lack_is_told_with_costs_below_zero(tmp_path):
    """Poisson's cost is below 0 where it fits: the bias is weighed by what no prediction at all could save."""
    numbers = np.random.default_rng(5)
    x = np.round(numbers.uniform(0.0, 2.0, 25), 2)
    rows = [[a, float(n)] for a, n in zip(x.tolist(), numbers.poisson(np.exp(2.0 + 0.3 * x)), strict=True)]
    text = table(tmp_path, rows, names=["x"]) + grid('{formula: {expression: "b1*x"}}', "poisson", 0.01)
    (found,) = told(tmp_path, text).values()
    seen = found.cause("missing_bias").evidence
    assert found.cause("nothing_wrong") is None
    design, y = np.column_stack([x, np.ones(25)]), np.array([row[1] for row in rows])

    def least(columns):
        def cost(w):
            return np.mean(np.exp(columns @ w) - y * (columns @ w))

        return minimize(cost, np.array([1.0, 1.0])[: columns.shape[1]], method="Nelder-Mead").fun

    assert seen["infimum"] == pytest.approx(least(design[:, :1]), rel=1e-4)
    assert seen["with_bias"] == pytest.approx(least(design), rel=1e-3)
