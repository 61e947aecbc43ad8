"""A run that was paused is kept with all that it knows, and the next session goes on with it."""

from dataclasses import replace

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.descent.recording import pausing
from gdbench.execution.launch import launch, record_plan
from gdbench.execution.profiles.profile import BUILT_IN
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from gdbench.record.tables import TABLES_VERSION
from gdbench.session.merging import merge
from tests.execution.sweeping import run_bits

CONFIG = """\
name: paused
data: {synthetic: {linear_data: {rows: 12, features: 2, noise: 0.1, seed: 3}}, standardize: true, test: 0.25}
grid:
  model: linear
  cost: mse
  optimizer: [gradient_descent, adam]
  learning_rate: [0.01, {reduce_on_plateau: {rate: 0.1, patience: 1}}]
  batch_size: [full, 4]
  exclude: {learning_rate: {reduce_on_plateau: {rate: 0.1, patience: 1}}, batch_size: 4}
  convergence: {any: [{cost_change: 1.0e-9}, {max_iterations: 60}]}
"""


@pytest.fixture
def plan(tmp_path):
    config = tmp_path / "paused.yaml"
    config.write_text(CONFIG)
    return make_plan(load_experiment(config))


def pause(plan, folder, k, profile=BUILT_IN["serial"]):
    with Store.open(folder) as store:
        record_plan(plan, store)
        launch(plan, plan.runs, store, profile, lambda *_: None, pause=lambda key: k)
        return store.outcomes()


def test_a_session_after_a_pause_gives_what_one_without_gives_bit_for_bit(plan, tmp_path):
    assert set(pause(plan, tmp_path / "halves", 10).values()) == {"outpaced"}
    assert run_bits(plan, tmp_path / "halves") == run_bits(plan, tmp_path / "whole")
    with Store.read(tmp_path / "halves") as store:
        assert [store.paused(run.key) for run in plan.runs] == [""] * len(plan.runs)


def test_what_was_done_before_a_pause_is_not_done_again(plan, tmp_path, monkeypatch):
    pause(plan, tmp_path, 30)
    begun = []

    def gone_on(parts, text):
        gone = pausing.gone_on(parts, text)
        begun.append(gone.place.now.k)
        return gone

    monkeypatch.setattr("gdbench.descent.execute.gone_on", gone_on)
    run_bits(plan, tmp_path)
    # in batches of 4 of 9 rows, an epoch begins with every third update
    assert set(begun) == {30}
    assert len(begun) == len(plan.runs)


def test_workers_in_other_processes_take_a_pause_over(plan, tmp_path):
    processes = replace_workers(BUILT_IN["processes"], 2)
    assert set(pause(plan, tmp_path / "halves", 10, processes).values()) == {"outpaced"}
    assert run_bits(plan, tmp_path / "halves", processes) == run_bits(plan, tmp_path / "whole")


def replace_workers(profile, workers):
    return profile.model_copy(update={"workers": workers})


def test_a_crash_after_a_pause_loses_nothing_of_it(plan, tmp_path):
    pause(plan, tmp_path, 10)
    with Store.open(tmp_path) as store:
        run = store.run(plan.runs[0].key)
        state = store.paused(run.key)
        store.add(replace(run, result=replace(run.result, outcome="crashed", paused=None)))
        assert state
        assert store.paused(run.key) == state


def test_a_pause_takes_the_place_of_nothing_when_stores_are_merged(plan, tmp_path):
    pause(plan, tmp_path / "halves", 10)
    run_bits(plan, tmp_path / "whole")
    pause(plan, tmp_path / "new", 5)
    for folder in ("halves", "new"):
        assert merge(tmp_path / folder, tmp_path / "whole").counts["runs"] == len(plan.runs)
    pause(plan, tmp_path / "later", 5)
    merged = merge(tmp_path / "whole", tmp_path / "later")
    assert (merged.counts["runs"], merged.other) == (0, [])


def test_a_damaged_state_is_found_before_it_is_gone_on_with(plan, tmp_path):
    pause(plan, tmp_path, 10)
    with Store.open(tmp_path) as store:
        store._connection.execute("UPDATE pauses SET state = 'x' || substr(state, 2)")
        with pytest.raises(Exception, match="damaged"):
            store.paused(plan.runs[0].key)


def test_a_store_of_the_version_before_is_read_and_brought_up_to_date(plan, tmp_path):
    run_bits(plan, tmp_path)
    with Store.open(tmp_path) as store:
        before = repr(list(store.runs()))
        store._connection.execute("DROP TABLE pauses")
        store._connection.execute("PRAGMA user_version = 5")
    with Store.read(tmp_path) as store:
        assert repr(list(store.runs())) == before
        assert store.paused(plan.runs[0].key) == ""
    with Store.open(tmp_path) as store:
        assert repr(list(store.runs())) == before
        assert store._connection.execute("PRAGMA user_version").fetchone() == (TABLES_VERSION,)
