"""The next experiment: loaded and planned before it is offered, said alike by all voices, written and run."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gdbench.cli import cli
from gdbench.config.experiment import load_experiment
from gdbench.execution.launch import record_plan
from gdbench.judgement.answer import answer
from gdbench.judgement.next_experiment import Nothing, Offer, next_experiment, next_name
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from tests.judgement.told import table
from tests.swept import swept

GYM = "data: {dataset: linnerud, standardize: true}\ngrid:\n  model: linear\n  cost: mse\n"
LOGISTIC = (
    "data: {dataset: iris, classes: [setosa, versicolor], standardize: true}\n"
    "grid:\n  model: logistic\n  cost: logistic\n"
)
MOONS = "data: {synthetic: {moons: {rows: 20}}}\ngrid:\n  model: {mlp: {hidden: [3]}}\n  cost: logistic\n"
SHORT = "  convergence: {max_iterations: 60}\n"
TARGETS = "targets: [1e-2, 1e-6]\n"

#: What was run → the remedy that is offered, and what stands in its config.
OFFERED = {
    "too long steps": (
        GYM + "  learning_rate: [1.0, 5.0]\n" + SHORT + TARGETS,
        "shorter_steps",
        "learning_rate: [",
    ),
    "too short steps": (
        GYM + "  learning_rate: 1.0e-4\n" + SHORT + TARGETS,
        "take_rate",
        "learning_rate: [0.0001, ",
    ),
    "too short steps on a network": (
        MOONS + "  learning_rate: 1.0e-4\n  initialization: xavier_uniform\n" + SHORT,
        "take_rate",
        "learning_rate: [0.0001, ",
    ),
    "raw features": (
        "data: {dataset: diabetes}\ngrid:\n  model: linear\n  cost: mse\n  kernel: qr\n"
        "  learning_rate: {over_L: 1}\n" + SHORT + TARGETS,
        "standardize",
        "standardize: true",
    ),
    "no minimiser": (LOGISTIC + "  learning_rate: 0.5\n" + SHORT + TARGETS, "add_penalty", "l2:"),
    "copies": (MOONS + "  learning_rate: 0.5\n" + SHORT, "random_start", "xavier_uniform"),
    "stopped on the way": (
        GYM + "  learning_rate: {over_L: 1.9}\n  convergence: {max_iterations: 9}\n" + TARGETS,
        "go_on",
        "max_iterations",
    ),
    "a wrong gradient": (
        GYM
        + "  learning_rate: 0.1\n  gradient: {forward: {step: 50}}\n"
        + SHORT
        + "audit: analytic\n"
        + TARGETS,
        "balanced_step",
        "gradient:",
    ),
    "a local minimum": (
        "grid:\n  surface: rastrigin\n  learning_rate: 0.001\n  initialization: {values: [2.1, 2.9]}\n"
        "  convergence: {any: [{cost_change: 1.0e-12}, {max_iterations: 900}]}\n" + TARGETS,
        "another_start",
        "normal",
    ),
}


def offered(store):
    return next_experiment(study(store), store)


@pytest.mark.parametrize(("text", "code", "changed"), OFFERED.values(), ids=OFFERED)
def test_an_offer_is_a_config_that_can_be_run_and_says_why(tmp_path, text, code, changed):
    with swept(tmp_path, text) as store:
        offer = offered(store)
        known = {run.key for run in store.runs(curves=False)}
    assert isinstance(offer, Offer), offer
    assert (offer.what.code, offer.name) == (code, "swept_next")
    assert changed in offer.config
    offer.path.write_text(offer.text, encoding="utf-8")
    plan = make_plan(load_experiment(offer.path))
    assert plan.experiment.description == offer.why
    new = {run.key for run in plan.runs} - known
    assert new, "it runs nothing that has not been run"


def test_an_offer_runs_the_best_setting_again_to_compare(tmp_path):
    with swept(tmp_path, OFFERED["too short steps"][0]) as store:
        offer = offered(store)
        (before,) = store.runs(curves=False)
    offer.path.write_text(offer.text, encoding="utf-8")
    assert before.key in {run.key for run in make_plan(load_experiment(offer.path)).runs}


def test_axes_that_were_zipped_do_not_clash_with_what_is_changed(tmp_path):
    text = (
        "data: {synthetic: {linear_data: {rows: 30, features: 2, noise: 0.1}}}\n"
        "grid:\n  model: linear\n  cost: mse\n  zip:\n    learning_rate: [0.001, 0.002]\n"
        "    convergence: [{max_iterations: 50}, {max_iterations: 60}]\n" + TARGETS
    )
    with swept(tmp_path, text) as store:
        offer = offered(store)
    assert offer.what.code == "take_rate"
    assert offer.what.gain.exact


def test_a_fast_sweep_is_offered_nothing_and_told_why(tmp_path):
    text = GYM + "  learning_rate: {over_L: 1.0}\n  optimizer: {heavy_ball: {theoretical: true}}\n"
    text = text.replace("{over_L: 1.0}", "theoretical") + "  convergence: {max_iterations: 300}\n" + TARGETS
    with swept(tmp_path, text) as store:
        offer = offered(store)
    assert isinstance(offer, Nothing)
    assert offer.line == offer.why
    assert offer.why.endswith("what was wanted is met, and nothing known would halve the way.")


def test_where_no_number_is_finite_before_the_first_step_no_smaller_rate_is_told_or_offered(tmp_path):
    text = table(tmp_path, [(1.0, 1e160), (2.0, -1e160), (3.0, 2e160)])
    text += "grid:\n  model: linear\n  cost: mse\n  learning_rate: [0.1, 0.01]\n" + SHORT + TARGETS
    with swept(tmp_path, text) as store:
        said = answer(study(store)).text
        assert isinstance(offered(store), Nothing)
    assert said.startswith("Every setting diverged at its start, which no rate mends")
    assert "a number left the finite range, proved" in said


def test_a_sweep_that_is_not_complete_is_offered_nothing(tmp_path):
    with swept(tmp_path, GYM + "  learning_rate: [0.1, 5.0]\n" + SHORT) as store:
        path = Path(tmp_path / "swept.yaml")
        path.write_text(path.read_text().replace("5.0", "5.0, 0.2"), encoding="utf-8")
        record_plan(make_plan(load_experiment(path)), store)
        assert offered(store) == Nothing("swept", "running")


def test_a_config_that_is_gone_can_still_be_followed(tmp_path):
    with swept(tmp_path, OFFERED["too short steps"][0]) as store:
        (tmp_path / "swept.yaml").unlink()
        assert isinstance(offered(store), Offer)


def test_data_from_a_file_is_found_from_wherever_the_config_is_written(tmp_path):
    rows = "\n".join(f"{x},{3 * x + 1}" for x in range(20))
    (tmp_path / "line.csv").write_text(f"x,y\n{rows}\n", encoding="utf-8")
    text = "data: {file: line.csv, target: y}\ngrid:\n  model: linear\n  cost: mse\n  learning_rate: 1e-4\n"
    with swept(tmp_path, text + SHORT + TARGETS) as store:
        elsewhere = next_experiment(study(store), store, tmp_path / "other" / "place")
    elsewhere.path.parent.mkdir(parents=True)
    elsewhere.path.write_text(elsewhere.text, encoding="utf-8")
    assert make_plan(load_experiment(elsewhere.path)).runs


@pytest.mark.parametrize(
    ("name", "following"), [("a", "a_next"), ("a_next", "a_next_2"), ("a_next_2", "a_next_3")]
)
def test_the_one_after_the_next_is_the_second(name, following):
    assert next_name(name) == following


# --- gdbench next


def gdbench(*words):
    return CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False, standalone_mode=False)


@pytest.fixture
def recorded(tmp_path):
    with swept(tmp_path, OFFERED["too short steps"][0]) as store:
        return offered(store)


def test_next_prints_the_config(tmp_path, recorded):
    done = gdbench("next", "swept", "--results", tmp_path)
    assert done.stdout == recorded.text


def test_report_and_run_end_with_the_offer_in_one_line(tmp_path, recorded):
    gain = "(another rate: about 4000 times fewer iterations)"
    line = f"next: gdbench next swept --run --results {tmp_path}   {gain}"
    place = ("--results", tmp_path)
    reported = gdbench("report", "swept", "--format", "csv", *place)
    again = gdbench("run", tmp_path / "swept.yaml", *place, "--runner", "serial", "--no-tracking")
    for done in (reported, again):
        assert done.stderr.strip().splitlines()[-1] == line
    assert recorded.line == f"gdbench next swept --run   {gain}"


def test_next_writes_the_config_and_over_no_file_of_somebody_else(tmp_path, recorded):
    file = tmp_path / "own" / "next.yaml"
    for _ in range(2):
        assert gdbench("next", "swept", "--results", tmp_path, "-o", file).stdout == f"{file}\n"
    file.write_text("name: mine\n", encoding="utf-8")
    refused = CliRunner().invoke(cli, ["next", "swept", "--results", str(tmp_path), "-o", str(file)])
    assert "there is such a file already" in str(refused.exception)
    assert gdbench("next", "swept", "--results", tmp_path, "-o", file, "--force").stdout == f"{file}\n"
    assert make_plan(load_experiment(file)).runs


def test_next_runs_it_and_gains_what_was_told(tmp_path, recorded):
    words = ("next", "swept", "--results", tmp_path, "--run", "--runner", "serial", "--no-tracking", "--json")
    assert json.loads(gdbench(*words).stdout)["experiment"] == "swept_next"
    told = recorded.what.gain.with_remedy
    with Store.read(tmp_path / "swept_next") as store:
        (best,) = study(store).best
    assert 0.5 * told <= best.reach(recorded.what.target).median <= 2 * told
    assert (tmp_path / "swept_next.yaml").read_text(encoding="utf-8") == recorded.text
