"""Runs on a Dask cluster: the bits of this machine, whatever becomes of workers, scheduler and network."""

import os
import signal
import socket
from concurrent.futures import Future

import pytest

pytest.importorskip("distributed", reason="Dask is not installed (pip install 'gdbench[dask]')")

import psutil
from distributed import Client

from gdbench.config.experiment import load_experiment
from gdbench.descent.errors import GdbenchError
from gdbench.execution.engines.dask import DaskLine
from gdbench.execution.engines.engine import open_engine
from gdbench.execution.launch import cargo_of, record_problems
from gdbench.execution.profiles.profile import BUILT_IN, Profile
from gdbench.execution.task import Delivery, Task
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from tests.execution.dask_cluster import Processes, kill_tree, wait_until
from tests.execution.sweeping import bits, run_bits
from tests.sweeps import SWEEP, write

#: 24 runs of some tenths of a second: long enough to be disturbed.
LONGER = SWEEP.replace("[0.0001, 0.2, 5.0]", str([round(1e-6 * (i + 1), 9) for i in range(24)]))
LONGER = LONGER.replace("[zeros, {normal: {std: 1.0}}]", "zeros").replace(
    "{any: [{cost_change: 1.0e-9}, {max_iterations: 400}]}", "{max_iterations: 12000}"
)


@pytest.fixture
def plan(tmp_path):
    return make_plan(load_experiment(write(tmp_path)))


@pytest.fixture
def longer(tmp_path):
    return make_plan(load_experiment(write(tmp_path, LONGER)))


def on(address, **changes):
    options = {"address": address, "patience": 10, **changes.pop("options", {})}
    return Profile(kind="dask", name="dask", options=options, **changes)


def test_tasks_that_are_alike_are_each_done(cluster, plan, tmp_path):
    with Store.open(tmp_path / "s") as store:
        constants = record_problems(plan, store)[plan.runs[0].problem].constants
    run, profile = plan.runs[0], on(cluster.address)
    with open_engine(profile, cargo_of(plan, profile), 6) as engine:
        futures = [engine.submit(Task(run.key, run.spec, constants)) for _ in range(6)]
        began = {future.result().started for future in futures}
    assert len(began) == 6  # one result handed out six times would have begun once


def test_a_worker_that_is_killed_with_its_nanny_loses_no_run(cluster, longer, tmp_path):
    victims = [cluster.start_worker()]
    with Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(3, timeout=60)

    def kill(run, record):
        if victims:
            kill_tree(victims.pop().pid)

    done = run_bits(longer, tmp_path / "s", on(cluster.address), kill)
    assert done == run_bits(longer, tmp_path / "serial", BUILT_IN["serial"])


def test_a_result_that_is_lost_with_its_worker_before_it_was_fetched_is_waited_for_again():
    class Sent:
        """Finished when the callback was called, lost when it looks."""

        status = "lost"

        def add_done_callback(self, settle):
            self.status = "finished"
            settle(self)

        def result(self):
            return Delivery([])

    line = DaskLine(None, "plugin", "tcp://nowhere:1")
    outer = Future()
    line._settle([], Sent(), outer)
    assert outer.result(timeout=0) == Delivery([])


def test_a_scheduler_that_dies_is_told_and_what_finished_is_kept(longer, tmp_path):
    with Processes(tmp_path, workers=1) as processes:

        def kill(run, record):
            seen.append(run.key)
            if len(seen) == 2:
                processes.scheduler.send_signal(signal.SIGKILL)

        seen = []
        profile = on(processes.address, options={"patience": 10})
        with pytest.raises(GdbenchError, match=r"the Dask scheduler at tcp://127\S+ is gone"):
            run_bits(longer, tmp_path / "s", profile, kill)
    kept = bits(tmp_path / "s")
    assert set(seen) <= kept.keys()
    assert len(kept) < len(longer.runs)
    ran = []
    whole = run_bits(longer, tmp_path / "s", BUILT_IN["serial"], lambda run, record: ran.append(run.key))
    assert whole.keys() == {run.key for run in longer.runs}
    assert set(ran) == whole.keys() - kept.keys()


def test_a_scheduler_that_falls_silent_is_told_in_bounded_time_and_what_finished_is_kept(
    cluster, longer, tmp_path, monkeypatch
):
    monkeypatch.setattr("gdbench.execution.engines.dask._SILENCE", 8.0)

    def stall(run, record):
        seen.append(run.key)
        cluster.scheduler.send_signal(signal.SIGSTOP)

    seen = []
    try:
        with pytest.raises(GdbenchError) as caught:
            run_bits(longer, tmp_path / "s", on(cluster.address), stall)
    finally:
        cluster.scheduler.send_signal(signal.SIGCONT)
    assert str(caught.value) == (
        f"the Dask scheduler at {cluster.address} has not answered for 8 s. What finished is recorded; "
        "run the same command to go on."
    )
    kept = bits(tmp_path / "s")
    assert set(seen) <= kept.keys()
    assert len(kept) < len(longer.runs)
    # and once the network is back, the cluster does the rest
    assert run_bits(longer, tmp_path / "s", on(cluster.address)).keys() == {run.key for run in longer.runs}


def test_a_cluster_that_all_workers_left_is_told_and_what_finished_is_kept(longer, tmp_path):
    with Processes(tmp_path, workers=1) as processes:

        def leave(run, record):
            while processes.workers:
                kill_tree(processes.workers.pop().pid)

        with pytest.raises(GdbenchError, match=r"has had no worker for 6 s\. What finished is recorded"):
            run_bits(longer, tmp_path / "s", on(processes.address, options={"patience": 6}), leave)
    assert 1 <= len(bits(tmp_path / "s")) < len(longer.runs)


def test_an_address_where_nobody_is_gets_a_sentence(plan, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(GdbenchError, match=rf"no Dask scheduler answers at {address} within 1 s"):
            run_bits(plan, tmp_path / "s", on(address, options={"patience": 1}))


def test_workers_that_may_not_start_processes_are_refused_with_the_remedy(plan, tmp_path):
    with (
        Processes(tmp_path, workers=1, DASK_DISTRIBUTED__WORKER__DAEMON="True") as processes,
        pytest.raises(GdbenchError, match=r"may not start processes.*DASK_DISTRIBUTED__WORKER__DAEMON=False"),
    ):
        run_bits(plan, tmp_path / "s", on(processes.address))
    assert bits(tmp_path / "s") == {}


def test_workers_without_gdbench_are_told(plan, tmp_path):
    (tmp_path / "gdbench.py").write_text("raise ImportError('no gdbench here')\n")
    with (
        Processes(tmp_path, workers=1, PYTHONPATH=str(tmp_path)) as processes,
        pytest.raises(
            GdbenchError, match=r"cannot load gdbench \(ImportError: no gdbench here\)\. Install gdbench"
        ),
    ):
        run_bits(plan, tmp_path / "s", on(processes.address))


def test_a_cluster_of_our_own_ends_with_us_when_interrupted(longer, tmp_path):
    def interrupt(run, record):
        raise KeyboardInterrupt

    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(KeyboardInterrupt):
        run_bits(longer, tmp_path / "s", Profile(kind="dask", workers=2, name="dask"), interrupt)
    assert len(bits(tmp_path / "s")) >= 1
    wait_until(lambda: not [p for p in set(psutil.Process().children(recursive=True)) - before if _lives(p)])


def _lives(process):
    # what pebble and multiprocessing keep for themselves ends with this process
    return process.is_running() and "resource_tracker" not in " ".join(process.cmdline())


def test_the_environment_is_left_as_it_was():
    assert "DASK_DISTRIBUTED__WORKER__DAEMON" not in os.environ
