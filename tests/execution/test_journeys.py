"""What travels between the parent and its workers: data once and packed, short runs many at a time."""

import pickle

import pytest
from pebble import ProcessPool

from gdbench.config.experiment import load_experiment
from gdbench.descent.problems.table import PackedTable
from gdbench.descent.recording.result import RunResult
from gdbench.execution.engines.worker_pool import ChunkSize
from gdbench.execution.launch import cargo_of
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.task import Finished, Task
from gdbench.execution.workers.worker import Worker
from gdbench.planning.plan import make_plan
from gdbench.reference.problem_records import problem_record
from tests.execution.sweeping import run_all
from tests.sweeps import write

PROFILE = Profile(kind="processes", workers=2, name="processes")


@pytest.fixture
def plan(tmp_path):
    return make_plan(load_experiment(write(tmp_path)))


def test_data_travels_once_to_each_local_worker_and_never_with_a_run(plan, tmp_path, monkeypatch):
    opened, scheduled = [], []
    open_pool, schedule = ProcessPool.__init__, ProcessPool.schedule

    def opening(self, *args, **given):
        opened.append(pickle.dumps(given["initargs"]))
        open_pool(self, *args, **given)

    def scheduling(self, *args, **given):
        scheduled.append(pickle.dumps(given["args"]))
        return schedule(self, *args, **given)

    monkeypatch.setattr(ProcessPool, "__init__", opening)
    monkeypatch.setattr(ProcessPool, "schedule", scheduling)
    (table,) = cargo_of(plan, PROFILE).tables.values()
    run_all(plan, tmp_path / "s", PROFILE)
    assert [table.content in message for message in opened] == [True, True]
    assert scheduled
    assert not any(table.content in message for message in scheduled)


def test_a_worker_unpacks_data_once_for_all_its_runs(plan, monkeypatch):
    unpacked, unpack = [], PackedTable.unpack
    monkeypatch.setattr(PackedTable, "unpack", lambda self: unpacked.append(self) or unpack(self))
    monkeypatch.setattr("gdbench.execution.workers.worker.BUDGET", 60.0)  # seconds: on a busy machine as well
    ((_, problem),) = plan.problems.items()
    constants = problem_record(problem).constants
    worker = Worker(cargo_of(plan, PROFILE))
    tasks = [Task(run.key, run.spec, constants) for run in plan.runs]
    assert len(worker.work_through(tasks, 1).finished) == len(tasks) > 1
    assert len(unpacked) == 1


def finished(seconds, count=20):
    return [Finished(RunResult("stopped", "because"), 0.0, seconds)] * count


@pytest.mark.parametrize("seconds", [0.001, 0.01, 0.1])
def test_a_chunk_of_short_runs_holds_a_tenth_to_half_a_second_of_work(seconds):
    size = ChunkSize()
    size.learn(finished(seconds))
    assert 0.1 <= size.of(waiting=10_000, workers=2) * seconds <= 0.5


def test_long_runs_travel_alone_and_the_last_ones_are_shared_out():
    size = ChunkSize()
    assert size.of(waiting=100, workers=2) == 1  # nothing is known yet
    size.learn(finished(2.0))
    assert size.of(waiting=100, workers=2) == 1
    quick = ChunkSize()
    quick.learn(finished(1e-4))
    assert quick.of(waiting=8, workers=2) == 2
