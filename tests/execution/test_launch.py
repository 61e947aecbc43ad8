"""Plans are executed: the same record on every engine, resumed where it stopped, whatever a run does."""

import json
from dataclasses import asdict, replace

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.execution.launch import record_plan, record_problems
from gdbench.execution.profiles.profile import Profile
from gdbench.planning import known_problems
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from tests.execution.sweeping import bits, run_bits
from tests.sweeps import SWEEP, write

SYNTHETIC = "{synthetic: {linear_data: {rows: 12, features: 2, noise: 0.1, seed: 3}}}"
TWO_PROCESSES = Profile(kind="processes", workers=2)


@pytest.fixture
def plan(tmp_path):
    return make_plan(load_experiment(write(tmp_path)))


def test_a_second_launch_runs_nothing(plan, tmp_path):
    run_bits(plan, tmp_path / "s")
    ran = []
    run_bits(plan, tmp_path / "s", observe=lambda run, record: ran.append(run))
    assert ran == []


def test_an_interrupted_sweep_goes_on_where_it_stopped(plan, tmp_path):
    def interrupt_after_two(run, record):
        seen.append(run.key)
        if len(seen) == 2:
            raise KeyboardInterrupt

    seen = []
    with pytest.raises(KeyboardInterrupt):
        run_bits(plan, tmp_path / "s", TWO_PROCESSES, interrupt_after_two)
    assert set(seen) <= bits(tmp_path / "s").keys()

    rest = []
    resumed = run_bits(plan, tmp_path / "s", observe=lambda run, record: rest.append(run.key))
    assert set(rest).isdisjoint(seen)
    assert resumed == run_bits(plan, tmp_path / "undisturbed")


def test_a_run_that_raises_is_failed_with_its_traceback_and_the_others_complete(plan, tmp_path):
    first, *others = plan.runs
    broken = replace(first, spec={**first.spec, "model": {"nonesuch": {}}})
    plan = replace(plan, runs=(broken, *others))
    run_bits(plan, tmp_path / "s", TWO_PROCESSES)
    with Store.read(tmp_path / "s") as store:
        result = store.run(broken.key).result
        assert result.outcome == "failed"
        assert "nonesuch" in result.reason
        assert "Traceback" in result.traceback
        assert all(store.run(run.key).result.outcome != "failed" for run in others)


def test_problems_are_worked_out_once_and_remembered(plan, tmp_path, monkeypatch):
    with Store.open(tmp_path / "s") as store:
        first = record_problems(plan, store)
        monkeypatch.setattr("gdbench.planning.known_problems.problem_record", None)
        assert record_problems(plan, store) == first


@pytest.mark.parametrize("others", ["changed", "none"])
def test_a_problem_that_differs_in_the_rows_held_out_alone_is_not_worked_out_again(
    tmp_path, monkeypatch, others
):
    def asked(last, held=", test: {fraction: 0.2, shuffle: false}"):
        rows = [f"{i},{(i * i) % 7},{3 * i + (i * 5) % 3}" for i in range(16)]
        text = "\n".join(["a,b,y", *rows, *last]) + "\n"
        (tmp_path / "t.csv").write_text(text, encoding="utf-8")
        data = f"{{file: t.csv, target: y, standardize: true{held}}}"
        return make_plan(load_experiment(write(tmp_path, SWEEP.replace(SYNTHETIC, data))))

    one = asked(["1,2,3", "4,5,6", "7,8,9", "3,2,1"])
    other = asked(["9,9,9", "1,1,1", "2,0,2", "5,5,5"]) if others == "changed" else asked([], "")
    with Store.open(tmp_path / "s") as store:
        (first,) = record_problems(one, store).values()
        calls = []
        worked_out = known_problems.problem_record
        monkeypatch.setattr(
            known_problems, "problem_record", lambda problem: calls.append(problem) or worked_out(problem)
        )
        known = record_problems(other, store)
        (problem,) = other.problems.values()
        assert calls == []
        assert problem.id != first.id
        expected = worked_out(problem)
        assert json.dumps(asdict(known[problem.id]), sort_keys=True) == json.dumps(
            asdict(expected), sort_keys=True
        )
        # other rows to train on are another problem
        again = asked(["9,9,9"] * 8)
        assert len(record_problems(again, store)) == 3
        assert len(calls) == 1


def test_the_plan_records_what_was_asked_for(plan, tmp_path):
    with Store.open(tmp_path / "s") as store:
        record = record_plan(plan, store)
        assert store.plans() == [
            replace(record, targets=list(record.targets), varying=list(record.varying), skipped=[])
        ]
    assert record.experiment == "small"
    assert record.config_text.startswith("name: small")
    assert record.axes["learning_rate"] == [{"constant": {"rate": r}} for r in (0.0001, 0.2, 5.0)]
    assert record.axes["data"] == ["linear_data(12×2, seed=3)"]
    assert list(record.varying) == ["learning_rate", "initialization"]
    assert record.environment["gdbench"]
