"""A plan that goes in stages: runs that follow from results, the same ones in whatever order those come."""

from dataclasses import replace

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.execution.profiles.profile import BUILT_IN
from gdbench.judgement.stages import KINDS, Kind, grown_by
from gdbench.judgement.status import status_of
from gdbench.planning.plan import Run, make_plan
from gdbench.planning.specs import key_of
from gdbench.record.store import Store
from gdbench.session.listener import Listener
from gdbench.session.run import run
from gdbench.session.sweep import Sweep, Wanted
from tests.sweeps import write


def at(stage, rate):
    spec = {**stage["spec"], "learning_rate": {"constant": {"rate": rate}}}
    return Run(key_of(spec), spec, stage["problem"], f"{rate:g}")


def twice_then_once(stage, problems):
    """Two runs together, then one at a third of the rate of the lower, then nothing."""
    assert stage["problem"] in problems
    records = yield [at(stage, rate) for rate in stage["rates"]]
    lower = min(records, key=lambda record: record.result.final_cost)
    (last,) = yield [at(stage, lower.spec["learning_rate"]["constant"]["rate"] / 3)]
    return {"cost": last.result.final_cost}


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.setitem(KINDS, "test", Kind(twice_then_once))
    plan = make_plan(load_experiment(write(tmp_path)))
    first, pairs = plan.runs[0], [(0.011, 0.012), (0.3, 0.31)]
    given = {"kind": "test", "spec": first.spec, "problem": first.problem}
    stages = tuple({**given, "id": f"stage {n}", "rates": pair} for n, pair in enumerate(pairs))
    return replace(plan, id="staged", stages=stages, grows=True)


class Until(Listener):
    """Interrupts after so many runs."""

    def __init__(self, count):
        self.left, self.grown = count, list[str]()

    def grew(self, runs):
        self.grown += [one.label for one in runs]

    def finished(self, run, record):  # noqa: ARG002
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def rates(store):
    return [one.label for one in store.last_plan().runs][-6:]


ALL = ["0.011", "0.012", "0.004", "0.3", "0.31", "0.1"]


def test_runs_follow_from_results_until_there_are_none(plan, tmp_path):
    listener = Until(0)
    conclusion = run(Sweep(plan, tmp_path, BUILT_IN["serial"]), listener)
    assert conclusion.whole
    assert conclusion.meant == len(plan.runs) + 6
    with Store.read(tmp_path / "small") as store:
        record = store.last_plan()
        assert rates(store) == ALL
        assert set(store.keys()) == {one.key for one in record.runs}
        assert (record.id, record.grows) == ("staged", False)
        assert len(store.plans()) == 1
    assert status_of(tmp_path / "small").state == "finished"
    assert sorted(listener.grown) == [ALL[2], ALL[5]]  # the others follow from no result


@pytest.mark.parametrize("count", [1, 5, 6, 8, 9, 10])
def test_whoever_is_interrupted_goes_on_with_the_same_runs(plan, tmp_path, count):
    conclusion = run(Sweep(plan, tmp_path, BUILT_IN["serial"]), Until(count))
    assert conclusion.interrupted
    assert status_of(tmp_path / "small").grows
    assert grown_by(plan, tmp_path / "small").grows
    assert run(Sweep(plan, tmp_path, BUILT_IN["serial"])).whole
    with Store.read(tmp_path / "small") as store:
        assert rates(store) == ALL


def test_a_limit_holds_for_the_runs_that_follow_too(plan, tmp_path):
    conclusion = run(Sweep(plan, tmp_path, BUILT_IN["serial"], wanted=Wanted(limit=7)))
    assert conclusion.outcomes.total() == 7
    assert not conclusion.whole


def test_several_workers_make_the_same_plan(plan, tmp_path):
    profile = BUILT_IN["processes"].model_copy(update={"workers": 2})
    assert run(Sweep(plan, tmp_path, profile)).whole
    with Store.read(tmp_path / "small") as store:
        assert rates(store) == ALL
