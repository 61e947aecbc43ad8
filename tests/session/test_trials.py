"""Remedies that rest on an estimate are tried for a few steps, apart from the runs, and told by what came."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gdbench.descent.diagnosis import Cause, Gain, Remedy
from gdbench.descent.recording.result import Curve, RunResult
from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.study import study
from gdbench.judgement.trials import Tried, judged, verdict
from gdbench.judgement.trials.worth_trying import SHARE, worth_trying
from gdbench.record.frames import runs_of
from gdbench.record.records import RunRecord, TrialRecord
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord
from gdbench.session.run import run
from gdbench.session.sweep import prepare
from tests.execution.recorded import make_version_3
from tests.swept import swept

COUNTS = Path(__file__).parents[1] / "judgement" / "cases" / "counts" / "counts.yaml"
#: A logistic fit at rates that are far too small for it, which no theorem says of this cost.
TIMID = """\
name: timid
data: {dataset: iris, classes: [versicolor, virginica], standardize: true}
grid:
  model: logistic
  cost: logistic
  learning_rate: [0.0001, 0.001]
  convergence: {max_iterations: 500}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("timid")
    (folder / "timid.yaml").write_text(TIMID, encoding="utf-8")
    assert run(prepare(folder / "timid.yaml", folder, runner="serial", tracking=False)).whole
    return folder


def test_a_sweep_tries_an_estimated_remedy_within_its_share_of_the_iterations(folder):
    with Store.read(folder / "timid") as store:
        trials, runs = store.trials(), [*store.runs(curves=False)]
    assert {(trial.cause, trial.remedy) for trial in trials} == {("rate_too_small", "take_rate")}
    assert {trial.of for trial in trials} == {one.key for one in runs}
    steps = sum(trial.result.iterations for trial in trials)
    assert 0 < steps <= SHARE * sum(one.result.iterations for one in runs)


def test_a_trial_goes_on_from_where_its_run_ended(folder):
    with Store.read(folder / "timid") as store:
        for trial in store.trials():
            assert trial.result.initial_cost == store.run(trial.of).result.final_cost
            assert trial.result.final_cost < trial.result.initial_cost


def test_trials_are_none_of_the_runs(folder):
    with Store.read(folder / "timid") as store:
        about = study(store)
        keys = {trial.key for trial in store.trials()}
        assert len(about.runs) == len(runs_of(about)) == len(store.outcomes()) == 2
        assert [*store.sessions_of_runs().values()].count(1) == 2
        assert not keys & store.keys()


def test_what_a_trial_found_is_told_with_the_remedy(folder):
    with Store.read(folder / "timid") as store:
        slower, faster = diagnoses(study(store), store).values()
    assert "tried" not in slower.first.evidence, "the other run of the sweep has tried a larger rate"
    assert faster.first.code == "rate_too_small"
    assert faster.first.evidence["tried"]["gains"]
    assert faster.first.evidence["tried"]["times"] > 2
    assert "Tried for 10 steps: " in faster.sentence


def test_a_sweep_without_trials_says_that_nothing_was_tried(tmp_path):
    with swept(tmp_path, TIMID) as store:
        _, faster = diagnoses(study(store), store).values()
    assert faster.sentence.endswith("Not tried.")


def test_a_sweep_that_was_killed_before_its_trials_ended_goes_on_with_those_that_are_left(folder, tmp_path):
    path = tmp_path / "timid.yaml"
    path.write_text(TIMID, encoding="utf-8")
    sweep = prepare(path, tmp_path, runner="serial", tracking=False)
    run(sweep)
    with Store.read(sweep.folder) as store:
        whole = store.trials()
        assert worth_trying(study(store), store) == []
    with closing(sqlite3.connect(sweep.folder / "store.sqlite")) as connection, connection:
        connection.execute("DELETE FROM trials WHERE key = ?", (whole[0].key,))
    with Store.read(sweep.folder) as store:
        assert [trial.key for trial in worth_trying(study(store), store)] == [whole[0].key]
    run(sweep)
    with Store.read(sweep.folder) as store:
        again = store.trials()
    assert [(one.key, one.result.final_cost) for one in again] == [
        (one.key, one.result.final_cost) for one in whole
    ]


def test_workers_find_the_same_as_the_process_itself(folder, tmp_path):
    path = tmp_path / "timid.yaml"
    path.write_text(TIMID, encoding="utf-8")
    run(prepare(path, tmp_path, runner="processes", workers=1, tracking=False))
    found = []
    for place in (folder, tmp_path):
        with Store.read(place / "timid") as store:
            found.append([(trial.key, trial.result.curve) for trial in store.trials()])
    assert found[0] == found[1]


def test_standardized_features_are_tried_from_the_setting_s_own_start_and_say_how_soon(tmp_path):
    sweep = prepare(COUNTS, tmp_path, runner="serial", tracking=False)
    run(sweep)
    with Store.read(sweep.folder) as store:
        found = diagnoses(study(store), store)
        trials = [trial for trial in store.trials() if trial.remedy == "standardize"]
        zeros = [t for t in trials if "zeros" in store.run(t.of).spec["initialization"]]
        # at zeros no feature counts, so that the cost is that of the raw ones
        assert zeros
        assert all(t.result.initial_cost == store.run(t.of).result.initial_cost for t in zeros)
    gains = [cause.gain for diagnosis in found.values() if (cause := diagnosis.cause("column_scales"))]
    assert 13.0 in {gain.with_remedy for gain in gains if gain}, "met in the trial, where 5 were estimated"


def test_a_store_of_before_has_no_trials_until_it_is_written_to(folder, tmp_path):
    with swept(tmp_path, TIMID):
        pass
    make_version_3(tmp_path / "swept")
    with Store.read(tmp_path / "swept") as store:
        assert store.trials() == []
        assert len(study(store).runs) == 2
    with Store.open(tmp_path / "swept") as store:
        store.add_trial(TrialRecord("a", "b", "c", "d", RunResult("stopped", "")))
        assert [trial.key for trial in store.trials()] == ["a"]


# --- what a trial says

PROBLEM = ProblemRecord("p", "p", 1, 1, 1, 1.0, Optimum("closed form", "", 0.0))


def ended(costs, outcome="stopped"):
    """A run of one iteration for each cost but the first."""
    curve = Curve([*range(len(costs))], {"cost": list(costs), "gradient_norm": [1.0] * len(costs)})
    return RunResult(
        outcome,
        "",
        iterations=len(costs) - 1,
        initial_cost=costs[0],
        final_cost=costs[-1],
        curve=curve,
    )


def said(costs, of, remedy="take_rate", outcome="stopped", before="stopped", spec=None):
    trial = TrialRecord("t", "r", "cause", remedy, ended(costs, outcome))
    return verdict(trial, RunRecord("r", spec or {}, "p", ended(of, before), 0.0, 0.0), PROBLEM)


HALVES = [0.5**k for k in range(20)]
EIGHTHS = [HALVES[-1] * 0.125**k for k in range(5)]


def test_a_gap_that_falls_three_times_as_fast_gains():
    assert said(EIGHTHS, HALVES) == Tried(4, gains=True, times=pytest.approx(3.0))


def test_a_gap_that_falls_no_faster_than_before_gains_nothing():
    assert said([HALVES[-1] * 0.6**k for k in range(5)], HALVES).gains is False


def test_a_remedy_that_diverges_gains_nothing():
    assert said(EIGHTHS, HALVES, outcome="diverged") == Tried(4, gains=False)


def test_a_run_that_diverged_gains_by_whatever_stays_finite_and_falls():
    assert said([1.0, 0.9], [1.0, 1e300], before="diverged").gains
    assert not said([1.0, 1.1], [1.0, 1e300], before="diverged").gains


def test_standardized_features_are_compared_with_the_first_steps_of_the_run():
    assert said([1.0, 0.2, 0.1], HALVES, remedy="standardize").gains
    assert said([1.0, 1e-3, 1e-7, 1e-9], HALVES, remedy="standardize").met == 2
    assert not said([1.0, 0.9, 0.8], HALVES, remedy="standardize").gains


def test_noisy_costs_are_compared_by_their_height():
    noisy = [1.0, *[0.3, 0.1] * 20, 0.1]
    batches = {"batch_size": {"rows": {"size": 1}}}
    assert said([0.1, 0.12, 0.08, 0.11, 0.09], noisy, spec=batches).gains
    assert not said([0.1, 0.3, 0.5, 0.3, 0.5], noisy, spec=batches).gains


def test_a_remedy_that_gained_nothing_is_not_told():
    remedy = Remedy("take_rate", {"learning_rate": {"constant": {"rate": 1.0}}})
    cause = Cause("rate_too_small", "estimated", {}, remedy, Gain(None, None))
    (kept,) = judged([cause], {("rate_too_small", "take_rate"): Tried(9, gains=True)})
    (dropped,) = judged([cause], {("rate_too_small", "take_rate"): Tried(9, gains=False)})
    assert kept.remedy == remedy
    assert (dropped.remedy, dropped.gain) == (None, None)


def test_what_a_trial_saw_stands_in_place_of_an_estimate():
    cause = Cause(
        "column_scales", "estimated", {}, Remedy("standardize", {"data.standardize": True}), Gain(900.0, 5.0)
    )

    def gain(tried):
        (found,) = judged([cause], {("column_scales", "standardize"): tried})
        return found.gain

    assert gain(Tried(30, gains=True, met=12)) == Gain(900.0, 12.0)
    assert gain(Tried(30, gains=True)) == Gain(900.0, None), "five were told, and thirty were not enough"
    assert gain(Tried(4, gains=True)) == Gain(900.0, 5.0)


def test_a_trial_that_failed_says_nothing():
    assert said([1.0, 0.5], HALVES, outcome="failed") is None
