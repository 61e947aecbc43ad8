"""A sweep that is killed at any moment and started again ends as one that was left alone, MLflow included."""

import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.record.locate import STORE_NAME
from gdbench.record.salvage import damage_of
from gdbench.record.store import Store
from tests.cli.shell import command, environment, gdbench
from tests.sampling import sampled
from tests.sweeps import write

#: Long enough to be killed in the middle, short enough for a test: forty runs of some milliseconds each.
RATES = "[" + ", ".join(f"{0.001 * k:g}" for k in range(1, 11)) + "]"
PATIENCE = 120.0
#: Between two looks at a sweep, for looking takes its time.
moment = threading.Event()


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    changes = {
        "[0.0001, 0.2, 5.0]": RATES,
        "max_iterations: 400": "max_iterations: 1500",
        "repeats: 2": "repeats: 3",
    }
    return write(tmp_path_factory.mktemp("config"), **changes)


@pytest.fixture(scope="module")
def undisturbed(config, tmp_path_factory):
    results = tmp_path_factory.mktemp("undisturbed")
    assert gdbench("run", config, "--no-tracking", "--results", results).returncode == 0
    return recorded(results)


def recorded(results):
    """Key → every bit of a result; where and when it ran aside."""
    with Store.read(results / "small") as store:
        return {r.key: repr(replace(r.result, seconds=0.0, host="", interpreter="")) for r in store.runs()}


def kill_when(results, config, count, words, later):
    """Start a sweep and kill -9 its parent so many seconds after `count` runs are recorded."""
    process = subprocess.Popen(
        command("run", config, *words, "--results", results),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if (results / "small" / STORE_NAME).exists() and recorded_count(results) >= count:
            moment.wait(later)
            process.send_signal(signal.SIGKILL)
        moment.wait(0.005)
    process.wait()
    return process.returncode


def recorded_count(results):
    try:
        with Store.read(results / "small") as store:
            return len(store.keys())
    except (GdbenchError, sqlite3.Error):  # the store is being made in this very moment
        return 0


#: Engine → the words that choose it, and rounds of three kills: 102 in all.
ENGINES = {
    "serial": (("--runner", "serial"), 11),
    "processes": (("--workers", 2), 12),
    "dask": (("--runner", "dask", "--workers", 2), 11),
}
ROUNDS = [(engine, number) for engine, (_, rounds) in ENGINES.items() for number in range(rounds)]


def in_mlflow(results):
    """(key, None of a parent; status) of all runs that MLflow holds, read without MLflow."""
    database = results / "mlflow.db"
    if not database.exists():
        return []
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        query = (
            "SELECT tags.value, runs.status FROM runs LEFT JOIN tags "
            "ON tags.run_uuid = runs.run_uuid AND tags.key = 'gdbench.key' "
            "WHERE runs.lifecycle_stage = 'active'"
        )
        return connection.execute(query).fetchall()


def compare(results, undisturbed):
    """What must hold whenever nobody writes: of each run every bit, or nothing; and no run twice in MLflow."""
    found = recorded(results)
    assert found.items() <= undisturbed.items()
    assert damage_of(results / "small" / STORE_NAME, thorough=True).why == ""
    sent = [key for key, status in in_mlflow(results) if key and status != "RUNNING"]
    assert len(sent) == len(set(sent))
    assert set(sent) <= found.keys()
    return found


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 exists on POSIX only")
@sampled("round_", ROUNDS, 1, kept=["processes 0"], name=lambda one: f"{one[0]} {one[1]}")
def test_killed_three_times_and_started_again_it_ends_as_if_nothing_had_happened(
    config, undisturbed, tmp_path, round_
):
    engine, number = round_
    words, _ = ENGINES[engine]
    dice = random.Random(f"{engine} {number}")
    # the first round is that of every day: in the beginning, in the middle, and towards the end with MLflow,
    # whose import takes most of the time
    counts = (1, 9, 20) if number == 0 else sorted(dice.sample(range(1, 29), 3))
    for count in counts:
        later = 0.0 if number == 0 else dice.uniform(0.0, 0.03)
        untold = ("--no-tracking",) if number == 0 and count < 20 else ()
        assert kill_when(tmp_path, config, count, (*words, *untold), later) == -signal.SIGKILL
        assert count <= len(compare(tmp_path, undisturbed)) <= len(undisturbed)

    done = gdbench("run", config, *words, "--results", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "of them done before" in done.stderr
    assert compare(tmp_path, undisturbed) == undisturbed

    held = in_mlflow(tmp_path)
    assert sorted(key for key, _ in held if key) == sorted(undisturbed)
    assert {status for _, status in held} == {"FINISHED"}


def interrupt(config, results, *, times, count=3):
    """Start a sweep in a session of its own, press Ctrl-C once `count` runs are recorded; (process, stderr)."""
    process = subprocess.Popen(
        command("run", config, "--workers", 2, "--no-tracking", "--results", results),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if (results / "small" / STORE_NAME).exists() and recorded_count(results) >= count:
            for _ in range(times):
                process.send_signal(signal.SIGINT)
            break
        moment.wait(0.005)
    _, err = process.communicate()
    return process, err


def alive(session):
    """The processes of a session that have not ended, as ps tells them."""
    told = subprocess.run(["ps", "-s", str(session), "-o", "stat=,args="], capture_output=True, text=True)
    return [line for line in told.stdout.splitlines() if not line.startswith("Z")]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process on Windows")
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_keeps_what_finished_exits_with_130_and_leaves_no_process(config, undisturbed, tmp_path, times):
    process, err = interrupt(config, tmp_path, times=times)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert 3 <= len(recorded(tmp_path)) < len(undisturbed)
    assert recorded(tmp_path).items() <= undisturbed.items()
    deadline = time.monotonic() + PATIENCE
    while alive(process.pid) and time.monotonic() < deadline:
        moment.wait(0.05)
    assert alive(process.pid) == []
    if times == 1:
        assert f"to go on: gdbench run {config} --workers 2 --no-tracking --results {tmp_path}" in err
        assert f"of {len(undisturbed)} runs are recorded" in err
        with Store.read(tmp_path / "small") as store:
            assert [one.state for one in store.sessions()] == ["interrupted"]
