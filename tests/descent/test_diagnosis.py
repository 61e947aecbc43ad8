"""What a run leaves for its diagnosis, and the verdicts that need more than one number to be seen."""

import json
import math
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gdbench.descent.descend import descend
from gdbench.descent.diagnosis import ESTIMATED, PROVED, UNKNOWN, Case, diagnose
from gdbench.descent.diagnosis.evidence import hidden_units
from gdbench.descent.diagnosis.probe import ends, sharpness
from gdbench.descent.diagnosis.trail import TAIL, Trail, not_finite, secant
from gdbench.descent.execute import execute
from gdbench.descent.iterate import Iterate
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.shape import Shape, dense
from gdbench.descent.recording.result import RunResult
from gdbench.descent.synthetic import GENERATORS
from gdbench.descent.theory.card import Card
from gdbench.descent.theory.known import Known
from tests.descent.problems import spec, table
from tests.interpreters import NAMES, find

ROOT = Path(__file__).parents[2]


def iterate(k, w, gradient, cost=1.0):
    return Iterate(k, w, cost, gradient, norm(gradient))


def quadratic_trail(rate, steps, eigenvalues=(1.0, 0.1)):
    """The trail of plain descent on ½ Σ λ w²."""
    trail, w = Trail(), [1.0] * len(eigenvalues)
    for k in range(steps + 1):
        g = [lam * w_j for lam, w_j in zip(eigenvalues, w, strict=True)]
        trail.see(iterate(k, w, g))
        w = [w_j - rate * g_j for w_j, g_j in zip(w, g, strict=True)]
    return trail


# --- the trail


def test_the_trail_keeps_steps_at_powers_of_two_and_the_last_ones():
    kept = [before.k for before, _ in quadratic_trail(0.5, 1000).steps]
    assert kept == sorted({2**i - 1 for i in range(10)} | set(range(1000 - TAIL, 1000)))
    assert all(now.k == before.k + 1 for before, now in quadratic_trail(0.5, 1000).steps)


def test_a_secant_along_an_eigenvector_is_its_eigenvalue_and_the_rate_comes_out():
    trail = quadratic_trail(0.7, 5, eigenvalues=(3.0,))
    for pair in trail.steps:
        k, rate, curvature = secant(*pair)
        assert (rate, curvature) == (pytest.approx(0.7), pytest.approx(3.0))
        assert k == int(k)


@pytest.mark.parametrize("factor", [0.9, 1.5, 2.1])
def test_a_secant_product_above_two_is_a_step_that_ends_steeper_than_it_began(factor):
    before, now = quadratic_trail(factor, 1, eigenvalues=(1.0,)).steps[0]
    _, rate, curvature = secant(before, now)
    assert rate * curvature == pytest.approx(factor)
    assert (abs(now.gradient[0]) > abs(before.gradient[0])) == (factor > 2.0)


def test_a_secant_that_is_lost_is_left_out():
    here = iterate(0, [1.0], [1.0])
    assert secant(here, iterate(1, [1.0], [1.0])) is None
    assert secant(here, iterate(1, [1e200], [1.0])) is None
    assert secant(iterate(0, [0.0], [0.0]), iterate(1, [1.0], [1.0])) is None


@pytest.mark.parametrize(
    ("w", "cost", "gradient", "quantity", "component"),
    [
        ([1.0, math.inf], 1.0, [1.0, 1.0], "parameter", 1),
        ([1.0, 1.0], math.nan, [math.nan, 1.0], "cost", None),
        ([1.0, 1.0], 1.0, [1.0, math.nan], "gradient", 1),
        ([1.0, 1.0], 1.0, [1.7e308, -1.75e308], "gradient norm", 1),
    ],
)
def test_the_first_quantity_that_is_not_finite_is_named_with_its_component(
    w, cost, gradient, quantity, component
):
    found = not_finite(Iterate(7, w, cost, gradient, norm(gradient)))
    assert (found["quantity"], found.get("component"), found["iteration"]) == (quantity, component, 7)
    assert json.dumps(found, allow_nan=False)


def test_a_finite_iterate_has_nothing_that_is_not():
    assert not_finite(iterate(3, [1.0], [2.0])) is None


# --- the probe


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("low", [-3.0, 0.1])
def test_the_probe_finds_both_ends_of_a_spectrum(seed, low):
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    values = np.array([low, 0.3, 0.5, 1.0, 1.4, 8.0])
    hessian = q @ np.diag(values) @ q.T
    found = ends(lambda w: list(hessian @ np.array(w)), [0.5] * 6)
    assert found.largest == pytest.approx(8.0, rel=1e-2)
    assert found.least == pytest.approx(low, abs=0.3)
    # Rayleigh quotients lie between the true ends
    assert low - 1e-6 <= found.least <= found.largest <= 8.0 + 1e-6
    assert sharpness(lambda w: list(hessian @ np.array(w)), [0.5] * 6)[0] == pytest.approx(8.0, rel=1e-2)


def test_the_probe_gives_nothing_where_the_gradient_is_not_finite():
    assert ends(lambda w: [math.nan for _ in w], [0.0, 1.0]) is None
    assert ends(lambda w: [1.0 / 0.0 for _ in w], [0.0, 1.0]) is None


# --- copies


def test_units_are_counted_by_what_goes_in_and_what_comes_out():
    shape = Shape(13, (dense(2, 3), dense(3, 1, 9)))  # W₁ 6, b₁ 3, W₂ 3, b₂ 1
    same = [1.0, 2.0] * 3 + [0.5] * 3 + [4.0] * 3 + [9.0]
    incoming, bias, outgoing = list(same), list(same), list(same)
    incoming[1], bias[8], outgoing[10] = 7.0, 7.0, 7.0
    assert hidden_units(shape, same, incoming) == [[1, 3, 1, 2]]
    assert hidden_units(shape, bias, outgoing) == [[1, 3, 2, 2]]
    assert hidden_units(Shape(3, (dense(2, 1),)), [0.0] * 3, [0.0] * 3) == []


# --- evidence, as execute leaves it

MLP = {"model": {"mlp": {"hidden": [8], "activation": "tanh"}}, "cost": {"half_mse": {}}}


def edge(rate=0.3, iterations=3000):
    """A small network trained with the whole gradient for a long time."""
    ours = spec(
        **MLP,
        learning_rate={"constant": {"rate": rate}},
        initialization={"xavier_normal": {"gain": 1.0}},
        convergence={"max_iterations": {"limit": iterations}},
    )
    made = GENERATORS["linear_data"]
    return ours, made.function(**made.resolve({"rows": 20, "features": 3, "noise": 1.0, "seed": 2}))


def judged(ours, result):
    """The first cause."""
    return diagnose(Case(ours, result, Known(Card())))[0]


@pytest.fixture(scope="module")
def at_the_edge():
    ours, data = edge()
    return ours, data, execute(ours, data, ProblemConstants())


def test_sharpness_settling_near_two_over_the_rate_is_seen_and_named(at_the_edge):
    ours, data, result = at_the_edge
    found = judged(ours, result)
    assert (found.code, found.grade) == ("edge_of_stability", ESTIMATED)
    # by another method: all eigenvalues of a Hessian by central differences, where the run ended
    objective = build_problem(ours, data, ProblemConstants()).objective

    def gradient(w):
        return np.array(objective.cost_and_gradient(list(w))[1])

    end, h = np.array(result.parameters), 1e-5
    units = np.eye(len(end))
    hessian = np.array([(gradient(end + h * e) - gradient(end - h * e)) / (2 * h) for e in units])
    true = np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1]
    assert result.evidence["sharpness"][-1][1] == pytest.approx(true, rel=0.02)
    assert true == pytest.approx(2.0 / 0.3, rel=0.05)


def test_a_network_with_a_small_rate_is_not_at_the_edge():
    ours, data = edge(rate=0.05, iterations=600)
    result = execute(ours, data, ProblemConstants())
    assert judged(ours, result).code != "edge_of_stability"
    assert "sharpness" not in result.evidence


def test_evidence_is_plain_and_comes_back_bit_for_bit(at_the_edge):
    *_, result = at_the_edge
    assert RunResult.from_plain(json.loads(json.dumps(result.to_plain(), allow_nan=False))) == result


def test_probing_is_not_counted_as_the_runs_work(at_the_edge):
    *_, result = at_the_edge
    assert result.gradient_evaluations == result.iterations + 1


def test_a_result_of_an_earlier_version_has_no_evidence_and_gets_no_proof():
    ours = spec(learning_rate={"constant": {"rate": 50.0}})
    result = replace(execute(ours, table(), ProblemConstants()), evidence={})
    assert (result.outcome, judged(ours, result).grade) == ("diverged", UNKNOWN)
    plain = result.to_plain()
    del plain["evidence"]
    assert RunResult.from_plain(plain).evidence == {}


def test_what_did_not_run_is_not_diagnosed():
    found = judged(spec(), RunResult("crashed", "The worker ended without a word."))
    assert (found.code, found.grade) == ("unexplained", UNKNOWN)


def test_the_trail_changes_no_iterate():
    ours, data = spec(), table()
    result = execute(ours, data, ProblemConstants())
    assert result.evidence["start"] == [0.0] * len(result.parameters)
    assert result.evidence["parameter_norm"] == norm(result.parameters)
    assert callable(descend)


PROGRAM = """
import json, sys
from gdbench.descent.execute import execute
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
ours, rows = json.load(sys.stdin)
result = execute(ours, Table([tuple(row) for row in rows], 3), ProblemConstants())
print(json.dumps(result.evidence))
"""


@pytest.mark.parametrize("name", NAMES)
def test_evidence_has_the_same_bits_everywhere(name):
    interpreter = find(name)
    if interpreter is None:
        pytest.skip(f"no working {name} on this machine")
    ours, data = edge(iterations=400)
    sent = json.dumps([ours, [list(row) for row in data.rows]])
    done = subprocess.run(
        [interpreter, "-S", "-c", PROGRAM], input=sent, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(json.dumps(execute(ours, data, ProblemConstants()).evidence))


def test_grades_are_what_the_docs_say():
    assert (PROVED, ESTIMATED, UNKNOWN) == ("proved", "estimated", "unknown")
