"""What a config plans keeps its keys from one gdbench to the next, so that nothing is run twice."""

import hashlib
import json
from pathlib import Path

import pytest

from gdbench.config.experiment import load_experiment, read_experiment
from gdbench.planning.plan import make_plan

CONFIGS = Path(__file__).parents[2] / "configs"

#: Config → the number of its runs, a hash over their keys in order, and the plan's id, as of kernel version 4.
KEYS = json.loads(Path(__file__).with_name("keys.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", KEYS)
def test_a_shipped_config_plans_the_runs_and_keys_that_it_planned_before(name):
    plan = make_plan(load_experiment(CONFIGS / f"{name}.yaml"))
    keys = " ".join(run.key for run in plan.runs)
    digest = hashlib.sha256(keys.encode()).hexdigest()[:20]
    assert {"runs": len(plan.runs), "digest": digest, "plan": plan.id} == KEYS[name]


def test_a_restart_that_is_none_is_not_written_down():
    def chosen(given):
        grid = "{model: linear, cost: mse, learning_rate: 0.1, convergence: {max_iterations: 9}, "
        text = f"name: x\ndata: {{dataset: diabetes}}\ngrid: {grid}optimizer: {{nesterov: {given}}}}}\n"
        return make_plan(read_experiment(text, Path("config.yaml"))).runs[0]

    plain = chosen("{}")
    assert chosen("{restart: none}").key == plain.key != chosen("{restart: gradient}").key
    assert "restart" not in plain.spec["optimizer"]["nesterov"]
