"""What a study compares, what each method tunes, by which runs, and what stands for it in each view."""

import math

import pytest

from gdbench.judgement.methods.matrix import absent_from, chosen_of, matrix, not_in_grid
from gdbench.judgement.methods.roles import roles
from gdbench.judgement.methods.views import DEFAULTS, ONE, TUNED
from tests.judgement.played import choice, played, problem, run, study

INF = math.inf


def of_axes(**axes):
    """A plan in which these axes vary."""
    specs = [{}]
    for axis, values in axes.items():
        specs = [{**spec, axis: value} for spec in specs for value in values]
    return study([run(i, "p", 5, spec) for i, spec in enumerate(specs)], [problem("p")]).plan


OPTIMIZERS = [{"adam": {"beta1": 0.9}}, {"lion": {"beta1": 0.9}}]
RATES = [{"constant": {"rate": 0.1}}, {"constant": {"rate": 0.01}}]
STARTS = [{"zeros": {}}, {"normal": {}}]
BATCHES = [{"full": {}}, {"rows": {"size": 32}}]
LIMITS = [{"max_iterations": {"limit": 10}}, {"max_iterations": {"limit": 20}}]


@pytest.mark.parametrize(
    ("axes", "compared", "tuned", "neither"),
    [
        ({"optimizer": OPTIMIZERS, "learning_rate": RATES}, ["optimizer"], ["learning_rate"], []),
        ({"learning_rate": RATES}, ["learning_rate"], [], []),
        ({"learning_rate": RATES, "initialization": STARTS}, ["learning_rate"], [], ["initialization"]),
        ({"batch_size": BATCHES, "learning_rate": RATES}, ["batch_size"], ["learning_rate"], []),
        ({"optimizer": OPTIMIZERS, "batch_size": BATCHES}, ["optimizer", "batch_size"], [], []),
        ({"optimizer": OPTIMIZERS, "convergence": LIMITS}, ["optimizer"], [], ["convergence"]),
        ({"initialization": STARTS}, ["initialization"], [], []),
        ({"convergence": LIMITS}, ["convergence"], [], []),
    ],
)
def test_what_is_compared_and_tuned_is_inferred(axes, compared, tuned, neither):
    found = roles(of_axes(**axes))
    assert (list(found.compared), found.tuned_names, list(found.neither)) == (compared, tuned, neither)


PAIRS = [f"{name} · η={rate}" for name in ("adam", "adam(0.5)", "lion") for rate in (0.1, 0.01)]
BETAS = [{"adam": {"beta1": 0.9}}, {"adam": {"beta1": 0.5}}, {"lion": {"beta1": 0.9}}]


@pytest.mark.parametrize(
    ("asked", "methods", "candidates"),
    [
        ({}, ["adam", "lion"], 6),
        ({"compare": ["optimizer"]}, ["adam", "lion"], 6),
        ({"compare": ["optimizer", "optimizer.beta1"]}, ["adam", "adam(0.5)", "lion"], 6),
        ({"compare": ["optimizer"], "tune": ["learning_rate"]}, ["adam", "adam(0.5)", "lion"], 6),
        ({"tune": ["learning_rate", "optimizer.beta1"]}, ["adam", "lion"], 6),
        ({"compare": ["learning_rate"]}, ["η=0.1", "η=0.01"], 2),
        ({"compare": ["learning_rate"], "tune": ["optimizer"]}, ["η=0.1", "η=0.01"], 6),
        (
            {"tune": []},
            [f"{o} · η={r}" for o in ("adam", "adam(0.5)", "lion") for r in (0.1, 0.01)],
            6,
        ),
    ],
)
def test_a_config_says_what_is_compared_and_tuned(asked, methods, candidates):
    runs = [
        run(i, "p", 5, {"optimizer": optimizer, "learning_rate": rate})
        for i, (optimizer, rate) in enumerate((o, r) for o in BETAS for r in RATES)
    ]
    board = study(runs, [problem("p")], methods=asked).methods
    assert board.methods == methods
    assert sum(map(len, board.candidates.values())) == candidates


def test_the_parameters_of_one_optimizer_alone_are_compared():
    found = roles(of_axes(optimizer=BETAS[:2], learning_rate=RATES))
    assert (found.compared, found.tuned_names) == (("optimizer",), ["learning_rate"])


def test_a_candidate_that_was_lucky_where_it_was_tuned_is_shown_where_it_was_not():
    about = played(
        {
            ("adam", 0.1): {"p": [10, 500, 700]},
            ("adam", 0.01): {"p": [20, 20, 20]},
            ("lion", 0.1): {"p": [30, 40, 50]},
        }
    )
    found = matrix(about)
    assert found.effort == {"adam": {"p": 600.0}, "lion": {"p": 45.0}}
    assert found.how == "Methods: tuned for each problem. Tuned on 1 of 3 starts, reported on the other 2."


def test_with_one_start_it_says_that_tuning_and_reporting_share_it():
    about = played({("adam", 0.1): {"p": [10]}, ("adam", 0.01): {"p": [20]}, ("lion", 0.1): {"p": [30]}})
    assert matrix(about).effort == {"adam": {"p": 10.0}, "lion": {"p": 30.0}}
    assert "Tuned and reported on the same runs" in matrix(about).how


def test_where_nothing_is_tuned_all_runs_are_reported():
    about = played({("adam", 0.1): {"p": [10, 20, 60]}, ("lion", 0.1): {"p": [30, 30, 30]}})
    assert matrix(about).effort == {"adam": {"p": 20.0}, "lion": {"p": 30.0}}
    assert matrix(about).how == ""


def test_folds_are_parted_before_starts_and_are_one_problem():
    folds = [problem("p", fold) for fold in range(5)]
    times = {0.1: (10, 10, 90, 90, 90), 0.01: (20, 20, 20, 20, 20)}
    runs = [
        run(f"{rate}-{fold}-{start}", folds[fold].id, times[rate][fold], choice("adam", rate), start)
        for rate in times
        for fold in range(5)
        for start in range(2)
    ]
    runs += [run(f"l{fold}", folds[fold].id, 50, choice("lion", 0.1), 0) for fold in range(5)]
    about = study(runs, folds)
    found = matrix(about)
    assert found.effort == {"adam": {"p": 90.0}, "lion": {"p": 50.0}}
    assert "Tuned on 2 of 5 folds, reported on the other 3." in found.how


VIEWED = {
    ("adam", 0.1): {"p": [5], "q": [900], "r": [INF]},
    ("adam", 0.01): {"p": [50], "q": [300], "r": [400]},
    ("adam", 0.001): {"p": [500], "q": [200], "r": [500]},
    ("lion", 0.1): {"p": [40], "q": [40], "r": [40]},
}


def test_each_view_says_what_stands_for_a_method():
    about = played(VIEWED)
    assert matrix(about, TUNED).effort["adam"] == {"p": 5.0, "q": 200.0, "r": 400.0}
    # 0.1 misses r; the geometric mean over the problems prefers 0.01 to 0.001
    assert matrix(about, ONE).effort["adam"] == {"p": 50.0, "q": 300.0, "r": 400.0}
    assert matrix(about, DEFAULTS).effort["adam"] == {"p": 500.0, "q": 200.0, "r": 500.0}
    assert {view: matrix(about, view).how.split(".")[0] for view in (TUNED, ONE, DEFAULTS)} == {
        TUNED: "Methods: tuned for each problem",
        ONE: "Methods: one setting for all problems",
        DEFAULTS: "Methods: authors' defaults",
    }


def test_a_default_that_is_not_in_the_grid_is_said_to_be_missing():
    about = played(VIEWED)
    assert list(chosen_of(about, DEFAULTS)) == ["adam"]
    assert not_in_grid(absent_from(about, DEFAULTS)) == "The default of lion is not in the grid."
    assert not_in_grid(absent_from(about, TUNED)) == ""


def test_where_theory_recommends_a_rate_it_is_the_default():
    rates = (0.1, {"over_L": {"factor": 1.0}}, {"theoretical": {}})
    runs = [run(i, "p", 9, choice("gradient_descent", rate)) for i, rate in enumerate(rates)]
    about = study([*runs, run(9, "p", 9, choice("lion", 0.1))], [problem("p")])
    found = chosen_of(about, DEFAULTS)
    assert {method: of["p"].tuning for method, of in found.items()} == {"gradient_descent": "theoretical"}


def test_a_record_without_the_keys_has_the_inferred_roles():
    plan = played(VIEWED).plan
    assert plan.methods == {}
    assert roles(plan).tuned_names == ["learning_rate"]
