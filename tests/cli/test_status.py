"""gdbench status, from another terminal: beside a sweep that runs, and after one that was killed."""

import json
import os
import shlex
import signal
import subprocess
import time

import pytest

from gdbench.record.locate import STORE_NAME
from gdbench.record.store import Store
from tests.cli.shell import command, environment, gdbench
from tests.execution.recorded import plan, record, session
from tests.sweeps import SWEEP, write

PATIENCE = 120.0

#: Three runs that diverge at once, then three that would take years.
LONG = SWEEP.replace("[0.0001, 0.2, 5.0]", "[5.0, 1.0e-9]").replace(
    "{any: [{cost_change: 1.0e-9}, {max_iterations: 400}]}", "{max_iterations: 1000000000000}"
)


def status(results, *arguments):
    """(exit status, what was said); --json is read."""
    done = gdbench("status", *arguments, "--results", results, COLUMNS="")  # as a pipe has it: whole lines
    assert "Traceback" not in done.stderr
    said = done.stdout or done.stderr
    return done.returncode, json.loads(said) if "--json" in arguments and done.stdout else said


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A sweep in the middle of its fourth run of six: (results, its process); killed at the end."""
    folder = tmp_path_factory.mktemp("running")
    process = subprocess.Popen(
        command("run", write(folder, LONG), "--runner", "serial", "--no-tracking", "--results", folder / "r"),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE
    while recorded(folder / "r") < 3 and process.poll() is None and time.monotonic() < deadline:
        pass
    assert process.poll() is None, process.stderr.read()
    yield folder / "r", process
    process.kill()
    process.communicate()


def recorded(results):
    if not (results / "small" / STORE_NAME).exists():
        return 0
    code, told = status(results, "small", "--json")
    return told["done"] if code == 0 else 0


def test_a_running_sweep_is_shown_with_who_runs_it_and_how_far_it_is(running):
    results, process = running
    code, told = status(results, "small")
    assert code == 0
    for words in (
        "running",
        "6 runs",
        "small.yaml",
        "3/6 · 3 diverged",
        "serial, 1 worker",
        f"{process.pid} on",
    ):
        assert words in told
    assert "runs per second" in told
    assert "resume" not in told


def test_json_says_the_same_to_a_program(running):
    results, process = running
    _, told = status(results, "small", "--json")
    assert (told["state"], told["done"], told["total"], told["left"]) == ("running", 3, 6, 3)
    assert told["outcomes"] == {"diverged": 3}
    assert (told["session"]["pid"], told["session"]["runner"], told["session"]["missing"]) == (
        process.pid,
        "serial",
        6,
    )
    assert told["runs_per_second"] > 0
    # as many are left as are done, so they take as long as the session has taken until now
    assert told["seconds_left"] == pytest.approx(3 / told["runs_per_second"])


def test_without_a_name_each_experiment_has_a_line(running):
    results, _ = running
    with Store.open(results / "other") as store:
        store.add_plan(plan(keys="ab"))
        store.add(record("a"))
    Store.open(results / "never").close()
    _, told = status(results)
    lines = {line.split()[0]: line.split()[1:] for line in told.splitlines()}
    assert list(lines) == ["never", "other", "small"]
    assert lines["never"][:2] == ["empty", "0/0"]
    assert lines["other"][:4] == ["unfinished", "1/2", "1", "converged"]
    assert lines["small"][:4] == ["running", "3/6", "3", "diverged"]
    _, plain = status(results, "--json")
    assert {one["name"]: one["state"] for one in plain} == {name: line[0] for name, line in lines.items()}


def test_an_unknown_name_is_answered_with_those_that_exist(running):
    code, told = status(running[0], "smal")
    assert code == 2
    assert "no experiment is called 'smal'. Did you mean small?" in told


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 exists on POSIX only")
def test_a_sweep_that_was_killed_is_shown_as_killed_with_the_command_that_goes_on(running):
    results, process = running
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    code, told = status(results, "small")
    assert code == 0
    rows = dict(line.split(maxsplit=1) for line in told.splitlines())
    assert rows["small"] == "killed"
    assert rows["left"] == "3 runs"
    config = str(results.parent / "small.yaml")
    expected = ["gdbench", "run", config, "--runner", "serial", "--results", str(results)]
    assert shlex.split(rows["resume"]) == expected


def test_a_store_that_cannot_be_read_does_not_hide_the_others(tmp_path):
    with Store.open(tmp_path / "good") as store:
        store.add_plan(plan())
        store.add(record())
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / STORE_NAME).write_bytes(b"no database" * 100)
    code, told = status(tmp_path)
    assert code == 0
    bad, good = told.splitlines()
    assert bad.startswith("bad   unreadable")
    assert "not a database" in bad
    assert good.startswith("good  finished    1/1")
    assert status(tmp_path, "bad")[0] == 2


def test_overrides_are_part_of_the_command_that_goes_on(tmp_path):
    changed = {**vars(plan(keys="ab")), "overrides": ["grid.learning_rate=[0.1, 0.2]"]}
    with Store.open(tmp_path / "study") as store:
        store.add_plan(type(plan())(**changed))
        store.end_session(store.begin_session(session(comparable=False)), "interrupted", 20.0)
    _, told = status(tmp_path, "study")
    assert "interrupted" in told
    assert "seconds are not comparable" in told
    resume = next(line for line in told.splitlines() if line.startswith("resume"))
    assert "--set 'grid.learning_rate=[0.1, 0.2]'" in resume


def test_nothing_recorded_is_said_in_a_sentence(tmp_path):
    told = status(tmp_path)[1]
    assert told.startswith(f"{tmp_path}: nothing has been run yet. --results or GDBENCH_RESULTS names another")
    assert told.endswith("To begin: gdbench run configs/lr_sweep.yaml\n")
    assert "(there is no such folder)" in status(tmp_path / "none")[1]
    assert status(tmp_path, "--json")[1] == []
