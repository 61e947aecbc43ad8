"""A plug-in adds choices and changes nothing else; what it does besides is undone, and told with its name."""

import json
import math
import os
import random
import re
import signal
import subprocess
import sys

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.descent.costs import COSTS
from gdbench.descent.errors import GdbenchError
from gdbench.execution import interrupts
from gdbench.execution.profiles.profile import BUILT_IN
from gdbench.planning.plan import make_plan
from gdbench.plugins.loading import endless_threads, load_source
from gdbench.plugins.originals import Originals
from gdbench.record.store import Store
from gdbench.reference.problem_records import problem_record
from tests import interpreters
from tests.cli.shell import gdbench, here
from tests.execution.sweeping import bits, recorded, run_all
from tests.plugins.test_plugins import CUBE, ROOT
from tests.sampling import sampled
from tests.sweeps import SWEEP, write

#: What a plug-in may do at its import that changes other choices → what is named.
PATCHES = [
    ("import math\nmath.exp = math.exp2 if hasattr(math, 'exp2') else math.sinh", "math.exp"),
    ("import math\nreal = math.exp\nmath.exp = lambda x: real(x) * 1.0000001", "math.exp"),
    ("import random\nrandom.Random.random = lambda self: 0.5", "random.Random.random"),
    (
        "import random\nrandom.Random.gauss.__code__ = (lambda self, mu=0.0, sigma=1.0: mu).__code__",
        "random.Random.gauss",
    ),
    ("import random\nrandom.Random.gauss.__defaults__ = (1.0, 1.0)", "random.Random.gauss"),
    ("import random\nclass Mine(random.Random): pass\nrandom.Random = Mine", "random.Random"),
    ("import builtins\nbuiltins.abs = lambda x: x", "builtins.abs"),
    ("import gdbench.descent.costs as c\nc.abs = lambda x: x", "gdbench.descent.costs.abs"),
    (
        "import gdbench.descent.descend as d\nd.descend = lambda *a, **b: None",
        "gdbench.descent.descend.descend",
    ),
    ("import gdbench.descent as d\nd.KERNEL_VERSION = 5", "gdbench.descent.KERNEL_VERSION"),
    ("from gdbench.descent.costs import COSTS, mse\nCOSTS.remove('mse')", "the cost mse"),
    ("from gdbench.descent.costs import COSTS\nCOSTS._entries['mse'] = COSTS['mae']", "the cost mse"),
    ("from gdbench.descent.costs import COSTS\nCOSTS['huber'].facts['convex'] = False", "the cost huber"),
    (
        "from gdbench.descent.registry import Registry\nRegistry.__contains__ = lambda *_: True",
        "Registry.__contains__",
    ),
    ("import sys, types\nsys.modules['math'] = types.ModuleType('math')", "the module math"),
    ("from gdbench.descent.recording.result import OUTCOMES\nOUTCOMES.pop('failed')", "OUTCOMES"),
    (
        "from functools import partial\nimport gdbench.planning.specs as s\ns.key_of = partial(s.key_of, 1)",
        "key_of",
    ),
]


@pytest.mark.parametrize(("patch", "named"), PATCHES)
def test_what_puts_other_functions_in_the_place_of_ours_is_refused_and_undone(patch, named):
    originals = Originals()
    with pytest.raises(GdbenchError) as raised:
        load_source(f"{CUBE}\n{patch}\n", "mine.py")
    assert str(raised.value).startswith("mine.py puts another thing in the place of ")
    assert named in str(raised.value)
    assert originals.changes() == []
    assert "cube" not in COSTS
    assert (math.exp(1.0), abs(-1.0), random.Random(0).random()) == (math.e, 1.0, 0.8444218515250481)


def test_a_choice_of_another_plug_in_is_not_to_be_replaced_either():
    load_source(CUBE, "cube.py")
    own = COSTS["cube"]
    patch = "from gdbench.descent.costs import COSTS\nCOSTS.remove('cube')\n"
    with pytest.raises(GdbenchError, match=r"mine\.py puts another thing in the place of the cost cube"):
        load_source(patch + CUBE.replace("r * r * r", "r * r"), "mine.py")
    assert COSTS["cube"] is own


def test_the_run_after_one_that_ctrl_c_ended_blames_no_plug_in_for_it():
    with pytest.raises(KeyboardInterrupt), interrupts.interruptible():
        signal.raise_signal(signal.SIGINT)
    assert interrupts.came()
    before = Originals()
    with interrupts.interruptible():
        assert not interrupts.came()
        assert before.changes() == []


def test_a_plug_in_that_only_adds_is_no_offence():
    originals = Originals()
    load_source(f"import decimal, calendar, gdbench.descent.theory.rates\n{CUBE}", "cube.py")
    assert [change.what for change in originals.changes()] == []


#: A learning rate that patches in the middle of a run, and a cost that does while it is traced.
LATE = '''
import {module}
from gdbench.descent.learning_rates import learning_rate

@learning_rate("late")
def late():
    """η = 0.1."""
    def choose(now):
        if now.k == 3:
            {patch}
        return 0.1
    return lambda landscape: choose
'''
LATE_PATCHES = [
    ("math", "math.exp = math.sinh", "math.exp"),
    ("random", "random.Random.gauss = lambda *_: 0.0", "random.Random.gauss"),
    ("os", "os.close(1)", "standard output"),
]
USING_LATE = SWEEP.replace("[0.0001, 0.2, 5.0]", "[0.2, late, 0.3]").replace(
    "\ndata:", "\nplugins: late.py\ndata:"
)


@sampled(
    "late",
    [(runner, *patched) for runner in ("serial", "processes") for patched in LATE_PATCHES],
    3,
    kept=["serial standard output", "processes math.exp"],
    name=lambda late: f"{late[0]} {late[-1]}",
)
def test_what_a_run_changes_is_its_own_failure_and_touches_no_other_run(tmp_path, late):
    runner, module, patch, named = late
    (tmp_path / "late.py").write_text(LATE.format(module=module, patch=patch))
    config = write(tmp_path, USING_LATE)
    done = gdbench("run", config, "--runner", runner, "--workers", "1", "--no-tracking", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    plan = make_plan(load_experiment(config))
    records = recorded(plan, tmp_path / "results" / "small")
    its = [record.result for label, record in records.items() if "late" in label]
    others = {key: text for key, text in bits(tmp_path / "results" / "small").items() if "late" not in text}
    assert {result.outcome for result in its} == {"failed"}
    assert all(named in result.reason and "late.py" in result.reason for result in its)
    clean = SWEEP.replace("[0.0001, 0.2, 5.0]", "[0.2, 0.3]")
    run_all(make_plan(load_experiment(write(tmp_path, clean))), tmp_path / "clean", BUILT_IN["serial"])
    assert others == bits(tmp_path / "clean")


#: What a run may do to the process it is done in → what becomes of it.
ACTS = """
import os, subprocess, sys, threading, time
from gdbench.descent.domains import one_of
from gdbench.descent.learning_rates import learning_rate

def prints():
    print("printed", flush=True)

def floods():
    print("x" * 200_000_000)

def passes_by():
    os.write(1, b"y" * 3_000_000)
    subprocess.run(["echo", "printed by a child"])

def closes():
    os.close(1)

def exits():
    os._exit(0)

def leaves():
    sys.exit(0)

def raises_the_base():
    raise BaseException("from below")

def raises_what_ctrl_c_raises():
    raise KeyboardInterrupt

def begins_a_thread():
    threading.Thread(target=goes_on).start()

def goes_on():
    while True:
        time.sleep(0.01)

ACTS = [prints, floods, passes_by, closes, exits, leaves, raises_the_base, raises_what_ctrl_c_raises,
        begins_a_thread]
NAMES = {act.__name__: act for act in ACTS}

@learning_rate("odd", how=one_of(*NAMES))
def odd(how):
    \"\"\"η = 0.1.  how: what is done besides.\"\"\"
    def choose(now):
        if now.k == 3:
            NAMES[how]()
        return 0.1
    return lambda landscape: choose
"""
BECOMES = {
    "prints": ("converged", ""),
    "floods": ("converged", ""),
    "passes_by": ("converged", ""),
    "closes": ("failed", "odd.py closed standard output"),
    "exits": ("crashed", "learning rate odd"),
    "leaves": ("failed", "odd.py:23: SystemExit: 0"),
    "raises_the_base": ("failed", "odd.py:26: BaseException: from below"),
    "raises_what_ctrl_c_raises": ("failed", "odd.py:29: KeyboardInterrupt"),
    "begins_a_thread": ("converged", ""),
}


@pytest.mark.parametrize("runner", ["serial", "processes", "pypy"])
def test_whatever_a_run_does_to_its_process_is_told_and_no_result_is_mixed_with_prints(tmp_path, runner):
    if runner == "pypy" and interpreters.find("pypy3") is None:
        pytest.skip("there is no pypy3 on this machine")
    (tmp_path / "odd.py").write_text(ACTS)
    rates = ", ".join(f"{{odd: {{how: {act}}}}}" for act in BECOMES)
    text = SWEEP.replace("[0.0001, 0.2, 5.0]", f"[0.2, {rates}]").replace("\ndata:", "\nplugins: odd.py\ndata:")
    write(tmp_path, text.replace("[zeros, {normal: {std: 1.0}}]", "zeros"))
    done = gdbench(
        "run", "small.yaml", "--runner", runner, "--workers", "1", "--no-tracking", "--json", cwd=tmp_path
    )
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["experiment"] == "small"
    log = tmp_path / "results" / "small" / "prints.log"
    assert log.read_bytes()[:8] == b"printed\n"
    assert log.stat().st_size == 1_000_000
    assert f"odd.py printed while runs were done: {log}; only its first 1,000,000 bytes" in done.stderr
    became = {}
    with Store.read(log.parent) as store:
        for record in store.runs():
            (given,) = record.spec["learning_rate"].values()
            became[given.get("how")] = record.result
    assert became.keys() == {*BECOMES, None}
    alone = {"exits": ("failed", "odd.py:20: os._exit(0) would end gdbench")} if runner == "serial" else {}
    for act, (outcome, words) in {**BECOMES, **alone}.items():
        assert (became[act].outcome, words in became[act].reason) == (outcome, True), became[act].reason
    thread = "odd.py: its thread 'Thread-"
    assert (thread in done.stderr) == (runner == "serial")


def test_a_sweep_in_which_nothing_is_printed_leaves_no_file_for_prints(tmp_path):
    (tmp_path / "cube.py").write_text(CUBE)
    config = write(tmp_path, SWEEP.replace("mse", "cube").replace("\ndata:", "\nplugins: cube.py\ndata:"))
    plan = make_plan(load_experiment(config))
    run_all(plan, tmp_path / "s", BUILT_IN["serial"])
    assert not (tmp_path / "s" / "prints.log").exists()


def test_an_exception_of_a_plug_in_is_no_mistake_of_gdbench_wherever_it_comes(tmp_path):
    raising = CUBE.replace('"cube",', '"cube", facts={"convex": lambda scale: 1 / 0},')
    (tmp_path / "cube.py").write_text(raising)
    write(tmp_path, SWEEP.replace("mse", "cube").replace("\ndata:", "\nplugins: cube.py\ndata:"))
    said, before = "cube.py:5: ZeroDivisionError: division by zero\n", "executes the plug-in cube.py; "
    for verb, announced in ((["plan"], True), (["inspect"], True), (["run", "--no-tracking"], False)):
        done = gdbench(*verb, "small.yaml", cwd=tmp_path)
        assert (done.returncode, done.stderr.startswith(before)) == (2, announced)
        assert done.stderr.splitlines(keepends=True)[announced:] == [said]


def test_a_formula_that_patches_while_it_is_looked_at_is_refused(tmp_path):
    patching = CUBE.replace("    r = abs", "    import math; math.exp = math.sinh\n    r = abs")
    with pytest.raises(GdbenchError, match=r"mine\.py puts another thing in the place of math\.exp"):
        load_source(patching, "mine.py")
    later = CUBE.replace("    r = abs", "    if scale == 2: import math; math.exp = math.sinh\n    r = abs")
    (tmp_path / "cube.py").write_text(later)
    text = SWEEP.replace("mse", "{cube: {scale: 2}}").replace("\ndata:", "\nplugins: cube.py\ndata:")
    with pytest.raises(GdbenchError, match=r"cube\.py puts another thing in the place of math\.exp"):
        problem_record(next(iter(make_plan(load_experiment(write(tmp_path, text))).problems.values())))
    assert math.exp(1.0) == math.e


#: What makes one import differ from the next → what is named.
UNSTEADY = [
    ("import time\nSCALE = time.time()\n", "SCALE * r * r", "SCALE"),
    ("import time\ndef factor():\n    return SCALE\nSCALE = time.time()\n", "factor() * r * r", "SCALE"),
    ("import time\n", "time.time() * r * r", "its formula"),
    ("import time\nTABLE = {'a': [1.0, (time.time(),)]}\n", "TABLE['a'][1][0] * r * r", "TABLE"),
]


@sampled("unsteady", UNSTEADY, 2, name=lambda one: one[1])
def test_a_plug_in_that_differs_from_import_to_import_is_told(tmp_path, unsteady):
    head, formula, named = unsteady
    (tmp_path / "cube.py").write_text(head + CUBE.replace("scale * r * r * r", formula))
    done = gdbench("check", "cube.py", cwd=tmp_path)
    assert done.returncode == 1
    assert f"✗ {named} is " in done.stdout
    assert " at the next: results would depend on which it was." in done.stdout
    write(tmp_path, SWEEP.replace("mse", "cube").replace("\ndata:", "\nplugins: cube.py\ndata:"))
    done = gdbench("run", "small.yaml", "--no-tracking", cwd=tmp_path)
    assert done.returncode == 2
    assert f"cube.py: cost cube: {named} is " in done.stderr
    assert "in a worker, although the file is the same" in done.stderr


def test_what_an_import_makes_of_a_plug_in_is_the_same_on_every_interpreter():
    source = CUBE + "SCALE = 0.1\n" + ACTS
    code = (
        "import sys; from gdbench.plugins.loading import load_source\n"
        "print(load_source(sys.stdin.read(), 'cube.py').definition)"
    )
    found = {}
    for name in interpreters.NAMES:
        if interpreters.find(name) is not None:
            done = subprocess.run(
                [interpreters.find(name), "-c", code],
                input=source,
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            )
            found[name] = done.stdout
    assert len(set(found.values())) == 1, found
    assert "cost cube: its formula" in next(iter(found.values()))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("raise BaseException('no')", "mine.py:11: BaseException: no"),
        ("raise KeyboardInterrupt", "mine.py:11: KeyboardInterrupt"),
        ("raise GeneratorExit('enough')", "mine.py:11: GeneratorExit: enough"),
        ("import sys; sys.exit(0)", "mine.py:11: SystemExit: 0"),
        ("import os; os._exit(0)", "mine.py:11: os._exit(0) would end gdbench. Raise an exception instead."),
        ("import os; os.close(1)", "mine.py closed standard output, which is gdbench's own. Leave it open."),
        (
            "import os; os.closerange(0, 3)",
            "mine.py closed standard input and standard output and standard error",
        ),
    ],
)
def test_what_ends_an_import_is_one_sentence(line, said, capfd):
    before = [os.fstat(number).st_ino for number in range(3)]
    with pytest.raises(GdbenchError) as raised:
        load_source(f"{CUBE}\n{line}\n", "mine.py")
    assert str(raised.value).startswith(said)
    assert [os.fstat(number).st_ino for number in range(3)] == before
    print("still here", flush=True)
    assert capfd.readouterr().out == "still here\n"


def test_an_import_without_end_is_interrupted_whatever_it_catches(monkeypatch):
    monkeypatch.setattr("gdbench.plugins.guard.MOST_SECONDS", 0.1)
    for loop in (
        "while True: pass",
        "import time; time.sleep(100)",
        "import threading; threading.Event().wait()",
    ):
        with pytest.raises(GdbenchError, match=r"mine\.py:\d+: its import takes longer than 0.1 s"):
            load_source(f"{CUBE}\ntry:\n    {loop}\nexcept Exception:\n    pass\n", "mine.py")


def test_an_import_that_cannot_be_interrupted_ends_the_process_with_the_reason(tmp_path):
    (tmp_path / "mine.py").write_text(
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass\n"
    )
    code = (
        "import gdbench.plugins.guard as guard; guard.MOST_SECONDS, guard._LAST_SECONDS = 0.1, 0.3\n"
        "from gdbench.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "check", "mine.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert re.fullmatch(r"mine\.py(:\d)?: its import takes longer than 0\.1 s\. What is slow .*\n", done.stderr)


def test_a_thread_without_end_that_an_import_began_is_refused():
    thread = (
        "import threading\nstop = threading.Event()\nthreading.Thread(target=stop.wait, name='mine').start()\n"
    )
    with pytest.raises(GdbenchError, match=r"mine\.py: its import began the thread 'mine', which does not end"):
        load_source(CUBE + thread, "mine.py")
    sys.modules["mine.py"].stop.set()
    load_source(CUBE + thread.replace(").start", ", daemon=True).start"), "mine.py")
    load_source(CUBE + "import threading\nthreading.Thread(target=int).start()\n", "mine.py")


def test_gdbench_leaves_without_the_thread_of_a_plug_in_that_was_refused():
    text = (
        "import threading\nstop = threading.Event()\ndef waits():\n    stop.wait()\n"
        "threading.Thread(target=waits, name='left').start()\n"
    )
    with pytest.raises(GdbenchError, match=r"^empty\.py"):
        load_source(text, "empty.py")
    try:
        told = [sentence for sentence in endless_threads() if sentence.startswith("empty.py")]
    finally:
        sys.modules["empty.py"].stop.set()
    assert told == ["empty.py: its thread 'left' does not end; gdbench leaves without it."]


def test_what_an_import_prints_is_talk_and_not_all_of_it_is_shown(capfd):
    load_source(CUBE + "import os\nprint('x' * 200_000_000)\nos.write(1, b'below')\n", "mine.py")
    out, err = capfd.readouterr()
    assert out == ""
    assert "below" in err
    assert "mine.py: it printed 200,000,001 characters; the rest is not shown." in err
    assert len(err) < 11_000


def test_plug_ins_are_named_before_they_are_executed_and_not_executed_for_a_config_that_is_refused(tmp_path):
    (tmp_path / "cube.py").write_text("print('executed')\n" + CUBE)
    (tmp_path / "broken.py").write_text("def\n")
    write(tmp_path, SWEEP.replace("mse", "cube").replace("\ndata:", "\nplugins: cube.py\ndata:"))
    for verb in (["plan", "small.yaml"], ["inspect", "small.yaml"], ["run", "small.yaml", "--dry-run"]):
        done = gdbench(*verb, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stderr.startswith("executes the plug-in cube.py; --no-plugins does not\nexecuted\n")
    for change, said in (
        ("repeats: two", "'repeats' must be"),
        ("repeat: 2", "no key is called 'repeat'"),
        ("repeats: 2\nplugins: [cube.py, broken.py]", "is there already"),
    ):
        write(tmp_path, SWEEP.replace("repeats: 2", change).replace("\ndata:", "\nplugins: cube.py\ndata:"))
        done = here("plan", "small.yaml", cwd=tmp_path)
        assert (done.returncode, said in done.stderr, "executed" in done.stderr) == (2, True, False), (
            done.stderr
        )
    write(tmp_path, SWEEP.replace("\ndata:", "\nplugins: [cube.py, broken.py]\ndata:"))
    done = gdbench("plan", "small.yaml", cwd=tmp_path)
    assert "broken.py:1: this is not Python" in done.stderr
    assert "executed" not in done.stderr


def test_without_plug_ins_the_record_is_read_and_nothing_of_theirs_is_executed(tmp_path):
    (tmp_path / "cube.py").write_text(CUBE)
    text = SWEEP.replace("cost: mse", "cost: [mse, cube]").replace("\ndata:", "\nplugins: cube.py\ndata:")
    config = write(tmp_path, text)
    plan = make_plan(load_experiment(config))
    run_all(plan, tmp_path / "results" / "small", BUILT_IN["serial"])
    (tmp_path / "cube.py").write_text("import pathlib\npathlib.Path('executed').touch()\n" + CUBE)
    for verb in (["report", "small"], ["report", "small", "--json"], ["next", "small"]):
        done = here(*verb, "--no-plugins", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert "cube" in here("report", "small", "--json", "--no-plugins", cwd=tmp_path).stdout
    done = gdbench("plan", "small.yaml", "--no-plugins", cwd=tmp_path)
    assert done.returncode == 2
    assert "no cost is called 'cube'" in done.stderr
    assert "what these add is unknown: they are not executed (--no-plugins)" in done.stderr
    done = gdbench("plan", "small.yaml", "--set", "grid.cost=mse", cwd=tmp_path, GDBENCH_NO_PLUGINS="1")
    assert done.returncode == 0
    assert not (tmp_path / "executed").exists()
