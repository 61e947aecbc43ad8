"""Numbers are called what they are: where a baseline is taken, where a run ended, what a curvature is of."""

import math

import numpy as np

from gdbench.config.experiment import load_experiment
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.record.frames import runs_of
from gdbench.reference.problem_records import problem_record, with_local_curvature
from gdbench.report.page.provenance import problem_properties
from gdbench.tracking import child
from tests.swept import swept

LASSO = """\
name: swept
data: {synthetic: {linear_data: {rows: 20, features: 3, noise: 0.1}}}
grid:
  model: linear
  cost: half_mse
  penalty: {l1: {strength: 0.02}}
  learning_rate: 0.1
  initialization: zeros
  convergence: {max_iterations: 9}
"""
OVERFLOWS = """\
grid:
  surface: rosenbrock
  learning_rate: 1.0e+80
  initialization: {constant: 2}
  convergence: {max_iterations: 9}
"""
PLUGIN = """\
from gdbench.descent.surfaces import surface


@surface("hollow", facts={"dimension": lambda: 1, "start": lambda: [3.0], "minimum": lambda: (0.0, [0.0])})
def hollow(w):
    return w[0] * w[0] - 1.0
"""
HOLLOW = """\
plugins: [hollow.py]
grid:
  surface: hollow
  learning_rate: [0.1, 0.2]
  initialization: {constant: 2}
  convergence: {any: [{gradient_norm: 1e-9}, {max_iterations: 500}]}
targets: [1e-3]
"""


def names(problem):
    return [name for name, _, _ in problem_properties(problem)]


def test_the_baseline_of_a_surface_is_said_to_be_at_its_published_start(tmp_path):
    with swept(tmp_path, OVERFLOWS) as store:
        [problem] = store.problems().values()
    assert math.isclose(problem.baseline, 24.2)  # of (−1.2, 1), where Rosenbrock began; at the origin it is 1
    assert "Cost at its published start" in names(problem)


def test_the_cost_of_a_run_that_overflows_is_not_that_of_its_last_finite_iterate(tmp_path):
    with swept(tmp_path, OVERFLOWS) as store:
        [recorded] = store.runs()
        about = study(store)
    [setting], [run] = about.settings, about.runs
    assert (recorded.result.cause, recorded.result.diverged_at) == ("cost_infinite", 1)
    assert recorded.result.final_cost == recorded.result.initial_cost
    assert math.isinf(setting.final_cost)
    assert math.isinf(runs_of(about)["final_cost"][0])
    sent = {point.key: point.value for point in child.content(run, setting.problem).points}
    assert not math.isfinite(sent.get("final/cost", math.inf))


def test_a_curvature_is_not_measured_across_the_kinks_of_a_penalty(tmp_path):
    path = tmp_path / "swept.yaml"
    path.write_text(LASSO, encoding="utf-8")
    plan = make_plan(load_experiment(path))
    (problem,) = plan.problems.values()
    found = with_local_curvature(problem_record(problem), problem, plan.runs[0].spec).theory.local_smoothness
    rows = np.array([(*row[:-1], 1.0) for row in problem.dataset.table.rows])
    largest = float(np.linalg.eigvalsh(rows.T @ rows / len(rows))[-1])
    assert math.isclose(found.value, largest, rel_tol=1e-3)


def test_what_a_plug_in_says_of_its_minimum_is_claimed_and_void_where_a_run_gets_below_it(tmp_path):
    (tmp_path / "hollow.py").write_text(PLUGIN, encoding="utf-8")
    with swept(tmp_path, HOLLOW) as store:
        [problem] = store.problems().values()
        about = study(store)
    assert problem.optimum.kind == "claimed"
    [judged] = about.problems.values()
    assert (judged.optimum.kind, judged.optimum.cost) == ("unknown", None)
    assert "below the 0 that were claimed" in judged.optimum.explanation
    assert {setting.reach_text("0.001") for setting in about.settings} == {"not measured"}
    assert about.outcomes == {"converged": 2}
