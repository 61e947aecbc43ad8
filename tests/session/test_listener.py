"""A sweep tells its listener, in order, what happens; no terminal is needed for it."""

import subprocess
import sys

import pytest

from gdbench.planning.plan import Run
from gdbench.record.store import Store
from gdbench.session.listener import Conclusion, Listener
from gdbench.session.run import run
from gdbench.session.sweep import prepare
from tests.sweeps import write

RUNS = 9


class Diary(Listener):
    """Writes down what it hears.  interrupt_after: runs after which Ctrl-C comes."""

    def __init__(self, interrupt_after=None):
        self.heard, self.interrupt_after = [], interrupt_after

    def announced(self, plan, selection):
        assert len(plan.runs) == RUNS
        if self.interrupt_after == 0:
            raise KeyboardInterrupt
        self.heard.append(f"{len(selection.now)} of {len(selection.meant)}, {selection.before} before")

    def began(self, runs, session):
        assert session.missing == len(runs)
        self.heard.append("began")

    def finished(self, run, record):
        assert isinstance(run, Run)
        assert record.key == run.key
        self.heard.append("finished")
        if self.heard.count("finished") == self.interrupt_after:
            raise KeyboardInterrupt

    def ended(self):
        self.heard.append("ended")

    def concluded(self, conclusion):
        assert isinstance(conclusion, Conclusion)
        self.heard.append("concluded")

    def tracked(self, report):
        self.heard.append(f"tracked {report.sent}")

    def interrupted(self):
        self.heard.append("interrupted")


@pytest.fixture
def sweep(tmp_path):
    """Choices of runs → the sweep of the small config without tracking."""
    config = write(tmp_path)

    def of(**options):
        return prepare(config, tmp_path, runner="serial", tracking=False, **options)

    return of


def test_a_listener_hears_of_every_run_between_the_beginning_and_the_end(sweep):
    diary = Diary()
    conclusion = run(sweep(), diary)
    assert diary.heard == [f"{RUNS} of {RUNS}, 0 before", "began", *["finished"] * RUNS, "ended", "concluded"]
    assert (conclusion.whole, conclusion.left, conclusion.undone) == (True, 0, 0)
    assert conclusion.outcomes.total() == conclusion.meant == RUNS


def test_what_is_done_already_is_not_done_again(sweep):
    run(sweep(limit=4))
    assert len(sweep().preview()[0].now) == RUNS - 4
    diary = Diary()
    run(sweep(), diary)
    assert diary.heard[0] == f"{RUNS - 4} of {RUNS}, 4 before"
    assert diary.heard.count("finished") == RUNS - 4
    assert sweep().preview()[0].now == []


def test_a_preview_writes_nothing(sweep, tmp_path):
    assert len(sweep(only=["learning_rate=0.2"]).preview()[0].meant) == RUNS // 3
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_an_interrupted_sweep_keeps_what_finished_and_says_what_is_left(sweep, tmp_path):
    diary = Diary(interrupt_after=2)
    conclusion = run(sweep(), diary)
    assert diary.heard[-2:] == ["ended", "concluded"]
    assert (conclusion.interrupted, conclusion.whole, conclusion.left) == (True, False, RUNS - 2)
    with Store.read(tmp_path / "small") as store:
        assert len(store.keys()) == 2
        assert store.sessions()[-1].state == "interrupted"


def test_an_interruption_before_anything_began_concludes_nothing(sweep):
    diary = Diary(interrupt_after=0)
    assert run(sweep(), diary) is None
    assert diary.heard == ["interrupted"]


def test_the_conclusion_has_the_answer_as_long_as_the_store_is_open(sweep):
    class Curious(Listener):
        def concluded(self, conclusion):
            self.answer = conclusion.answer()

    curious = Curious()
    run(sweep(), curious)
    assert curious.answer.done == RUNS
    assert curious.answer.problems[0].best.rate == 0.2


def test_a_session_needs_neither_the_command_line_nor_a_terminal():
    code = "import sys, gdbench.session.run\nprint(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split())
    assert "gdbench.session.run" in loaded
    assert not loaded & {"rich", "mlflow", "pandas", "pyarrow", "gdbench.cli"}
