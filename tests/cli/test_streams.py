"""What the environment does to a command: stdout full, closed or ASCII, no width, little memory, signals."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gdbench.record.store import Store
from tests.cli.shell import ROOT, command, environment, gdbench
from tests.cli.test_killed import PATIENCE, moment, recorded_count
from tests.sampling import sampled
from tests.sweeps import write

VERBS = (
    "--help",
    "run --help",
    "list",
    "plan small.yaml",
    "plan small.yaml --json",
    "inspect small.yaml",
    "run small.yaml --runner serial --no-tracking",
    "run small.yaml --runner serial --no-tracking --json",
    "runners",
    "status",
    "status small",
    "report small --format html",
    "report small --json",
    "next small --json",  # without, a sweep that is followed by none prints nothing
    "export small --to csv",
    "show kernel small.yaml",
    "show definition huber",
    "show model small",
    "doctor",
    "schema",
    "completion bash",
    "new --data iris --force -o iris.yaml",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with an experiment that was run."""
    here = tmp_path_factory.mktemp("streams")
    write(here)
    assert gdbench("run", "small.yaml", "--runner", "serial", "--no-tracking", cwd=here).returncode == 0
    return here


def ended(folder, verb, stdout, stderr=subprocess.PIPE, before=None, **extra):
    """(status, stderr) of a command whose streams are what they are."""
    done = subprocess.run(
        command(*verb.split()),
        cwd=folder,
        env=environment(**extra),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        preexec_fn=before,
        timeout=300,
    )
    err = (done.stderr or b"").decode()
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert "mistake in gdbench" not in err
    return done.returncode, err


@sampled("verb", VERBS, 2, kept=["run small.yaml --runner serial --no-tracking", "--help"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_stdout_is_said_in_a_sentence(folder, verb):
    with Path("/dev/full").open("w") as full:
        status, err = ended(folder, verb, full)
    assert status == 1
    assert err.splitlines()[-1].endswith("No space left on device.")


@sampled("verb", VERBS, 2, kept=["run small.yaml --runner serial --no-tracking", "--help"])
@pytest.mark.skipif(os.name == "nt", reason="pipes without a reader are POSIX's")
def test_a_reader_that_has_left_is_nobodys_mistake(folder, verb):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        status, err = ended(folder, verb, writer)
    finally:
        os.close(writer)
    assert status == 0
    assert "stdout" not in err


@sampled("verb", VERBS, 1, kept=["list"])
def test_signs_that_a_stream_lacks_are_replaced(folder, verb):
    assert ended(folder, verb, subprocess.DEVNULL, PYTHONIOENCODING="ascii")[0] == 0


@sampled("verb", VERBS, 1, kept=["list"])
@pytest.mark.parametrize("columns", ["0", "1", "no number"])
def test_a_width_that_is_none_is_no_mistake(folder, verb, columns):
    assert ended(folder, verb, subprocess.DEVNULL, COLUMNS=columns)[0] == 0


def test_a_table_has_room_where_columns_says_that_there_is_none(folder):
    assert "0.0001" in gdbench("plan", "small.yaml", cwd=folder, COLUMNS="0").stdout


@sampled("verb", VERBS, 1, kept=["show kernel small.yaml"])
@pytest.mark.skipif(os.name == "nt", reason="streams are closed so on POSIX")
def test_a_stdout_that_was_closed_before_is_no_mistake(folder, verb):
    assert ended(folder, verb, None, before=lambda: os.close(1))[0] == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_sweep_goes_on_when_its_talk_is_lost(folder, tmp_path):
    with Path("/dev/full").open("w") as full:
        words = f"run small.yaml --runner serial --no-tracking --results {tmp_path}"
        assert ended(folder, words, subprocess.DEVNULL, full)[0] == 0
    assert recorded_count(tmp_path) == 9


def limited(megabytes):
    import resource  # noqa: PLC0415  POSIX has it

    return lambda: resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


@sampled("verb", VERBS, 1, kept=["report small --format html"])
@sampled("megabytes", [300, 400, 500, 600], 1, kept=["300"])
@pytest.mark.skipif(sys.platform != "linux", reason="no bound on memory elsewhere")
def test_a_bound_on_memory_ends_in_a_sentence_if_at_all(folder, verb, megabytes):
    status, err = ended(folder, verb, subprocess.DEVNULL, before=limited(megabytes))
    assert status in (0, 1)
    assert "memory" in err if status else True


@pytest.mark.skipif(sys.platform != "linux", reason="no bound on memory elsewhere")
def test_a_report_goes_on_without_charts_where_vl_convert_dies(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # where nothing is kept that it made before
    status, err = ended(folder, "report small --format html,md,svg", subprocess.DEVNULL, before=limited(1500))
    assert status == 0
    assert "charts are left out: vl-convert" in err
    text = (folder / "results/small/report/report.md").read_text(encoding="utf-8")
    assert "## How fast?" in text
    assert ".svg" not in text


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize(
    ("name", "status", "word"), [("SIGTERM", 143, "terminated"), ("SIGHUP", 129, "hung up")]
)
def test_a_signal_ends_a_sweep_as_ctrl_c_does(tmp_path, name, status, word):
    config = write(
        tmp_path,
        **{"max_iterations: 400": "max_iterations: 200000", "cost_change: 1.0e-9": "gradient_norm: 1.0e-300"},
    )
    number = getattr(signal, name)
    ours = signal.signal(number, signal.SIG_DFL)  # under nohup the tests ignore it, and children would as well
    process = subprocess.Popen(
        command("run", config, "--runner", "serial", "--no-tracking", "--results", tmp_path),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    signal.signal(number, ours)
    for _ in range(int(PATIENCE / 0.01)):
        if process.poll() is not None or recorded_count(tmp_path):
            break
        moment.wait(0.01)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == status, err
    assert f"{word}: " in err
    assert "to go on: gdbench run" in err
    with Store.read(tmp_path / "small") as store:
        assert [one.state for one in store.sessions()] == ["interrupted"]


@pytest.mark.skipif(os.name == "nt", reason="terminals are made so on POSIX")
def test_our_colours_reach_a_terminal_and_those_of_a_config_do_not(tmp_path):
    pty = pytest.importorskip("pty")
    write(tmp_path, **{"model: linear": "model: 'lin\\e[31mear'"}).rename(tmp_path / "a\x1b[31m.yaml")
    ours, theirs = pty.openpty()
    words = command("plan", "a\x1b[31m.yaml")
    process = subprocess.Popen(words, cwd=tmp_path, env=environment(TERM="xterm"), stdout=theirs, stderr=theirs)
    os.close(theirs)
    told = b""
    try:
        while some := os.read(ours, 65536):
            told += some
    except OSError:  # Linux says so at the end
        pass
    assert process.wait() == 2
    text = told.decode()
    assert "\x1b[1ma␛[31m.yaml:5:" in text
    assert "\x1b[31m\x1b[1m^" in text
    assert text.count("\x1b[31m") == 1
