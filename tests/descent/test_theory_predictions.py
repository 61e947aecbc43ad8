"""Iterations predicted from the spectrum alone are those that runs need, to one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.config.experiment import load_experiment
from gdbench.descent.execute import execute
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.descent.theory.card import Card, Constant, packed
from gdbench.descent.theory.forecast import forecast
from gdbench.descent.theory.known import Known
from gdbench.descent.theory.prediction import contraction_of, first_below, gap_at, iterations_to
from gdbench.descent.theory.quadratic import Quadratic, radius
from gdbench.descent.theory.rates import (
    Update,
    best_contraction,
    best_rate,
    contraction,
    heavy_ball_momentum,
    nesterov_momentum,
    stability_limit,
    triple_contraction,
    triple_momenta,
)
from gdbench.descent.theory.updates import fixed_update
from gdbench.judgement.diagnoses import forecast_of
from gdbench.planning.plan import make_plan
from gdbench.record.records import RunRecord
from gdbench.reference.problem_records import problem_record

#: The slowest target that is waited for; what theory says takes longer is left to benchmarks/predictions.py.
LONGEST = 9000

DATA = {
    "diabetes standardized": "{dataset: diabetes, standardize: true}",
    "diabetes raw": "{dataset: diabetes}",
    "diabetes rescaled": "{dataset: diabetes, standardize: true, perturb: {scale: 3.0}}",
    "linnerud": "{dataset: linnerud, target: Waist, standardize: true}",
    "wine": "{dataset: wine, standardize: true}",
}
ON_DATA = "data: {data}\ngrid:\n  model: linear\n  cost: mse\n  kernel: qr\n"
ON_SURFACE = "grid:\n  surface: {{quadratic: {{condition: {kappa}, dimension: 5, rotated: true}}}}\n"
PROBLEMS = {name: ON_DATA.format(data=data) for name, data in DATA.items()} | {
    f"spectrum, κ = {kappa:g}": ON_SURFACE.format(kappa=kappa) for kappa in (10, 1000, 1000000)
}
PROBLEMS["without a bias"] = PROBLEMS["wine"].replace("linear", "{linear: {bias: false}}")
PROBLEMS["without a bias, raw"] = (
    PROBLEMS["linnerud"].replace(", standardize: true", "").replace("linear", "{linear: {bias: false}}")
)
#: η L: but 2/(L+μ), which depends on the problem.
FACTORS = (0.5, 1.0, 1.9, "best", 2.01)


def run(folder, problem, factor, optimizer="gradient_descent", start=None, limit=None):
    """(record of the run, record of its problem), run for as long as its last affordable target takes."""
    start = start or ("published" if "surface" in problem else "zeros")
    text = (
        f"name: t\n{problem}  learning_rate: {{over_L: 1}}\n  optimizer: {optimizer}\n"
        f"  initialization: {start}\n  convergence: {{max_iterations: {LONGEST}}}\n"
        "targets: [1e-2, 1e-4, 1e-6]\n"
    )
    path = folder / "t.yaml"
    path.write_text(text, encoding="utf-8")
    plan = make_plan(load_experiment(path))
    (planned,) = plan.runs
    (posed,) = plan.problems.values()
    record = problem_record(posed)
    if factor == "best":
        factor = 2 * record.smoothness / (record.smoothness + record.convexity)
    spec = {**planned.spec, "learning_rate": {"over_L": {"factor": factor}}}
    if limit:
        spec["convergence"] = {"max_iterations": {"limit": limit}}
    result = execute(spec, posed.dataset.table if posed.dataset else None, record.constants)
    return RunRecord(planned.key, spec, planned.problem, result, 0.0, 0.0), record


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_predicted_iterations_are_those_measured(tmp_path, problem, factor):
    record, posed = run(tmp_path, problem, factor)
    expected = forecast_of(record, posed)
    assert expected.kind == "exact"
    assert expected.iterations.keys() == {"0.01", "0.0001", "1e-06"}
    for target, predicted in expected.iterations.items():
        measured = record.result.iterations_to[target]
        if predicted is None or predicted > LONGEST:
            assert measured is None
        else:
            assert abs(measured - predicted) <= 1
    if factor == 2.01:
        assert expected.contraction == pytest.approx(1.01, rel=1e-9)
        assert record.result.outcome == "diverged"
        assert record.result.final_cost > record.result.initial_cost
    else:
        assert expected.contraction < 1.0


@pytest.mark.parametrize("start", ["zeros", "{normal: {std: 2.0}}"])
@pytest.mark.parametrize(
    "optimizer",
    [
        "{heavy_ball: {beta: 0.9}}",
        "{nesterov: {beta: 0.8}}",
        "nesterov",
        "{triple_momentum: {rho: 0.6}}",
        "{gradient_descent: {momentum: 0.7}}",
        "{gradient_descent: {momentum: 0.7, nesterov: true}}",
    ],
)
@pytest.mark.parametrize("factor", [0.5, 1.0, 2.5])
def test_momentum_is_predicted_as_exactly(tmp_path, optimizer, factor, start):
    record, posed = run(tmp_path, PROBLEMS["linnerud"], factor, optimizer, start, limit=400)
    expected = forecast_of(record, posed)
    assert expected.kind == "exact"
    for target, predicted in expected.iterations.items():
        measured = record.result.iterations_to[target]
        assert (measured is None) == (predicted is None or predicted > 400)
        assert measured is None or abs(measured - predicted) <= 1
    if expected.limit is not None:
        assert (record.result.outcome == "diverged") == (expected.update.rate > expected.limit)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(1e-4, 1.0), min_size=1, max_size=4),
    factor=st.floats(0.05, 2.05),
    gap=st.floats(1e-6, 0.9),
)
def test_the_first_iteration_below_a_gap_is_the_one_that_stepping_finds(values, factor, gap):
    quadratic = Quadratic(values, [1.0] * len(values))
    update, wanted = Update("plain", factor / max(values)), gap * Quadratic(values, [1.0] * len(values)).gap
    e, found = np.ones(len(values)), None
    for k in range(3000):
        if 0.5 * np.dot(values, e * e) <= wanted:
            found = k
            break
        e = e * (1.0 - update.rate * np.array(values))
    predicted = first_below(update, quadratic, wanted)
    if found is None:
        assert predicted is None or predicted >= 2999
    else:
        assert abs(predicted - found) <= 1


@pytest.mark.parametrize(
    "update",
    [
        Update("plain", 0.3),
        Update("heavy ball", 0.3, 0.8),
        Update("nesterov", 0.3, 0.8),
        Update("dampened", 0.3, 0.8, 0.4),
        Update("triple momentum", 0.3, 0.8, gamma=0.5),
    ],
)
def test_the_long_run_contraction_is_the_spectral_radius_of_the_iteration(update):
    lam, beta = 1.7, update.beta
    kept = 1.0 - update.rate * update.kept * lam
    row = [(1 + beta) * kept, -beta * kept] if update.kind == "nesterov" else [kept + beta, -beta]
    if update.kind == "triple momentum":
        pull = update.rate * lam
        row = [1 + beta - pull * (1 + update.gamma), pull * update.gamma - beta]
    largest = max(abs(np.linalg.eigvals([row, [1.0, 0.0]])))
    assert contraction_of(update, Quadratic([lam], [1.0])) == pytest.approx(largest, rel=1e-12)


@pytest.mark.parametrize("kind", ["plain", "heavy ball", "nesterov"])
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_the_stability_limit_is_where_the_iteration_begins_to_grow(kind, beta):
    limit = Update(kind, 1.0, beta).limit(2.0)
    for share, stable in ((0.999, True), (1.001, False)):
        factor = contraction_of(Update(kind, share * limit, beta), Quadratic([2.0], [1.0]))
        assert (factor < 1.0) == stable


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_the_triple_momentum_is_stable_up_to_its_own_limit(rho):
    beta, gamma, _, _ = triple_momenta(rho, 1.0)
    limit = Update("triple momentum", 1.0, beta, gamma=gamma).limit(2.0)
    for share, stable in ((0.999, True), (1.001, False)):
        update = Update("triple momentum", share * limit, beta, gamma=gamma)
        assert (contraction_of(update, Quadratic([2.0], [1.0])) < 1.0) == stable


@pytest.mark.parametrize("kappa", [4.0, 100.0, 1e4])
def test_the_triple_momentum_contracts_by_rho_at_both_ends_of_the_spectrum(kappa):
    rho = triple_contraction(1.0, kappa)
    beta, gamma, _, rate = triple_momenta(rho, kappa)
    update = Update("triple momentum", rate, beta, gamma=gamma)
    for lam in (1.0, 2.0, 0.5 * kappa, kappa):
        assert radius(update, lam) <= rho * (1.0 + 1e-6)
    assert radius(update, 1.0) == pytest.approx(rho, rel=1e-6)


@pytest.mark.parametrize("dampening", [0.3, 0.9])
def test_a_dampened_heavy_ball_is_stable_up_to_its_own_limit_and_its_iterations_are_told(dampening):
    beta, eigenvalues = 0.9, [2.0, 0.3]
    limit = Update("dampened", 1.0, beta, 1.0 - dampening).limit(2.0)
    assert limit == pytest.approx(2.0 * (1.0 + beta) / ((1.0 - dampening) * 2.0))
    optimizer = OPTIMIZERS["gradient_descent"].function(momentum=beta, dampening=dampening)
    for share in (0.5, 0.98, 1.02):
        update, w, first = Update("dampened", share * limit, beta, 1.0 - dampening), [1.0, -1.0], None
        state, wanted = optimizer.init(w), 1e-6 * Quadratic(eigenvalues, w).gap
        for k in range(4000):
            if first is None and Quadratic(eigenvalues, w).gap <= wanted:
                first = k
            w, state = optimizer.update(
                w, [a * b for a, b in zip(eigenvalues, w, strict=True)], state, update.rate
            )
        assert (Quadratic(eigenvalues, w).gap < 1.0) == (share < 1.0)
        predicted = iterations_to(update, Quadratic(eigenvalues, [1.0, -1.0]), {"": wanted}, 4000)
        assert predicted.get("") == first


def test_the_recommended_constants_are_the_published_ones():
    mu, top = 0.5, 8.0  # κ = 16
    assert stability_limit(top) == 0.25
    assert best_rate(mu, top) == 2 / 8.5
    assert best_contraction(mu, top) == pytest.approx(15 / 17)
    assert contraction(best_rate(mu, top), mu, top) == pytest.approx(15 / 17)
    root = math.sqrt(top), math.sqrt(mu)
    assert heavy_ball_momentum(mu, top).rate == pytest.approx(4 / sum(root) ** 2)
    assert heavy_ball_momentum(mu, top).beta == pytest.approx((3 / 5) ** 2)
    assert nesterov_momentum(mu, top).beta == pytest.approx(3 / 5)
    # with both, every component contracts by √β: Polyak's theorem
    both = heavy_ball_momentum(mu, top)
    found = contraction_of(Update("heavy ball", *both), Quadratic([mu, 3.0, top], [1.0] * 3))
    assert found == pytest.approx(3 / 5, rel=1e-6)


def test_what_grows_beyond_all_numbers_is_no_error():
    growing = Quadratic([1.0] * 9, [1e154] * 9)
    assert growing.gap == math.inf
    assert iterations_to(Update("heavy_ball", 5.0, 0.9), growing, {"0.1": 0.1}, 900) == {"0.1": None}


@pytest.mark.parametrize("rate", [1e-4, 1e-3, 0.01, 0.3, 0.7])  # slow, and waving
def test_a_heavy_ball_meets_gaps_when_it_does_step_by_step(rate):
    eigenvalues, start, beta = [5.0, 1.0, 0.2, 0.0], [1.0, -3.0, 0.5, 2.0], 0.9
    whole = Quadratic(eigenvalues, start).gap
    gaps = {f"{share}": share * whole for share in (2.0, 0.3, 1e-3, 1e-3 * (1 + 1e-12), 1e-9)}
    w, before, met = start, start, {}
    for k in range(1501):
        gap = Quadratic(eigenvalues, w).gap
        met.update({name: k for name, wanted in gaps.items() if name not in met and gap <= wanted})
        pairs = zip(eigenvalues, w, before, strict=True)
        w, before = [(1.0 - rate * lam) * e + beta * (e - v) for lam, e, v in pairs], w
    assert iterations_to(Update("heavy ball", rate, beta), Quadratic(eigenvalues, start), gaps, 1500) == met


def test_a_component_that_is_not_there_neither_grows_nor_slows():
    quadratic = Quadratic([10.0, 1.0], [0.0, 1.0])
    update = Update("plain", 0.5)  # 5/L
    assert contraction_of(update, quadratic) == 0.5
    assert iterations_to(update, quadratic, {"half": quadratic.gap / 4}, 10) == {"half": 1}
    assert gap_at(update, quadratic, 2) == pytest.approx(0.5 / 16)


SMOOTH = {
    "logistic, two irises": "data: {dataset: iris, classes: [versicolor, virginica], standardize: true}\n"
    "grid:\n  model: logistic\n  cost: logistic\n",
    "logistic with a penalty on all": "data: {dataset: iris, classes: [versicolor, virginica]}\n"
    "grid:\n  model: logistic\n  cost: logistic\n  penalty: {l2: {strength: 0.1, bias: true}}\n",
    "huber": "data: {dataset: linnerud, standardize: true}\n"
    "grid:\n  model: linear\n  cost: {huber: {delta: 20}}\n",
}


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.9])
@pytest.mark.parametrize("problem", SMOOTH.values(), ids=SMOOTH)
def test_a_bound_is_called_a_bound_and_holds(tmp_path, problem, factor):
    record, posed = run(tmp_path, problem, factor, limit=1500)
    expected = forecast_of(record, posed)
    assert expected.kind == "bound"
    for target, most in expected.iterations.items():
        measured = record.result.iterations_to[target]
        assert measured is None or measured <= most
        assert measured is not None or most > 1500


def test_beyond_the_limit_a_smooth_convex_cost_gets_no_bound(tmp_path):
    record, posed = run(tmp_path, SMOOTH["logistic, two irises"], 2.5, limit=50)
    expected = forecast_of(record, posed)
    assert (expected.kind, expected.iterations) == ("asymptotic", {})


def spec(**changes):
    return {
        "optimizer": {"gradient_descent": {}},
        "learning_rate": {"constant": {"rate": 0.1}},
        "gradient": {"analytic": {}},
        **changes,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"gradient": {"forward": {"step": None}}},
        {"batch_size": {"rows": {"size": 5}}},
        {"clipping": {"norm": {"limit": 1.0}}},
        {"optimizer": {"adam": {}}},
        {"optimizer": {"gradient_descent": {"weight_decay": 0.1}}},
        {"learning_rate": {"exponential": {"rate": 0.1, "factor": 0.9}}},
        {"learning_rate": {"backtracking": {}}},
        {"learning_rate": {"over_L": {"factor": 1.0}}},  # of a problem without L
    ],
)
def test_no_theorem_of_fixed_rates_is_applied_where_its_premises_fail(change):
    card = Card(
        quadratic=True,
        convex=True,
        smoothness=Constant(1.0, "exact", ""),
        spectrum=(1.0,),
        directions=packed([[1.0]]),
    )
    known = Known(card, start=[0.0], minimiser=[1.0], gap=0.5, gaps={"0.1": 0.05})
    assert fixed_update(spec(**change)) is None
    assert forecast(spec(**change), known) is None
    assert forecast(spec(), known).kind == "exact"
