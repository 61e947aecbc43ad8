"""What is said of rows held out: beside the training, over folds, and where settings are ranked by them."""

from types import SimpleNamespace

import pytest

from gdbench.config.experiment import read_experiment
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.execution.profiles.profile import Profile
from gdbench.judgement.answer import answer
from gdbench.judgement.methods.matrix import matrix
from gdbench.judgement.next_experiment import next_experiment
from gdbench.judgement.problem_answer import _mean_test_costs
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.record.frames import curves_frame, runs_frame
from gdbench.record.store import Store
from gdbench.report.analysis.ranks import critical_difference
from tests.execution.sweeping import run_all

SERIAL = Profile(kind="serial", workers=1, name="serial")
#: Fits its twelve rows ever better, and the rows held out ever worse.
OVERFITTING = (
    "data: {synthetic: {linear_data: {rows: 16, features: 1, noise: 1.0, seed: 1}}, test: {fraction: 0.25}}\n"
    "grid: {model: {polynomial: {degree: 7}}, cost: mse, learning_rate: [0.02, 0.0001],\n"
    "  optimizer: adam, convergence: {max_iterations: 3000}}\n"
)
FOLDS = (
    "data: {synthetic: {linear_data: {rows: 30, features: 2, noise: 0.3, seed: 1}}, test: {folds: 3}}\n"
    "grid: {model: linear, cost: mse, learning_rate: [0.3, 0.01], convergence: {max_iterations: 40}}\n"
    "targets: [0.01]\n"
)


def planned(folder, text):
    return make_plan(read_experiment(f"name: a\n{text}", folder / "a.yaml"))


@pytest.fixture
def ran(tmp_path):
    """text → the study of its runs, and the store."""
    opened = []

    def run(text):
        run_all(planned(tmp_path, text), tmp_path / "s", SERIAL)
        opened.append(Store.read(tmp_path / "s"))
        return study(opened[-1]), opened[-1]

    yield run
    for store in opened:
        store.close()


def test_the_answer_tells_of_the_rows_held_out_in_a_sentence(ran):
    about, store = ran(FOLDS.replace("{folds: 3}", "0.2").replace("[0.3, 0.01]", "0.3"))
    (run,) = about.runs
    held = run.result.held_out
    here, there = (f"R² {held[part]['r2']:.3f}" for part in ("train", "test"))
    costs = f"{held['cost']:.4g}", f"{run.result.final_cost:.4g}"
    said = f" On the 6 rows held out: cost {costs[0]}, {there}; on the 24 trained on: cost {costs[1]}, {here}."
    assert said in answer(about).text
    (told,) = answer(about).to_plain()["problems"]
    assert told["tested"]["cost"] == held["cost"]
    frame = runs_frame(store)
    assert frame["test_r2"].tolist() == [held["test"]["r2"]]
    assert frame["training_key"].tolist() != frame["key"].tolist()
    assert curves_frame(store)["test_cost"].iloc[-1] == held["cost"]


def test_a_test_cost_that_has_risen_is_told_with_the_iteration(ran):
    about, _ = ran(OVERFITTING)
    held = about.best[0].runs[0].result.held_out
    assert held["cost"] > 1.05 * held["best_cost"]
    assert f"The test cost was lowest, {held['best_cost']:.4g}, at iteration" in answer(about).text


def test_settings_are_ranked_by_the_rows_held_out_on_request(ran):
    usual, _ = ran(OVERFITTING)
    tested, _ = ran(f"{OVERFITTING}report: {{rank_by: test_cost}}\n")
    costs = {setting.rate: setting.test_cost for setting in tested.settings}
    assert tested.best[0].rate == min(costs, key=costs.__getitem__) != usual.best[0].rate
    assert [run.key for run in tested.runs] == [run.key for run in usual.runs]
    said = answer(tested).text
    assert said.startswith(
        f"By the rows held out, use η = {tested.best[0].axes['learning_rate']}, with the lowest"
    )


@pytest.mark.parametrize("text", [FOLDS.replace(", test: {folds: 3}", "")])
def test_nothing_is_ranked_by_rows_that_are_not_held_out(tmp_path, text):
    with pytest.raises(ConfigError, match="'rank_by: test_cost' needs rows that are held out, and linear_data"):
        planned(tmp_path, f"{text}report: {{rank_by: test_cost}}\n")


def test_the_answer_to_folds_is_one_sentence_with_mean_and_range(ran):
    about, _ = ran(FOLDS)
    best = [setting.runs[0].result.held_out for setting in about.best]
    costs = [held["cost"] for held in best]
    (line,) = answer(about).lines
    assert line.startswith("On linear · mse on linear_data(30×2, noise=0.3, seed=1) · 3 folds: Use η = 0.3, ")
    assert f"the best on all 3 folds. On the rows held out: cost {sum(costs) / 3:.4g}" in line
    assert f" ({min(costs):.4g} to {max(costs):.4g}), R² 0." in line


def test_folds_alone_are_told_apart_in_few_words(ran):
    about, _ = ran(FOLDS)
    assert [one.axes["data"] for one in about.settings[::2]] == [f"fold {k} of 3" for k in (1, 2, 3)]
    mixed, _ = ran(FOLDS.replace("seed: 1}}", "seed: [1, 2]}}"))
    assert mixed.settings[0].axes["data"].startswith("linear_data(30×2")


def test_over_folds_the_lowest_mean_test_cost_is_told_and_not_the_most_wins(ran):
    rates = "[0.3, 0.01, 0.02]"
    about, _ = ran(f"{FOLDS.replace('[0.3, 0.01]', rates)}report: {{rank_by: test_cost}}\n")
    costs = {}
    for setting in about.settings:
        costs.setdefault(setting.rate, []).append(setting.test_cost)
    means = {rate: sum(each) / len(each) for rate, each in costs.items()}
    best = min(means, key=means.__getitem__)
    (line,) = answer(about).lines
    assert f"By the rows held out, use η = {best}, with the lowest mean cost over 3 folds" in line
    assert f"On the rows held out: cost {means[best]:.4g} ({min(costs[best]):.4g} to" in line


def test_a_setting_that_is_lost_on_a_fold_is_not_the_best_of_all_by_its_mean():
    def fold(**costs):
        rivals = [
            SimpleNamespace(
                asked=lambda axes, name=name: name,
                test_cost=abs(cost),
                usable=cost > 0.0,
                lost=int(cost < 0.0),
                misled=False,
            )
            for name, cost in costs.items()
        ]
        return SimpleNamespace(rivals=rivals, axes=[])

    # a wins twice, b has the lower mean, and c is lost once
    folds = [fold(a=1.0, b=1.1, c=0.1), fold(a=1.0, b=1.1, c=0.1), fold(a=9.0, b=1.2, c=-0.1)]
    means = _mean_test_costs(folds)
    assert set(means) == {"a", "b"}
    assert min(means, key=means.__getitem__) == "b"


def test_a_next_experiment_is_offered_for_all_folds_at_a_rate_that_none_is_too_steep_for(ran, tmp_path):
    about, store = ran(FOLDS.replace("[0.3, 0.01]", "0.01").replace("[0.01]", "[1.0e-6]"))
    offered = next_experiment(about, store)
    again = read_experiment(offered.text, tmp_path / "b.yaml")
    assert [source.test.fold for source in again.sources] == [1, 2, 3]
    assert "3 folds, as on fold" in offered.line
    plan = make_plan(again)
    (rate,) = {one.spec["learning_rate"]["constant"]["rate"] for one in plan.runs} - {0.01}
    assert rate < min(2.0 / problem.smoothness for problem in about.problems.values())


def test_a_next_experiment_on_one_fold_that_was_asked_for_alone_is_offered_for_it_alone(ran, tmp_path):
    alone, store = ran(FOLDS.replace("folds: 3", "folds: 3, fold: 2").replace("[0.3, 0.01]", "0.01"))
    offered = next_experiment(alone, store)
    assert [one.test.fold for one in read_experiment(offered.text, tmp_path / "b.yaml").sources] == [2]


def test_folds_are_one_problem_to_every_test(ran):
    about, _ = ran(FOLDS)
    assert len(about.problems) == 3
    table = matrix(about)
    assert [problem.label for problem in table.problems] == [
        "linear · mse on linear_data(30×2, noise=0.3, seed=1) · 3 folds"
    ]
    assert "here is 1" in critical_difference(about).absent


def test_folds_of_different_data_are_different_problems(ran):
    two = FOLDS.replace("seed: 1}}", "seed: [1, 2]}}").replace("mse", "[mse, huber]")
    about, _ = ran(two)
    assert (len(about.problems), len(matrix(about).problems)) == (12, 4)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            (
                "data: {dataset: iris}\ngrid: {model: linear, cost: mse, learning_rate: 0.1, "
                "convergence: {any: [{test_cost: 5}, {max_iterations: 9}]}}\n"
            ),
            "this data holds none out. Add them, as in data: {dataset: diabetes, test: 0.2}",
        ),
        (
            (
                "data: {dataset: iris}\ngrid: {model: linear, cost: mse, learning_rate: 0.1, "
                "convergence: {max_iterations: 9}}\nwatch: {test_cost: 5}\n"
            ),
            "a.yaml:4:8: stopping rule 'test_cost' looks at rows that are held out",
        ),
        (
            (
                "data: {dataset: iris, test: {fraction: 0.34, shuffle: false}}\n"
                "grid: {model: softmax, cost: softmax, learning_rate: 0.1, convergence: {max_iterations: 9}}\n"
            ),
            "'target' is 'virginica' in a row held out",
        ),
    ],
)
def test_what_the_rows_held_out_cannot_serve_is_refused(tmp_path, text, answer):
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, text)
    assert answer in str(caught.value)


def test_data_without_noise_is_told_to_need_none(tmp_path):
    plan = planned(tmp_path, FOLDS.replace("noise: 0.3", "noise: 0.0"))
    assert "has no noise, so the rows held out tell what the others tell." in " ".join(plan.doubts)


@pytest.mark.parametrize("targets", ["test_cost", "[0.1, {test_cost: 0.5}]"])
def test_the_cost_on_rows_held_out_is_no_target(tmp_path, targets):
    with pytest.raises(
        ConfigError, match="the cost on rows held out is not minimised, so it is no target"
    ) as caught:
        planned(tmp_path, FOLDS.replace("targets: [0.01]", f"targets: {targets}"))
    assert len(caught.value.mistakes) == 1
