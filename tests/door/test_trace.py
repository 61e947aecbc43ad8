"""gdbench trace: the algorithm by hand, with the bits of the run."""

import math
import re
from pathlib import Path

import pytest

import gdbench
from gdbench.config.experiment import load_experiment
from gdbench.descent.execute import execute
from gdbench.planning.plan import make_plan
from gdbench.reference.problem_records import problem_record
from gdbench.session.trace import follow_run
from tests.cli.shell import here
from tests.sampling import sampled

CONFIGS = Path(__file__).parents[2] / "configs"
SHIPPED = sorted(path.stem for path in CONFIGS.glob("*.yaml"))
STEPS = 3

FLATS = """
name: flats
data: {file: flats.csv, target: price}
grid: {model: linear, cost: mse, learning_rate: 0.1, kernel: reference, convergence: {max_iterations: 5}}
"""
TABLE = "rooms,price\n1,2\n2,3\n"


@sampled("name", SHIPPED, 4, kept=["stochastic", "optimizers", "surfaces"])
def test_every_kind_of_run_is_followed_with_the_bits_that_it_has(name):
    plan = make_plan(load_experiment(CONFIGS / f"{name}.yaml"))
    for run in plan.runs[:: max(1, len(plan.runs) // 3)]:
        problem = plan.problems[run.problem]
        table = problem.dataset.table if problem.dataset else None
        curve = execute(run.spec, table, problem_record(problem).constants).curve
        known = dict(zip(curve.iteration, curve.series["cost"], strict=True))
        steps = follow_run(plan, STEPS, [run.key]).steps
        assert steps[0].now.k == 0
        for step in steps:
            if math.isfinite(step.now.cost):
                assert step.now.cost == known.get(step.now.k, step.now.cost)
        assert sum(step.now.k in known for step in steps) >= min(2, len(known))
        assert steps[-1].verdict or sum(len(step.moves) for step in steps) >= STEPS


@pytest.fixture
def flats(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("flats.csv").write_text(TABLE)
    Path("flats.yaml").write_text(FLATS)
    return tmp_path


def test_every_line_of_a_small_run_is_what_pencil_and_paper_give(flats):
    said = repr(gdbench.trace("flats.yaml", steps=1))
    # w = (0, 0): errors −2 and −3; f = (4 + 9)/2; ∂f/∂w = 2/2 (−2·1 − 3·2) = −8; ∂f/∂b = −5
    for line in [
        "f(w) is the mean of the cost over 2 rows.",
        "∂f/∂wⱼ = (1/n) Σ 2 · s xⱼ, where s = z − y; for the bias xⱼ = 1",
        "row 1: z = 0 · 1 + 0 = 0; y = 2; cost 4",
        "row 2: z = 0 · 2 + 0 = 0; y = 3; cost 9",
        "f(w) = 6.5",
        "∂f/∂rooms = 2/2 · ((-2) · 1 + (-3) · 2) = -8.0",
        "∂f/∂bias = 2/2 · ((-2) · 1 + (-3) · 1) = -5.0",
        "rooms ← 0 − 0.1 · (-8) = 0.8",
        "bias ← 0 − 0.1 · (-5) = 0.5",
        "max_iterations: k ≥ 5: 0 ≥ 5 → no",
        "rooms = 0.8",
    ]:
        assert line in said


NUMBER = r"\(?(-?[\d.,]+(?:e-?\d+)?)\)?"
UPDATE = re.compile(rf"← {NUMBER} − {NUMBER} · {NUMBER} = (\S+)$")


def test_the_numbers_that_are_put_in_give_the_number_that_comes_out():
    lines = gdbench.trace(CONFIGS / "quickstart.yaml", steps=3).lines
    updates = [found for line in lines if (found := UPDATE.search(line))]
    assert len(updates) == 3 * 8
    for found in updates:
        w, rate, slope, after = (float(text.replace(",", "")) for text in found.groups())
        assert w - rate * slope == pytest.approx(after, rel=1e-4, abs=1e-6)


def test_the_end_of_a_run_is_told(flats):
    said = gdbench.trace("flats.yaml", steps=50)
    assert said.lines[-1].strip().startswith("the run ends: stopped")
    assert len(said.steps) == 6


def test_a_diverging_run_is_followed_to_its_end(flats):
    said = gdbench.trace("flats.yaml", steps=1000, overrides=["grid.learning_rate=1e30"])
    assert "the run ends: diverged" in repr(said)


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(flats, columns):
    whole = here("trace", "flats.yaml", cwd=flats, COLUMNS="10000").stdout
    told = here("trace", "flats.yaml", cwd=flats, COLUMNS=str(columns)).stdout
    assert max(map(len, told.splitlines())) <= columns
    assert told.split() == whole.split()


def test_a_number_of_steps_that_nobody_reads_is_refused(flats):
    with pytest.raises(gdbench.GdbenchError, match="0 to 1000 steps"):
        gdbench.trace("flats.yaml", steps=5000)
    with pytest.raises(gdbench.GdbenchError, match="no run is so"):
        gdbench.trace("flats.yaml", only=["learning_rate=7"])


@pytest.mark.parametrize(
    ("optimizer", "penalty", "line"),
    [
        ("gradient_descent", "{elastic_net: {strength: 2}}", " + 1 · 0.8 + 1 = "),  # after w = 0.1 · 8
        ("gradient_descent", "{l2: {strength: 3}}", " + 3 · 0.8 = "),
        ("ista", "{l1: {strength: 9}}", ", drawn towards 0 by up to 9, = 0.0"),  # the slope −8 is within
    ],
)
def test_the_slope_of_a_penalty_is_told(flats, optimizer, penalty, line):
    config = FLATS.replace("cost: mse,", f"cost: mse, optimizer: {optimizer}, penalty: {penalty},")
    (flats / "flats.yaml").write_text(config)
    said = " ".join(repr(gdbench.trace("flats.yaml", steps=2)).split())
    assert line in said
