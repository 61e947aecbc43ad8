"""Contenders from outside: SciPy and PyTorch take our gradients, and our loop records and ends them."""

import gc
import sys
import threading

import numpy as np
import pytest
from scipy.optimize import minimize

from gdbench.config.experiment import load_experiment
from gdbench.descent.errors import BadParameter, GdbenchError
from gdbench.descent.execute import execute
from gdbench.descent.optimizers import OPTIMIZERS, optimizer_facts, radam
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.execution.launch import cargo_of
from gdbench.execution.profiles.profile import Profile
from gdbench.planning.plan import make_plan
from gdbench.plugins import loading
from gdbench.plugins.packages import CONTENDERS, load_module
from tests.descent.test_averages import spec
from tests.descent.test_optimizers import quadratic_gradient, steps

START = [1.0, -2.0, 3.0]


@pytest.fixture(autouse=True)
def contenders():
    """They are here for these tests alone: others go through all optimizers that are registered."""
    yield load_module(f"gdbench.{CONTENDERS}", CONTENDERS)
    for name in ("torch", "scipy"):
        OPTIMIZERS.remove(name)
    for name in [name for name in sys.modules if name.startswith("gdbench.contenders")]:
        del sys.modules[name]
    loading._loaded.clear()
    loading._originals.clear()


def cost(w):
    g = quadratic_gradient(w)
    return 0.5 * sum((g_j - b) * w_j for g_j, b, w_j in zip(g, [-1.0, 2.0, -0.5], w, strict=True))


def made(name, /, **given):
    entry = OPTIMIZERS[name]
    parameters = entry.resolve(given)
    entry.check(parameters)
    return entry.function(**parameters)


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "CG", "TNC"])
def test_our_iterates_are_the_points_that_scipy_evaluates(method):
    asked = []

    def both(x):
        asked.append(x.tolist())
        return cost(x.tolist()), np.array(quadratic_gradient(x.tolist()))

    endless = {"maxfun": 10**9} if method == "TNC" else {"maxiter": 10**9}
    endless |= {"maxfun": 10**9} if method == "L-BFGS-B" else {}
    found = minimize(both, np.array(START), jac=True, method=method, tol=0.0, options=endless)
    optimizer, w, path = made("scipy", method=method), START, []
    state = optimizer.init(w)
    for _ in asked:
        path.append(w)
        w, state = optimizer.update(w, quadratic_gradient(w), state, 0.1, cost(w))
    assert path == asked
    # it has ended by itself, and stays where it ended
    assert w == found.x.tolist()
    assert optimizer.update(w, quadratic_gradient(w), state, 0.1, cost(w))[0] == w


def test_a_stopping_rule_of_ours_ends_scipys_loop_and_its_thread():
    job = spec(optimizer={"scipy": {"method": "BFGS", "options": None}})
    job["convergence"] = {"max_iterations": {"limit": 2}}
    result = execute(job, None, ProblemConstants(optimum=0.0, baseline=1.0))
    assert (result.iterations, result.outcome) == (2, "stopped")
    gc.collect()
    for thread in [one for one in threading.enumerate() if one.name.startswith("scipy")]:
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_a_run_by_scipy_counts_its_work_as_every_other_does():
    job = spec(optimizer={"scipy": {"method": "L-BFGS-B", "options": "maxcor=5"}})
    result = execute(job, None, ProblemConstants(optimum=0.0, baseline=1.0))
    assert result.cost_evaluations == result.gradient_evaluations == result.iterations + 1
    assert result.final_gap < 1e-12


@pytest.mark.parametrize("options", ["1", "a=", "lr=open('x')", "**{}"])
def test_options_are_keyword_arguments_of_plain_values(options):
    for name in ("scipy", "torch"):
        with pytest.raises(BadParameter, match=f"'options' of optimizer '{name}' must be keyword arguments"):
            made(name, options=options)


def test_the_fact_says_whose_steps_they_are():
    assert optimizer_facts({"scipy": {}}).foreign == "scipy"
    assert optimizer_facts({"torch": {}}).foreign == "torch"
    assert not any(optimizer_facts({name: {}}).foreign for name in ("adam", "gradient_descent"))


def test_pytorch_takes_our_steps():
    pytest.importorskip("torch", reason="PyTorch is an extra: pip install 'gdbench[torch]'")
    theirs = steps(made("torch", name="RAdam", options="betas=(0.8, 0.99)"), quadratic_gradient, START, 0.1, 50)
    ours = steps(radam(0.8, 0.99), quadratic_gradient, START, 0.1, 50)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(other, rel=1e-11, abs=1e-12)
    with pytest.raises(GdbenchError, match="LBFGS evaluates the cost itself"):
        made("torch", name="LBFGS").init(START)
    with pytest.raises(GdbenchError, match="Adem is not in torch"):
        made("torch", name="Adem").init(START)


def test_without_pytorch_a_run_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(GdbenchError, match=r"needs the package torch, .*pip install 'gdbench\[torch\]'"):
        made("torch", name="RAdam")


CONFIG = """\
name: outside
plugins: [contenders]
grid:
  surface: rosenbrock
  optimizer: [{scipy: {method: BFGS}}, gradient_descent]
  learning_rate: 0.001
  convergence: {max_evaluations: 20}
"""


def test_a_config_asks_for_them_by_name_and_pypy_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "outside.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    plan = make_plan(load_experiment(path))
    assert "optimizer scipy" in plan.runs[0].spec["plugins"]
    assert "plugins" not in plan.runs[1].spec
    with pytest.raises(GdbenchError, match="run under CPython only: choose another runner"):
        cargo_of(plan, Profile(kind="pypy", name="pypy"))
    path.write_text(CONFIG.replace("plugins: [contenders]\n", ""), encoding="utf-8")
    OPTIMIZERS.remove("scipy")
    with pytest.raises(GdbenchError, match="no optimizer is called 'scipy'"):
        load_experiment(path)
