"""A plan holds every combination once, in the order of the grid, each under a key that is its identity."""

import json
import subprocess
from pathlib import Path

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.planning.plan import make_plan
from gdbench.planning.specs import key_of, target_name
from tests.interpreters import NAMES, find
from tests.sweeps import SWEEP, write

ROOT = Path(__file__).parents[2]


def plan_of(folder, text=SWEEP):
    return make_plan(load_experiment(write(folder, text)))


def test_repeats_apply_only_where_something_is_drawn(tmp_path):
    runs = plan_of(tmp_path).runs
    per_start = [(*run.spec["initialization"], run.spec["replicate"]) for run in runs]
    assert per_start == [("zeros", 0), ("normal", 0), ("normal", 1)] * 3


def test_the_shipped_sweep_has_twenty_four_runs():
    assert len(make_plan(load_experiment(ROOT / "configs" / "lr_sweep.yaml")).runs) == 6 * (1 + 3)


def test_keys_are_unique_and_the_same_when_the_plan_is_made_again(tmp_path):
    first, again = plan_of(tmp_path), plan_of(tmp_path)
    assert [run.key for run in first.runs] == [run.key for run in again.runs]
    assert len({run.key for run in first.runs}) == len(first.runs)
    assert first.id == again.id


@pytest.mark.parametrize(
    "change",
    [
        ("seed: 3", "seed: 4"),
        ("noise: 0.1", "noise: 0.2"),
        ("cost_change: 1.0e-9", "cost_change: 1.0e-8"),
        ("[1e-2, 1e-6]", "[1e-3, 1e-6]"),
        ("repeats: 2", "repeats: 2\ndivergence: 10.0"),
        ("model: linear", "model: linear\n  gradient: central"),
        ("model: linear", "model: linear\n  kernel: reference"),
    ],
    ids=lambda change: change[1].replace("\n", " "),
)
def test_whatever_can_change_a_result_changes_every_key(tmp_path, change):
    before = {run.key for run in plan_of(tmp_path).runs}
    after = {run.key for run in plan_of(tmp_path, SWEEP.replace(*change)).runs}
    assert before.isdisjoint(after)


@pytest.mark.parametrize(
    "change",
    [
        ("name: small", "name: other"),
        ("description: Which", "description: What"),
        ("model: linear", "model: [linear]"),
        ("model: linear", "model: linear\n  gradient: analytic"),
        ("1.0e-9", "0.000000001"),
        ("[0.0001, 0.2, 5.0]", "[5, 0.2, 1e-4]"),
    ],
    ids=lambda change: change[1].replace("\n", " "),
)
def test_what_cannot_change_a_result_changes_no_key(tmp_path, change):
    before = {run.key for run in plan_of(tmp_path).runs}
    assert {run.key for run in plan_of(tmp_path, SWEEP.replace(*change)).runs} == before


def test_a_new_seed_changes_only_the_runs_in_which_something_is_drawn(tmp_path):
    before = {run.key: run for run in plan_of(tmp_path).runs}
    after = {run.key for run in plan_of(tmp_path, SWEEP + "seed: 9\n").runs}
    kept = {next(iter(before[key].spec["initialization"])) for key in before.keys() & after}
    assert kept == {"zeros"}
    assert {next(iter(before[key].spec["initialization"])) for key in before.keys() - after} == {"normal"}


def test_parameters_that_contradict_one_another_are_refused_at_their_place(tmp_path):
    text = SWEEP.replace("normal: {std: 1.0}", "uniform: {low: 2, high: 1}")
    with pytest.raises(ConfigError, match="'low' of initializer 'uniform' must not be above 'high', but 2 > 1"):
        plan_of(tmp_path, text)


#: The first run of the small sweep as it has been recorded since the beginning, and its key.
RECORDED = {
    "data": "linear_data(12×2, seed=3)",
    "digest": "b2e5",
    "model": {"linear": {}},
    "cost": {"mse": {}},
    "penalty": {"none": {}},
    "gradient": {"analytic": {}},
    "optimizer": {
        "gradient_descent": {"momentum": 0.0, "dampening": 0.0, "nesterov": False, "weight_decay": 0.0}
    },
    "learning_rate": {"constant": {"rate": 0.0001}},
    "initialization": {"zeros": {}},
    "batch_size": {"full": {}},
    "clipping": {"none": {}},
    "convergence": {
        "any": [{"cost_change": {"tolerance": 1e-9, "patience": 1}}, {"max_iterations": {"limit": 400}}]
    },
    "kernel": {"compiled": {}},
    "targets": ["0.01", "1e-06"],
    "divergence": 1000000.0,
    "seed": 0,
    "replicate": 0,
    "kernel_version": 1,
}


def test_results_that_are_recorded_are_found_again(tmp_path):
    # a change of the config language must not orphan what people have run; KERNEL_VERSION may
    spec = plan_of(tmp_path).runs[0].spec
    apart = ("digest", "kernel", "kernel_version")
    assert {**spec, **{name: RECORDED[name] for name in apart}} == RECORDED
    assert key_of(RECORDED) == "6ef3a1632a4263c52e9c"


def test_the_name_of_the_data_is_not_part_of_the_key():
    spec = {"data": "a.csv → y", "digest": "0", "replicate": 0}
    assert key_of(spec) == key_of({**spec, "data": "b.csv → y"})
    assert key_of(spec) != key_of({**spec, "digest": "1"})


@pytest.mark.parametrize("name", [name for name in NAMES if name != "pypy3"])
def test_keys_are_the_same_under_every_interpreter(tmp_path, name):
    interpreter = find(name)
    if interpreter is None:
        pytest.skip(f"no working {name} on this machine")
    specs = [run.spec for run in plan_of(tmp_path).runs]
    code = (
        "import hashlib, json, sys\n"
        "drop = lambda s: {k: v for k, v in s.items() if k != 'data'}\n"
        "text = lambda s: json.dumps(drop(s), sort_keys=True, separators=(',', ':'))\n"
        "print([hashlib.sha256(text(s).encode()).hexdigest()[:20] for s in json.load(sys.stdin)])"
    )
    done = subprocess.run(
        [interpreter, "-c", code], input=json.dumps(specs), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str([key_of(spec) for spec in specs])


@pytest.mark.parametrize(("target", "name"), [(0.01, "0.01"), (1e-4, "0.0001"), (1e-6, "1e-06")])
def test_a_target_is_named_as_people_write_it(target, name):
    assert target_name(target) == name


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("{dataset: iris}", "has 3 different values (0, 1, 2). Keep two of its classes"),
        ("{dataset: diabetes}", "has 214 different values"),
    ],
)
def test_cross_entropy_of_more_than_two_classes_is_refused_with_the_reason(tmp_path, data, said):
    text = SWEEP.replace("cost: mse", "cost: logistic").replace(SWEEP.splitlines()[2], f"data: {data}")
    with pytest.raises(ConfigError) as refused:
        plan_of(tmp_path, text)
    (mistake,) = refused.value.mistakes
    assert said in mistake.message
    assert text.splitlines()[mistake.line - 1].strip() == "cost: logistic"
