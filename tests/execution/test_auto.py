"""`--runner auto` takes the place where a plan is likely to end first, and never one that risks more."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.execution import auto
from gdbench.execution.auto import estimate, placed
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.profiles.profile_files import load_profile
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from gdbench.session.listener import Listener
from gdbench.session.run import run
from gdbench.session.sweep import prepare

CONFIG = """\
name: places
grid:
  surface: rosenbrock
  learning_rate: [0.0001, 0.0002]
  convergence: {limit}
"""


class Hearer(Listener):
    def __init__(self):
        self.told = []

    def placed(self, where):
        self.told.append(where)


AUTO = Profile(kind="auto", workers=2, name="auto")


@pytest.fixture(autouse=True)
def two_cores(monkeypatch, tmp_path):
    monkeypatch.setattr(auto, "available_cores", lambda: 2)
    monkeypatch.setattr(auto, "find_interpreter", lambda name: name)
    monkeypatch.setattr(auto, "_answer", lambda _: "pypy 3 11")
    monkeypatch.chdir(tmp_path)


def plan_of(tmp_path, limit="{max_iterations: 50}", more=""):
    path = tmp_path / "places.yaml"
    path.write_text(CONFIG.format(limit=limit) + more)
    return make_plan(load_experiment(path))


def place_of(plan, profile=AUTO, runs=None, measured=()):
    return placed(profile, plan, plan.runs if runs is None else runs, measured)


def test_a_handful_of_short_runs_is_done_in_this_process(tmp_path):
    place = place_of(plan_of(tmp_path))
    assert (place.profile.kind, place.profile.worker_count) == ("serial", 1)
    assert str(place) == "runner serial: under 0.1 s of work at most, less than workers take to start"


def test_work_that_pays_for_workers_has_them_and_long_work_has_pypy(tmp_path):
    middling, long = (
        plan_of(tmp_path, "{max_iterations: 250000}"),
        plan_of(tmp_path, "{max_iterations: 20000000}"),
    )
    assert str(place_of(middling)) == "runner processes, 2 workers: 1.4 s of work at most"
    assert str(place_of(long)) == "runner pypy, 2 workers: 108 s of work at most under CPython"


def test_many_runs_that_do_next_to_nothing_have_cpython_for_pypy_never_gets_warm_in_them(tmp_path):
    plan = plan_of(tmp_path, "{max_iterations: 1}")
    assert place_of(plan, runs=plan.runs * 5000).profile.kind == "processes"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("cpython 3 11", "pypy3 is cpython 3.11"),
        ("pypy 3 8", "pypy3 is pypy 3.8, and 3.9 is needed"),
        ("", "the one here does not start"),
        ("a shell of pypy", "the one here does not start"),
    ],
)
def test_what_is_called_pypy3_and_is_no_pypy_that_works_is_not_taken(tmp_path, monkeypatch, answer, why):
    monkeypatch.setattr(auto, "_answer", lambda _: answer)
    place = place_of(plan_of(tmp_path, "{max_iterations: 20000000}"))
    assert place.profile.kind == "processes"
    assert place.why.endswith(f"; less under PyPy, but {why}")


@pytest.mark.parametrize(
    ("profile", "kind", "why"),
    [
        (AUTO.model_copy(update={"timeout": 5.0}), "processes", "with a limit of time that another"),
        (AUTO.model_copy(update={"memory_limit": 10**9}), "processes", "with a limit of memory that another"),
        (Profile(kind="serial", name="mine"), "serial", ""),
    ],
)
def test_limits_are_never_left_to_a_process_that_cannot_keep_them_and_a_choice_stands(
    tmp_path, profile, kind, why
):
    place = place_of(plan_of(tmp_path), profile)
    assert (place.profile.kind, place.profile.timeout) == (kind, profile.timeout)
    assert place.profile.memory_limit == profile.memory_limit
    assert why in place.why


def test_plugins_and_runs_that_only_a_clock_ends_have_processes_of_cpython(tmp_path):
    (tmp_path / "mine.py").write_text("")
    plan = plan_of(tmp_path)
    guarded = replace(plan, experiment=replace(plan.experiment, plugins=(SimpleNamespace(origin="mine.py"),)))
    assert place_of(guarded).profile.kind == "processes"
    assert place_of(plan_of(tmp_path, "{max_seconds: 0.1}")).profile.kind == "processes"


def test_what_profiles_of_ones_own_say_holds_where_auto_takes_them(tmp_path):
    (tmp_path / "runners").mkdir()
    (tmp_path / "runners" / "processes.yaml").write_text("kind: processes\nworkers: 7\ntimeout: 9s\n")
    named = place_of(plan_of(tmp_path), Profile(kind="auto", name="auto", timeout=20.0)).profile
    assert (named.workers, named.timeout) == (7, 9.0)
    (tmp_path / "runners" / "auto.yaml").write_text("kind: processes\nworkers: 3\n")
    assert load_profile("auto").kind == "processes"


def test_a_measured_pace_is_believed_and_one_of_another_interpreter_is_not(tmp_path):
    plan = plan_of(tmp_path, "{max_iterations: 1000}")
    sweep = prepare(plan, tmp_path / "results", tracking=False)
    hears = Hearer()
    run(sweep, hears)
    assert hears.told == ["runner serial: under 0.1 s of work at most, less than workers take to start"]
    with Store.read(tmp_path / "results" / "places") as store:
        [record, *_] = store.runs(curves=False)
        assert [session.kind for session in store.sessions()] == ["serial"]
    assert record.runner == "serial"
    slow = replace(record, result=replace(record.result, seconds=10.0))
    assert estimate(plan, plan.runs, [slow]) == pytest.approx(20.0, rel=0.01)
    elsewhere = replace(slow, result=replace(slow.result, interpreter="PyPy 3.9"))
    assert estimate(plan, plan.runs, [elsewhere]) < 1.0
