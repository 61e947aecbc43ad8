"""A sweep long enough to be disturbed, and what a serial runner makes of it."""

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.planning.plan import make_plan
from tests.execution.sweeping import run_bits
from tests.sweeps import write

#: 20 runs of a tenth of a second or two.
SWEEP = """\
name: small
data: {synthetic: {linear_data: {rows: 12, features: 2, noise: 0.1, seed: 3}}}
grid:
  model: linear
  cost: mse
  learning_rate: {linspace: [0.0001, 0.0003, 20]}
  convergence: {max_iterations: 12000}
"""


@pytest.fixture(scope="session")
def plan(tmp_path_factory):
    return make_plan(load_experiment(write(tmp_path_factory.mktemp("config"), SWEEP)))


@pytest.fixture(scope="session")
def serially(tmp_path_factory):
    """Gives for a plan key → the bits that every runner must give."""
    known = {}

    def bits_of(plan):
        if plan.id not in known:
            known[plan.id] = run_bits(plan, tmp_path_factory.mktemp("serial"))
        return known[plan.id]

    return bits_of


@pytest.fixture
def longer(tmp_path):
    """The same, twenty times as long."""
    return make_plan(load_experiment(write(tmp_path, SWEEP.replace("12000", "240000"))))
