"""Workers under PyPy: the same record as everywhere, whatever a run, a plug-in or the interpreter does."""

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import replace

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.config.experiment import load_experiment
from gdbench.descent.errors import GdbenchError
from gdbench.descent.recording.recorder import curve_of
from gdbench.descent.recording.result import RunResult
from gdbench.execution.engines.engine import open_engine
from gdbench.execution.engines.pypy import PypyLine, Start, command_for, find_interpreter
from gdbench.execution.engines.pypy_process import PypyProcess
from gdbench.execution.launch import cargo_of
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.task import Cargo, Finished, Task, decode_result, encode_result
from gdbench.planning.plan import make_plan
from gdbench.plugins.packages import load_module
from gdbench.reference.problem_records import problem_record
from tests import interpreters
from tests.cli.shell import gdbench
from tests.execution import acting
from tests.execution.sweeping import bits_of, run_all
from tests.sweeps import write

PYPY = interpreters.find("pypy3")
needs_pypy = pytest.mark.skipif(PYPY is None, reason="there is no pypy3 on this machine")


def under(interpreter=PYPY, **profile):
    return Profile(kind="pypy", name="pypy", options={"interpreter": str(interpreter)}, **profile)


def plan_of(folder):
    return make_plan(load_experiment(write(folder)))


def record(plan, folder, profile):
    """Run a plan; label of each run → its result."""
    records = run_all(plan, folder, profile)
    return {run.label: records[run.label].result for run in plan.runs}


def act(folder, *acts, **profile):
    """Results of the runs that act, in their order, once it is clear that all others completed."""
    results = record(acting.plan_of(folder, *acts), folder / "s", under(**profile))
    assert all(r.iterations == 20 for label, r in results.items() if "behaves" in label)
    assert all(r.interpreter.startswith("PyPy") for r in results.values() if r.iterations == 20)
    return [r for label, r in results.items() if "behaves" not in label]


def bits(results):
    """Everything of each result but what its place and time may change."""
    return {key: bits_of(result) for key, result in results.items()}


@contextmanager
def line_for(plan, folder, command=None, **profile):
    """(a line of its own, the plan's tasks)."""
    cargo = cargo_of(plan, under(**profile))
    start = Start(
        command or command_for(PYPY, cargo.plugins),
        os.environ,
        json.dumps(cargo.to_plain()).encode(),
        cargo.limits,
    )
    line = PypyLine(start, folder / "0.crash")
    constants = {id_: problem_record(problem).constants for id_, problem in plan.problems.items()}
    try:
        yield line, [Task(run.key, run.spec, constants[run.problem]) for run in plan.runs]
    finally:
        line.close()


def idle_worker(folder):
    """Bytes of the address space of a worker before its first run."""
    with line_for(plan_of(folder), folder) as (line, _):
        return psutil.Process(line._ready_process()._process.pid).memory_info().vms


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@needs_pypy
def test_what_a_plug_in_prints_and_reads_touches_neither_the_results_nor_the_terminal(tmp_path, capfd):
    results = act(tmp_path, "prints", "reads", workers=1)
    assert [r.outcome for r in results] == ["stopped", "stopped"]
    assert capfd.readouterr() == ("", "")


@needs_pypy
def test_a_plug_in_package_is_the_parents_own(tmp_path, monkeypatch):
    package = tmp_path / "lent_rates"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "rates.py").write_text(
        "from gdbench.descent.learning_rates import learning_rate, scheduled\n"
        "from lent_rates.numbers import RATE\n"
        "@learning_rate('lent')\n"
        "def lent():\n    'η = 0.1.'\n    return scheduled(lambda k: RATE)\n",
        encoding="utf-8",
    )
    (package / "numbers.py").write_text("RATE = 0.1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    plugin = load_module("lent_rates.rates", "plug-in lent")
    plan = acting.plan_of(tmp_path, **{"{acting: {how: behaves}}": "lent"})
    plan = replace(plan, experiment=replace(plan.experiment, plugins=(*plan.experiment.plugins, plugin)))
    results = record(plan, tmp_path / "s", under(workers=1))
    assert {r.iterations for r in results.values()} == {20}
    assert bits(results) == bits(record(plan, tmp_path / "serial", Profile(kind="serial", workers=1)))


@needs_pypy
def test_data_travels_once_to_each_worker(tmp_path, monkeypatch):
    lines = []
    send = PypyProcess.send
    monkeypatch.setattr(PypyProcess, "send", lambda self, line: lines.append(line) or send(self, line))
    plan = plan_of(tmp_path)
    ((_, (content, *_)),) = cargo_of(plan, under()).to_plain()["tables"].items()
    record(plan, tmp_path / "s", under(workers=2))
    assert len(lines) > 2
    assert sum(content.encode() in line for line in lines) == 2


@needs_pypy
def test_runs_that_allocate_without_end_fail_with_their_traceback(tmp_path):
    # builds differ in what they take before any run
    limit = idle_worker(tmp_path) + 300_000_000
    for result in act(tmp_path, "allocates", "allocates", workers=1, retries=0, memory_limit=limit):
        assert result.outcome == "failed"
        assert "in allocates" in result.traceback
        assert result.traceback.rstrip().endswith("MemoryError")


@needs_pypy
def test_a_memory_limit_that_pypy_itself_exceeds_is_refused(tmp_path):
    with pytest.raises(GdbenchError, match=r"memory_limit: .* needs 200 MB .* but 100 MB"):
        record(plan_of(tmp_path), tmp_path / "s", under(memory_limit=100_000_000))


@pytest.mark.parametrize("kind", ["pypy", "processes"])
def test_a_memory_limit_below_what_an_idle_worker_takes_is_refused_with_both_sizes(tmp_path, kind, monkeypatch):
    monkeypatch.setattr("gdbench.execution.engines.pypy._LEAST_MEMORY", 0)
    options = {"interpreter": sys.executable} if kind == "pypy" else {}
    place = Profile(kind=kind, name=kind, workers=1, options=options)
    # a profile refuses so little by itself; a build that takes more gets here with more
    place = place.model_copy(update={"memory_limit": 20_000_000})
    with pytest.raises(GdbenchError, match=r"memory_limit: a worker needs \d+ MB .* but 20 MB is the limit"):
        record(plan_of(tmp_path), tmp_path / "s", place)


def test_workers_that_cannot_start_under_a_memory_limit_name_it(tmp_path):
    program = script(tmp_path, "exit 1")
    with pytest.raises(GdbenchError, match=r"The memory_limit of 250 MB may be less than an idle worker needs"):
        record(plan_of(tmp_path), tmp_path / "s", under(program, workers=1, memory_limit=250_000_000))


@needs_pypy
def test_a_crash_is_recorded_with_its_curve_and_the_workers_last_words(tmp_path):
    (result,) = act(tmp_path, "aborts", workers=1, retries=1)
    assert result.outcome == "crashed"
    assert "SIGABRT" in result.reason
    assert "the reason why" in result.reason
    assert "2 times" in result.reason
    assert result.curve.iteration == [0, 1, 2, 3, 4, 5]


@needs_pypy
def test_a_worker_that_is_killed_while_it_has_nothing_to_do_is_replaced(tmp_path):
    with line_for(plan_of(tmp_path), tmp_path) as (line, tasks):
        first = line.send(tasks[:1]).result()
        line._process.kill()
        again = [delivery for _ in range(2) if (delivery := line.send(tasks[:1]).result()).finished]
        assert bits({0: again[0].finished[0].result}) == bits({0: first.finished[0].result})
        assert all(delivery.death is None for delivery in again)


@needs_pypy
def test_an_abort_ends_a_worker_in_the_middle_of_a_run(tmp_path, monkeypatch):
    pid_file = tmp_path / "pids"
    os.mkfifo(pid_file)
    with line_for(acting.plan_of(tmp_path, "hangs"), tmp_path) as (line, tasks):
        sent = line.send(tasks)
        pid = int(pid_file.read_text())  # waits until the run has come to where it hangs
        line.abort()
        delivery = sent.result(timeout=60)
        assert not alive(pid)
        assert len(delivery.finished) == 1
        assert delivery.death is None


def test_a_missing_interpreter_is_one_sentence_and_nothing_runs(tmp_path):
    write(tmp_path)
    (tmp_path / "nowhere.yaml").write_text("kind: pypy\noptions: {interpreter: pypy7}\n", encoding="utf-8")
    done = gdbench(
        "run", "small.yaml", "--runner", "nowhere.yaml", "--no-tracking", "--results", "r", cwd=tmp_path
    )
    assert done.returncode == 2
    assert "no 'pypy7' is on the PATH. Install PyPy (Debian: apt install pypy3;" in " ".join(
        done.stderr.split()
    )
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_path_without_a_program_is_told_as_it_was_written():
    with pytest.raises(GdbenchError, match=r"^/nowhere/pypy3: there is no such program\."):
        find_interpreter("/nowhere/pypy3")


def test_a_path_that_begins_here_is_found_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script(tmp_path, "exit 0")
    assert find_interpreter("./interpreter") == "./interpreter"


def script(folder, text):
    path = folder / "interpreter"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("exit 1", "3 workers ended before they could begin a run, the last with status 1: it said nothing"),
        ("echo no such shim >&2; exit 127", "status 127: no such shim"),
        ("exec cat", "this program is no Python"),
        ("echo hello; exec cat", "this program is no Python"),
    ],
)
def test_a_program_that_is_no_python_is_one_sentence(text, sentence, tmp_path):
    program = script(tmp_path, text)
    with pytest.raises(GdbenchError) as caught:
        record(plan_of(tmp_path), tmp_path / "s", under(program, workers=1))
    assert str(caught.value).startswith(f"runner pypy: {program}: ")
    assert sentence in str(caught.value)
    assert "options: {interpreter: /path/to/pypy3}, or choose --runner processes." in str(caught.value)


def test_a_program_that_never_answers_is_told_with_its_profile(tmp_path, monkeypatch):
    monkeypatch.setattr("gdbench.execution.engines.pypy._PATIENCE_TO_ANSWER", 0.3)
    program = script(tmp_path, "exec sleep 1000")
    with pytest.raises(GdbenchError, match=rf"runner pypy: {program}: it does not answer within 0.3 s"):
        record(plan_of(tmp_path), tmp_path / "s", under(program, workers=1))


def test_a_python_that_is_too_old_is_told_with_its_version(tmp_path):
    program = script(tmp_path, """echo '{"here": "3.7.1 (default)"}'; exec cat""")
    with pytest.raises(
        GdbenchError, match=rf"runner pypy: {program}: this is Python 3.7.1, and workers need 3.9"
    ):
        record(plan_of(tmp_path), tmp_path / "s", under(program, workers=1))


def test_a_python_that_is_no_pypy_is_told_and_works(tmp_path):
    write(tmp_path)
    asked = ["--runner", "pypy", "--set", f"runner.options.interpreter={sys.executable}", "--no-tracking"]
    done = gdbench("run", "small.yaml", *asked, cwd=tmp_path)
    assert done.returncode == 0
    assert f"runner pypy: {sys.executable}: this is Python 3.1" in done.stderr
    assert "and no PyPy. The results are the same" in done.stderr


def test_a_file_that_is_no_program_is_one_sentence(tmp_path):
    program = script(tmp_path, "")
    program.write_bytes(b"\x7fELF no program")
    with pytest.raises(GdbenchError, match="cannot be started: "):
        record(plan_of(tmp_path), tmp_path / "s", under(program, workers=1))


def test_any_python_will_do(tmp_path):
    plan = plan_of(tmp_path)
    there = record(plan, tmp_path / "there", under(sys.executable, workers=1))
    assert bits(there) == bits(record(plan, tmp_path / "serial", Profile(kind="serial", workers=1)))


def test_a_worker_has_gdbench_and_nothing_else_of_the_parents(tmp_path):
    command = command_for(sys.executable, ())
    assert json.loads(command[-1]).keys() == {"gdbench"}
    assert "-I" in command


def test_cargo_and_tasks_survive_the_journey(tmp_path):
    plan = acting.plan_of(tmp_path, "prints")
    cargo = cargo_of(plan, under(timeout=1.5, memory_limit=10**9))
    assert Cargo.from_plain(json.loads(json.dumps(cargo.to_plain()))) == cargo


def test_an_engine_that_was_closed_has_left_no_process(tmp_path):
    plan = plan_of(tmp_path)
    with open_engine(under(sys.executable, workers=2), cargo_of(plan, under()), 5) as engine:
        lines = engine._lines
        (problem,) = plan.problems.values()
        futures = [engine.submit(Task(r.key, r.spec, problem_record(problem).constants)) for r in plan.runs]
        assert all(future.result().result.iterations for future in futures)
        pids = [line._process._process.pid for line in lines]
    assert len(pids) == 2
    assert not any(alive(pid) for pid in pids)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**62),
            st.floats(allow_nan=False, allow_infinity=False),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        max_size=50,
    ),
    st.lists(st.floats(), max_size=5),
)
def test_a_result_comes_back_bit_for_bit(points, parameters):
    curve = curve_of(("cost", "gradient_norm"), points)
    done = Finished(RunResult("stopped", "because", curve=curve, parameters=parameters), 1.25, 2.5)
    assert repr(decode_result(json.loads(json.dumps(encode_result(done))))) == repr(done)
