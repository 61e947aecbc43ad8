"""Each `gdbench run` leaves a row: where it ran and how that went; and whoever looks can tell how it stands."""

from collections import Counter

import pytest

from gdbench.execution.profiles.profile import Profile, available_cores
from gdbench.judgement.status import Status, status_of
from gdbench.record.lock import is_held
from gdbench.record.store import LOCK_NAME, Store
from gdbench.session.run import describe_session
from tests.execution.recorded import plan, record, session, write_version_1


def test_sessions_come_back_in_their_order_with_how_they_ended(tmp_path):
    given = [session(), session(plan="b", timeout=1.5, options=("address",), comparable=False)]
    with Store.open(tmp_path) as store:
        first = store.begin_session(given[0])
        store.end_session(first, "interrupted", 12.5)
        assert store.begin_session(given[1]) == first + 1 == 2
        told = store.sessions()
    assert told == [session(state="interrupted", ended=12.5), given[1]]


def test_a_session_that_never_ended_is_killed_when_the_next_begins(tmp_path):
    with Store.open(tmp_path) as store:
        store.begin_session(session())
    with Store.open(tmp_path) as store:
        store.begin_session(session())
        assert [one.state for one in store.sessions()] == ["killed", "running"]


def test_a_run_belongs_to_the_session_that_recorded_it_last(tmp_path):
    with Store.open(tmp_path) as store:
        store.add(record("before"))
        store.begin_session(session())
        store.add(record("a"))
        store.add(record("b"))
        store.end_session(1, "finished", 20.0)
    with Store.open(tmp_path) as store:
        number = store.begin_session(session())
        store.add(record("b"))
        assert [[*store.sessions_of_runs().values()].count(n) for n in (1, number)] == [1, 1]


def test_a_session_keeps_an_address_without_its_credentials():
    options = {"address": "tcp://ann:p@ss/w:rd@scheduler:8786", "password": "hunter2"}
    profile = Profile.model_construct(
        kind="dask", workers=3, timeout=2.0, memory_limit=None, retries=1, options=options, name="cluster"
    )
    told = describe_session(profile, "a", 5)
    assert (told.address, told.options) == ("tcp://scheduler:8786", ("address", "password"))
    for secret in ("ann", "ss/w", "hunter2"):
        assert secret not in repr(told)
    assert (told.missing, told.runner, told.timeout, told.comparable) == (5, "cluster", 2.0, True)


@pytest.mark.parametrize(("more", "comparable"), [(0, True), (1, False)])
def test_more_local_workers_than_cores_make_seconds_incomparable(more, comparable):
    profile = Profile(kind="processes", workers=available_cores() + more, name="many")
    assert describe_session(profile, "a", 5).comparable is comparable


# --- how an experiment stands


def stands(tmp_path, outcomes, state, keys="abc", **changes):
    """What is said of a plan of three runs after a session that left these outcomes."""
    with Store.open(tmp_path) as store:
        store.add_plan(plan(keys=keys))
        number = store.begin_session(session(**changes))
        for key, outcome in zip(keys, outcomes, strict=False):
            store.add(record(key, outcome=outcome))
        if state != "running":
            store.end_session(number, state, 30.0)
    return status_of(tmp_path)


@pytest.mark.parametrize(
    ("outcomes", "ended", "state", "left"),
    [
        (["converged"] * 3, "finished", "finished", 0),
        (["converged"], "finished", "unfinished", 2),
        (["converged"], "interrupted", "interrupted", 2),
        (["converged"] * 2, "running", "killed", 1),
        (["converged", "diverged", "crashed"], "failed", "failed", 1),
    ],
)
def test_the_last_session_says_how_an_experiment_stands(tmp_path, outcomes, ended, state, left):
    told = stands(tmp_path, outcomes, ended)
    assert (told.state, told.left, told.total, told.recorded) == (state, left, 3, len(outcomes))
    assert told.outcomes == Counter(outcomes)
    assert (told.pace(40.0), told.time_left(40.0), told.written) == (None, None, 2.5)


def test_runs_of_other_plans_do_not_count(tmp_path):
    with Store.open(tmp_path) as store:
        store.add(record("elsewhere"))
        store.add_plan(plan(keys="ab"))
        store.add(record("a"))
    told = status_of(tmp_path)
    assert (told.done, told.total, told.left, told.state) == (1, 2, 1, "unfinished")


def test_a_running_sweep_is_seen_with_its_pace_and_what_is_left_of_it(tmp_path):
    with Store.open(tmp_path) as store:
        store.add_plan(plan(keys="abcdef"))
        store.add(record("a"))
        before = status_of(tmp_path)
        here = store.holder()
        # five runs from second 10 on, two of them recorded by second 14: two seconds each, six seconds more
        store.begin_session(session(pid=here.pid, host=here.host, started=10.0, missing=5))
        assert status_of(tmp_path).pace(14.0) is None
        for key in "bc":
            store.add(record(key))
        told = status_of(tmp_path)
        assert is_held(tmp_path / LOCK_NAME)
    assert (before.state, before.session, before.holder) == ("running", None, here)
    assert (told.state, told.done, told.recorded) == ("running", 3, 2)
    assert told.pace(14.0) == pytest.approx(0.5)
    assert told.time_left(14.0) == pytest.approx(6.0)
    assert not is_held(tmp_path / LOCK_NAME)


def test_a_session_that_was_killed_is_not_taken_for_that_of_the_next_process(tmp_path):
    with Store.open(tmp_path) as store:
        store.add_plan(plan())
        store.begin_session(session(pid=1, host="elsewhere"))
    with Store.open(tmp_path):
        assert status_of(tmp_path).session is None


def test_a_store_without_sessions_or_plans_is_told_as_well(tmp_path):
    write_version_1(tmp_path / "old", [record("a")], [plan(keys="ab")])
    old = status_of(tmp_path / "old")
    assert (old.state, old.done, old.total, old.session) == ("unfinished", 1, 2, None)
    Store.open(tmp_path / "new").close()
    assert status_of(tmp_path / "new") == Status("new", "empty", None, None, None, Counter(), None, 0)
    assert not is_held(tmp_path / "nowhere" / LOCK_NAME)
