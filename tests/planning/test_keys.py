"""What a config plans keeps its keys from one gdbench to the next, so that nothing is run twice."""

import hashlib
import json
from pathlib import Path

import pytest

from gdbench.config.experiment import load_experiment, read_experiment
from gdbench.config.wording import run_label
from gdbench.planning.plan import make_plan
from gdbench.planning.specs import key_of

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


def test_a_run_among_many_has_the_key_that_it_has_by_itself():
    grid = "{model: linear, cost: mse, learning_rate: [0.1, over_L], initialization: [zeros, normal], "
    grid += "convergence: {max_iterations: 9}}"
    text = f"name: x\ndata: {{dataset: diabetes}}\nrepeats: 12\ngrid: {grid}\n"
    runs = make_plan(read_experiment(text, Path("config.yaml"))).runs
    assert len(runs) == 2 * (1 + 12)
    assert [run.key for run in runs] == [key_of(run.spec) for run in runs]
    assert [run.label for run in runs] == [
        run_label(run.spec, ["learning_rate", "initialization"]) for run in runs
    ]
