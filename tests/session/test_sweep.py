"""What a sweep leaves behind when the store refuses in its middle."""

import os
import signal
import threading

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.descent.errors import GdbenchError
from gdbench.execution.profiles.profile import BUILT_IN
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from gdbench.session.run import run
from gdbench.session.sweep import Sweep
from gdbench.tracking.server.address import resolve_uri
from tests.sweeps import write


def test_a_store_that_is_full_ends_the_sweep_and_leaves_no_run_running(tmp_path, monkeypatch):
    from mlflow import MlflowClient  # noqa: PLC0415  slow to import

    add = Store.add

    def full_after_three(store, record):
        if len(store.keys()) == 3:
            raise GdbenchError("the results store cannot be used: database or disk is full.")
        add(store, record)

    monkeypatch.setattr(Store, "add", full_after_three)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    plan = make_plan(load_experiment(write(tmp_path)))
    uri = resolve_uri(f"sqlite:///{tmp_path}/mlflow.db", tmp_path)
    with pytest.raises(GdbenchError, match="disk is full"):
        run(Sweep(plan, tmp_path, BUILT_IN["serial"], uri))
    with Store.read(tmp_path / "small") as store:
        assert len(store.keys()) == 3
    for thread in threading.enumerate():
        if thread.name == "tracking":
            thread.join(120)  # a busy machine takes longer to make MLflow's database than a sweep waits
    client = MlflowClient(uri)
    (experiment,) = (e for e in client.search_experiments() if e.name == "small")
    runs = client.search_runs([experiment.experiment_id])
    assert "RUNNING" not in {run.info.status for run in runs}
    assert len([run for run in runs if "gdbench.key" in run.data.tags]) == 3


def test_a_signal_while_a_session_begins_leaves_none_that_seems_to_run(tmp_path, monkeypatch):
    begin = Store.begin_session

    def interrupted(store, session):
        number = begin(store, session)
        os.kill(os.getpid(), signal.SIGTERM)
        return number

    monkeypatch.setattr(Store, "begin_session", interrupted)
    plan = make_plan(load_experiment(write(tmp_path)))
    conclusion = run(Sweep(plan, tmp_path, BUILT_IN["serial"]))
    assert conclusion is not None
    assert conclusion.interrupted
    with Store.read(tmp_path / "small") as store:
        assert [session.state for session in store.sessions()] == ["interrupted"]
        assert store.keys() == set()
