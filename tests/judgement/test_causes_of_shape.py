"""Causes that lie in how a problem bends: each on the case that was asked about, and on tables of our own."""

import math

import numpy as np
import pytest

from gdbench.descent.diagnosis import ESTIMATED, PROVED
from tests.judgement.told import case, gaussian, mended, ran, table, told, until


def spectrum(columns, curvature):
    """Eigenvalues of (c/n) GᵀG with a column of ones, the largest first."""
    G = np.column_stack([*columns, np.ones(len(columns[0]))])
    return np.linalg.svd(G * math.sqrt(curvature / len(G)), compute_uv=False) ** 2


def scaled(columns):
    return [(np.array(c) - np.mean(c)) / np.std(c) for c in columns]


def only_run(folder, text):
    (one,) = ran(folder, text)
    return one


# --- columns of very different scale


def test_houses_are_told_to_be_standardized_and_then_take_ten_iterations(tmp_path):
    text = case(tmp_path, "houses")
    rows = np.loadtxt(tmp_path / "houses.csv", delimiter=",", skiprows=1)
    raw, std = spectrum(rows.T[:-1], 1.0), spectrum(scaled(rows.T[:-1]), 1.0)
    for found in told(tmp_path, text).values():
        assert (found.verdict, found.grade) == ("column_scales", PROVED)
        assert found.evidence["condition"] == pytest.approx(raw[0] / raw[-1], rel=1e-6)
        assert found.evidence["standardized"] == pytest.approx(std[0] / std[-1], rel=1e-6)
        assert found.first.gain.with_remedy == 10
        assert found.first.remedy.changes["data.standardize"] is True
        assert found.first.remedy.changes["learning_rate"]["constant"]["rate"] == pytest.approx(1.0, abs=0.01)
    assert told(tmp_path, text)["0.01"].cause("rate_above_limit").grade == PROVED


def test_what_is_promised_of_houses_and_of_a_hundred_points_is_kept(tmp_path):
    for name in ("houses", "hundred"):
        text = case(tmp_path, name)
        remedy = next(iter(told(tmp_path, text).values())).first
        run, found, _ = only_run(tmp_path, mended(text, remedy.remedy, convergence=until(1e-6, 99)))
        assert run.result.iterations == remedy.gain.with_remedy
        assert found.verdict == "nothing_wrong"


def test_a_hundred_points_need_one_step_of_a_half_on_standardized_features(tmp_path):
    found = told(tmp_path, case(tmp_path, "hundred", ("40000", "400")))
    for one in found.values():
        assert (one.verdict, one.grade, one.first.gain.with_remedy) == ("column_scales", PROVED, 1)
        assert one.first.remedy.changes["learning_rate"]["constant"]["rate"] == pytest.approx(0.5)
        assert one.evidence["condition"] == pytest.approx(12945, rel=1e-3)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_tables_of_unlike_columns_are_named_and_standardizing_keeps_its_promise(tmp_path, seed):
    rows, numbers = gaussian(seed, 30, 3)
    sizes = [1.0, 10.0 ** numbers.uniform(2, 4), 10.0 ** numbers.uniform(-2, 0)]
    rows = [[a * s + 3.0 * s for a, s in zip(row, sizes, strict=True)] for row in rows]
    rows = [[*row, sum(a / s for a, s in zip(row, sizes, strict=True)) + numbers.gauss(0, 1)] for row in rows]
    text = table(tmp_path, rows) + (
        "grid:\n  model: linear\n  cost: half_mse\n  learning_rate: [1.0e-9, {over_L: 1}]\n"
        "  initialization: zeros\n  convergence: {max_iterations: 200}\n"
    )
    for found in told(tmp_path, text).values():
        assert (found.verdict, found.grade) == ("column_scales", PROVED)
    run, *_ = only_run(tmp_path, mended(text, found.first.remedy, convergence=until(1e-6, 9999)))
    assert run.result.iterations == found.first.gain.with_remedy


def test_standardized_features_and_adaptive_rates_are_not_told_of_scales(tmp_path):
    rows, numbers = gaussian(5, 30, 2)
    rows = [[a, 1000.0 * b, a + b + numbers.gauss(0, 1)] for a, b in rows]
    grid = "grid:\n  model: linear\n  cost: mse\n  initialization: zeros\n  convergence: {max_iterations: 50}\n"
    data = table(tmp_path, rows)
    for text in (data.replace("}", ", standardize: true}") + grid, data + grid + "  optimizer: adam\n"):
        (found,) = told(tmp_path, text + "  learning_rate: 0.01\n").values()
        assert found.cause("column_scales", "feature_basis", "ill_conditioned") is None


# --- powers


def test_powers_are_told_with_their_condition_of_whatever_degree(tmp_path):
    found = told(tmp_path, case(tmp_path, "powers", ("50000", "3000")), "model")
    wanted = {3: 1.35e4, 5: 1.2e7, 10: 4.1e14, 15: 2.2e22}
    for degree, condition in wanted.items():
        one = found[f"polynomial({degree})"].cause("feature_basis")
        assert one is not None
        assert found[f"polynomial({degree})"].first is one
        assert one.evidence["condition"] == pytest.approx(condition, rel=0.05)
        assert one.evidence["orthogonal"] == 1.0
        assert one.evidence["standardized"] < 1e-3 * condition * 10
        assert one.grade == PROVED
    cubic = found["polynomial(3)"].first
    assert cubic.gain.now == pytest.approx(52226, abs=2)
    text = case(tmp_path, "powers", ("[3, 5, 10, 15]", "3"))
    run, *_ = only_run(tmp_path, mended(text, cubic.remedy, convergence=until(1e-6, 9999)))
    assert run.result.iterations == cubic.gain.with_remedy


@pytest.mark.parametrize(("seed", "degree", "low", "high"), [(1, 4, 0.0, 5.0), (2, 6, 1.0, 2.0)])
def test_other_polynomials_are_named_by_the_spectrum_of_their_columns(tmp_path, seed, degree, low, high):
    _, numbers = gaussian(seed, 1, 1)
    xs = [numbers.uniform(low, high) for _ in range(40)]
    text = table(tmp_path, [[x, math.sin(x) + numbers.gauss(0, 0.1)] for x in xs], names=["x"]) + (
        f"grid:\n  model: {{polynomial: {{degree: {degree}}}}}\n  cost: half_mse\n  learning_rate: "
        f"{{over_L: 1}}\n"
        "  initialization: zeros\n  convergence: {max_iterations: 100}\n"
    )
    (found,) = told(tmp_path, text).values()
    values = spectrum([np.array(xs) ** k for k in range(1, degree + 1)], 1.0)
    assert found.verdict == "feature_basis"
    assert found.evidence["condition"] == pytest.approx(values[0] / values[-1], rel=1e-4)


# --- the best fixed rate


def test_even_the_best_rate_is_no_claim_that_another_rate_refutes(tmp_path):
    # the flattest direction is all but absent: 2/(L + μ) is nowhere near the best
    text = (
        "grid:\n  surface: {quadratic: {spectrum: [1, 1.0e-6]}}\n  learning_rate: [{over_L: 1}, "
        "{over_L: 1.9}]\n"
        "  initialization: {values: [1.0, 0.03]}\n  convergence: {max_iterations: 3}\ntargets: [1e-6]\n"
    )
    for found in told(tmp_path, text).values():
        for cause in found.causes:
            least = cause.evidence.get("needed_at_best")
            if least is not None:
                assert least <= 2 * 10**6


# --- a first step too long, one row's step, noise


def test_counts_from_ones_leap_and_are_told_to_standardize_with_a_rate_near_one_over_L(tmp_path):
    found = told(tmp_path, case(tmp_path, "counts", ("2000", "200")))
    for name, one in found.items():
        start = name.partition(" ")[2] or name
        cause = one.cause("first_step_too_long")
        if "constant" in name:
            assert one.first is cause
            assert cause.evidence["later"] == pytest.approx(62451, rel=1e-3)
            assert cause.evidence["curvature"] > 1e20
        else:
            assert one.cause("column_scales") is not None, start
        rate = one.first.remedy.changes["learning_rate"]["constant"]["rate"]
        assert rate == pytest.approx(1.0 / 140.4, rel=1e-2)
        assert one.cause("column_scales").evidence["standardized"] == pytest.approx(1.605, rel=1e-3)


def test_the_remedy_for_counts_arrives(tmp_path):
    text = case(tmp_path, "counts", ("[0.1, 1e-5, 1e-7]", "1e-5"), ("[{constant: 1}, zeros]", "{constant: 1}"))
    (found,) = told(tmp_path, text).values()
    run, *_ = only_run(tmp_path, mended(text, found.first.remedy, convergence=until(1e-6, 500)))
    assert run.result.outcome == "converged"
    assert run.result.iterations <= 4 * found.first.gain.with_remedy


@pytest.mark.parametrize("seed", [1, 2])
def test_other_exponential_costs_are_told_of_a_start_far_out(tmp_path, seed):
    rows, numbers = gaussian(seed, 40, 2)
    rows = [[10.0 + 3.0 * a, 5.0 + b, float(max(0, round(3 + a + numbers.gauss(0, 0.5))))] for a, b in rows]
    text = table(tmp_path, rows) + (
        "grid:\n  model: poisson\n  cost: poisson\n  learning_rate: 1.0e-6\n"
        "  initialization: {constant: 3}\n  convergence: {max_iterations: 50}\n"
    )
    (found,) = told(tmp_path, text).values()
    assert (found.verdict, found.grade) == ("first_step_too_long", ESTIMATED)


def test_one_rows_step_is_named_with_the_limit_of_the_largest_row(tmp_path):
    text = case(tmp_path, "one_row")
    rows = np.loadtxt(tmp_path / "line.csv", delimiter=",", skiprows=1)
    limit = 2.0 / (2.0 * max(rows[:, 0] ** 2 + 1.0))
    found = told(tmp_path, text, "learning_rate")
    for name in ("inverse_time(rate=0.001, decay=1e-06)", "0.001"):
        assert (found[name].verdict, found[name].grade) == ("row_step_too_long", PROVED)
        assert found[name].evidence["limit"] == pytest.approx(limit)
        assert found[name].cause("column_scales") is not None
        run, *_ = only_run(tmp_path, mended(text, found[name].first.remedy))
        assert run.result.outcome != "diverged"
    assert found["1e-05"].verdict == "nothing_wrong"


@pytest.mark.parametrize(("seed", "batch"), [(1, 1), (2, 2), (3, 5)])
def test_other_rows_and_batches_beyond_their_own_limit_are_named(tmp_path, seed, batch):
    rows, numbers = gaussian(seed, 30, 2)
    rows = [[a, b, a - b + numbers.gauss(0, 0.1)] for a, b in rows]
    largest = max(2.0 * (a * a + b * b + 1.0) for a, b, _ in rows)
    rate = 3.0 * 2.0 * batch / largest
    text = table(tmp_path, rows) + (
        f"grid:\n  model: linear\n  cost: mse\n  batch_size: {batch}\n  learning_rate: {rate}\n"
        "  initialization: zeros\n  convergence: {max_iterations: 600}\n"
    )
    (found,) = told(tmp_path, text).values()
    assert (found.verdict, found.grade) == ("row_step_too_long", PROVED)
    assert found.evidence["limit"] == pytest.approx(2.0 * batch / largest)


@pytest.mark.parametrize(("seed", "batch"), [(1, 1), (2, 3)])
def test_a_constant_stochastic_rate_is_told_of_its_noise_floor_and_half_of_it_lies_lower(tmp_path, seed, batch):
    rows, numbers = gaussian(seed, 30, 2)
    rows = [[a, b, a - b + numbers.gauss(0, 1.0)] for a, b in rows]
    text = table(tmp_path, rows) + (
        f"grid:\n  model: linear\n  cost: mse\n  batch_size: {batch}\n  learning_rate: [0.03, 0.003]\n"
        "  initialization: zeros\n  convergence: {max_iterations: 9000}\n"
    )
    runs = ran(tmp_path, text)
    for run, found, _ in runs[:1]:
        assert (found.verdict, found.grade) == ("noise_floor", ESTIMATED)
        # the rows' gradients by hand, where it ended
        w = np.array(run.result.parameters)
        G = np.array([[a, b, 1.0] for a, b, _ in rows])
        slopes = 2.0 * (G @ w - np.array([y for *_, y in rows]))[:, None] * G
        spread = ((slopes - slopes.mean(axis=0)) ** 2).sum(axis=1).mean()
        assert found.evidence["spread"] == pytest.approx(spread, rel=1e-9)
    assert runs[1][0].result.final_gap < runs[0][0].result.final_gap
